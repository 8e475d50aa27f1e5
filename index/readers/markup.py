"""Short pieces of HTML, as feeds carry them, turned into paragraphs of plain text."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import fragment_fromstring

BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"))
_LEFT_OUT = frozenset(("script", "style", "iframe", "template", "figure", "button", "form"))
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#\w]{1,30};")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def plain_text(markup: str) -> str:
    """The text of a piece of HTML: paragraphs apart by newlines, blanks tidied. Text without markup only tidied."""
    markup = _NOT_XML.sub(" ", markup)
    if not _MARKUP.search(markup):
        return _tidy(markup)
    try:
        root = fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return _tidy(re.sub(r"<[^>]*>", " ", markup))
    parts: list[str] = []
    _gather(root, parts)
    return _tidy("".join(parts))


def _gather(root: etree._Element, parts: list[str]) -> None:
    """The text below an element and behind it, without recursion: depth is the writer's choice."""
    skipped = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            parts.append("" if skipped else _flat(element.tail))
        elif event == "start":
            skipped += element.tag in _LEFT_OUT
            if not skipped:
                parts.append(("\n" if element.tag in BLOCKS else "") + _flat(element.text))
        else:
            skipped -= element.tag in _LEFT_OUT
            if not skipped:
                parts.append(("\n" if element.tag in BLOCKS else "") + _flat(element.tail))


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
