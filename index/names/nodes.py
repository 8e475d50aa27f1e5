"""YAML with line numbers: checked reading of composed nodes, every problem kept with its line.

Values are never guessed: a list where a string is meant, an unquoted `No` or `2016-02-01` is a problem that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_TAG = "tag:yaml.org,2002:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(NamedTuple):
    """What is wrong in a names file: the line (from 1) and what to do about it."""

    line: int
    message: str


def line_of(node: Node) -> int:
    """The line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def compose(path: Path, problems: list[Problem]) -> Iterator[MappingNode]:
    """The entries of a names file: a YAML list of mappings. What is not one is a problem."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        problems.append(Problem(1, f"the file is not UTF-8 (byte {error.start}); save it as UTF-8"))
        return
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.append(Problem(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}"))
        return
    except yaml.YAMLError as error:
        problems.append(Problem(1, f"not YAML: {error}"))
        return
    if root is None:
        return
    if not isinstance(root, SequenceNode):
        problems.append(Problem(line_of(root), "the file must be a list of entities, each beginning with `- id:`"))
        return
    for node in root.value:
        if isinstance(node, MappingNode):
            yield node
        else:
            problems.append(Problem(line_of(node), "an entity must be a mapping that begins with `id:`"))


class Row:
    """One mapping of a names file, read key by key; what goes wrong is added to `problems`."""

    def __init__(self, node: MappingNode, known: Iterable[str] | None, problems: list[Problem]) -> None:
        """`known`: the keys that may stand here; None: any."""
        self.line = line_of(node)
        self.problems = problems
        self.nodes: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or (known is not None and key.value not in known):
                shown = key.value if isinstance(key, ScalarNode) else "this key"
                self.complain(key, f"{shown!r} is not known here; known are {', '.join(known or ())}")
            elif key.value in self.nodes:
                self.complain(key, f"{key.value!r} stands here twice; keep one")
            else:
                self.nodes[key.value] = value

    def complain(self, node: Node | None, message: str) -> None:
        """Keep a problem at the line of `node`, or of the whole row."""
        self.problems.append(Problem(self.line if node is None else line_of(node), message))

    def text(self, key: str) -> str | None:
        """A string, or None when the key is absent or wrong."""
        node = self.nodes.get(key)
        return None if node is None else self._text(node, key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty when the key is absent."""
        node = self.nodes.get(key)
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self.complain(node, f"{key!r} must be a list, such as [{getattr(node, 'value', '…')}]")
            return ()
        found = (self._text(item, key) for item in node.value)
        return tuple(text for text in found if text is not None)

    def flag(self, key: str) -> bool:
        """`true` or `false`; false when the key is absent."""
        node = self.nodes.get(key)
        if node is None:
            return False
        if not isinstance(node, ScalarNode) or node.tag != _TAG + "bool":
            self.complain(node, f"{key!r} must be true or false")
            return False
        return str(node.value).lower() in ("true", "yes", "on")

    def number(self, key: str) -> int | None:
        """A whole number, or None when the key is absent or wrong."""
        node = self.nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or node.tag != _TAG + "int" or not node.value.isdigit():
            self.complain(node, f"{key!r} must be a whole number")
            return None
        return int(node.value)

    def rows(self, key: str, known: Iterable[str]) -> list[Row]:
        """A list of mappings with `known` keys."""
        node = self.nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, SequenceNode):
            self.complain(node, f"{key!r} must be a list of rows, each beginning with `-`")
            return []
        rows = []
        for item in node.value:
            if isinstance(item, MappingNode):
                rows.append(Row(item, known, self.problems))
            else:
                self.complain(item, f"a row of {key!r} must be a mapping with the keys {', '.join(known)}")
        return rows

    def row(self, key: str, known: Iterable[str] | None) -> Row | None:
        """A mapping with `known` keys (None: any), or None when the key is absent or wrong."""
        node = self.nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, MappingNode):
            self.complain(node, f"{key!r} must be a mapping such as `en: [...]`")
            return None
        return Row(node, known, self.problems)

    def _text(self, node: Node, key: str) -> str | None:
        if not isinstance(node, ScalarNode):
            self.complain(node, f"{key!r} must hold plain text")
            return None
        if node.tag != _TAG + "str":
            self.complain(node, f"{node.value!r} in {key!r} is read as {node.tag.removeprefix(_TAG)}; put it in quotes")
            return None
        if not node.value.strip():
            self.complain(node, f"{key!r} holds an empty text")
            return None
        return str(node.value.strip())
