"""Dates as people write them, turned into ISO 8601.

1. ISO 8601 itself, with a blank for the T, slashes or dots for hyphens.
2. RFC 5322, as feeds have it (`Thu, 18 May 2023 10:00:00 GMT`).
3. A day with the name of its month, in nine languages (`May 18, 2023, 10:30 a.m. EDT`, `18 травня 2023`).
4. Days in figures: `18.5.2023` is always day first; of `5/18/2023` the figures may say which is the month; where
   they do not, the whole column has to (`order_of`).
5. Seconds or milliseconds since 1970, of ten or thirteen figures.

Time zones are kept: `+02:00` as given, names such as EDT as their offset; a time whose zone is not known
for certain stays without one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Literal

Order = Literal["day", "month"]
"""Which figure stands first in dates such as 3/4/2022."""


class DateError(ValueError):
    """A date that is impossible, ambiguous, or in no known form; the text says which."""


_MONTHS = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari stycznia січня января",
    "february feb februar février févr fevrier febrero febbraio fevereiro fev februari lutego лютого февраля",
    "march mar märz mrz mars marzo março marco maart mrt marca березня марта",
    "april apr avril avr abril abr aprile kwietnia квітня апреля",
    "may mai mayo maggio mag maio mei maja травня мая",
    "june jun juni juin junio giugno giu junho czerwca червня июня",
    "july jul juli juillet juil julio luglio lug julho lipca липня июля",
    "august aug août aout agosto ago augustus sierpnia серпня августа",
    "september sept sep septembre septiembre settembre set setembro września вересня сентября",
    "october oct oktober okt octobre octubre ottobre ott outubro out października жовтня октября",
    "november nov novembre noviembre novembro listopada листопада ноября",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro grudnia грудня декабря",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "mez": 60,
         "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "ast": -240, "adt": -180, "est": -300, "edt": -240,
         "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "et": None, "ist": None}
"""Minutes east of UTC; None: the name is known but not its offset."""

_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?,\s+(?=\d)|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_TIME = re.compile(
    r"[\s,T]*(?:\(|at\b|um\b|à\b|-|–|\||•)?\s*"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"\s*(?:uhr\b)?\s*\(?(?P<zone>(?:utc|gmt)?\s*[+-]\d{2}:?\d{2}|[a-z]{1,4}\b)?\)?\s*", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2}))?(Z?)")
_FIGURES = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?(?:\s+(?:de|of)\s+|[\s\-/]*)([^\W\d_]+)\.?,?"
                        r"(?:\s+(?:de|del)\s+|[\s\-/]+)(\d{4}|\d{2})(?!\d)(?:\s*(?:р|г|року|года)\b\.?)?",
                        re.IGNORECASE)
_MONTH_DAY = re.compile(r"([^\W\d_]+)\.?[\s\-]+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.IGNORECASE)
_FILE_NAME = re.compile(r"(?<!\d)((?:1[6-9]|20|21)\d\d)([-_.]?)([01]\d)\2([0-3]\d)(?!\d)")
_MODERN = range(1000, 2200)


def parse_date(text: str, order: Order | None = None) -> str:
    """The date or date-time as ISO 8601. `order` decides dates in figures; raises DateError."""
    value = " ".join(text.replace("\u202f", " ").split())
    if re.fullmatch(r"\d{10}|\d{13}", value):
        moment = dt.datetime.fromtimestamp(int(value[:10]), dt.UTC)
        return moment.isoformat()
    bare = _WEEKDAY.sub("", value)
    found = _iso(bare) or _figures(bare, order) or _named(bare)
    if found is None:
        raise DateError(f"{_show(text)} is in no known form; write it as 2023-05-18")
    day, rest = found
    if not rest:
        return day.isoformat()
    time = _time(rest)
    if time is None:
        raise DateError(f"{_show(text)}: after the day {day} stands {_show(rest)}, which is no time")
    return dt.datetime.combine(day, time).isoformat()


def order_of(values: Iterable[str]) -> Order | None:
    """What stands first in the dates of one column, as far as they tell; None if nothing tells or they differ."""
    seen: set[Order] = set()
    for value in values:
        match = _FIGURES.match(_WEEKDAY.sub("", value.strip()))
        if match and match[2] != ".":
            first, second = int(match[1]), int(match[3])
            if first > 12 >= second:
                seen.add("day")
            elif second > 12 >= first:
                seen.add("month")
    return seen.pop() if len(seen) == 1 else None


def date_in_name(name: str) -> str | None:
    """The day that stands in a file name (`2023-05-18-title.txt`), or None."""
    for match in _FILE_NAME.finditer(name):
        try:
            return dt.date(int(match[1]), int(match[3]), int(match[4])).isoformat()
        except ValueError:
            continue
    return None


def _show(text: str) -> str:
    return repr(text.strip()[:40])


def _day(year: int, month: int, day: int, text: str) -> dt.date:
    try:
        if year not in _MODERN:
            raise ValueError(f"year {year} is out of range")
        return dt.date(year, month, day)
    except ValueError as error:
        raise DateError(f"{_show(text)} is no possible date: {error}") from None


def _iso(value: str) -> tuple[dt.date, str] | None:
    if match := _ISO.match(value):
        return _day(int(match[1]), int(match[3]), int(match[4]), value), value[match.end():]
    if (match := _COMPACT.fullmatch(value)) is not None:
        day = _day(int(match[1]), int(match[2]), int(match[3]), value)
        return day, f"{match[4]}:{match[5]}:{match[6]}{match[7]}" if match[4] else ""
    return None


def _figures(value: str, order: Order | None) -> tuple[dt.date, str] | None:
    match = _FIGURES.match(value)
    if match is None:
        return None
    first, second, rest = int(match[1]), int(match[3]), value[match.end():]
    year = _century(match[4])
    if match[2] == "." or first > 12 or first == second:
        order = "day"
    elif second > 12:
        order = "month"
    if order is None:
        raise DateError(f"{_show(value)} may be day or month first, and no other date of the column tells; "
                        f"write it as {year:04}-MM-DD")
    month, day = (second, first) if order == "day" else (first, second)
    return _day(year, month, day, value), rest


def _named(value: str) -> tuple[dt.date, str] | None:
    for pattern, month_first in ((_DAY_MONTH, False), (_MONTH_DAY, True)):
        if match := pattern.match(value):
            name, day = (match[1], match[2]) if month_first else (match[2], match[1])
            month = MONTHS.get(name.casefold())
            if month is not None:
                return _day(_century(match[3]), month, int(day), value), value[match.end():]
    return None


def _century(year: str) -> int:
    """Years of two figures as POSIX reads them: 69 to 99 are of the twentieth century."""
    number = int(year)
    return number if len(year) == 4 else number + (1900 if number >= 69 else 2000)


def _time(rest: str) -> dt.time | None:
    match = _TIME.fullmatch(rest)
    if match is None or (match["minute"] is None and match["half"] is None):
        return None
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    zone, known = _zone(match["zone"])
    if not known:
        return None
    try:
        return dt.time(hour, int(match["minute"] or 0), int(match["second"] or 0), tzinfo=zone)
    except ValueError:
        return None


def _zone(name: str | None) -> tuple[dt.tzinfo | None, bool]:
    """The zone that is meant, None for one of unknown offset, and whether it is a zone at all."""
    if not name:
        return None, True
    name = re.sub(r"\s+", "", name.casefold())
    if name in ZONES:
        minutes = ZONES[name]
        return (None if minutes is None else _offset(minutes)), True
    match = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{2}):?(\d{2})", name)
    if match is None or int(match[2]) > 15 or int(match[3]) > 59:
        return None, False
    minutes = int(match[2]) * 60 + int(match[3])
    return _offset(-minutes if match[1] == "-" else minutes), True


def _offset(minutes: int) -> dt.tzinfo:
    return dt.UTC if minutes == 0 else dt.timezone(dt.timedelta(minutes=minutes))
