"""Plain texts: title, text, front matter, and a date in the file's name."""

import pytest

from index.readers import Limits


def test_first_line_is_the_title_and_the_rest_the_text(reading):
    found = reading("2023-05-18-talks.txt", "\n\n  Talks   begin \n\nFirst paragraph.\n\nSecond.\n")
    [article] = found.articles
    assert (article.title, article.text, article.date) == ("Talks begin", "First paragraph.\n\nSecond.", "2023-05-18")
    assert article.extra == {"file": "2023-05-18-talks.txt"}


def test_front_matter_gives_fields_and_own_keys(reading):
    content = ('---\nheadline: "Talks: a start"\nid: t1\ndate: 18 May 2023\n'
               'author: By Ann Lee and Bo Carr\nsource: Harbour Post\n'
               "tags:\n  - war\n  - ports\ndesk: [home, city]\n---\nThe first line.\n\nMore.\n")
    [article] = reading("x.md", content).articles
    assert (article.id, article.title, article.date) == ("t1", "Talks: a start", "2023-05-18")
    assert article.source == "Harbour Post"
    assert article.authors == ("Ann Lee", "Bo Carr")
    assert article.text == "The first line.\n\nMore."
    assert article.extra == {"tags": ["war", "ports"], "desk": ["home", "city"], "file": "x.md"}


def test_a_rule_at_the_top_is_not_taken_for_front_matter(reading):
    [article] = reading("x.txt", "---\nThey came at dawn\nand left\n---\nText.").articles
    assert article.title == "---"
    assert "They came at dawn" in article.text


def test_a_first_paragraph_is_no_title(reading):
    [article] = reading("x.txt", "A sentence that goes on. " * 12 + "\nMore.").articles
    assert article.title == ""
    assert article.text.startswith("A sentence")
    assert article.text.endswith("More.")


@pytest.mark.parametrize(("name", "content", "reason"), [
    pytest.param("x.txt", "---\ndate: 2023-02-30\n---\nT", "no possible date", id="impossible date"),
    pytest.param("x.txt", " \n ", "title or a text", id="blank"),
    pytest.param("x.txt", "word " * 100, "limit document_bytes", id="too large"),
    pytest.param("LICENSE", "Some licence", "--format text", id="text by content alone"),
    pytest.param("x.docx1", "Some text", "files ending in .docx1 are not read", id="unknown ending"),
    pytest.param("x.bin", b"\x00\x01\x02", "binary", id="binary"),
    pytest.param("x.unknown", "", "empty", id="empty"),
])
def test_what_is_no_text_is_rejected_with_the_reason(reading, name, content, reason):
    found = reading(name, content, limits=Limits(document_bytes=300))
    assert found.articles == []
    assert reason in found.reasons[0]


def test_the_same_text_gets_the_same_id_every_time(reading):
    assert reading("a.txt", "T\nText").articles[0].id == reading("a.txt", "T\nText").articles[0].id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8_u"])
def test_ukrainian_text_is_read_in_the_encodings_it_comes_in(reading, encoding):
    text = "Переговори у Києві\n\nДелегації зустрілися вранці і домовилися про зерно. Вони продовжать завтра."
    [article] = reading("x.txt", text.encode(encoding)).articles
    assert (article.title, article.text) == tuple(text.split("\n\n"))


@pytest.mark.parametrize(("encoding", "text"), [
    pytest.param("cp1252", "Le président a déclaré que l’été serait très chaud à Paris – 20 €", id="French"),
    pytest.param("cp1252", "Über die Straße für größere Fahrzeuge hieß es «nein»", id="German"),
    pytest.param("cp1250", "Źródła w Kijowie mówią, że łączność została już przywrócona", id="Polish"),
    pytest.param("cp1251", "Переговоры в Киеве продолжатся завтра, сообщили делегации", id="Russian"),
    pytest.param("koi8_r", "Переговоры в Киеве продолжатся завтра, сообщили делегации", id="Russian in KOI8"),
])
def test_a_guess_finds_the_usual_encodings(reading, encoding, text):
    assert reading("x.txt", ("T\n" + text).encode(encoding)).articles[0].text == text
