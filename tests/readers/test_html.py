"""Web pages: the article's own text, and what the page says of it."""

import pytest

BODY = "".join(f"<p>Paragraph {number} of the report says that crossings from the northern pier were resumed, and "
               f"that {number} boats had left by noon.</p>" for number in range(1, 6))


def html(head: str = "", body: str = BODY, attributes: str = 'lang="en-GB"') -> str:
    return (f"<!DOCTYPE html><html {attributes}><head><meta charset='utf-8'>{head}</head><body><nav><ul><li>"
            f"<a href='/'>Home</a></li></ul></nav><article><h1>Crossings resume</h1>{body}</article>"
            f"<footer>Imprint</footer></body></html>")


LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"},
{"@type": ["NewsArticle"], "headline": "Crossings resume", "datePublished": "2023-05-18T09:30:00+03:00",
"author": [{"name": "Ann Lee"}, {"name": "Bo Carr"}], "publisher": {"name": "Harbour Post"},
"inLanguage": "en"}]}</script>"""


def test_a_page_gives_text_and_all_it_says_of_itself(reading):
    found = reading("p.html", html(LD + '<link rel="canonical" href="https://www.example.org/a/1">'))
    [article] = found.articles
    assert article.text.startswith("Paragraph 1 of the report")
    assert article.text.count("\n") == 4
    assert "Home" not in article.text
    assert "Imprint" not in article.text
    assert article.record() | {"text": "", "id": ""} == {
        "id": "", "title": "Crossings resume", "text": "", "date": "2023-05-18T09:30:00+03:00",
        "source": "Harbour Post", "url": "https://www.example.org/a/1", "language": "en",
        "authors": ["Ann Lee", "Bo Carr"], "file": "p.html"}


@pytest.mark.parametrize(("head", "date"), [
    pytest.param('<meta property="article:published_time" content="2023-05-18T10:00:00Z">', "2023-05-18T10:00:00+00:00",
                 id="meta"),
    pytest.param('<meta name="date" content="18 May 2023 10:00 EDT">', "2023-05-18T10:00:00-04:00",
                 id="words and zone"),
    pytest.param('<link rel="canonical" href="https://example.org/2023/05/18/a">', "2023-05-18", id="address"),
    pytest.param('<meta name="date" content="3/4/2023">', None, id="ambiguous: undated"),
    pytest.param('<meta name="date" content="2023-02-30">', None, id="impossible: undated"),
    pytest.param("", None, id="none"),
])
def test_the_date_is_what_the_page_states_or_none(reading, head, date):
    assert reading("p.html", html(head)).articles[0].date == date


def test_a_time_element_dates_a_page(reading):
    [article] = reading("p.html", html(body='<time datetime="2023-05-18T10:00+02:00">Thursday</time>' + BODY)).articles
    assert article.date == "2023-05-18T10:00:00+02:00"


@pytest.mark.parametrize(("head", "source", "printed"), [
    pytest.param('<meta property="og:site_name" content="BBC News">', "BBC", "BBC News", id="name unified"),
    pytest.param('<link rel="canonical" href="https://www.bbc.co.uk/news/1">', "BBC", "bbc.co.uk", id="host unified"),
    pytest.param('<link rel="canonical" href="https://www.example.org/news/1">', "example.org", None, id="host"),
    pytest.param("", None, None, id="none"),
])
def test_the_source_is_the_site_under_one_name(reading, head, source, printed):
    [article] = reading("p.html", html(head)).articles
    assert article.source == source
    assert article.extra.get("source_printed") == printed


def test_the_options_name_the_source_over_what_was_gathered(reading):
    [article] = reading("p.html", html(LD), source="Daily Ledger", language="uk").articles
    assert (article.source, article.language) == ("Daily Ledger", "uk")


@pytest.mark.parametrize(("head", "title"), [
    pytest.param("<title>Crossings resume | Harbour Post</title>", "Crossings resume", id="what the heading shows"),
    pytest.param('<meta property="og:site_name" content="Harbour Post">'
                 '<meta property="og:title" content="Boats sail - Harbour Post">',
                 "Boats sail", id="site's name cut"),
    pytest.param('<meta property="og:title" content="Crossings resume after the storm">' + LD,
                 "Crossings resume after the storm", id="the fuller of two"),
    pytest.param('<meta property="og:title" content="Tom &amp;amp; Ann&amp;#39;s  boat">', "Tom & Ann's boat",
                 id="escaped twice"),
])
def test_the_title_is_clean(reading, head, title):
    assert reading("p.html", html(head)).titles == [title]


def test_the_front_page_is_never_an_articles_address(reading):
    [article] = reading("p.html", html('<link rel="canonical" href="https://example.org/">')).articles
    assert article.url is None


@pytest.mark.parametrize("declared", ["windows-1251", "koi8-u", "utf-8"])
def test_the_declared_encoding_is_used(reading, declared):
    sentence = "Пороми знову ходять від північного причалу, повідомила адміністрація порту. "
    text = html(body=f"<p>{sentence * 5}</p>")
    [article] = reading("p.html", text.replace("charset='utf-8'", f"charset={declared}").encode(declared)).articles
    assert article.text.startswith("Пороми знову ходять від північного")


def test_an_agencys_text_is_credited_to_it(reading):
    dateline = "<p>ODESA, May 18 (Reuters) - The pier is open again, officials said.</p>"
    [article] = reading("p.html", html(body=dateline + BODY)).articles
    assert article.extra["agency"] == "Reuters"


@pytest.mark.parametrize(("content", "reason"), [
    pytest.param("<html></html>", "no article text", id="no text"),
    pytest.param("", "holds no markup", id="empty"),
    pytest.param("<html>" + "<div>" * 50_000, "no article text", id="deep"),
    pytest.param("<!DOCTYPE html>\x00\x01<p", "", id="control characters"),
])
def test_a_page_without_article_is_rejected(reading, content, reason):
    found = reading("p.html", content)
    assert found.articles == []
    assert reason in found.reasons[0]
