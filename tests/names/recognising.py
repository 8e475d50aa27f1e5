"""An article recognised: real recogniser, no matches of the finder unless given."""

from __future__ import annotations

from dataclasses import dataclass

from index.analysis.vocabulary import Vocabulary
from index.names.model import Entity, EntityType, NameMatch, Outline, Spelling
from index.names.recogniser import Recogniser
from index.names.recogniser_lexicon import Lexicon
from index.names.recogniser_output import EntityMention

LEXICON = Lexicon.load()


@dataclass(frozen=True)
class Listed:
    """Names in use, as few as a test needs."""

    entities: tuple[Entity, ...] = ()

    def outline(self, name_id: str) -> Outline | None:
        return next((Outline(entity.type, entity.label, entity.origin == "gazetteer")
                     for entity in self.entities if entity.id == name_id), None)


def entity(name_id: str, label: str, origin: str = "authority") -> Entity:
    """An entity of the names files with one spelling."""
    kind = EntityType(name_id.partition("/")[0])
    return Entity(name_id, kind, label, (Spelling(label),), origin=origin)


def recognise(text: str, title: str = "", known: tuple[tuple[str, Entity], ...] = ()) -> list[EntityMention]:
    """The mentions in an article; `known` gives the spellings that the finder would report, with their entity."""
    vocabulary = Vocabulary()
    recogniser = Recogniser(Listed(tuple(item for _, item in known)), vocabulary, LEXICON)
    before = vocabulary.numbers(title + "\n") if title else vocabulary.numbers("")
    numbers = vocabulary.numbers(f"{title}\n{text}" if title else text)
    return recogniser.mentions(numbers, _matches(vocabulary, numbers.tolist(), known), len(before))


def _matches(vocabulary: Vocabulary, numbers: list[int], known: tuple[tuple[str, Entity], ...]) -> list[NameMatch]:
    found = []
    for spelling, item in known:
        wanted = vocabulary.numbers(spelling).tolist()
        found += [NameMatch(at, at + len(wanted), item.id, item.id, spelling.lower())
                  for at in range(len(numbers)) if numbers[at:at + len(wanted)] == wanted]
    return sorted(found, key=lambda match: (match.start, -match.end))


def entities(text: str, title: str = "") -> dict[str, str]:
    """Entity id → label, of all entities of an article."""
    return {mention.entity: mention.label for mention in recognise(text, title)}
