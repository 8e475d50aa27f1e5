"""Stretches of a text that are not the article's own words. The text itself is never changed; the index leaves
these stretches out.

The rules, in the order in which they are applied:
1. `repeated-block`: paragraphs printed a second time (a text pasted twice), and long runs repeated within a line;
2. `share-buttons`: *Share this article*, *Tweet*, reaction lists;
3. `comment-prompt`: *Leave a Reply*, *Your email address will not be published*;
4. `page-furniture`: *Advertisement*, newsletter and app prompts, copyright lines, media players' error texts;
5. `related-headlines`: *Read more: …*, *Related: …*, lists of other headlines at the end;
6. `photo-credit`: captions with a credit glued to them, credits in brackets or at the end of a line;
7. `contributor-line`: *… contributed to this report.*, *Reporting by …; editing by …*;
8. `agency-tag`: the name of an agency standing alone behind the last sentence.

They run again over what is left until they find nothing, for one fault may hide another. Each wants a clear sign:
what may be a sentence of the article stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ROUNDS = 12
"""More than any text needs that was not made to need them."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the text that the cleaning leaves out of the index, and the rule that said so."""

    start: int
    end: int
    rule: str


Span = tuple[int, int]
Lines = list[Span]


def cuts(text: str, language: str | None = None) -> tuple[Cut, ...]:
    """The stretches of `text` that are not its own words: in order, disjoint, none empty.

    `language` is not needed by any rule yet: their signs are told apart by their words.
    """
    found: list[Cut] = []
    kept = [(0, len(text))]
    for _ in range(ROUNDS):
        current = _BREAK.join(text[start:end] for start, end in kept) if found else text
        new = _round(current)
        if not new:
            break
        mapped = [piece for cut in new for piece in _in_original(cut, kept)]
        found = sorted([*found, *mapped], key=lambda cut: cut.start)
        kept = _kept(found, len(text))
    return tuple(found)


def cleaned(text: str, found: tuple[Cut, ...]) -> str:
    """The text without its cuts, a line break in place of each."""
    return _BREAK.join(text[start:end] for start, end in _kept(found, len(text)))


_BREAK = "\n"


def _round(text: str) -> list[Cut]:
    """What the rules find in one pass; where two overlap, the earlier rule keeps its stretch."""
    lines = _lines(text)
    taken: list[Cut] = []
    for name, rule in RULES:
        for start, end in rule(text, lines):
            while start < end and text[start].isspace():
                start += 1
            while start < end and text[end - 1].isspace():
                end -= 1
            if start < end and not any(cut.start < end and start < cut.end for cut in taken):
                taken.append(Cut(start, end, name))
    return _merged(text, sorted(taken, key=lambda cut: cut.start))


def _merged(text: str, found: list[Cut]) -> list[Cut]:
    """Neighbours of one rule with nothing but blanks between them made one cut."""
    merged: list[Cut] = []
    for cut in found:
        last = merged[-1] if merged else None
        if last is not None and last.rule == cut.rule and not text[last.end:cut.start].strip():
            merged[-1] = Cut(last.start, cut.end, cut.rule)
        else:
            merged.append(cut)
    return merged


def _kept(found: list[Cut] | tuple[Cut, ...], length: int) -> list[Span]:
    kept, at = [], 0
    for cut in found:
        if cut.start > at:
            kept.append((at, cut.start))
        at = cut.end
    if at < length or not kept:
        kept.append((at, length))
    return kept


def _in_original(cut: Cut, kept: list[Span]) -> Iterator[Cut]:
    """The pieces of the original text that a cut of the joined kept pieces stands for."""
    at = 0
    for start, end in kept:
        low, high = max(cut.start, at), min(cut.end, at + end - start)
        if low < high:
            yield Cut(start + low - at, start + high - at, cut.rule)
        at += end - start + len(_BREAK)


def _lines(text: str) -> Lines:
    """The lines that are not blank, as (start, end) without the blanks around them."""
    lines, at = [], 0
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            start = at + line.index(bare[0])
            lines.append((start, start + len(bare)))
        at += len(line) + 1
    return lines


# Rule 1: repeated blocks

LONG_LINE = 40
"""A repeated line of this many characters is no coincidence; a shorter one goes only with its neighbours."""
PROBE = 32
PROBES = 64
LONG_RUN = 200


def _repeated(text: str, lines: Lines) -> Iterator[Span]:
    copies = _repeated_lines(text, lines)
    for number in sorted(copies):
        yield lines[number]
    if not copies and len(text) >= 2 * LONG_RUN:
        yield from _repeated_runs(text)


def _repeated_lines(text: str, lines: Lines) -> set[int]:
    """The numbers of the lines that were printed before, with the short lines and the heading that go with them."""
    first: dict[str, int] = {}
    origin = [first.setdefault(text[start:end], number) for number, (start, end) in enumerate(lines)]
    copies = {number for number, source in enumerate(origin)
              if source < number and lines[number][1] - lines[number][0] >= LONG_LINE}
    copies = {number for number in copies
              if number - 1 in copies or number + 1 in copies or not _is_inner(text, lines[number])}
    if not copies:
        return copies
    for order in (range(1, len(lines)), range(len(lines) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for number in order:
            near = number + step
            if number not in copies and near in copies and origin[number] == origin[near] - step < number:
                copies.add(number)
    return copies | _cut_short(text, lines, copies) | _headings(text, lines, origin, copies)


def _cut_short(text: str, lines: Lines, copies: set[int]) -> set[int]:
    """Last lines of a copy that broke off in the middle: the beginning of a longer line of the text."""
    found = set()
    for number in copies:
        for near in (number - 1, number + 1):
            if 0 <= near < len(lines) and near not in copies:
                start, end = lines[near]
                if end - start >= LONG_LINE and text[end - 1].isalnum() and any(
                        other not in copies and high - low > end - start and text.startswith(text[start:end], low)
                        for other, (low, high) in enumerate(lines) if other != near):
                    found.add(near)
    return found


def _headings(text: str, lines: Lines, origin: list[int], copies: set[int]) -> set[int]:
    """The title pasted again in front of a copy of the whole text (which itself begins with a paragraph)."""
    if text[lines[0][1] - 1] not in _STOPS:
        return set()
    sources = {origin[number] for number in copies}
    return {number - 1 for number in copies
            if number and number - 1 not in copies | sources and number + 2 in copies and origin[number] == 0
            and lines[number - 1][1] - lines[number - 1][0] <= 150 and text[lines[number - 1][1] - 1] not in _STOPS}


def _repeated_runs(text: str) -> Iterator[Span]:
    """Runs of sentences that stand twice in one line: probes of a few words are looked for further on."""
    step, at = max(LONG_RUN, len(text) // PROBES), 0
    while at + PROBE < len(text):
        again = text.find(text[at:at + PROBE], at + PROBE)
        end = at
        if again >= 0:
            start, stop = _extent(text, at, again)
            if stop - start >= LONG_RUN:
                yield start, stop
                end = stop - again + at
        at = max(at + step, end)


def _extent(text: str, first: int, second: int) -> Span:
    """How far the text at `second` repeats that at `first`, from the start to the end of a sentence."""
    left = 0
    while left < min(first, second - first) and text[first - left - 1] == text[second - left - 1]:
        left += 1
    right, room = 0, min(second - first, len(text) - second)
    while right < room and text[first + right] == text[second + right]:
        right += 1
    start, stop = second - left, second + right
    while start < stop and not (text[start - 1].isspace() and text[start - 2] in _STOPS and not text[start].isdigit()):
        start += 1
    while stop > start and stop < len(text) and not (text[stop - 1] in _STOPS and text[stop].isspace()):
        stop -= 1
    return start, stop


def _is_inner(text: str, line: Span) -> bool:
    """Is the line part of a sentence that was broken into lines of equal width?"""
    start, end = line
    return text[start].islower() or (text[end:end + 1] == "\n" and text[end + 1:end + 2].islower())


# Rules 2 to 5: lines of furniture

_STOPS = ".!?…:;\"”’»)"
_BUTTONS = frozenset((
    "share", "tweet", "post", "email", "e-mail", "print", "facebook", "twitter", "x", "linkedin", "reddit", "pinterest",
    "whatsapp", "telegram", "viber", "messenger", "instagram", "youtube", "copy link", "copy url", "flipboard", "pin it",
    "save", "bookmark", "like", "vk", "odnoklassniki", "tumblr", "threads", "bluesky", "mastodon", "link copied", "comment"))
_REACTIONS = frozenset((
    "like", "dislike", "love", "funny", "angry", "sad", "wow", "happy", "haha", "excited", "sleepy", "surprise", "0"))
_SHARE_LINES = frozenset((
    "share this", "share this article", "share this story", "share this post", "share this page", "share on facebook",
    "share on twitter", "share on x", "share on whatsapp", "share on linkedin", "share on telegram", "share via email",
    "share article", "share the article", "share story", "share with", "copy this link", "about sharing", "like this",
    "click to share on facebook", "click to share on twitter", "what's your reaction", "what’s your reaction",
    "listen to article", "share this article share tweet post email", "поділитися", "поделиться", "teilen", "artikel teilen",
    "partager", "partager cet article", "compartir", "condividi", "udostępnij", "поділитися у facebook"))
_COMMENT_LINES = frozenset((
    "leave a reply", "leave a comment", "post a comment", "comments", "comment", "view comments", "show comments",
    "add a comment", "join the conversation", "cancel reply", "leave a reply cancel reply", "no comments", "be the first to comment",
    "name *", "email *", "website", "save my name, email, and website in this browser for the next time i comment",
    "comments are closed", "log in to comment", "login to comment", "you must be logged in to post a comment",
    "залишити коментар", "оставить комментарий", "коментарі", "комментарии", "kommentare", "kommentar schreiben",
    "commentaires", "laisser un commentaire", "deja una respuesta"))
_COMMENT = re.compile(r"Your email address will not be published\b|Required fields are marked\b|"
                      r"(?:Sign|Log) in to (?:join the conversation|comment)|Ваша e-mail адреса не оприлюднюватиметься|"
                      r"Ваш адрес email не будет опубликован|Deine E-Mail-Adresse wird nicht veröffentlicht", re.IGNORECASE)
_FURNITURE_LINES = frozenset((
    "advertisement", "advertisement - scroll to continue", "story continues below advertisement", "story continues",
    "article continues below", "ad", "sponsored content", "subscribe", "subscribe now", "sign up", "sign up for daily newsletters",
    "manage newsletters", "sign up for daily newsletters manage newsletters", "sign up for daily opinion newsletter",
    "sign up for daily opinion newsletter manage newsletters", "click here to get the fox news app", "app users click here",
    "loading", "continue reading", "read next", "related articles", "related stories", "related topics", "related",
    "more on this story", "more stories", "most read", "most popular", "recommended", "editor's picks", "trending", "up next",
    "реклама", "anzeige", "werbung", "publicité", "publicidad", "pubblicità", "читайте також", "читайте также",
    "mehr zum thema", "lire aussi", "à lire aussi", "lesen sie auch", "back to top", "skip to content", "get the app"))
_FURNITURE = re.compile(
    r"(?:Copyright\s*)?(?:©|\(c\)\s?(?=\d{4}))\s*(?:Copyright\s*)?\d{4}\b.{0,200}$|All rights reserved\b.{0,120}$|"
    r"(?:CLICK|TAP) HERE\b.{0,100}$|Click here (?:to|for) (?:get|sign|subscribe|read|download|more|reprint|the)\b.{0,120}$|"
    r"Sign up (?:for|to) (?:our|the|daily|a|receive)\b.{0,200}$|Subscribe to (?:our|the|my)\b.{0,160}$|"
    r"Get (?:our|the) .{0,60}newsletter.{0,80}$|(?:Follow|Like) .{2,80} on (?:Twitter|Facebook|Instagram|X|Telegram)\b.{0,80}$|"
    r"Media playback is (?:unsupported|not supported) on (?:your|this) device.{0,200}$|"
    r"Enlarge this image\b.{0,300}$|(?:JUST|MUST) WATCH(?:ED)?\b.{0,300}$|"
    r"Підписуйтесь на .{0,120}$|Подписывайтесь на .{0,120}$|Follow us on .{0,80}$|Download (?:our|the) .{0,40}\bapp\b.{0,60}$|"
    r"Our Standards: The Thomson Reuters Trust Principles\.?.{0,40}$|This article has been adapted from its original source\.$")
_RELATED = re.compile(
    r"(?:READ (?:MORE|ALSO|NEXT)|Read (?:more|also|next)|RELATED|Related(?: (?:video|stories|articles|story|article|content))?|"
    r"ALSO READ|Also read|SEE ALSO|See also|WATCH|MORE(?: NEWS)?|More|Don't miss|DON'T MISS|Читайте також|Читайте также|"
    r"Читати також|ЧИТАЙТЕ ТАКОЖ|ЧИТАЙТЕ ТАКЖЕ|Lire aussi|LIRE AUSSI|À lire aussi|Lesen Sie auch|Mehr zum Thema|Leggi anche|"
    r"LEGGI ANCHE|Lea también|Leia também|Czytaj także)\s*(?::|>|»|\|| - | – ).{2,200}$")
_BULLET = re.compile(r"[-–•*▪‣·►»]\s*\S")
SHORT_LINE = 260


def _plain(line: str) -> str:
    return line.strip(" \t:.…!?*|>»•-–").lower()


def _share(text: str, lines: Lines) -> Iterator[Span]:
    names = [_plain(text[start:end]) if end - start <= 60 else "" for start, end in lines]
    number = 0
    while number < len(lines):
        run = number
        while run < len(lines) and (names[run] in _BUTTONS or names[run] in _REACTIONS or names[run] in _SHARE_LINES):
            run += 1
        if run - number >= 2 or (run > number and names[number] in _SHARE_LINES):
            yield lines[number][0], lines[run - 1][1]
        number = max(run, number + 1)


def _comments(text: str, lines: Lines) -> Iterator[Span]:
    for start, end in lines:
        if end - start <= SHORT_LINE:
            line = text[start:end]
            if (end - start <= 80 and _plain(line) in _COMMENT_LINES and not line[0].islower()) or _COMMENT.match(line):
                yield start, end


def _furniture(text: str, lines: Lines) -> Iterator[Span]:
    for start, end in lines:
        if end - start <= SHORT_LINE:
            line = text[start:end]
            if (end - start <= 80 and _plain(line) in _FURNITURE_LINES and not line[0].islower()) or _FURNITURE.match(line):
                yield start, end


def _related(text: str, lines: Lines) -> Iterator[Span]:
    for start, end in lines:
        if end - start <= SHORT_LINE and _RELATED.match(text, start, end) and text[end - 1] not in ".”\"":
            yield start, end
    number = len(lines)
    while number and _is_bulleted_headline(text, lines[number - 1]):
        number -= 1
    before = text[lines[number - 1][1] - 1] if number else ":"
    if len(lines) - number >= 2 and before != ":":
        yield lines[number][0], lines[-1][1]


def _is_bulleted_headline(text: str, line: Span) -> bool:
    """A line behind a bullet, without a full stop, most of its longer words in capitals."""
    start, end = line
    if not 15 <= end - start <= 200 or text[end - 1] in ".!;,:" or not _BULLET.match(text, start, end):
        return False
    words = [word for word in text[start + 1:end].split() if len(word) > 3]
    return len(words) >= 3 and sum(word.lstrip("‘“\"'(")[:1].isupper() for word in words) >= 0.7 * len(words)


# Rule 6: photo credits

_AGENCY = (r"(?:AP|Reuters|REUTERS|AFP|EPA|Getty(?: Images)?|Shutterstock|Bloomberg|Twitter|Facebook|Instagram|Telegram|"
           r"Wikimedia Commons|Wikipedia|Flickr|TASS|Sputnik|Ukrinform|UNIAN|Zuma(?: Press)?|iStock|Alamy|dpa|Anadolu)")
_CREDITS = (
    # The New York Times' pages flattened: "ImageA train …Credit...EPA, via Shutterstock"
    ("Credit", re.compile(r"(?:(?<![^\n])Image(?=[A-Z“])[^\n]{0,400}?)?Credits?(?:\.\.\.|…)[^\n]{0,80}?"
                          r"(?=\n|$|(?<=[a-z])[A-Z][a-z]+ [a-z])")),
    ("Photo", re.compile(r"\((?:[^()\n]{0,400}?\b)?(?:AP |File |Pool )?Photos?(?:graph)?"
                         r"(?:(?: by|:| via| courtesy|/|, )[^()\n]{0,120})?\)")),
    ("Photo", re.compile(r"(?:(?<=[.”\"] )|(?<=\n))(?:AP Photo|(?:File )?Photo(?:graph)?:|Photo (?:by|credit:?))[^\n.]{2,90}(?=\n|$)")),
    ("Getty Images", re.compile(r"\([^()\n]{0,160}\bGetty Images\)|(?<=\n)[^\n.!?]{1,80}[/ ]Getty Images(?=\n|$)")),
    ("REUTERS/", re.compile(r"(?<=[.”\"] )REUTERS/[A-Z][^\n.]{2,60}(?=\n|$)")),
    ("toggle caption", re.compile(r"(?:hide caption )?toggle caption [^\n]{0,200}(?=\n|$)")),
    ("Image copyright", re.compile(r"Image copyright [^\n]{1,80}(?:\n*Image caption [^\n]{0,200})?(?=\n|$)")),
    ("Image source", re.compile(r"Image source, ?[^\n]{1,80}(?:\n+Image caption,? ?[^\n]{0,200})?(?=\n|$)")),
    (" caption", re.compile(r"(?<![^\n])(?:Image|Media|Video) caption,? [^\n]{1,200}(?=\n|$)")),
)
_CREDIT_END = re.compile(rf"(?:\b[A-Z0-9][\w’'-]*[”’\")]?|[.,”’\")])\s*(?:\s|[(|/©–-]\s*)"
                         rf"(?:(?:via|by|Photo:?|Image:?)\s+)?{_AGENCY}\)?$")


_SENTENCE_END = re.compile(r"[.!?][”\"’]?\s")


def _photo(text: str, lines: Lines) -> Iterator[Span]:
    for sign, pattern in _CREDITS:
        if sign in text:
            for match in pattern.finditer(text):
                yield match.span()
    for number, (start, end) in enumerate(lines):
        if end - start <= 300 and text[end - 1] in "sPASkmernduoa)K" and _CREDIT_END.search(text, max(start, end - 40), end):
            line = text[start:end]
            before = text[slice(*lines[number - 1])] if number else ""
            if before and len(before) >= 15 and before[-1] not in _STOPS and line.startswith(before):
                yield lines[number - 1][0], end     # the caption, and the caption again with its credit
            elif number and len(line) > 20 and not _is_inner(text, (start, end)) and not _SENTENCE_END.search(line):
                yield start, end


# Rule 7: contributor lines

_NAME_RUN = r"(?:[^.!?\n]|(?<=\b[A-Z])\.|(?<=\b[A-Z][a-z])\.|(?<=\bU\.S)\.)"
_CONTRIBUTORS = re.compile(
    rf"(?:(?<![^\n])|(?<=[.!?”\"’)_] )|(?<=[.!?”\"]))[⦁•*—–_ -]*(?=[A-Z‘“\[(]){_NAME_RUN}{{2,240}}?\b"
    r"(?:contributed (?:reporting|research|to (?:this|the) (?:report|story|article|piece))|contributed from)\b[^.\n]{0,120}\.?\)?",
)
_REPORTING = re.compile(
    r"(?:(?<![^\n])|(?<=[.!?”\"’)] ))[(\[]?(?:Additional )?[Rr]eporting (?:and writing )?by [A-Z][^\n]{2,240}?"
    r"(?:(?:[Ee]diting|[Ww]riting) by [A-Z][^.\n)]{2,120}[.)]?|(?=\n|$)|\.(?=\s|$))")
_DESK = re.compile(r"(?:(?<=[.!?”\"’)_] )|(?<![^\n]))Follow (?:all )?(?:AP|the AP)[’']s? [^\n]{2,120}https?://\S+")


def _contributors(text: str, lines: Lines) -> Iterator[Span]:
    if " contributed " in text:
        for match in _CONTRIBUTORS.finditer(text):
            own_line = (match.start() == 0 or text[match.start() - 1] == "\n") and match.end() in _ends(text, match.end())
            if own_line or match.end() > len(text) - 900:
                yield match.span()
    if "eporting by " in text:
        for match in _REPORTING.finditer(text):
            yield match.span()
    if "Follow AP" in text or "Follow all AP" in text:
        for match in _DESK.finditer(text):
            yield match.span()


def _ends(text: str, end: int) -> Span:
    return (end, end) if end == len(text) or text[end] == "\n" else (-1, -1)


# Rule 8: agency tags

_TAG = re.compile(r"(?<=[.!?”\"’)])\s+[(\[/–—-]*\s?"
                  r"(?:Reuters|REUTERS|AP|AFP|ANI|PTI|IANS|TASS|UPI|dpa|DPA|Xinhua|Ukrinform|Interfax|UNIAN|ТАСС|Укрінформ|"
                  r"With agency inputs|\(With inputs from [^()\n]{2,40}\))[)\]/]*\.?\s*$")


def _agency(text: str, lines: Lines) -> Iterator[Span]:
    match = _TAG.search(text, max(0, len(text) - 80))
    if match:
        yield match.span()


Rule = Callable[[str, Lines], Iterator[Span]]
RULES: tuple[tuple[str, Rule], ...] = (
    ("repeated-block", _repeated), ("share-buttons", _share), ("comment-prompt", _comments),
    ("page-furniture", _furniture), ("related-headlines", _related), ("photo-credit", _photo),
    ("contributor-line", _contributors), ("agency-tag", _agency))
