"""Syntax: query text → a tree and diagnostics. Whatever is typed means something; only what is too large is refused.

    words            all must match               "a phrase"        these words side by side
    a OR b           either; binds weaker than    -word, NOT word   must not match
                     words that stand together    ( )               grouping
    title:word       in the title                 word*             begins with
    word~ word~2     at most 1 or 2 letters off   =Kiev ="Kiev region"   exactly this spelling
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.analysis.tokenizer import is_word, spans
from search.limits import QueryLimitError, limits
from search.response import Diagnostic


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed, with its offsets in the query."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Words typed side by side without quotes: each must match, but a name of several words may be among them.

    Words of one chunk (`Ivano-Frankivsk`) are in one tuple and must stand side by side.
    """

    chunks: tuple[tuple[Word, ...], ...]
    title: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that must stand side by side; `exact`: in exactly this spelling."""

    words: tuple[Word, ...]
    exact: bool = False
    title: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    word: Word
    title: bool = False


@dataclass(frozen=True, slots=True)
class Fuzzy:
    word: Word
    distance: int
    title: bool = False
    sign: str = "~"                # what was typed after the word


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every article."""


Node = Run | Quoted | Prefix | Fuzzy | Not | And | Or | Everything

_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»"}
_ITEM = re.compile(
    r"(?P<space>\s+)|(?P<open>\()|(?P<close>\))"
    r"|(?P<minus>-+)(?=[^\s)-])|(?P<field>title:)(?=[^\s)])|(?P<equals>=+)(?=[^\s)=])"
    r"|(?P<quote>[\"“”„«])|(?P<chunk>[^\s()\"“”„«»]+)|(?P<stray>.)", re.IGNORECASE | re.DOTALL)
_FUZZY = re.compile(r"^(?P<word>.*?[^~])~+(?P<distance>\d*)$", re.DOTALL)


def parse(q: str) -> tuple[Node, tuple[Diagnostic, ...]]:
    """The tree of a query and what was odd about it. Raises QueryLimitError for too many words or brackets."""
    parser = _Parser(q)
    node = parser.alternatives(0)
    most = parser.limits.words
    if parser.words > most:
        raise QueryLimitError(f"The query has {parser.words} words, and may have {most}. Leave some out, or search "
                              "for them one part after the other.")
    return node, tuple(parser.diagnostics)


class _Parser:
    """Recursive descent over the items of one query. Brackets alone recurse, down to the limit on depth."""

    def __init__(self, q: str) -> None:
        self.q = q
        self.at = 0
        self.words = 0
        self.limits = limits()
        self.diagnostics: list[Diagnostic] = []

    def report(self, code: str, message: str, start: int, end: int) -> None:
        if not any(known.code == code for known in self.diagnostics):
            self.diagnostics.append(Diagnostic(code, message, start, end))

    def alternatives(self, depth: int) -> Node:
        """everything up to the closing bracket: sequences parted by OR."""
        parts: list[Node] = []
        while True:
            part = self.sequence(depth)
            if part is not None:
                parts.append(part)
            if not self.take_word("OR"):
                break
        if not parts:
            return Everything()
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def sequence(self, depth: int) -> Node | None:
        """Items side by side, up to OR, a closing bracket or the end; all must match."""
        nodes: list[Node] = []
        run: list[tuple[Word, ...]] = []
        while self.at < len(self.q):
            if self.peek_word("OR"):
                break
            if self.take_word("AND"):
                continue
            before = self.at
            item = self.item(depth)
            if item is None:
                if self.at == before:
                    break
                continue
            if isinstance(item, Run) and not item.title:
                run.extend(item.chunks)
                continue
            if run:
                nodes.append(Run(tuple(run)))
                run = []
            nodes.append(item)
        if run:
            nodes.append(Run(tuple(run)))
        if not nodes:
            return None
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def item(self, depth: int) -> Node | None:
        """The next item; None at the end, at a closing bracket, or after something that says nothing."""
        match = _ITEM.match(self.q, self.at)
        if match is None:
            return None
        kind, start = match.lastgroup, self.at
        if kind == "close":
            self._close(depth, match.end())
            return None
        self.at = match.end()
        if kind == "open":
            return self._group(depth, start)
        if _is_operator(match):
            return self._operated(match, depth)
        if kind == "equals":
            return self._exact(start)
        if kind == "quote":
            return self._quoted(match.group(), exact=False)
        return self._chunk(match.group(), start) if kind == "chunk" else None

    def _close(self, depth: int, end: int) -> None:
        if depth == 0:
            self.report("unbalanced-bracket", "A closing bracket without an opening one was left out.", self.at, end)
            self.at = end

    def _group(self, depth: int, start: int) -> Node | None:
        most = self.limits.depth
        if depth >= most:
            found = self._deepest(depth + 1)
            raise QueryLimitError(f"The query goes {found} brackets deep, and may go {most}. Write it with fewer "
                                  "brackets one inside another.")
        node = self.alternatives(depth + 1)
        if self.q.startswith(")", self.at):
            self.at += 1
        else:
            self.report("unbalanced-bracket", "A bracket was not closed; it was taken to end here.", start, self.at)
        return None if isinstance(node, Everything) else node

    def _deepest(self, depth: int) -> int:
        """How deep the brackets go from here to the end, `depth` of them open; without recursion."""
        deepest = depth
        while (match := _ITEM.match(self.q, self.at)) is not None:
            self.at = match.end()
            if match.lastgroup == "quote":
                self._quoted(match.group(), exact=False)
            depth = max(0, depth + {"open": 1, "close": -1}.get(match.lastgroup or "", 0))
            deepest = max(deepest, depth)
        return deepest

    def _operated(self, match: re.Match[str], depth: int) -> Node | None:
        """An item with all of minus, NOT and `title:` before it: a loop, since there may be thousands."""
        start, operators = match.start(), []
        following: re.Match[str] | None = match
        while following is not None and _is_operator(following):
            self.at = following.end()
            operators.append("title" if following.lastgroup == "field" else "not")
            while operators[-1] == "not" and self.at < len(self.q) and self.q[self.at].isspace():
                self.at += 1
            following = _ITEM.match(self.q, self.at)
        bare = operators[-1] == "not" and (self.peek_word("OR") or self.peek_word("AND"))
        node = None if bare else self.item(depth)
        if node is None:
            if "not" in operators:
                self.report("dangling-operator", "NOT with nothing after it was left out.", start, self.at)
            return None
        node = _titled(node) if "title" in operators else node
        if operators.count("not") % 2 == 0:
            return node
        return node.node if isinstance(node, Not) else Not(node)
    def _exact(self, start: int) -> Node | None:
        match = _ITEM.match(self.q, self.at)
        if match is not None and match.lastgroup == "quote":
            self.at = match.end()
            return self._quoted(match.group(), exact=True)
        if match is not None and match.lastgroup == "chunk":
            self.at = match.end()
            words = self._take(match.group(), match.start())
            if words:
                return Quoted(words, exact=True)
        self.report("dangling-operator", "= with no word after it was left out.", start, self.at)
        return None

    def _quoted(self, mark: str, *, exact: bool) -> Node | None:
        begin = self.at
        ends = {_QUOTES[mark], '"'} | ({"“", "”"} if mark in "“”„" else set())
        end = next((i for i in range(begin, len(self.q)) if self.q[i] in ends), None)
        if end is None:
            self.report("unbalanced-quote", "A quotation mark was not closed; the phrase was taken to end here.",
                        begin - 1, len(self.q))
            end = len(self.q)
        self.at = min(end + 1, len(self.q))
        words = self._take(self.q[begin:end], begin)
        return Quoted(words, exact) if words else None

    def _chunk(self, chunk: str, start: int) -> Node | None:
        if not chunk.strip("-"):
            self.report("dangling-operator", "A minus with no word right after it was left out.", start, self.at)
            return None
        fuzzy = _FUZZY.match(chunk)
        if fuzzy is not None:
            return self._fuzzy(fuzzy, start)
        if chunk.endswith("*") and chunk.rstrip("*"):
            return self._prefix(chunk, start)
        if re.match(r"[^\W\d_]+:[^\W_]", chunk):
            self.report("unknown-field", "Only title: is a field; the rest was searched as words.",
                        start, start + chunk.index(":") + 1)
        if re.search(r"\w[*?]+\w", chunk):
            self.report("wildcard-inside",
                        "* is understood at the end of a word only; the parts were searched as words.", start,
                        start + len(chunk))
        words = self._take(chunk, start)
        return Run((words,)) if words else None

    def _prefix(self, chunk: str, start: int) -> Node | None:
        words = self._take(chunk.rstrip("*"), start)
        if not words:
            return None
        prefix = Prefix(words[-1])
        return And((Run((words[:-1],)), prefix)) if words[:-1] else prefix

    def _fuzzy(self, match: re.Match[str], start: int) -> Node | None:
        words = self._take(match["word"], start)
        if not words:
            return None
        digits = match["distance"]
        distance = int(digits[:3]) if digits else (1 if len(words[-1].text) < 6 else 2)
        if distance > 2:
            self.report("distance-cut", "At most 2 letters may differ; 2 was taken.", start, start + len(match.group()))
            distance = 2
        fuzzy = Fuzzy(words[-1], distance, sign=match.group()[match.end("word") :])
        return And((Run((words[:-1],)), fuzzy)) if words[:-1] else fuzzy

    def _take(self, text: str, offset: int) -> tuple[Word, ...]:
        """The words of a stretch of the query, counted."""
        found = [Word(token, offset + start, offset + end) for token, start, end in spans(text) if is_word(token)]
        if not found and text.strip():
            self.report("nothing-to-search", "Signs without letters or digits were left out.",
                        offset, offset + len(text))
        self.words += len(found)
        return tuple(found)

    def peek_word(self, operator: str) -> bool:
        """Whether the next item, after spaces, is this operator as a word of its own."""
        at = self.at
        while at < len(self.q) and self.q[at].isspace():
            at += 1
        end = at + len(operator)
        return self.q.startswith(operator, at) and (end >= len(self.q) or self.q[end].isspace() or self.q[end] in "()")

    def take_word(self, operator: str) -> bool:
        """Step over the operator if it is next."""
        if not self.peek_word(operator):
            return False
        while self.q[self.at].isspace():
            self.at += 1
        self.at += len(operator)
        return True


def _is_operator(match: re.Match[str]) -> bool:
    """Whether an item says something of the one after it: minus, NOT or `title:`."""
    return match.lastgroup in ("minus", "field") or (match.lastgroup == "chunk" and match.group() == "NOT")


def _titled(node: Node) -> Node:
    """The same tree, all of it in the title."""
    match node:
        case Run():
            return Run(node.chunks, title=True)
        case Quoted():
            return Quoted(node.words, node.exact, title=True)
        case Prefix():
            return Prefix(node.word, title=True)
        case Fuzzy():
            return Fuzzy(node.word, node.distance, title=True, sign=node.sign)
        case Not():
            return Not(_titled(node.node))
        case And():
            return And(tuple(map(_titled, node.nodes)))
        case Or():
            return Or(tuple(map(_titled, node.nodes)))
        case Everything():
            return node
