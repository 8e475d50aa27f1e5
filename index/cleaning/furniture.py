"""The rules of whole lines: buttons, prompts, advertisements, and headlines of other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.cleaning.lines import Lines, Span, bare
from index.cleaning.lists import BUTTONS, COMMENTS, PROMPTS, SHARE

_COMMENT_LINE = re.compile(
    r"Your email address will not be published\b|Required fields are marked\b|Save my name, email, and website in\b|"
    r"(?:Sign|Log) in to (?:join the conversation|comment)|Ваша e-mail адреса не оприлюднюватиметься|"
    r"Ваш адрес email не будет опубликован|Deine E-Mail-Adresse wird nicht veröffentlicht", re.IGNORECASE)
_PROMPT_LINE = re.compile(
    r"(?:Copyright\s*)?(?:©|\(c\)\s?(?=\d{4}))\s*(?:Copyright\s*)?\d{4}\b|All rights reserved\b|(?:CLICK|TAP) HERE\b|"
    r"Click here (?:to|for) (?:get|sign|subscribe|read|download|more|reprint|the)\b|"
    r"Sign up (?:for|to) (?:our|the|daily|a|receive)\b|Subscribe to (?:our|the|my)\b|Get (?:our|the) .{0,60}newsletter|"
    r"(?:Follow|Like) .{2,80} on (?:Twitter|Facebook|Instagram|X|Telegram)\b|Follow us on |"
    r"Media playback is (?:unsupported|not supported) on (?:your|this) device|Enlarge this image\b|"
    r"(?:JUST|MUST) WATCH(?:ED)?\b|Підписуйтесь на |Подписывайтесь на |Download (?:our|the) .{0,40}\bapp\b|"
    r"Our Standards: The Thomson Reuters Trust Principles")
_RELATED_LINE = re.compile(
    r"(?:READ (?:MORE|ALSO|NEXT)|Read (?:more|also|next)|RELATED|Related(?: (?:video|stories|articles|story|article))?|"
    r"ALSO READ|Also read|SEE ALSO|See also|WATCH|MORE(?: NEWS)?|More|Don't miss|DON'T MISS|Читайте также|"
    r"Читайте також|"
    r"Читати також|ЧИТАЙТЕ ТАКОЖ|ЧИТАЙТЕ ТАКЖЕ|Lire aussi|LIRE AUSSI|À lire aussi|Lesen Sie auch|Mehr zum Thema|"
    r"Leggi anche|LEGGI ANCHE|Lea también|Leia também|Czytaj także)\s*(?::|>|»|\|| - | – ).{2,}")
_BULLET = re.compile(r"[-–•*▪‣·►»]\s*\S")


def share_buttons(lines: Lines) -> Iterator[Span]:
    """Runs of two or more buttons, or of any that begin with an invitation to share or react."""
    run: list[int] = []
    for number, _, _, name in lines.listed:
        if name in BUTTONS or name in SHARE:
            if run and number != run[-1] + 1:
                yield from _run(lines, run)
                run = []
            run.append(number)
    if run:
        yield from _run(lines, run)


def _run(lines: Lines, run: list[int]) -> Iterator[Span]:
    first, last = lines.spans[run[0]], lines.spans[run[-1]]
    if len(run) > 1 or bare(lines.text[slice(*first)]) in SHARE:
        yield first[0], last[1]


def comment_prompts(lines: Lines) -> Iterator[Span]:
    """Lines that ask for a comment or belong to its form."""
    return _matching(lines, COMMENTS, _COMMENT_LINE)


def page_furniture(lines: Lines) -> Iterator[Span]:
    """Advertisements, newsletters, copyright, media players, headings of lists of other articles."""
    return _matching(lines, PROMPTS, _PROMPT_LINE)


def related_headlines(lines: Lines) -> Iterator[Span]:
    """Lines that point to another article, and a list of two or more headlines at the very end."""
    text = lines.text
    for start, end in lines.opened:
        if text[end - 1] not in ".”\"" and _RELATED_LINE.match(text, start, end):
            yield start, end
    number = len(lines.spans)
    while number and _is_headline(text, *lines.spans[number - 1]):
        number -= 1
    introduced = number == 0 or text[lines.spans[number - 1][1] - 1] == ":"
    if len(lines.spans) - number >= 2 and not introduced:
        yield lines.spans[number][0], lines.spans[-1][1]


def _matching(lines: Lines, names: frozenset[str], pattern: re.Pattern[str]) -> Iterator[Span]:
    for start, end in lines.opened:
        if pattern.match(lines.text, start, end):
            yield start, end
    for _, start, end, name in lines.listed:
        if name in names and not lines.text[start].islower():
            yield start, end


def _is_headline(text: str, start: int, end: int) -> bool:
    """A line behind a bullet, without a full stop, most of its longer words in capitals."""
    if not 15 <= end - start <= 200 or text[end - 1] in ".!;,:" or not _BULLET.match(text, start, end):
        return False
    words = [word for word in text[start + 1:end].split() if len(word) > 3]
    return len(words) >= 3 and sum(word.lstrip("‘“\"'(")[:1].isupper() for word in words) >= 0.7 * len(words)
