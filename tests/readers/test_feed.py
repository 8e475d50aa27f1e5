"""Feeds and sitemaps: every entry is an article or a reject with its number."""

import json

import pytest

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Harbour Post | Front page</title><language>en-gb</language><item><title>Talks &amp;amp; ships</title>
<link>https://example.org/1</link><guid>g1</guid><pubDate>Thu, 18 May 2023 10:00:00 +0300</pubDate>
<description>Short.</description>
<content:encoded><![CDATA[<p>First <b>part</b>.</p><script>evil()</script><p>Second.</p>]]></content:encoded></item>
<item><link>https://example.org/2</link></item>
<item><title>No date, bad & ampersand</title><pubDate>soon</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>Talks</title><id>urn:1</id>
<link href="https://www.bbc.co.uk/news/1"/><updated>2023-05-18T10:00:00Z</updated><author><name>Ann Lee</name></author>
<content type="html">&lt;p&gt;Text.&lt;/p&gt;</content></entry></feed>"""


def test_rss_entries_are_read_with_their_longest_text(reading):
    found = reading("f.rss", RSS)
    first, undated = found.articles
    assert first.record() | {"id": ""} == {
        "id": "", "title": "Talks & ships", "text": "First part.\nSecond.", "date": "2023-05-18T10:00:00+03:00",
        "source": "Harbour Post", "source_printed": "Harbour Post | Front page", "url": "https://example.org/1",
        "language": "en", "authors": [], "guid": "g1"}
    assert (undated.date, undated.extra["date_printed"]) == (None, "soon")
    assert found.rejects[0].place == "entry 2"
    assert "title or a text" in found.reasons[0]


def test_atom_entries_take_their_outlet_from_the_address(reading):
    [article] = reading("f.xml", ATOM).articles
    assert (article.title, article.text, article.date) == ("Talks", "Text.", "2023-05-18T10:00:00+00:00")
    assert (article.source, article.authors, article.extra["guid"]) == ("BBC", ("Ann Lee",), "urn:1")


def test_json_feeds_are_read(reading):
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour Post", "items": [
        {"id": "1", "title": "Talks", "content_html": "<p>Text.</p>", "date_published": "2023-05-18T10:00:00+03:00",
         "authors": [{"name": "Ann Lee"}]}, 5]}
    found = reading("f.json", json.dumps(feed))
    [article] = found.articles
    assert (article.text, article.date, article.authors) == ("Text.", "2023-05-18T10:00:00+03:00", ("Ann Lee",))
    assert found.rejects[0].place == "entry 2"


def test_of_a_sitemap_only_news_titles_are_read(reading):
    found = reading("s.xml", """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://example.org/1</loc><news:news>
        <news:publication><news:name>Harbour Post</news:name><news:language>uk</news:language></news:publication>
        <news:publication_date>2023-05-18</news:publication_date><news:title>Talks</news:title></news:news></url>
        <url><loc>https://example.org/2</loc></url><url><loc>https://example.org/3</loc></url></urlset>""")
    [article] = found.articles
    assert (article.title, article.date) == ("Talks", "2023-05-18")
    assert (article.source, article.language) == ("Harbour Post", "uk")
    assert found.rejects[0].place == "2 entries"


@pytest.mark.parametrize(("content", "reason"), [
    pytest.param("<rss><channel><title>T</title></channel></rss>", "without entries", id="no entries"),
    pytest.param("<rss", "neither RSS", id="cut"),
    pytest.param('{"version": "https://jsonfeed.org/version/1"}', "no list of items", id="JSON feed without items"),
    pytest.param('<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(12)) + "]><rss version='2.0'>"
        "<channel><item><title>&m;</title></item></channel></rss>", "", id="entities that multiply"),
])
def test_what_is_no_feed_is_rejected(reading, content, reason):
    found = reading("f.rss", content, format="feed")
    assert sum(len(article.title) for article in found.articles) < 1000
    if reason:
        assert reason in found.reasons[0]
