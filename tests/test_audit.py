"""The audit of dependencies: a vulnerability fails it, a network that does not answer is said and does not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tools.audit import ask, told

GOOD = {"name": "numpy", "version": "2.2.0", "vulns": []}
BAD = {"name": "lxml", "version": "5.3", "vulns": [{"id": "CVE-2030-1", "fix_versions": ["5.4"], "description": ""}]}
UNKNOWN = {"name": "nltk", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(("rows", "status", "words"), [
    pytest.param([GOOD], 0, "1 dependencies have no known vulnerability", id="good"),
    pytest.param([GOOD, BAD], 1, "lxml 5.3 has CVE-2030-1, mended in 5.4", id="bad"),
    pytest.param([BAD, UNKNOWN], 1, "nothing is known of 1 of 2", id="bad and unknown"),
    pytest.param([UNKNOWN], 0, "nothing is known of 1 of 1", id="unknown"),
])
def test_what_was_found_is_told(rows: list[dict[str, object]], status: int, words: str) -> None:
    lines, code = told({"dependencies": rows})
    assert code == status
    assert words in "\n".join(lines)
    assert ("no known vulnerability" in "\n".join(lines)) == (rows == [GOOD])


@pytest.mark.parametrize(("script", "words"), [
    pytest.param("import time; time.sleep(60)", "no answer within 0.5 s", id="slow"),
    pytest.param("import sys; sys.exit('connection refused')", "connection refused", id="refused"),
    pytest.param("print('no JSON')", "no answer", id="silent"),
])
def test_an_audit_that_could_not_be_done_says_why_and_stops_nobody(tmp_path: Path, script: str, words: str) -> None:
    command = tmp_path / "pip-audit"
    command.write_text(f"#!{sys.executable}\n{script}\n")
    command.chmod(0o755)
    lines, code = told(ask(str(command), 0.5 if "sleep" in script else 30))
    assert code == 0
    assert lines == [f"audit: not done, {words}"]


def test_the_answer_is_that_of_the_command(tmp_path: Path) -> None:
    command = tmp_path / "pip-audit"
    command.write_text(f"#!{sys.executable}\nimport sys\nprint({json.dumps({'dependencies': [BAD]})!r})\nsys.exit(1)\n")
    command.chmod(0o755)
    assert told(ask(str(command), 30))[1] == 1


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    lines, code = told(ask(str(tmp_path / "none"), 1))
    assert code == 0
    assert "none cannot be run" in lines[0]
