"""Console examples of the documents: found, run against the sample newsroom, compared with what they promise.

A ```console block holds commands (`$ …`) and their output. In an expected output a line `...` stands for any
number of lines, `...` inside a line for any run of characters. The commands understood: `exonym` (run in this
process, `> FILE` allowed), `curl URL` (asked of the app, with the options of `_CURL`), `cat > FILE <<'END'`,
`export NAME=VALUE`.

    python -m tests.docs.console FILE…     writes the outputs without `...` anew
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from click.testing import CliRunner

from index.names.registry import Names

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """One command of a document, with what follows it there."""

    document: str
    line: int
    command: str
    body: str = ""          # of a here-document
    expected: str = ""


@dataclass(slots=True)
class Console:
    """Runs commands one after another in a folder, as a reader would."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, example: Example) -> str:
        """The output of a command, standard output and error together."""
        words = shlex.split(example.command)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environment[name] = value
            return ""
        if words[:2] == ["cat", ">"]:
            (self.folder / words[2]).write_text(example.body, encoding="utf-8")
            return ""
        target = words[-1] if words[-2:-1] == [">"] else None
        output = self._output(words[:-2] if target else words)
        if target is None:
            return output
        (self.folder / target).write_text(output, encoding="utf-8")
        return ""

    def _output(self, words: list[str]) -> str:
        if words[0] == "exonym":
            from service.cli import main

            result = CliRunner().invoke(main, words[1:], env=self.environment, prog_name="exonym")
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            return result.output
        if words[0] == "curl":
            return self._asked([self._expanded(word) for word in words[1:]])
        raise ValueError(f"unknown command {words[0]!r}")

    def _expanded(self, word: str) -> str:
        """A word with the variables that were exported, as a shell has it in double quotes."""
        return re.sub(r"\$(\w+)", lambda match: self.environment[match[1]], word)

    def _asked(self, words: list[str]) -> str:
        """The answer of the app, with its indexer at work, to what curl would send."""
        from service.app import create_app
        from service.context import EXTENSION
        from service.settings import load_settings

        options = _CURL.parse_args(words)
        parts = urlsplit(options.url)
        data = "&".join([*options.data, *map(_encoded, options.encoded)])
        query, body = (f"{parts.query}&{data}", None) if options.get else (parts.query, data or None)
        app = create_app(load_settings({"data": Path(self.environment.get("EXONYM_DATA", ".demo"))}, self.environment))
        indexing = app.extensions[EXTENSION].indexing
        indexing.start()
        answer = app.test_client().open(
            f"{parts.path}?{query}", method=options.method or ("POST" if body else "GET"), data=body,
            headers=[tuple(re.split(r":\s*", header, maxsplit=1)) for header in options.headers])
        indexing.stop()
        text = answer.get_data(as_text=True)
        if options.output is None:
            return text
        (self.folder / options.output).write_text(text, encoding="utf-8")
        return ""


def _curl() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("curl")
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-G", dest="get", action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-o", dest="output")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data", action="append", default=[])
    parser.add_argument("--data-urlencode", dest="encoded", action="append", default=[])
    return parser


_CURL = _curl()
"""The options of curl that documents may use."""


def _encoded(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={quote(value, safe='')}"


def examples(document: Path) -> Iterator[Example]:
    """The commands of a document in their order."""
    text = document.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        rows = block.group(1).splitlines()
        starts = [number for number, row in enumerate(rows) if row.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            yield _example(document.name, first + start, rows[start][2:], rows[start + 1 : end])


def _example(document: str, line: int, command: str, rows: list[str]) -> Example:
    heredoc = re.fullmatch(r"(.*?) <<'(\w+)'", command)
    if heredoc is None:
        return Example(document, line, command, expected="\n".join(rows))
    end = rows.index(heredoc.group(2))
    body = "".join(f"{row}\n" for row in rows[:end])
    return Example(document, line, heredoc.group(1), body, "\n".join(rows[end + 1 :]))


def fits(expected: str, output: str) -> bool:
    """Whether an output is as promised; blank lines do not matter."""
    wanted = [row.rstrip() for row in expected.splitlines() if row.strip()]
    pattern = ""
    for row in wanted:
        inside = ".*".join(re.escape(part) for part in row.split("..."))
        pattern += "(?:.*\n)*" if row.strip() == "..." else f"{inside}\n"
    found = "".join(f"{row.rstrip()}\n" for row in output.splitlines() if row.strip())
    return re.fullmatch(pattern, found) is not None


@contextmanager
def newsroom(names: Names) -> Iterator[Console]:
    """A console in a new folder with the sample newsroom in `.demo`, as `make run` leaves it.

    `names`: ours, loaded; reading them takes seconds and each command would do it again. A folder's own names
    are read as ever.
    """
    load = Names.load.__func__  # type: ignore[attr-defined]

    def loaded(cls: type[Names], own: Path | None = None) -> Names:
        found: Names = load(cls, own) if own is not None and own.exists() else names
        return found

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "seeds").symlink_to(ROOT / "seeds")
        os.chdir(folder)
        Names.load = classmethod(loaded)  # type: ignore[assignment, method-assign]
        try:
            console = Console(Path(folder))
            console.run(Example("Makefile", 0, "exonym index seeds --data .demo"))
            yield console
        finally:
            Names.load = classmethod(load)  # type: ignore[method-assign]
            os.chdir(before)


def main(paths: list[str]) -> None:
    """Print every example that does not fit; write the outputs of those without `...` anew."""
    with newsroom(Names.load()) as console:
        for path in (ROOT / name for name in paths):
            text = path.read_text(encoding="utf-8")
            for example in examples(path):
                output = console.run(example)
                if fits(example.expected, output):
                    continue
                sys.stdout.write(f"{path.name}:{example.line}: $ {example.command}\n{output}\n")
                if "..." not in example.expected:
                    old = f"$ {example.command}\n{example.expected}".rstrip()
                    text = text.replace(old, f"$ {example.command}\n{output}".rstrip(), 1)
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
