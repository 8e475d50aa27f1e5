"""Random articles and requests over a small world, in which names, dates and copies meet often."""

from __future__ import annotations

from hypothesis import strategies as st

from index.article import Article
from search.request import (
    FACETS,
    EntityOp,
    Filters,
    Group,
    Interval,
    Match,
    SearchRequest,
    Sort,
    Undated,
)

WORDS = ("talks", "Talk", "talking", "the", "bridge", "shells", "region", "chicken", "of", "L’viv", "Lviv's", "U.S.",
         "Kiev", "Kyiv", "Київ", "Киев", "Києві", "Kyiv Post", "Dynamo Kiev", "Odessa", "Odesa", "Odessa, Texas",
         "Zelensky", "Zelenskiy", "Volodymyr Zelensky", "Володимир Зеленський", "Зеленского", "Bakhmut", "Artemivsk",
         "Kryvyi Rih", "Krivoy Rog", "Novohrad-Volynskyi", "Zviahel", "Kharkov", "Харків", "Georgia", "NATO", ",", ".",
         "bridges", "переговори", "переговоры")
MODERN = (None, None, "2023-05-18", "2023-05-18T10:00:00+03:00", "2023-05-18T09:00:00", "2023-05-19", "2023-05-02",
          "2022-12-31T23:30:00-05:00", "2022-02-24", "2014-07-17")
DATES = (*MODERN, *MODERN, *MODERN, "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-10:00")
BOUNDS = (None, None, None, "2023", "2023-05", "2023-05-18", "2022", "2014-07", "0001", "0001-01", "9999", "9999-12",
          "9999-12-31", "2023-05-18T08:00:00", "2023-05-18T09:30:00+02:00", "2023-01-01T04:30:00Z")
SOURCES = (None, "BBC", "RT", "bbc", "The Meridian")
LANGUAGES = (None, "en", "uk")
ENTITIES = ("place/kyiv", "place/kiev", "place/odesa", "place/odessa", "place/texas", "place/bakhmut", "person/nobody",
            "person/volodymyr-zelenskyy", "person/volodymyr-zelensky", "organisation/nato", "organisation/kyiv-post")
SPELLINGS = ("Kiev", "kyiv", "Київ", "Odessa", "Artemivsk", "krivoy rog", "Volodymyr Zelensky", "talks", "Dynamo Kiev",
             "?!", 'the "bridge')
_BARE = ("talks", "bridge", "shells", "the", "Kiev", "Київ", "kyiv", "Odessa", "Odesa", "Texas", "Zelensky", "Bakhmut",
         "Krivoy Rog", "Novohrad-Volynskyi", "Kyiv Post", "region", "переговоры", "absent", "Georgia", "L'viv",
         "chicken")
_QUERY_PARTS = (*_BARE, *_BARE, '"Kyiv region"', '"Krivoy Rog talks"', '"talks Kiev"', '"the bridge"',
                '"absent bridge"',
                "title:Kiev", "title:talks", 'title:"Zelensky talks"', "title:Krivoy Rog", "=Kiev", '="Krivoy Rog"',
                "=talk",
                "=Talks", "brid*", "K*", "ки*", "title:k*", "talkk~", "Kyyiv~1", "zelenskt~2", "title:kiiv~", "-Kiev",
                "-the", "NOT Odessa", '-"the bridge"', "-brid*", "(Kiev OR -talks)", "(-Kiev OR -the)", "OR", "OR",
                "OR",
                "(", ")", "(bridge OR (Kiev shells))", "-(Kiev OR talks)", '"')


def texts(most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), max_size=most).map(" ".join)


@st.composite
def articles(draw: st.DrawFn, ids: str = "abcdefghij") -> Article:
    title, text = draw(texts(4)), draw(texts(14))
    return Article(draw(st.sampled_from(ids)), title or "Untitled", text, draw(st.sampled_from(DATES)),
                   draw(st.sampled_from(SOURCES)), None, draw(st.sampled_from(LANGUAGES)))


def _some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """Mostly none of the values, else one or two."""
    one = st.lists(st.sampled_from(values), min_size=1, max_size=2).map(tuple)
    return st.one_of(st.just(()), st.just(()), st.just(()), one)


def _filters() -> st.SearchStrategy[Filters]:
    return st.builds(Filters, entity=_some(ENTITIES), place=_some(ENTITIES[:3]),
                     source=_some((*filter(None, SOURCES), "?")),
                     language=_some(("en", "uk", "xx")), spelling=_some(SPELLINGS))


QUERIES = st.one_of(st.just(""), st.sampled_from(_QUERY_PARTS),
                    st.lists(st.sampled_from(_QUERY_PARTS), min_size=1, max_size=9).map(" ".join))

REQUESTS = st.builds(
    SearchRequest, q=QUERIES, match=st.sampled_from([Match.VARIANTS, Match.VARIANTS, Match.EXACT]),
    filters=st.one_of(st.just(Filters()), _filters()), exclude=st.one_of(st.just(Filters()), _filters()),
    entity_op=st.sampled_from(EntityOp), since=st.sampled_from(BOUNDS), until=st.sampled_from(BOUNDS),
    undated=st.sampled_from([None, None, *Undated]), facets=st.just((*FACETS, "language")),
    facet_size=st.sampled_from([0, 1, 2, 3, 10]), interval=st.sampled_from(Interval), group=st.sampled_from(Group),
    sort=st.sampled_from(Sort), page=st.integers(1, 3), size=st.sampled_from([1, 2, 3, 7, 100]))
