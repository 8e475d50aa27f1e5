"""Dates as people write them become ISO 8601, or are refused with the reason."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import DateError, date_in_name, order_of, parse_date


@pytest.mark.parametrize(("text", "iso"), [
    ("2023-05-18", "2023-05-18"), ("2023/5/18", "2023-05-18"), ("20230518", "2023-05-18"), ("18.05.2023", "2023-05-18"),
    ("2023-05-18T10:30:00Z", "2023-05-18T10:30:00+00:00"), ("2023-05-18 10:30", "2023-05-18T10:30:00"),
    ("2023-05-18T10:30:00.123+0300", "2023-05-18T10:30:00+03:00"), ("20230518T103000Z", "2023-05-18T10:30:00+00:00"),
    ("2023-05-18 10:30:00 +0300", "2023-05-18T10:30:00+03:00"), ("2023-05-18T10:30-04:00", "2023-05-18T10:30:00-04:00"),
    ("Thu, 18 May 2023 10:30:00 GMT", "2023-05-18T10:30:00+00:00"),
    ("Thu, 18 May 23 10:30 EST", "2023-05-18T10:30:00-05:00"),
    ("May 18, 2023", "2023-05-18"), ("Thursday, May 18th, 2023", "2023-05-18"), ("18 May 2023", "2023-05-18"),
    ("18-May-2023", "2023-05-18"), ("Sept. 3, 2023", "2023-09-03"), ("3rd of September 2023", "2023-09-03"),
    ("May 18, 2023, 10:30 p.m. EDT", "2023-05-18T22:30:00-04:00"), ("May 18, 2023 at 12:05 AM", "2023-05-18T00:05:00"),
    ("May 18, 2023 3 pm ET", "2023-05-18T15:00:00"), ("18.05.2023, 10:30 Uhr", "2023-05-18T10:30:00"),
    ("18. Mai 2023", "2023-05-18"), ("18 mai 2023 à 10h30", "2023-05-18T10:30:00"),
    ("18 de mayo de 2023", "2023-05-18"),
    ("18 травня 2023 р.", "2023-05-18"), ("18 мая 2023 года", "2023-05-18"), ("18 maja 2023", "2023-05-18"),
    ("25/5/2023", "2023-05-25"), ("5/25/2023", "2023-05-25"), ("5/5/2023", "2023-05-05"), ("5/25/98", "1998-05-25"),
    ("1684405800", "2023-05-18T10:30:00+00:00"), ("1684405800000", "2023-05-18T10:30:00+00:00"),
])
def test_dates_are_read(text, iso):
    assert parse_date(text) == iso


@pytest.mark.parametrize(("text", "reason"), [
    pytest.param("2023-02-30", "no possible date", id="no such day"), pytest.param("2023-13-01", "no possible",
                 id="month"),
    pytest.param("0001-01-01", "out of range", id="year"), pytest.param("3/4/2023", "day or month first",
                 id="ambiguous"),
    pytest.param("Mar 2024", "no known form", id="no day"), pytest.param("2024", "no known form", id="year alone"),
    pytest.param("soon", "no known form", id="words"), pytest.param("", "no known form", id="empty"),
    pytest.param("2023-05-18T25:99", "which is no time", id="time"), pytest.param("May 18, 2023 approx", "no time",
                 id="rest"),
    pytest.param("31 April 2023", "no possible date", id="31 April"),
])
def test_what_is_no_date_is_refused(text, reason):
    with pytest.raises(DateError, match=reason):
        parse_date(text)


def test_the_order_decides_ambiguous_dates_and_no_others():
    assert (parse_date("3/4/2023", "day"), parse_date("3/4/2023", "month")) == ("2023-04-03", "2023-03-04")
    assert parse_date("25/4/2023", "month") == "2023-04-25"
    assert order_of(["3/4/2023", "25/4/2023"]) == "day"
    assert order_of(["3/4/2023", "4/25/2023"]) == "month"
    assert order_of(["3/4/2023"]) is None
    assert order_of(["25/4/2023", "4/25/2023"]) is None


@pytest.mark.parametrize(("name", "day"), [
    ("2023-05-18-talks.txt", "2023-05-18"), ("talks_20230518.txt", "2023-05-18"), ("2023_05_18.txt", "2023-05-18"),
    ("000_e87a2ddf.txt", None), ("2023-02-30.txt", None), ("12023051812.txt", None),
])
def test_the_day_in_a_file_name(name, day):
    assert date_in_name(name) == day


@given(st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(2199, 12, 31)).map(lambda moment: moment.replace(microsecond=0)),
       st.sampled_from([None, 0, 180, -240, 330]))
def test_iso_dates_keep_their_moment_and_zone(moment, minutes):
    moment = moment.replace(tzinfo=None if minutes is None else dt.timezone(dt.timedelta(minutes=minutes)))
    assert dt.datetime.fromisoformat(parse_date(moment.isoformat())) == moment
    assert parse_date(parse_date(moment.isoformat())) == parse_date(moment.isoformat())


@given(st.text(max_size=60) | st.text("0123456789 -/.:,TZ+apmMay", max_size=30))
def test_any_text_is_a_date_or_a_date_error(text):
    try:
        iso = parse_date(text)
    except DateError:
        return
    dt.datetime.fromisoformat(iso)
