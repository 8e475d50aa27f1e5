"""Web archives: stored pages are articles; everything else is counted with its reason."""

import gzip

import pytest

PAGE = ("<html lang='en'><head><title>Crossings resume</title></head><body><article>" + "".join(
    f"<p>Paragraph {number} of the report says that crossings were resumed from the northern pier.</p>"
    for number in range(5))
    + "</article></body></html>").encode()


def warc(*records: tuple[str, str, str, bytes], packed: bool = False) -> bytes:
    """Records as (type, first line of the HTTP message, content type, payload), written as ISO 28500 has it."""
    found = []
    for number, (kind, status, content_type, payload) in enumerate(records):
        block = f"{status}\r\nContent-Type: {content_type}\r\n\r\n".encode() + payload
        head = (f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://example.org/{number}\r\n"
                f"WARC-Record-ID: <urn:uuid:{number:032}>\r\nWARC-Date: 2023-05-18T10:00:00Z\r\n"
                f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n")
        found.append(head.encode() + block + b"\r\n\r\n")
    return b"".join(gzip.compress(record) if packed else record for record in found)


RECORDS = [("request", "GET / HTTP/1.1", "text/plain", b""),
           ("response", "HTTP/1.1 200 OK", "text/html; charset=utf-8", PAGE),
           ("response", "HTTP/1.1 200 OK", "image/png", b"\x89PNG"),
           ("response", "HTTP/1.1 404 Not Found", "text/html", PAGE),
           ("response", "HTTP/1.1 200 OK", "image/png", b"\x89PNG")]


@pytest.mark.parametrize(("name", "content"), [
    pytest.param("x.warc", warc(*RECORDS), id="plain"),
    pytest.param("x.warc.gz", warc(*RECORDS, packed=True), id="packed by record"),
    pytest.param("x.warc.gz", gzip.compress(warc(*RECORDS)), id="packed as a whole"),
])
def test_pages_are_read_and_the_rest_is_counted(reading, name, content):
    found = reading(name, content)
    [article] = found.articles
    assert (article.title, article.url, article.source) == ("Crossings resume", "https://example.org/1", "example.org")
    assert [(reject.place.split(": ")[-1], reject.reason) for reject in found.rejects] == [
        ("2 records", "not HTML: image/png"), ("1 record", "the server answered 404")]


@pytest.mark.parametrize("cut", [40, 300, 900])
def test_a_cut_archive_gives_what_it_has(reading, cut):
    content = warc(RECORDS[1], RECORDS[1])
    found = reading("x.warc", content[:-cut])
    assert len(found.articles) >= 1


@pytest.mark.parametrize("content", [
    pytest.param(b"WARC/1.0\r\nnonsense\r\n\r\n", id="no headers"),
    pytest.param(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: x\r\n\r\nabc", id="length is no number"),
    pytest.param(b"filedesc://x 0.0.0.0 2 text/plain 5\n1 0 x\n\nhttp://", id="ARC cut"),
])
def test_nonsense_is_rejected(reading, content):
    found = reading("x.warc", content)
    assert found.articles == []
    assert found.rejects
