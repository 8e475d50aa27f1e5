"""Whatever the bytes, a reader gives articles and rejects and never raises."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.article import Article, Reject
from index.readers import FORMATS, Limits, ReadOptions, read

from .test_containers import MIXED, tarred, zipped
from .test_feed import ATOM, RSS
from .test_html import LD, html
from .test_warc import RECORDS, warc

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
SAMPLES = [html(LD).encode(), RSS.encode(), ATOM.encode(), warc(*RECORDS), warc(*RECORDS, packed=True),
           zipped(MIXED), tarred(MIXED), b'[{"title": "t"}, {"title": "u"}]', b'title,text\n"a","b"\nc,d\n', b"---\ntitle: x\n---\nText"]


def read_bytes(folder: Path, content: bytes, format: str) -> list[Article | Reject]:
    path = folder / "input"
    path.write_bytes(content)
    found = list(read([str(path)], ReadOptions(format=format, limits=Limits(document_bytes=1 << 20, members=1000))))
    assert all(item.reason for item in found if isinstance(item, Reject))
    return found


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from(FORMATS))
def test_random_bytes(tmp_path, content, format):
    read_bytes(tmp_path, content, format)


@pytest.mark.parametrize("number", range(len(SAMPLES)))
def test_damaged_files(tmp_path, number):
    source = random.Random(number)
    for _ in range(25):
        content = bytearray(SAMPLES[number])
        for _ in range(source.randint(1, 6)):
            content[source.randrange(len(content))] = source.randrange(256)
        content = content[:source.randint(len(content) // 2, len(content))]
        for format in ("auto", source.choice(FORMATS)):
            read_bytes(tmp_path, bytes(content), format)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside this copy of the project")
@pytest.mark.parametrize("folder", ["feeds", "warc", "csv"])
def test_every_file_of_the_corpora_is_read_or_rejected(folder):
    paths = sorted((CORPORA / folder).iterdir())
    for path in paths:
        assert list(read([str(path)], ReadOptions())), path.name
