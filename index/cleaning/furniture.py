"""The rules of whole lines: buttons, prompts, advertisements, and headlines of other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.cleaning.lines import Lines, Span

BARE = 80
"""Lines of the sets below are no longer than this."""
_BUTTONS = frozenset((
    "share", "tweet", "post", "email", "e-mail", "print", "facebook", "twitter", "x", "linkedin", "reddit", "pinterest",
    "whatsapp", "telegram", "viber", "messenger", "instagram", "youtube", "copy link", "copy url", "flipboard",
    "pin it", "save", "bookmark", "like", "vk", "odnoklassniki", "tumblr", "threads", "bluesky", "mastodon",
    "link copied", "pocket", "comment",
    "dislike", "love", "funny", "angry", "sad", "wow", "happy", "haha", "excited", "sleepy", "0"))
_SHARE = frozenset((
    "share this", "share this article", "share this story", "share this post", "share this page", "share on facebook",
    "share on twitter", "share on x", "share on whatsapp", "share on linkedin", "share on telegram", "share via email",
    "share article", "share the article", "share story", "share with", "copy this link", "about sharing", "like this",
    "click to share on facebook", "click to share on twitter", "what's your reaction", "what’s your reaction",
    "listen to article", "share this article share tweet post email", "share this: pocket", "поділитися", "поделиться",
    "поділитися у facebook", "teilen", "artikel teilen", "partager", "partager cet article", "compartir", "condividi",
    "udostępnij"))
_COMMENTS = frozenset((
    "leave a reply", "leave a comment", "post a comment", "comments", "comment", "view comments", "show comments",
    "add a comment", "join the conversation", "cancel reply", "leave a reply cancel reply", "no comments",
    "be the first to comment", "website", "comments are closed", "log in to comment", "login to comment",
    "you must be logged in to post a comment", "залишити коментар", "оставить комментарий", "коментарі", "комментарии",
    "kommentare", "kommentar schreiben", "commentaires", "laisser un commentaire", "deja una respuesta"))
_PROMPTS = frozenset((
    "advertisement", "advertisement - scroll to continue", "story continues below advertisement", "story continues",
    "advertisement continue reading the main story", "continue reading the main story", "article continues below", "ad",
    "sponsored content", "subscribe", "subscribe now", "sign up", "sign up for daily newsletters", "manage newsletters",
    "app users click here", "loading", "continue reading", "read next", "related articles", "related stories",
    "related topics", "related", "more on this story", "more stories", "most read", "most popular", "recommended",
    "editor's picks", "trending", "up next", "read more", "реклама", "anzeige", "werbung", "publicité", "publicidad",
    "pubblicità", "читайте також", "читайте также", "mehr zum thema", "lire aussi", "à lire aussi", "lesen sie auch",
    "back to top", "skip to content", "get the app"))
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
_FIRST = frozenset(start.casefold() for start in (
    "Your", "Requ", "Save", "Sign", "Log ", "Ваша", "Ваш ", "Dein", "Copy", "All ", "Clic", "Tap ", "Subs", "Get ",
    "Foll", "Like", "Medi", "Enla", "Just", "Must", "Підп", "Подп", "Down", "Our ", "Read", "Rela", "Also", "See ",
    "Watc", "More", "Don'", "Чита", "Lire", "À li", "Lese", "Mehr", "Legg", "Lea ", "Leia", "Czyt"))
"""How the lines that the three patterns match begin: most lines need not be looked at."""
_BULLET = re.compile(r"[-–•*▪‣·►»]\s*\S")


def share_buttons(lines: Lines) -> Iterator[Span]:
    """Runs of two or more buttons, or of any that begin with an invitation to share or react."""
    run: list[int] = []
    for number, start, end in lines.short:
        if end - start <= BARE and ((name := _bare(lines.text[start:end])) in _BUTTONS or name in _SHARE):
            if run and number != run[-1] + 1:
                yield from _run(lines, run)
                run = []
            run.append(number)
    if run:
        yield from _run(lines, run)


def _run(lines: Lines, run: list[int]) -> Iterator[Span]:
    first, last = lines.spans[run[0]], lines.spans[run[-1]]
    if len(run) > 1 or _bare(lines.text[slice(*first)]) in _SHARE:
        yield first[0], last[1]


def comment_prompts(lines: Lines) -> Iterator[Span]:
    """Lines that ask for a comment or belong to its form."""
    return _matching(lines, _COMMENTS, _COMMENT_LINE)


def page_furniture(lines: Lines) -> Iterator[Span]:
    """Advertisements, newsletters, copyright, media players, headings of lists of other articles."""
    return _matching(lines, _PROMPTS, _PROMPT_LINE)


def related_headlines(lines: Lines) -> Iterator[Span]:
    """Lines that point to another article, and a list of two or more headlines at the very end."""
    text = lines.text
    for _, start, end in lines.short:
        if text[start:start + 4].casefold() in _FIRST and text[end - 1] not in ".”\"" \
                and _RELATED_LINE.match(text, start, end):
            yield start, end
    number = len(lines.spans)
    while number and _is_headline(text, *lines.spans[number - 1]):
        number -= 1
    introduced = number == 0 or text[lines.spans[number - 1][1] - 1] == ":"
    if len(lines.spans) - number >= 2 and not introduced:
        yield lines.spans[number][0], lines.spans[-1][1]


def _matching(lines: Lines, names: frozenset[str], pattern: re.Pattern[str]) -> Iterator[Span]:
    text = lines.text
    for _, start, end in lines.short:
        may_match = text[start:start + 4].casefold() in _FIRST or text[start] in "©("
        if (may_match and pattern.match(text, start, end)) or (
                end - start <= BARE and not text[start].islower() and _bare(text[start:end]) in names):
            yield start, end


def _bare(line: str) -> str:
    return line.strip(" \t:.…!?*|>»•-–").lower()


def _is_headline(text: str, start: int, end: int) -> bool:
    """A line behind a bullet, without a full stop, most of its longer words in capitals."""
    if not 15 <= end - start <= 200 or text[end - 1] in ".!;,:" or not _BULLET.match(text, start, end):
        return False
    words = [word for word in text[start + 1:end].split() if len(word) > 3]
    return len(words) >= 3 and sum(word.lstrip("‘“\"'(")[:1].isupper() for word in words) >= 0.7 * len(words)
