"""CSV as found: separators, encodings, odd headers, running numbers, dates of either order."""

import pytest

from index.readers import Limits


@pytest.mark.parametrize(("name", "content"), [
    pytest.param("x.csv", "title,text,date\nTalks,\"One, two\",2022-03-04\n", id="commas"),
    pytest.param("x.csv", "\ufeffTitle;Text;Date\r\nTalks;\"One, two\";2022-03-04\r\n", id="mark and semicolons"),
    pytest.param("x.tsv", "HEADLINE\tBody\tPublish Date\nTalks\tOne, two\tMarch 4, 2022\n", id="tabs, odd names"),
    pytest.param("x.csv", "Unnamed: 0,headline,content,pubDate\n0,Talks,\"One, two\",\"Fri, 04 Mar 2022\"\n",
                 id="index column"),
    pytest.param("x.csv", "title|article_text|publish_date\nTalks|One, two|04.03.2022\n", id="bars"),
    pytest.param("x.csv", "title,text,date\nTalks,\"One, two\",2022-03-04\n".encode("utf-16"), id="UTF-16"),
])
def test_a_row_becomes_the_same_article_whatever_the_dress(reading, name, content):
    found = reading(name, content)
    assert found.rejects == []
    [article] = found.articles
    assert (article.title, article.text, article.date) == ("Talks", "One, two", "2022-03-04")


def test_columns_with_known_names_stay_as_given_and_others_are_kept(reading):
    found = reading("x.csv", 'id,title,date,source,authors,desk,empty\n'
                    '7,T,2022-03-04T10:00:00Z,Fox Online News,A | B,Foreign,\n')
    assert found.articles[0].record() == {
        "id": "7", "title": "T", "text": "", "date": "2022-03-04T10:00:00Z", "source": "Fox Online News", "url": None,
        "language": None, "authors": ["A", "B"], "desk": "Foreign"}


def test_the_likeliest_column_is_taken_and_its_rival_kept(reading):
    found = reading("x.csv", "headline,title,byline\nShort,Long title,By Ann Lee and Bo Carr\n")
    assert found.titles == ["Long title"]
    assert found.articles[0].extra == {"headline": "Short"}
    assert found.articles[0].authors == ("Ann Lee", "Bo Carr")


@pytest.mark.parametrize(("dates", "expected"), [
    pytest.param(["3/4/2022", "25/4/2022"], ["2022-04-03", "2022-04-25"], id="day first"),
    pytest.param(["3/4/2022", "4/25/2022"], ["2022-03-04", "2022-04-25"], id="month first"),
    pytest.param(["5/5/2022"], ["2022-05-05"], id="the same either way"),
])
def test_the_column_tells_the_order_of_day_and_month(reading, dates, expected):
    found = reading("x.csv", "title,date\n" + "".join(f"t,{date}\n" for date in dates))
    assert [article.date for article in found.articles] == expected
    assert found.articles[0].extra["date_printed"] == dates[0]


@pytest.mark.parametrize(("dates", "rejected"), [
    pytest.param(["3/4/2022"], 1, id="nothing tells"),
    pytest.param(["3/4/2022", "25/4/2022", "4/25/2022"], 1, id="the column contradicts itself"),
])
def test_ambiguous_dates_are_rejected_not_guessed(reading, dates, rejected):
    found = reading("x.csv", "title,date\n" + "".join(f"t,{date}\n" for date in dates))
    assert len(found.rejects) == rejected
    assert "day or month first" in found.reasons[0]
    assert found.rejects[0].place == "line 2"


def test_bad_rows_are_rejected_with_their_line(reading):
    found = reading("x.csv", 'title,text,date\n"Two\nlines",x,2022-01-01\n'
                    'a,b,2022-02-30\na,b,2022-01-01,more\n,,2022-01-01\nz\n')
    assert found.titles == ["Two\nlines", "z"]
    assert [reject.place for reject in found.rejects] == ["line 4", "line 5", "line 6"]
    assert "no possible date" in found.reasons[0]
    assert "4 cells under 3 columns" in found.reasons[1]
    assert "title or a text" in found.reasons[2]


def test_a_file_without_header_is_rejected_once(reading):
    found = reading("x.csv", "https://example.org/1\nhttps://example.org/2\n")
    assert found.articles == []
    assert found.reasons == ["no column for title or text: the first row reads 'https://example.org/1'"]


def test_an_open_quotation_mark_costs_no_more_than_the_limit(reading):
    content = 'title,text\na,"open\n' + "b,c\n" * 30 + "last,row\n" * 3
    found = reading("x.csv", content, limits=Limits(record_bytes=100))
    assert found.titles[-1] == "last"
    assert "quotation mark" in found.reasons[0]
    assert found.rejects[0].place == "line 2"


def test_quotation_marks_behind_backslashes_are_understood(reading):
    found = reading("x.csv", 'title,text\nTalks,"He said \\"no\\", twice"\n')
    assert found.articles[0].text == 'He said "no", twice'


def test_encoding_is_told_from_the_bytes(reading):
    content = "заголовок;текст;дата\nПереговори;Київ і Одеса знову чекають;4 березня 2022\n"
    for encoding in ("utf-8", "cp1251"):
        [article] = reading("x.csv", content.encode(encoding)).articles
        assert (article.title, article.text, article.date) == ("Переговори", "Київ і Одеса знову чекають", "2022-03-04")
