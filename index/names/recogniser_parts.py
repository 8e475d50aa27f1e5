"""What a run of capitalised words is by itself: its names, each with evidence for its type.

Nothing here looks at the text around the run, nor at more of a word than its class, so runs of the same classes are
analysed once. Each rule gives the names of a stretch, or None if it does not apply; the first that applies decides.
"""

from __future__ import annotations

from index.names.recogniser_classes import CREEDS, DIVISIONS, HALL_OF_FAME, JOINTS
from index.names.recogniser_lexicon import NO_SCORES, NOTHING, Bit, Scores
from index.names.recogniser_persons import is_head_surname, person_scores, titled
from index.names.recogniser_run import Part, Run

ACRONYM = 1.5
"""Evidence for an organisation in an unknown acronym of three letters and more."""
LONGEST_PLACE = 5
"""Words of the longest name looked up inside a run."""

_ORGANISATION: Scores = (-2.0, -1.0, 4.0)
_WEAK: Scores = (-2.0, -1.0, 0.9)
_COMPANY: Scores = (-3.0, -2.0, 6.0)
_PLACE: Scores = (-2.0, 4.0, -1.0)
_HEADS = Bit.ORG_HEAD | Bit.PLACE_HEAD
_NOT_ALONE = Bit.DEMONYM | Bit.MISC_HEAD | Bit.NOT_ALONE | Bit.INITIAL | Bit.ORG_SUFFIX
_PARTS_OF_NAMES = Bit.TITLE_MODIFIER | Bit.PLACE_PRE | Bit.COMPASS | _HEADS
"""Words that may begin a longer name than the listed one: New | Democratic Party."""
_KEPT = Bit.ORG_PRE | Bit.TITLE | Bit.GIVEN | Bit.PLACE_PRE | Bit.COMPASS | Bit.ORG_OF | Bit.DEMONYM
"""What saves the first word of a sentence from being dropped."""


def analyse(run: Run, opens: bool) -> list[Part]:
    """The names in one run. `opens`: the run begins a sentence, its first word may be no name."""
    return _parts(run, 0, len(run.flags), opens)


def _parts(run: Run, start: int, end: int, opens: bool) -> list[Part]:
    start, end = run.trim(start, end)
    if end - start <= 1:
        return _single(run, start) if start < end else []
    scores = run.known(start, end)
    if scores is not None:
        return run.part(start, end, scores)
    if opens and _is_dropped(run, start, end):
        return _parts(run, start + 1, end, False)
    for rule in (_suffixed, _club, _apart, _titled, _joined, _headed, _side_by_side):
        found = rule(run, start, end)
        if found is not None:
            return found
    return _plain(run, start, end)


def _is_dropped(run: Run, start: int, end: int) -> bool:
    """Whether the first word of a sentence is no part of the name after it."""
    if not run.has(start, Bit.COMMON) or run.has(start, _KEPT):
        return False
    if run.has(start, Bit.PAST):
        return True
    heads = run.has(end - 1, _HEADS) or any(
        run.has(at, Bit.ORG_OF) and run.has(at, Bit.CAPITAL) for at in range(start + 1, end))
    return not heads


def _single(run: Run, at: int) -> list[Part]:
    flags, listed = run.flags[at], run.classes[at].listed
    headed = flags & (_HEADS | Bit.TITLE | Bit.TITLE_MODIFIER)
    if listed is NOTHING or (flags & _NOT_ALONE and listed is NO_SCORES):
        return []
    if flags & Bit.COMMON and headed and max(listed) < 3:
        return []
    person, place, organisation = run.known(at, at + 1) or NO_SCORES
    sure = max(person, place, organisation)
    if place == 2 and flags & (Bit.SURNAME | Bit.GIVEN):
        place = 1.0
    own = 0.8 * bool(flags & Bit.SURNAME) + 0.4 * bool(flags & Bit.GIVEN)
    if flags & Bit.COMMON and not flags & Bit.UPPER:
        own /= 2
        if flags & Bit.TEAM and organisation == 4:
            organisation = 1.0
        elif sure < 3 and not organisation:
            person, place, organisation = person - 1, place - 2, organisation - 1
    elif flags & Bit.ACRONYM and (sure < 2 or (sure == 2 and flags & Bit.SHORT)):
        own, person, place = 0.0, -1.0, -1.0
        organisation = ACRONYM if flags & Bit.LETTERS and not flags & Bit.COMMON else 0.3
    elif flags & Bit.GIVEN and not sure:
        own = 1.1
    if headed and sure < 3:
        person, place, organisation = person - 1, place - 1, organisation - 1
    return run.part(at, at + 1, (person + own, place, organisation), fixed=False)


def _suffixed(run: Run, start: int, end: int) -> list[Part] | None:
    """Acme Holdings Ltd; the person before *of* apart: Jane Doe of Acme Ltd."""
    if not run.has(end - 1, Bit.ORG_SUFFIX):
        return None
    if run.has(start, Bit.GIVEN):
        for at in range(start + 2, min(start + 4, end)):
            if run.word(at) == "of":
                return run.part(start, at, (4.0, -2.0, -2.0)) + _parts(run, at + 1, end, False)
    return run.part(start, end, _COMPANY)


def _club(run: Run, start: int, end: int) -> list[Part] | None:
    """A place and a team or a newspaper: Boston Red Sox, Perth Dockers, Houston Post."""
    for at in range(start + 1, end):
        if not run.is_place(start, at, 2):
            continue
        team = run.known(at, end)
        if (team is not None and team[2] >= 4 and (at < end - 1 or run.has(at, Bit.TEAM))) or run.has(
                end - 1, Bit.NEWSPAPER):
            return run.part(start, end, _COMPANY)
        if at == end - 1 and team is None and run.has(at, Bit.CLUB):
            return run.part(start, end, (-2.0, -1.0, 2.5), fixed=False)
    return None


def _apart(run: Run, start: int, end: int) -> list[Part] | None:
    """A well-known name and a word before it that is no part of it: Biden | White House, Russian | Duma."""
    at = start + 1
    scores = run.known(at, end)
    if scores is None or max(scores) < 4:
        return None
    if run.has(start, Bit.DEMONYM):
        if run.word(start) in CREEDS and run.has(end - 1, Bit.ORG_HEAD):
            return None
    elif end - at < 2 or run.has(start, _PARTS_OF_NAMES):
        return None
    else:
        place = run.known(start, at)
        if place is not None and place[1] < 4:
            return None
    return _parts(run, start, at, False) + run.part(at, end, scores)


def _titled(run: Run, start: int, end: int) -> list[Part] | None:
    """Deputy Foreign Minister Jan Novak: what stands before the title, and the person after it."""
    found = titled(run, start, end)
    if found is None:
        return None
    before, first = found
    left = _parts(run, start, before, False) if before > start else []
    return left + run.part(first, end, (5.0, -2.0, -2.0), fixed=end - first > 1)


def _joined(run: Run, start: int, end: int) -> list[Part] | None:
    """Names with *of*: one name if a head stands before it, else two."""
    for at in range(start + 1, end - 1):
        if run.word(at) not in JOINTS or run.has(at, Bit.CAPITAL):
            continue
        head = run.flags[at - 1]
        rest = at + 2 if run.word(at + 1) == "the" else at + 1
        if (run.word(at - 1), run.word(at), run.word(at + 1)) == HALL_OF_FAME:
            return run.part(start, at + 2, _ORGANISATION if at - 1 > start else NOTHING) + _parts(
                run, at + 2, end, False)
        if head & Bit.ORG_OF:
            return _of(run, start, at, rest, end)
        if run.word(at) != "of":
            continue
        if run.has(start, Bit.GIVEN) and 2 <= at - start <= 3 and not head & _HEADS:
            return run.part(start, at, (4.0, -2.0, -2.0)) + _parts(run, rest, end, False)
        if head & Bit.TITLE or run.word(at - 1) in DIVISIONS:
            left = _parts(run, start, at - 1, False) if at - 1 > start else []
            return left + _parts(run, rest, end, False)
        if head & Bit.PLACE_HEAD:
            if at - start > 1 and run.is_place(rest, end, 2):
                return run.part(start, at, _PLACE) + _parts(run, rest, end, False)
            return run.part(start, end, (-3.0, 4.0, 0.0))
        if head & Bit.MISC_HEAD:
            return run.part(start, end, NOTHING)
        if head & Bit.ORG_HEAD:
            if run.is_place(rest, end, 2) and not run.is_place(rest, end, 4):
                return run.part(start, at, _ORGANISATION) + _parts(run, rest, end, False)
            return run.part(start, end, _ORGANISATION)
        return _parts(run, start, at, True) + _parts(run, rest, end, False)
    return None


def _of(run: Run, start: int, at: int, rest: int, end: int) -> list[Part]:
    """Ministry of Trade is one name, IV Corps | of the Army of the Potomac two."""
    apart = rest == at + 2 and end - rest > 2 and run.has(end - 1, Bit.ORG_HEAD)
    for later in range(rest + 1, end - 1):
        apart |= run.word(later) == "of" and run.has(later - 1, Bit.ORG_OF)
    if apart:
        left = _parts(run, start, at, False) if at - start > 1 else []
        return left + _parts(run, rest, end, False)
    return run.part(start, end, (-3.0, -1.0, 5.0))


def _headed(run: Run, start: int, end: int) -> list[Part] | None:
    """Names whose last or first word tells their type."""
    first, last = run.flags[start], run.flags[end - 1]
    if last & Bit.PERSON_SUFFIX and run.has(end - 2, Bit.MISC_HEAD | _HEADS):
        last = run.flags[end - 2]
    if is_head_surname(run, start, end):
        return None
    if last & Bit.DEMONYM:
        end -= 1
        while end > start and run.has(end - 1, Bit.COMPASS | Bit.DEMONYM):
            end -= 1
        return _parts(run, start, end, False)
    if last & Bit.MISC_HEAD and not last & Bit.SURNAME:
        return run.part(start, end, NOTHING)
    if last & Bit.NATIONAL_HEAD and first & Bit.DEMONYM and end - start > 2:
        return run.part(start + 1, end, _ORGANISATION)
    if last & Bit.ORG_HEAD and not (last & Bit.TITLE and not last & Bit.ORG_OF):
        if last & Bit.WEAK_HEAD and all(flags & Bit.COMMON for flags in run.words(start, end)):
            return run.part(start, end, _WEAK, fixed=False)
        person = last & Bit.SURNAME and first & Bit.GIVEN and not last & Bit.COMMON
        return None if person else run.part(start, end, _ORGANISATION)
    if last & Bit.PLACE_HEAD or (first & Bit.COMPASS and run.known(start + 1, end) is not None):
        return run.part(start, end, _PLACE)
    return None


def _side_by_side(run: Run, start: int, end: int) -> list[Part] | None:
    """Nothing but listed names, or a well-known one and what follows it (a hyphen between names is no token)."""
    found: list[Part] = []
    at = start
    while at < end:
        for stop in range(min(end, at + LONGEST_PLACE), at, -1):
            scores = run.known(at, stop)
            if scores is not None and max(scores) >= (2 if stop > at + 1 else 3):
                found += run.part(at, stop, scores, fixed=stop > at + 1)
                at = stop
                break
        else:
            known = len(found) == 1 and max(found[0].scores) >= 4 and not run.has(at - 1, Bit.COMPASS)
            return found + _parts(run, at, end, False) if known else None
    return found


def _plain(run: Run, start: int, end: int) -> list[Part]:
    """Names without a head: a person, or unknown."""
    if run.has(start, Bit.DEMONYM):
        return _parts(run, start + 1, end, False)
    if run.has(start, Bit.ORG_PRE) and not run.has(start + 1, Bit.COMMON):
        return run.part(start, end, (-2.0, -1.0, 3.0))
    while end - start > 1 and run.has(end - 1, Bit.TITLE) and not run.has(end - 1, Bit.SURNAME):
        end -= 1
    if end - start == 1:
        return _single(run, start)
    if all(flags & Bit.INITIAL for flags in run.words(start, end)):
        return []
    if run.has(start, Bit.PLACE_HEAD) and run.has(start, Bit.PLACE_PRE):
        return run.part(start, end, (-1.0, 3.0, -1.0), fixed=False)
    return run.part(start, end, person_scores(run, start, end), fixed=False)
