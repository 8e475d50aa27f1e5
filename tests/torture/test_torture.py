"""A few kills of the torture in the normal suite; `make torture` does hundreds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.ledger import Ledger
from tests.torture.torture import Torture


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_no_index_broken_by_six_kills(tmp_path: Path) -> None:
    torture = Torture(tmp_path)
    torture.run(6)
    assert not torture.failed(), (vars(torture.wrong), torture.not_reached, torture.orphans)
    assert sum(torture.kills.values()) >= 6
    assert torture.ledger.acknowledged > 0
    torture.close()


def test_the_ledger_notices_what_was_lost_halved_or_invented(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for batch in ({"a": "1", "b": "1"}, {"c": "1"}):
        ledger.sent(batch)
        ledger.acknowledge(batch)
    assert ledger.settle({"a": "1", "b": "1", "c": "1"}) == []
    ledger.doubt({"a": "2", "b": None})
    assert ledger.settle({"a": "2", "c": "1"}) == []
    ledger.doubt({"a": "3", "c": "3"})
    assert len(ledger.settle({"a": "3", "c": "1"})) == 2
    assert ledger.settle({"a": "3"}) == ["c is None, acknowledged was 1"]
    assert ledger.settle({"a": "3", "x": "1"}) == ["x was never acknowledged"]
    assert ledger.invented({"a": "1", "x": "1"}) == ["x"]
    ledger.close()
