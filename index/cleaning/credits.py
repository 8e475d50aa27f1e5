"""The rules of credits: who took the picture, who helped to write the text, which agency sent it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.cleaning.lines import STOPS, Lines, Span

BRACKET = 400
"""Captions in brackets are not longer than this."""
END, FOOT = 900, 3_000
"""Contributors are named in the last `END` characters, or on a line of their own in the last `FOOT`."""
AGENCIES = (
    "AP", "Reuters", "REUTERS", "AFP", "EPA", "Getty Images", "Getty", "Shutterstock", "Bloomberg", "Twitter",
    "Facebook", "Instagram", "Telegram", "Wikimedia Commons", "Wikipedia", "Flickr", "TASS", "Sputnik", "Ukrinform",
    "UNIAN", "Zuma Press", "Zuma", "iStock", "Alamy", "dpa", "Anadolu")
_BRACKETED = re.compile(
    r"\((?:[^()\n]*?\b)?(?:(?:AP |File |Pool )?Photos?(?:graph)?(?:(?: by|:| via| courtesy|/|, )[^()\n]{0,120})?"
    r"|[^()\n]{0,160}\bGetty Images)\)")
_LABELLED = re.compile(
    r"(?:Photo(?:graph)?:|Photo (?:by|credit:?)|AP Photo[/,]?|REUTERS/[A-Z])[^\n.]{2,120}(?=\n|$)")
_CAPTION_LINE = re.compile(r"(?:Image|Media|Video) (?:caption|copyright|source)[, ]|(?:hide caption )?toggle caption ")
# The New York Times' pages flattened: "ImageA train …Credit...EPA, via Shutterstock", the next sentence glued on or not
_GLUED = re.compile(r"Credits?(?:\.\.\.|…)[^\n]{0,80}?(?=\n|$|(?<=[a-z])[A-Z][a-z]+ [a-z])")
_CREDIT_END = re.compile(rf"(?:\b[A-Z0-9][\w’'-]*[”’\")]?|[.,”’\")])\s*(?:\s|[(|/©–-]\s*)"
                         rf"(?:(?:via|by|Photo:?|Image:?)\s+)?(?:{'|'.join(AGENCIES)})\)?$")
_CREDIT_LAST = frozenset("PsSAKkmrnduo)")
_SENTENCE_END = re.compile(r"[.!?][”\"’]?\s")
_CONTRIBUTED = re.compile(
    r"contributed (?:reporting|research|to (?:this|the) (?:report|story|article|piece))"
    r"(?:,? (?:to|for|from|in|with|and)\b[^.\n]{0,100})?(?:\.|(?=\n|$))\)?")
_BOUNDARY = re.compile(r"(?<![A-Z][.])(?<!\b[A-Z][a-z][.])(?<!\bU\.S[.])(?<=[.!?”\"’)_])\s+|(?<=[.!?”\"])(?=[A-Z])|\n")
_LEAD = re.compile(r"[\s⦁•*—–_-]*")
_REPORTING = re.compile(r"[Rr]eporting (?:and writing )?by [A-Z][^\n]{2,240}?"
                        r"(?:(?:[Ee]diting|[Ww]riting) by [A-Z][^.\n)]{2,120}[.)]?|(?=\n|$)|\.(?=\s|$))")
_FOLLOW = re.compile(r"Follow (?:all )?(?:the )?AP[’']?s? [^\n]{2,120}https?://\S+")
TAGS = ("Reuters", "REUTERS", "AP", "AFP", "ANI", "PTI", "IANS", "TASS", "UPI", "dpa", "DPA", "Xinhua", "Ukrinform",
        "Interfax", "UNIAN", "ТАСС", "Укрінформ", "With agency inputs")
_INPUTS = "(With inputs from "
_TAG = re.compile(rf"(?<=[.!?”\"’)])\s+[(\[/–—-]*\s?"
                  rf"(?:{'|'.join(TAGS)}|{re.escape(_INPUTS)}[^()\n]{{2,40}}\))[)\]/]*\.?\s*$")
TAIL = 80
"""The agency stands in so many last characters."""
_PHOTO_SIGNS = (("Photo", ""), ("Getty Images", "("), ("REUTERS/", "/"))
"""What tells of a credit, and a mark that it never comes without, which is looked for much faster."""


def photo_credits(lines: Lines) -> Iterator[Span]:
    """Credits in brackets, behind a label or at the end of a line, with the caption where it can be told."""
    text = lines.text
    for at in lines.places(*(sign for sign, mark in _PHOTO_SIGNS if mark in text)):
        start = text.rfind("(", max(0, at - BRACKET), at)
        label = at - 3 if text.startswith("AP Photo", at - 3) else at
        match = _BRACKETED.match(text, start) if start >= 0 else None
        if (match is None or match.end() <= at) and (label == 0 or text[label - 1].isspace()):
            match = _LABELLED.match(text, label)
        if match is not None and match.end() > at:
            yield match.span()
    for at in lines.places("Credit"):
        if match := _GLUED.match(text, at):
            line = text.rfind("\n", 0 if at < BRACKET else at - BRACKET, at) + 1     # 0 if the caption is too long
            yield line if lines.is_start(line) and text.startswith("Image", line) else at, match.end()
    yield from _credited_lines(lines)


def _credited_lines(lines: Lines) -> Iterator[Span]:
    """Lines that are a caption with its credit behind it; a caption printed before it without the credit too."""
    text = lines.text
    for number, start, end in lines.short:
        if text[start] in "IMVht" and _CAPTION_LINE.match(text, start, end):
            yield start, end
        elif text[end - 1] in _CREDIT_LAST:
            if number and _is_repeated(text, *lines.spans[number - 1], start, end):
                yield lines.spans[number - 1][0], end
            elif number and end - start > 20 and text.endswith(AGENCIES, start, end - (text[end - 1] == ")")) \
                    and _CREDIT_END.search(text, max(start, end - 40), end) \
                    and not lines.is_inner(start, end) and not _SENTENCE_END.search(text, start, end):
                yield start, end


def _is_repeated(text: str, first: int, last: int, start: int, end: int) -> bool:
    """Whether the line from `first` to `last` is a caption that the next one repeats with little behind it."""
    return (text[start] == text[first] and last - first >= 15 and end - start - (last - first) <= 40
            and text[last - 1] not in STOPS and text.startswith(text[first:last], start))


def contributor_lines(lines: Lines) -> Iterator[Span]:
    """Sentences that name who else reported, on a line of their own or near the end."""
    text = lines.text
    for at in lines.places("contributed ", last=FOOT):
        if match := _CONTRIBUTED.match(text, at):
            start = _sentence_start(text, at)
            near_end = match.end() > len(text) - END
            if text[start:start + 1].isupper() and (near_end or lines.is_whole(start, match.end())):
                yield start, match.end()
    for at in lines.places("eporting by ", last=FOOT):
        if at and (match := _REPORTING.match(text, at - 1)):
            start = at - 1
            for lead in ("Additional ", "(", "["):
                start -= len(lead) if text.startswith(lead, start - len(lead)) and start >= len(lead) else 0
            if start == 0 or text[start - 1] == "\n" or text[:start].rstrip()[-1:] in STOPS:
                yield start, match.end()
    for at in lines.places("Follow ", last=END) if "/" in text else ():
        if match := _FOLLOW.match(text, at):
            yield match.span()


def agency_tag(lines: Lines) -> Iterator[Span]:
    """The name of an agency alone behind the last sentence."""
    tail = lines.text[-TAIL:].rstrip()
    if (tail.rstrip(".)]/").endswith(TAGS) or _INPUTS in tail) and (
            match := _TAG.search(lines.text, max(0, len(lines.text) - TAIL))):
        yield match.span()


def _sentence_start(text: str, at: int) -> int:
    """Where the sentence around `at` begins, at most 260 characters before it."""
    low = max(0, at - 260)
    start = low
    for match in _BOUNDARY.finditer(text, low, at):
        start = match.end()
    lead = _LEAD.match(text, start, at)
    return lead.end() if lead else start
