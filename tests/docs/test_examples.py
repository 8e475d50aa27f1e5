"""Every console example of the documents, run against the sample newsroom in the order in which a reader meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.names.registry import Names
from tests.docs.console import ROOT, Console, examples, fits, newsroom

DOCUMENTS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if any(examples(path))]


@pytest.fixture
def console(all_names: Names) -> Iterator[Console]:
    """A console for one document alone: some leave articles behind."""
    with newsroom(all_names) as made:
        yield made


@pytest.mark.parametrize("document", [pytest.param(path, id=path.stem) for path in DOCUMENTS])
def test_an_example_prints_what_the_document_says(document, console: Console) -> None:
    stale = []
    for example in examples(document):
        output = console.run(example)
        if not fits(example.expected, output):
            stale.append(f"{document.name}:{example.line}: $ {example.command}\n{output}")
    assert not stale, "\n".join(stale)


def test_the_readme_the_tutorial_and_the_query_language_have_examples() -> None:
    assert {"README", "query-language", "tutorial"} <= {path.stem for path in DOCUMENTS}


@pytest.mark.parametrize(("expected", "output", "answer"), [
    pytest.param("a\nb", "a\n\nb\n", True, id="blank lines do not matter"),
    pytest.param("a ... c", "a b c\n", True, id="dots inside a line"),
    pytest.param("a\n...\nd", "a\nb\nc\nd\n", True, id="dots for lines"),
    pytest.param("a\n...\nd", "a\nd\n", True, id="dots for no line"),
    pytest.param("a", "a\nb\n", False, id="more than promised"),
    pytest.param("a\nb", "a\n", False, id="less than promised"),
    pytest.param("a ... c", "a b\nc\n", False, id="dots inside a line end with it"),
    pytest.param("3 (in all)", "3 (in all)\n", True, id="no pattern in what is expected"),
    pytest.param("", "", True, id="nothing for nothing"),
])
def test_an_output_is_compared_line_by_line(expected: str, output: str, answer: bool) -> None:
    assert fits(expected, output) is answer
