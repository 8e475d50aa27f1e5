"""Stories: what is one story and what is not, told by texts written for these tests."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.analysis.vocabulary import Kind, Vocabulary
from index.stories import Fingerprint, Stories, StoriesError, fingerprint, holders, rare_words, story_id
from index.stories.candidates import entries
from index.stories.prints import Prints, Sketches
from index.stories.sketch import FULL, UNDATED, word_hash

ONE_NAME = {"kiev": "@place/kyiv", "kyiv": "@place/kyiv", "odessa": "@place/odesa", "odesa": "@place/odesa"}

FERRY = """The ferry Marivelle ran aground off Port Aldane on Tuesday with 214 people on board, the coast guard said.
Captain Iris Holloway had asked the harbour office in Port Aldane for a tug at 05:40, according to a log seen by the
Aldane Courier, but the only tug, the Bracken, was under repair in Westmere until Friday. Two lifeboats from Fenn Island
and one from Westmere took off 209 passengers within three hours. Five members of the crew stayed with Holloway to
secure the ship. Transport minister Osric Vane told Radio Skerry that an inquiry under Judge Malin Torvald would begin
on Monday. The Skerry Line, which has run the Marivelle since 1998, cancelled all 12 sailings to Fenn Island this week.
It was the second accident on the route after the Dunmorrow struck Gull Rock in March 2019, when 31 people were hurt."""

FERRY_SPUN = """On Tuesday a vessel called Marivelle got stuck close to Port Aldane carrying 214 persons, coastal guards
stated. Skipper Iris Holloway requested help from the port authority of Port Aldane around 05:40, as shown by a record
obtained by the Aldane Courier, yet its sole towing boat, the Bracken, underwent maintenance at Westmere up to Friday.
A pair of rescue craft out of Fenn Island plus another out of Westmere evacuated 209 travellers in roughly three hours.
Some five sailors remained beside Holloway making the boat safe. The minister for transport, Osric Vane, informed
Radio Skerry about a probe led by Judge Malin Torvald starting Monday. Operator Skerry Line, owner of the Marivelle
from 1998, has dropped each of 12 crossings towards Fenn Island for the week. This marks a second mishap along that
passage following the Dunmorrow hitting Gull Rock during March 2019, an event that injured 31 persons."""

FERRY_OTHER_HAND = """Passengers told of a cold and frightening morning after the Marivelle hit the rocks near Port
Aldane. "We sat in the dark and sang," said Petra Lindqvist, 34, who was going home to Fenn Island with two children.
The Skerry Line said 12 sailings would not run. On Tuesday evening Osric Vane, the transport minister, visited the
lifeboat crews in Westmere and thanked them. He said Judge Malin Torvald would look into why the Bracken, the tug at
Port Aldane, was out of service. In March 2019 the Dunmorrow struck Gull Rock on the same route. Captain Iris Holloway
was the last to leave with five others. In all 214 people had been on the ferry; 209 were taken to Fenn Island and
Westmere by lifeboat. The coast guard in Aldane praised Holloway, who joined the company in 1998."""


def of_text(identifier: str, text: str, date: str | None = "2023-05-18", title: str = "") -> Fingerprint:
    """The fingerprint as the builder makes it, with a table of two names in place of the names files."""
    vocabulary = Vocabulary()
    numbers, heading = vocabulary.numbers(text), vocabulary.numbers(title)
    hashes = np.array([word_hash(ONE_NAME.get(normal, normal)) for normal in vocabulary.normal], np.uint64)
    kinds = vocabulary.kinds
    rare, word = rare_words(kinds[numbers]), kinds[numbers] & Kind.WORD != 0
    title_word = kinds[heading] & Kind.WORD != 0
    day = dt.date.fromisoformat(date).toordinal() if date is not None else None
    return fingerprint(identifier, hashes[heading][title_word], hashes[numbers][word], rare[word], day)


def stories_of(*prints: Fingerprint) -> list[set[str]]:
    """Stories of two articles or more, as sets of article ids."""
    with Stories(":memory:") as stories:
        stories.add(list(enumerate(prints)))
        groups: dict[str, set[str]] = {}
        for number, one in enumerate(prints):
            groups.setdefault(stories.story_of(number), set()).add(one.article)
    return [group for group in groups.values() if len(group) > 1]


def changed(stories: Stories) -> dict[int, str | None]:
    """Number → story that is told, None where the article is alone."""
    told = stories.changed()
    return {number: f"{story:016x}" if story else None
            for number, story in zip(told.numbers.tolist(), told.stories.tolist(), strict=True)}


def prose(seed: int, words: int = 200) -> str:
    """A text of its own: random words, with names and numbers."""
    source = random.Random(seed)
    made = ["".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(3, 9))) for _ in range(words)]
    return " ".join(word.capitalize() if source.random() < 0.2 else word for word in made) + "."


@pytest.mark.parametrize(("copy", "date"), [
    pytest.param(FERRY, "2023-05-18", id="word for word"),
    pytest.param(FERRY, None, id="undated"),
    pytest.param(FERRY, "2024-01-01", id="months later"),
    pytest.param(FERRY.replace("coast guard", "coastguard").replace("hurt", "injured"), "2023-05-18", id="edited"),
    pytest.param(FERRY[:len(FERRY) // 2], "2023-05-18", id="first half only"),
    pytest.param(prose(1, 80) + " " + FERRY + " " + prose(2, 300), "2023-05-19", id="inside a longer text"),
    pytest.param(FERRY_SPUN, "2023-05-20", id="every phrase reworded"),
])
def test_a_copy_or_rewrite_is_of_the_same_story(copy: str, date: str | None) -> None:
    assert stories_of(of_text("a", FERRY), of_text("b", copy, date)) == [{"a", "b"}]


@pytest.mark.parametrize(("other", "date"), [
    pytest.param(FERRY_OTHER_HAND, "2023-05-18", id="the same event by another hand"),
    pytest.param(FERRY_SPUN, "2023-07-01", id="reworded, but weeks apart"),
    pytest.param(prose(3, 150) + FERRY[:len(FERRY) // 4], "2023-05-18", id="a quoted passage"),
    pytest.param(prose(4), "2023-05-18", id="another subject"),
    pytest.param("", "2023-05-18", id="empty"),
])
def test_what_is_no_copy_is_a_story_of_its_own(other: str, date: str | None) -> None:
    assert stories_of(of_text("a", FERRY), of_text("b", other, date)) == []


def test_a_copy_respelt_kiev_to_kyiv_is_a_copy() -> None:
    text = "In Kiev the Odessa envoy met Kiev officials; from Kiev to Odessa the Kiev road reopened, said Kiev."
    respelt = text.replace("Kiev", "Kyiv").replace("Odessa", "Odesa")
    a, b = of_text("a", text), of_text("b", respelt)
    assert a.words.values.tolist() == b.words.values.tolist()
    assert stories_of(a, b) == [{"a", "b"}]


def test_a_background_paragraph_under_many_reports_makes_no_story() -> None:
    background = prose(99, 90)
    assert stories_of(*(of_text(f"a{i}", prose(i, 80) + "\n" + background) for i in range(120))) == []


def test_a_text_printed_by_a_hundred_outlets_is_one_story() -> None:
    text = prose(7, 200)
    prints = [of_text(f"a{i}", text + f"\n{prose(1000 + i, 10)}") for i in range(100)]
    assert stories_of(*prints) == [{one.article for one in prints}]


def test_notices_of_one_form_are_told_apart_by_their_headlines() -> None:
    form = "Qtly div 15 cts vs 15 cts prior. Pay April 30. Record April 14"
    assert stories_of(of_text("a", form, title="BRAY MILLS CORP SETS REGULAR PAYOUT FOR SPRING QUARTER"),
                      of_text("b", form, title="COLDWATER TRUST HOLDING DECLARES USUAL DIVIDEND AGAIN"),
                      of_text("c", "Blah blah", title="Fog closes Westmere airport"),
                      of_text("d", "Blah blah", title="Torvald to lead ferry inquiry")) == []


def test_two_tables_of_rates_are_no_rewrites_of_one_another() -> None:
    rates = [f"{6 + i // 8}-{i % 8 * 2 + 1}/16" for i in range(30)]
    morning = " ".join(f"{word} {rate}" for word, rate in zip(prose(20, 30).lower().split(), rates, strict=True))
    noon = " ".join(f"{word} {rate}" for word, rate in zip(prose(21, 30).lower().split(), rates, strict=True))
    assert stories_of(of_text("a", morning), of_text("b", noon)) == []


def test_the_story_has_its_name_from_the_article_printed_first() -> None:
    with Stories(":memory:") as stories:
        stories.add([(1, of_text("late", FERRY, "2023-05-19")), (2, of_text("undated", FERRY, None))])
        assert stories.story_of(2) == story_id("late")
        stories.add([(3, of_text("z", FERRY, "2023-05-18")), (4, of_text("y", FERRY, "2023-05-18"))])
        assert {stories.story_of(number) for number in (1, 2, 3, 4)} == {story_id("y")}
        assert stories.members(story_id("y")) == [4, 3, 1, 2]
        with pytest.raises(KeyError):
            stories.members(story_id("late"))


def test_changed_tells_what_changed_since_the_last_publication() -> None:
    with Stories(":memory:") as stories:
        stories.add([(1, of_text("b", FERRY)), (2, of_text("other", prose(5)))])
        assert changed(stories) == {}
        stories.publish()
        stories.add([(3, of_text("a", FERRY))])
        assert changed(stories) == {1: story_id("a"), 3: story_id("a")}
        stories.publish()
        assert changed(stories) == {}
        stories.remove([3])
        assert changed(stories) == {1: None}
        stories.add([(3, of_text("a", FERRY))])
        assert changed(stories) == {3: story_id("a")}


def test_where_another_generation_was_published_all_stories_are_told(tmp_path: Path) -> None:
    with Stories(tmp_path / "stories.db") as stories:
        stories.add([(1, of_text("b", FERRY)), (2, of_text("a", FERRY)), (3, of_text("other", prose(5)))])
        stories.publish("7")
        assert stories.believe("7")
        assert not len(stories.changed())
        assert not stories.believe("8")
        assert stories.changed().is_all
        assert changed(stories) == {1: story_id("a"), 2: story_id("a")}
        stories.publish("8")
        stories.add([(4, of_text("fourth", prose(6)))])
    with Stories(tmp_path / "stories.db") as stories:
        assert not stories.believe("8")             # the fourth came after it


def test_stories_and_what_is_unpublished_survive_closing(tmp_path: Path) -> None:
    with Stories(tmp_path / "stories.db") as stories:
        stories.add([(1, of_text("b", FERRY)), (2, of_text("other", prose(5)))])
        stories.publish()
        stories.add([(3, of_text("a", FERRY))])
    with Stories(tmp_path / "stories.db") as stories:
        assert len(stories) == 3
        assert 3 in stories
        assert changed(stories) == {1: story_id("a"), 3: story_id("a")}
        assert stories.members(story_id("a")) == [3, 1]
        stories.remove([3])
        assert stories.story_of(1) == story_id("b")


@pytest.mark.parametrize(("number", "article", "complaint"), [
    pytest.param(1, "b", "number 1 is there already", id="number taken"),
    pytest.param(2, "a", "number 1 is there already", id="article id taken"),
    pytest.param(1 << 32, "b", "is not in 0 to 4294967295", id="number too large"),
])
def test_a_number_or_id_stands_once(number: int, article: str, complaint: str) -> None:
    with Stories(":memory:") as stories:
        stories.add([(1, of_text("a", FERRY))])
        with pytest.raises(StoriesError, match=complaint):
            stories.add([(number, of_text(article, FERRY))])
        assert len(stories) == 1


def test_removing_what_is_not_there_changes_nothing() -> None:
    with Stories(":memory:") as stories:
        stories.remove([5])
        assert len(stories) == 0
        with pytest.raises(KeyError):
            stories.story_of(5)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "old.db") as file:
        file.execute("PRAGMA user_version = 999")
    file.close()
    with pytest.raises(StoriesError, match=r"version 999.*delete it and index again"):
        Stories(tmp_path / "old.db")


@pytest.fixture
def filed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set of stories most of whose keys are in files."""
    monkeypatch.setattr(holders, "FILED", 30)
    with Stories(tmp_path / "stories.db") as stories:
        stories.add([(1, of_text("a", FERRY)), (2, of_text("b", FERRY)), (3, of_text("other", prose(5)))])
    return tmp_path / "stories.db"


def test_what_a_killed_writer_left_of_files_of_keys_goes_when_the_stories_are_opened(filed: Path) -> None:
    there = set(filed.parent.iterdir())
    assert any(path.name.endswith(".codes") for path in there)
    (filed.parent / "stories.db-keys-0123456789abcdef.codes").write_bytes(b"half")
    with Stories(filed) as stories:
        assert set(filed.parent.glob("stories.db-keys-*")) <= there
        assert stories.members(story_id("a")) == [1, 2]


@pytest.mark.parametrize("damage", [
    pytest.param(Path.unlink, id="gone"),
    pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-4]), id="cut short"),
])
@pytest.mark.parametrize("kind", ["codes", "numbers"])
def test_files_of_keys_that_are_not_whole_are_refused(filed: Path, kind: str,
                                                      damage: Callable[[Path], object]) -> None:
    damage(next(filed.parent.glob(f"*.{kind}")))
    with pytest.raises(StoriesError, match=r"stories\.db and index again"):
        Stories(filed)


def test_keys_of_articles_that_are_not_there_are_refused(filed: Path) -> None:
    path = next(filed.parent.glob("*.numbers"))
    path.write_bytes(b"\x63\0\0\0" * (path.stat().st_size // 4))
    with Stories(filed) as stories, pytest.raises(StoriesError, match="articles that are not there: delete it"):
        stories.add([(4, of_text("d", FERRY))])


def test_a_fingerprint_comes_back_from_its_bytes() -> None:
    for one in (of_text("a", FERRY), of_text("é", "", None), of_text("long", prose(1, 3000))):
        again = Fingerprint.from_bytes(one.to_bytes())
        assert (again.article, again.day) == (one.article, one.day)
        for left, right in ((one.words, again.words), (one.rare, again.rare)):
            assert (left.limit, left.runs) == (right.limit, right.runs)
            assert left.values.tolist() == right.values.tolist()
            assert left.eighths.tolist() == right.eighths.tolist()
    with pytest.raises(ValueError, match="ends after"):
        Fingerprint.from_bytes(of_text("a", FERRY).to_bytes()[:60])


def test_fingerprints_side_by_side_are_those_one_by_one() -> None:
    some = [of_text("a", FERRY), of_text("é", "", None), of_text("long", prose(1, 3000)), of_text("b", "No names.")]
    prints = Prints.of([(number, one.to_bytes()) for number, one in enumerate(some, 5)])
    assert [article.decode() for article in prints.articles] == [one.article for one in some]
    assert [int(digest).to_bytes(8, "little").hex() for digest in prints.digests] == [story_id(one.article)
                                                                                      for one in some]
    assert prints.days.tolist() == [UNDATED if one.day is None else one.day for one in some]
    for name in ("words", "rare"):
        together, alone = getattr(prints, name), [getattr(one, name) for one in some]
        assert [together.values[start:start + size].tolist() for start, size in
                zip(together.starts.tolist(), together.sizes.tolist(), strict=True)] == [
                    one.values.tolist() for one in alone]
        assert together.limits.tolist() == [one.limit for one in alone]
        assert together.runs.tolist() == [one.runs for one in alone]
    part = prints.take(np.array([2, 0]))
    assert (part.numbers.tolist(), part.packed) == ([7, 5], [some[2].to_bytes(), some[0].to_bytes()])
    for cut in (20, 60, -20):
        with pytest.raises(ValueError, match="a fingerprint"):
            Prints.of([(1, some[0].to_bytes()), (2, some[2].to_bytes()[:cut])])


def test_keys_are_the_lowest_hashes() -> None:
    some = [of_text("a", FERRY), of_text("none", ""), of_text("long", prose(1, 3000)), of_text("b", "No names at all.")]
    keys = entries(Prints.of([(number, one.to_bytes()) for number, one in enumerate(some)]))
    assert list(zip(keys.keys.tolist(), keys.numbers.tolist(), keys.ranks.tolist(), strict=True)) == [
        (key, number, word_hash(one.article) & 0xFFFFFFFF) for number, one in enumerate(some) for key in (
            *(value & ~1 for place, value in enumerate(one.words.values.tolist()) if place < 16 or value < 1 << 28),
            *(value | 1 for value in (one.rare.values.tolist()[:24] if one.rare.runs >= 14 else ())))]


def test_the_values_below_a_limit_are_counted() -> None:
    values = np.array([3, 5, 9, 1, 3, 7], np.uint32)
    sketches = Sketches(values, np.array([0, 3, 3]), np.array([3, 0, 3]), np.full(3, FULL), np.array([3, 0, 3]))
    places, asked = np.repeat(np.arange(3), 11), np.tile(np.arange(11), 3)
    held = [[3, 5, 9], [], [1, 3, 7]]
    assert sketches.below(places, asked).tolist() == [sum(one < limit for one in own) for own in held
                                                      for limit in range(11)]


def test_names_and_numbers_are_rare_words_and_sentence_starts_are_not() -> None:
    vocabulary = Vocabulary()
    text = 'The mayor of Kyiv met 30 envoys. Later Popko spoke: "Kyiv holds," he told the BBC on Friday.\nOdesa too.'
    numbers = vocabulary.numbers(text)
    rare = rare_words(vocabulary.kinds[numbers])
    assert [vocabulary.printed[n] for n, is_rare in zip(numbers, rare, strict=True) if is_rare] == [
        "Kyiv", "30", "Popko", "BBC", "Friday"]


def test_the_shared_sample_texts_fall_into_stories_as_they_should() -> None:
    folder = Path(__file__).parents[2] / "shared" / "seeds"
    if not folder.is_dir():
        pytest.skip("the sample texts are not on this machine")
    prints = [of_text(path.name[:3], path.read_text(encoding="utf-8"), None) for path in sorted(folder.glob("*.txt"))]
    assert stories_of(*prints) == [{"000", "001"}]
    reworded = [re.sub("Kiev", "Kyiv", path.read_text(encoding="utf-8")) for path in sorted(folder.glob("000*"))]
    assert stories_of(prints[0], of_text("respelt", reworded[0], None)) == [{"000", "respelt"}]
