"""A searcher by brute force: the oracle that the product's answers are held against.

It goes through the analysed articles one by one, in plain Python, and reads no segment. It shares with the product the
analysis of articles, the parser and the plan, and nothing after these.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import DamerauLevenshtein

from index.analysis.analyzer import Analyzer, word_term
from index.analysis.normal import exact_form, normal_form
from index.analysis.tokenizer import is_word, tokens
from index.article import Article
from index.builder import article_key
from index.names.folding import keys, same_person
from index.names.registry import Names
from index.similar import may_be_name
from search import plan as p
from search.opened import KINDS
from search.request import EntityOp, Filters, Group, Interval, SearchRequest, Sort, Undated
from search.response import NO_BUCKETS, Bucket, Buckets, Facet

K1, B, TITLE_WEIGHT = 1.2, 0.75, 3
Asked = set[tuple[str, frozenset[str] | None]]
"""The terms of the names asked for, each held to some printed forms or not."""


@dataclass(frozen=True)
class Row:
    """One analysed article. `places`: (term, start, end, printed form, in the title?) of every word and name."""

    article: Article
    places: list[tuple[str, int, int, str, bool]]
    entities: set[str]
    story: object
    length: int

    def printed(self, name: str, forms: frozenset[str] | None = None) -> set[str]:
        return {form for term, _, _, form, _ in self.places if term == name and (forms is None or form in forms)}

    def prints(self, form: str) -> bool:
        """Whether the words of an exact form stand side by side, whatever they mean here."""
        words = {start: form for term, start, _, form, _ in self.places if not term.startswith("@")}
        wanted = form.split()
        return bool(wanted) and any(all(words.get(start + i) == word for i, word in enumerate(wanted))
                                    for start in words)


@dataclass(frozen=True)
class Spelt:
    """What the spelling facet counts: names asked for, and forms that were asked for alone."""

    names: Asked
    exact: set[str]


@dataclass(frozen=True)
class Answer:
    """All matching rows in order (grouped: the first of each story), counts, facets and expansions."""

    rows: list[Row]
    scores: list[float]
    total: int
    stories: int
    facets: dict[str, Facet]
    expansions: list[tuple[str, str | None, dict[str, int]]]


Passing = Mapping[str | None, list[Row]]
"""The matching rows that pass all groups of filters but one."""


class Oracle:
    """Answers over articles in memory. `stories`: id → anything that is equal within a story.

    `label`: how an entity is labelled, which decides between buckets of the same count.
    """

    def __init__(self, names: Names, articles: Iterable[Article], stories: Mapping[str, object] | None = None,
                 analyzer: Analyzer | None = None) -> None:
        self.names = names
        self.label: Callable[[str], str] = lambda id: id
        self._known: dict[SearchRequest, tuple[Answer, Passing]] = {}
        analyzer = analyzer if analyzer is not None else Analyzer(names)
        self.rows = [self._row(analyzer, article, (stories or {}).get(article.id, article.id)) for article in articles]
        self.average = sum(row.length for row in self.rows) / len(self.rows) if self.rows else 1.0

    def _row(self, analyzer: Analyzer, article: Article, story: object) -> Row:
        found = analyzer.analyse(article)
        vocabulary, title = analyzer.vocabulary, found.title_words
        places = []
        for number, word, at in zip(found.numbers.tolist(), found.words.tolist(), found.positions.tolist(),
                                    strict=False):
            if word:
                form = vocabulary.exact[number]
                places.append((word_term(vocabulary.normal[number]), at, at + 1, form, at < title))
        words = len(places)
        for match in found.matches:
            at = int(found.positions[match.start])
            length = int(found.words[match.start : match.end].sum())
            places.append(("@" + match.name, at, at + length, match.spelling, at < title))
        entities = {mention.entity for mention in found.mentions}
        return Row(article, places, entities, story, words + (TITLE_WEIGHT - 1) * title)

    def _similar(self, normal: str) -> list[str]:
        """Other printed forms of a name no file knows: words with a capital, held against it one by one."""
        printed = Counter(form for row in self.rows for form in {
            exact_form(token) for token in tokens(f"{row.article.title}\n{row.article.text}")
            if is_word(token) and token[0].isupper() and not token.isupper()})
        found = [form for form in printed if may_be_name(normal) and may_be_name(normal_form(form))
                 and normal_form(form) != normal and set(keys(normal)) & set(keys(normal_form(form)))
                 and same_person(normal, normal_form(form))]
        return sorted(found, key=lambda form: (-printed[form], form))[:5]

    # -- the query ----------------------------------------------------------

    def _stands(self, row: Row, alternatives: Sequence[p.Alternative], title: bool) -> set[tuple[int, int, int]]:
        """Where alternatives stand in an article: start, end and what an occurrence there is worth."""
        return {(start, end, TITLE_WEIGHT if in_title else 1)
                for alternative in alternatives for term, start, end, form, in_title in row.places
                if term == alternative.term and (alternative.forms is None or form in alternative.forms)
                and (in_title or not title)}

    def _weight(self, row: Row, side: p.Side) -> float:
        first, *others = side.clauses
        if not others:
            worths = [one.weight * sum(worth for _, _, worth in self._stands(row, [one], side.title))
                      for one in first.alternatives]
            return max(worths, default=0) if first.name is not None else sum(worths)
        chains = [(end, worth) for _, end, worth in self._stands(row, first.alternatives, side.title)]
        for clause in others:
            places = self._stands(row, clause.alternatives, side.title)
            chains = [(after, worth) for end, worth in chains for begin, after, _ in places if begin == end]
        return sum(worth for _, worth in chains)

    def _spelt(self, node: p.Starts | p.Near) -> p.Side:
        """A prefix or fuzzy word as the words of the articles that it stands for."""
        words = {(term, form) for row in self.rows for term, _, _, form, _ in row.places if not term.startswith("@")}
        if isinstance(node, p.Starts):
            words = {word for word in words if word[1].startswith(node.prefix)}
        else:
            words = {word for word in words if word[1][:1] == node.word[:1]
                     and DamerauLevenshtein.distance(word[1], node.word) <= node.distance}
        alternatives = tuple(p.Alternative(term, "", frozenset([form])) for term, form in words)
        return p.Side((p.Clause(node.typed, alternatives),), node.title)

    def match(self, node: p.PlanNode) -> dict[int, float]:
        """Row number → score."""
        everything = dict.fromkeys(range(len(self.rows)), 0.0)
        match node:
            case p.Without():
                return {number: 0.0 for number in everything if number not in self.match(node.node)}
            case p.Either():
                found: dict[int, float] = {}
                for child in node.nodes:
                    for number, score in self.match(child).items():
                        found[number] = found.get(number, 0.0) + score
                return found
            case p.All():
                for child in node.nodes:
                    part = self.match(child)
                    everything = {number: score + part[number] for number, score in everything.items()
                                  if number in part}
                return everything
            case p.Side() if not node.clauses:
                return everything
            case p.Side() | p.Starts() | p.Near():
                side = node if isinstance(node, p.Side) else self._spelt(node)
                weights = {number: self._weight(row, side) for number, row in enumerate(self.rows)}
                weights = {number: weight for number, weight in weights.items() if weight}
                idf = math.log(len(self.rows) / (len(weights) + 1)) + 1 if self.rows else 1
                return {number: idf * weight * (K1 + 1) / (
                    weight + K1 * (1 - B + B * self.rows[number].length / self.average))
                    for number, weight in weights.items()}

    # -- the filters --------------------------------------------------------

    def _tests(self, request: SearchRequest, asked: Asked) -> dict[str, Callable[[Row], bool]]:
        """What an article must pass, by group of filters."""
        want, drop = request.filters, request.exclude
        printed = {form for row in self.rows for name in asked for form in row.printed(*name)}

        def prints(row: Row, spelling: str) -> bool:
            words = [token for token in tokens(spelling.replace('"', " ")) if is_word(token)]
            key = " ".join(map(exact_form, words))
            if key in printed:
                return any(key in row.printed(*name) for name in asked)
            return row.prints(key)

        def any_of(row: Row, filters: Filters) -> bool:
            return (row.article.source in filters.source or row.article.language in filters.language
                    or any(id in row.entities for id in filters.entities)
                    or any(prints(row, spelling) for spelling in filters.spelling))

        tests: dict[str, Callable[[Row], bool]] = {"date": lambda row: _in_time(row.article, request),
                                                   "exclude": lambda row: not any_of(row, drop)}
        if want.source:
            tests["source"] = lambda row: row.article.source in want.source
        if want.language:
            tests["language"] = lambda row: row.article.language in want.language
        if want.spelling:
            tests["spelling"] = lambda row: any(prints(row, spelling) for spelling in want.spelling)
        if want.entities:
            some = any if request.entity_op is EntityOp.OR else all
            tests["entity"] = lambda row: some(id in row.entities for id in want.entities)
        return tests

    # -- the answer ---------------------------------------------------------

    def answer(self, request: SearchRequest) -> Answer:
        """Everything the product says of a request, but for snippets and reasons.

        Several indexes are asked the same; what does not depend on how entities are labelled is worked out once.
        """
        if request not in self._known:
            self._known[request] = self._answer(request)
        answer, rows = self._known[request]
        return replace(answer, facets={name: self._entities(name, request, rows) if name in KINDS
                                       else answer.facets[name] for name in request.facets})

    def _answer(self, request: SearchRequest) -> tuple[Answer, Passing]:
        """The answer without the facets of entities, and the rows that pass all groups of filters but one."""
        plan = p.plan(request.q, request.match, self.names, self._similar)
        scores = self.match(plan.root)
        clauses = plan.clauses()
        asked = {(alternative.term, alternative.forms) for clause in clauses if _is_name(clause)
                 for alternative in clause.alternatives} | {("@" + id, None) for id in request.filters.entities}
        tests = self._tests(request, asked)
        passing = {group: [number for number in scores if all(test(self.rows[number]) for name, test in tests.items()
                                                             if name != group)]
                   for group in (None, "source", "language", "entity", "spelling")}
        timed = request.sort is not Sort.RELEVANCE or not _is_scored(plan.root)
        order = sorted(passing[None], key=lambda number: _rank(self.rows[number], scores[number], request.sort, timed))
        stories = {self.rows[number].story for number in order}
        if request.group is Group.STORY:
            first: dict[object, int] = {}
            for number in order:
                first.setdefault(self.rows[number].story, number)
            order = list(first.values())
        rows = {group: [self.rows[number] for number in numbers] for group, numbers in passing.items()}
        spelt = Spelt(asked, self._exactly(plan))
        facets = {name: self._facet(name, request, rows, spelt) for name in request.facets if name not in KINDS}
        return Answer([self.rows[number] for number in order], [scores[number] for number in order],
                      len(passing[None]), len(stories), facets, self._expansions(clauses, rows["spelling"])), rows

    def _expansions(self, clauses: Sequence[p.Clause], rows: list[Row]) -> list[tuple[str, str | None, dict[str, int]]]:
        found = {}
        for clause in clauses:
            if _is_name(clause):
                counts: dict[str, int] = {}
                for row in rows:
                    for form in {form for a in clause.alternatives for form in row.printed(a.term, a.forms)}:
                        counts[form] = counts.get(form, 0) + 1
                found[clause.typed, clause.name] = (clause.typed, clause.entity, counts)
        return list(found.values())

    def _exactly(self, plan: p.Plan) -> set[str]:
        """What was asked for in one spelling only, as far as it is a name or may be one."""
        typed = [[clause.typed for clause in side.clauses] for side in p.sides(plan.root, {}) if side.clauses and all(
            alternative.how == p.AS_TYPED for clause in side.clauses for alternative in clause.alternatives)]
        return {" ".join(map(exact_form, words)) for words in typed
                if self.names.lookup(" ".join(words)) or all(may_be_name(normal_form(word)) for word in words)}

    def _facet(self, name: str, request: SearchRequest, passing: Passing, spelt: Spelt) -> Facet:
        if name == "date":
            return _dates(passing[None], request)
        if name in ("source", "language"):
            chosen = {value: value for value in getattr(request.filters, name)}
            return _counted(passing[name], lambda row: _one(getattr(row.article, name)), chosen, request.facet_size)
        assert name == "spelling"
        chosen = {_key(spelling): "" for spelling in request.filters.spelling}
        printed = {form for row in self.rows for term in spelt.names for form in row.printed(*term)}
        exact = spelt.exact - printed
        return _counted(passing["spelling"], lambda row: {
            form: form for form in {form for term in spelt.names for form in row.printed(*term)}
            | {form for form in exact if row.prints(form)}}, chosen, request.facet_size)

    def _entities(self, kind: str, request: SearchRequest, passing: Passing) -> Facet:
        group = "entity" if request.entity_op is EntityOp.OR else None
        return _counted(passing[group],
                        lambda row: {id: self.label(id) for id in row.entities if id.startswith(kind + "/")},
                        dict.fromkeys(request.filters.entities, ""), request.facet_size)


def _is_scored(node: p.PlanNode) -> bool:
    if isinstance(node, p.All):
        return any(_is_scored(child) for child in node.nodes)
    return not isinstance(node, p.Without)


def _rank(row: Row, score: float, sort: Sort, timed: bool) -> tuple[float, float, int]:
    moment = row.article.moment
    newest = math.inf if moment is None else -moment
    first = (-newest if sort is Sort.OLDEST and moment is not None else newest) if timed else -score
    return first, newest, article_key(row.article.id)


def _key(spelling: str) -> str:
    return " ".join(exact_form(token) for token in tokens(spelling) if is_word(token))


def _one(value: str | None) -> dict[str, str]:
    return {value: value} if value else {}


def _in_time(article: Article, request: SearchRequest) -> bool:
    bounded = request.since is not None or request.until is not None
    undated = request.undated or (Undated.EXCLUDE if bounded else Undated.INCLUDE)
    if article.date is None:
        return undated is not Undated.EXCLUDE
    if undated is Undated.ONLY:
        return False
    return (request.since is None or _compare(article, request.since) >= 0) and (
        request.until is None or _compare(article, request.until) <= 0)


def _compare(article: Article, bound: str) -> int:
    """-1, 0, 1: the article is before, within, after the year, month, day or moment."""
    assert article.date is not None
    if len(bound) > 10:
        moment = Article("", date=bound).moment
        assert moment is not None
        assert article.moment is not None
        return (article.moment > moment) - (article.moment < moment)
    printed = article.date[: len(bound)]
    return (printed > bound) - (printed < bound)


def _counted(rows: list[Row], values: Callable[[Row], Mapping[str, str]], chosen: Mapping[str, str], size: int
             ) -> Facet:
    held: dict[str, list[Row]] = {}
    labels: dict[str, str] = {}
    for row in rows:
        for value, label in values(row).items():
            held.setdefault(value, []).append(row)
            labels.setdefault(value, label)
    order = sorted(held, key=lambda value: (-len(held[value]), labels[value].casefold(), value))
    room = set([value for value in order if value in chosen and value not in order[:size]][:size])
    kept = [value for value in order[:size] if value in chosen]
    rest = [value for value in order[:size] if value not in chosen]
    shown = {*kept, *rest[: max(0, size - len(room) - len(kept))]}
    shown |= set([value for value in order if value in room][: size - len(shown)])
    buckets = tuple(Bucket(value, labels[value], len(held[value]), len({row.story for row in held[value]}),
                           value in chosen) for value in order if value in shown)
    missing = sum(not values(row) for row in rows)
    other = sum(bool(values(row)) and not shown & set(values(row)) for row in rows)
    return Facet(len(rows), missing, other, Buckets.of(buckets))


def _dates(rows: list[Row], request: SearchRequest) -> Facet:
    days = [day for row in rows if (day := row.article.day) is not None]
    if not days:
        interval = Interval.MONTH if request.interval is Interval.AUTO else request.interval
        return Facet(len(rows), len(rows), 0, NO_BUCKETS, str(interval))
    span = (max(days) - min(days)).days + 1
    interval = request.interval
    if interval is Interval.AUTO:
        interval = (Interval.DAY if span <= 31 else Interval.WEEK if span <= 182 else Interval.MONTH
                    if span <= 6 * 366 else Interval.YEAR)
    elif span / {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 28}.get(interval, 9999) > 10_000:
        interval = Interval.YEAR
    low, high = min(days), max(days)
    if interval is Interval.YEAR:
        names = [f"{year:04}" for year in range(low.year, high.year + 1)]
    elif interval is Interval.MONTH:
        names = [name for year in range(low.year, high.year + 1) for month in range(1, 13)
                 if str(low)[:7] <= (name := f"{year:04}-{month:02}") <= str(high)[:7]]
    else:
        every = (dt.date.fromordinal(day) for day in range(low.toordinal(), high.toordinal() + 1))
        names = list(dict.fromkeys(_bucket(day, interval) for day in every))
    held: dict[str, list[Row]] = {name: [] for name in names}
    for row in rows:
        if row.article.day is not None:
            held[_bucket(row.article.day, interval)].append(row)
    buckets = tuple(Bucket(name, name, len(found), len({row.story for row in found}),
                           request.since == request.until == name) for name, found in held.items())
    return Facet(len(rows), len(rows) - len(days), 0, Buckets.of(buckets), str(interval))


def _bucket(day: dt.date, interval: Interval) -> str:
    if interval is Interval.WEEK:
        return str(day - dt.timedelta(days=day.weekday()))
    return day.isoformat()[: {Interval.YEAR: 4, Interval.MONTH: 7}.get(interval, 10)]


def _is_name(clause: p.Clause) -> bool:
    return clause.name is not None or any(alternative.how == p.SIMILAR for alternative in clause.alternatives)
