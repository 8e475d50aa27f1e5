"""Cleaning: each rule cuts its fault and leaves sentences alone; laws that hold for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.cleaning import RULES, cleaned, cuts
from index.cleaning.credits import AGENCIES, TAGS
from index.cleaning.lines import BARE
from index.cleaning.lists import COMMENTS, PROMPTS, SHARE
from index.readers import ReadOptions, read

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
P1 = "The ferry company said on Monday that it would resume crossings before the end of the week."
P2 = "Two of the three piers were closed after the storm, and repairs had taken longer than planned."
P3 = "A spokeswoman for the harbour office would not say who is going to pay for the damage done."
FILLER = " ".join(f"Crossing number {number} was cancelled." for number in range(20))


def found(text: str) -> list[tuple[str, str]]:
    return [(cut.rule, text[cut.start:cut.end]) for cut in cuts(text)]


@pytest.mark.parametrize(("rule", "before", "fault", "after"), [
    pytest.param("repeated-block", f"{P1}\n\n{P2}\n\n{P3}\n\n", f"{P1}\n\n{P2}", f"\n\nSomething new. {P1}",
                 id="pasted twice"),
    pytest.param("repeated-block", f"{P1}\n\n{P2}\n\n{P3}\n\n", f"Ferries resume\n\n{P1}\n\n{P2}\n\n{P3}", "",
                 id="title pasted too"),
    pytest.param("repeated-block", f"{P1}\n{P2}\n{P3}\n", f"{P1}\n{P2[:60]}", "", id="second copy breaks off"),
    pytest.param("repeated-block", f"{P1} {P2} {P3} {FILLER} ", f"{P1} {P2} {P3}", " The end.",
                 id="sentences repeated in one line"),
    pytest.param("share-buttons", f"{P1}\n", "Share this article\nFacebook\nWhatsApp", f"\n{P2}", id="share list"),
    pytest.param("share-buttons", f"{P1}\n\n", "What's Your Reaction?\n\nlike\n\nangry\n\nwow", "", id="reactions"),
    pytest.param("comment-prompt", f"{P1}\n\n", "Leave a Reply\n\nYour email address will not be published. "
                 "Required fields are marked *", "", id="reply form"),
    pytest.param("comment-prompt", f"{P1}\n", "Залишити коментар", "", id="Ukrainian prompt"),
    pytest.param("page-furniture", f"{P1}\n\n", "Advertisement", f"\n\n{P2}", id="advertisement"),
    pytest.param("page-furniture", f"{P1}\n\n", "Sign up for our morning newsletter", f"\n\n{P2}", id="newsletter"),
    pytest.param("page-furniture", f"{P1}\n\n", "Copyright © 2021 Harbour Post, LLC. All rights reserved.", "",
                 id="copyright"),
    pytest.param("related-headlines", f"{P1}\n\n", "READ MORE: Storm closes the northern piers", f"\n\n{P2}",
                 id="pointer"),
    pytest.param("related-headlines", f"{P1}\n", "- Storm Closes Northern Piers for Repairs\n"
                 "- Harbour Office Names New Director After Review", "", id="list at the end"),
    pytest.param("photo-credit", "", "ImageA ferry waits at the pier.Credit...Ann Lee for Harbour Post", f"\n{P1}",
                 id="caption and credit glued"),
    pytest.param("photo-credit", f"{P1} ", "(AP Photo/Ann Lee)", f" {P2}", id="credit in brackets"),
    pytest.param("photo-credit", f"{P1}\n", "The ferry at the northern pier\nThe ferry at the northern pier Twitter",
                 f"\n{P2}", id="caption printed twice"),
    pytest.param("photo-credit", f"{P1}\n", "A pier destroyed by the storm in North Bay Wikimedia Commons",
                 f"\n{P2}", id="caption with its source"),
    pytest.param("contributor-line", f"{P1}\n", "Ann Lee, Bo Carr and Cy Dow contributed reporting.", "",
                 id="own line"),
    pytest.param("contributor-line", f"{P1} ", "Harbour Post's Ann B. Lee contributed to this report.", "",
                 id="last sentence"),
    pytest.param("contributor-line", f"{P1}\n\n", "(Reporting by Ann Lee; Editing by Bo Carr)", "", id="agency's desk"),
    pytest.param("agency-tag", f"{P1} ", "Reuters", "", id="tag"),
    pytest.param("agency-tag", f"{P1} ", "(AFP)", "", id="tag in brackets"),
])
def test_a_rule_cuts_its_fault_and_nothing_else(rule, before, fault, after):
    assert found(before + fault + after) == [(rule, fault)]


@pytest.mark.parametrize("text", [
    pytest.param(f"{P1}\n\n{P2}\n\n{P3}", id="plain article"),
    pytest.param("No official was available for\ncomment.\nThe harbour stays closed, sources told\nReuters.",
                 id="broken lines"),
    pytest.param("The list of needs:\n- Twelve Tonnes of Wheat\n- Three Hundred Metres of Rope",
                 id="a list the text announces"),
    pytest.param("The firm contributed to this report's delay by refusing every request it was sent.",
                 id="contributed"),
    pytest.param("He asked readers to share this. Nobody did, and the page was closed.", id="share in a sentence"),
    pytest.param("The picture was sold by Getty Images to three papers last year.", id="Getty in a sentence"),
    pytest.param("Yes, he said.\nNo, she said.\nYes, he said.", id="short lines may repeat"),
    pytest.param("Officials who asked not to be named told Reuters\nthat the pier was closed.", id="told Reuters"),
    pytest.param("", id="empty"),
])
def test_sentences_of_the_article_stay(text):
    assert found(text) == []


@pytest.mark.parametrize("agency", [agency for agency in AGENCIES if agency != "Getty Images"])
def test_a_caption_is_cut_with_any_agency_in_brackets_behind_it(agency: str) -> None:
    caption = f"A pier destroyed in North Bay ({agency})"
    assert found(f"{P1}\n{caption}\n{P2}") == [("photo-credit", caption)]


@pytest.mark.parametrize("tag", [*TAGS, "(With inputs from ANI)"])
@pytest.mark.parametrize("form", ["{}", "({}).", "/{}/ \n", "[{}]."])
def test_any_agency_alone_at_the_end_is_cut(tag: str, form: str) -> None:
    assert found(f"{P1} {form.format(tag)}") == [("agency-tag", form.format(tag).strip())]


@pytest.mark.parametrize(("rule", "names"), [
    ("share-buttons", SHARE), ("comment-prompt", COMMENTS - PROMPTS), ("page-furniture", PROMPTS - COMMENTS)])
def test_listed_lines_are_cut_with_the_marks_around_them(rule: str, names: frozenset[str]) -> None:
    for name in names:
        for line in (name.upper(), f"* {name.capitalize()} …", f"{name.capitalize()}:", f"{name.upper()}{'!' * 30}"):
            if len(line) <= BARE and name.upper().lower() == name:
                assert found(f"{P1}\n{line}\n{P2}") == [(rule, line)]


def test_one_fault_behind_another_is_found_too():
    text = f"{P1} Reuters\n- Storm Closes Northern Piers for Repairs\n- Harbour Office Names New Director\nComments"
    assert [rule for rule, _ in found(text)] == ["agency-tag", "related-headlines", "comment-prompt"]
    assert cleaned(text, cuts(text)).strip() == P1


PIECES = st.sampled_from([
    P1, P2, P3, P1[:70], "Share", "Tweet", "Advertisement", "Comments", "Reuters", "(AP Photo/Ann Lee)", "told", "x",
    "like", "ImageA pier.Credit...Ann Lee", "Read more: Storm closes piers", "- Storm Closes Northern Piers",
    "Київ і Одеса", "Ann Lee contributed to this report.", "What's Your Reaction?"])
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["\n", "\n\n", " ", "", ".\n", " \n \t"])), max_size=30).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)) | st.text(max_size=300)


@given(TEXTS)
@settings(deadline=None)
def test_cuts_are_in_order_disjoint_and_inside_the_text(text):
    at = 0
    for cut in cuts(text):
        assert at <= cut.start < cut.end <= len(text)
        assert text[cut.start:cut.end].strip() == text[cut.start:cut.end]
        assert cut.rule in dict(RULES)
        at = cut.end


@given(TEXTS)
@settings(deadline=None)
def test_what_is_clean_stays_as_it_is(text):
    assert cuts(cleaned(text, cuts(text))) == ()


@pytest.mark.parametrize("piece", [
    pytest.param("Advertisement\n", id="prompts"), pytest.param("Credit... ", id="credits"),
    pytest.param("Photo (Photo ", id="brackets"), pytest.param(f"{P1}\n", id="copies"),
    pytest.param(f"{P1}\n{{}}\n", id="copies with seams"), pytest.param("Share\nx\n", id="buttons"),
    pytest.param("A contributed to this report. ", id="contributors")])
def test_a_text_of_faults_alone_takes_no_unreasonable_number_of_steps(piece):
    text = "".join(piece.format(number) for number in range(400_000 // len(piece)))
    assert all(cut.end <= len(text) for cut in cuts(text))


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five sample texts are not beside this copy of the project")
@pytest.mark.parametrize(("number", "rules", "share"), [
    pytest.param("000", ["photo-credit", "repeated-block", "share-buttons"], (0.45, 0.60), id="000"),
    pytest.param("001", ["contributor-line"], (0.0, 0.03), id="001"),
    pytest.param("002", ["comment-prompt"], (0.0, 0.06), id="002"),
    pytest.param("003", ["agency-tag", "related-headlines", "comment-prompt"], (0.05, 0.20), id="003"),
    pytest.param("004", ["photo-credit", "photo-credit"], (0.02, 0.12), id="004"),
])
def test_faults_of_the_sample_texts_are_cut(number, rules, share):
    [path] = SEEDS.glob(f"{number}_*.txt")
    [article] = read([str(path)], ReadOptions())
    found = cuts(article.text)
    assert [cut.rule for cut in found] == rules
    assert share[0] <= sum(cut.end - cut.start for cut in found) / len(article.text) <= share[1]
    lines = [line for line in cleaned(article.text, found).split("\n") if line.strip()]
    assert len(lines) == len(set(lines))
