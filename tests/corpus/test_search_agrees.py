"""Searches held against a reference that reads every post: the same answers on both databases, whatever is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.changes import decide
from corpus.post import Post
from corpus.question import QuestionError
from corpus.search_part import SearchPart
from corpus.search_query import Bounds, Filters
from corpus.store import Corpus
from corpus.vocabulary import Vocabulary

FORMS = {"fi": {"kunnan": "kunta", "veron": "vero"}, "sv": {"kunnan": "kunna", "men": "men"}, "en": {"men": "man"}}
SIGNS = {"on": "fi", "och": "sv", "the": "en", "nem": "other"}
WORDS = ("kunta", "kunnan", "vero", "veron", "men", "man", "on", "och", "the", "nem", "sote-vero", "å", "a")
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_numbers = count(1)


def _identify(words: Sequence[str], _tags: Sequence[str]) -> str:
    return next((SIGNS[word] for word in words if word in SIGNS), "unsure")


VOCABULARY = Vocabulary(tuple(FORMS), lemma=lambda word, language: FORMS[language].get(word, word), identify=_identify)


@dataclass(frozen=True)
class Said:
    """One thing in a post or a question: a word, or one with its sign."""

    sign: str
    word: str

    def __str__(self) -> str:
        return self.sign + self.word


@dataclass(frozen=True)
class Sought:
    """A part of a question."""

    things: tuple[Said, ...]
    is_phrase: bool

    def __str__(self) -> str:
        return f'"{" ".join(map(str, self.things))}"' if self.is_phrase else str(self.things[0])

    def is_in(self, post: Sequence[Said]) -> bool:
        """Return whether a post says it, by reading the post from end to end."""
        if self.is_phrase:
            long = len(self.things)
            return any(
                all(_alike(a, b) for a, b in zip(post[i : i + long], self.things, strict=True))
                for i in range(len(post) - long + 1)
            )
        return any(_finds(self.things[0], said, _languages(post)) for said in post)


def _languages(post: Sequence[Said]) -> Sequence[str]:
    language = _identify([said.word for said in post if not said.sign], ())
    return list(FORMS) if language == "unsure" else [language] if language in FORMS else []


def _alike(said: Said, sought: Said) -> bool:
    # A hashtag is a word among words.
    return said.word == sought.word and (said.sign == "@") == (sought.sign == "@")


def _finds(sought: Said, said: Said, languages: Sequence[str]) -> bool:
    if sought.sign:
        return sought == said
    if said.sign == "@":
        return False
    if sought.word in (said.word, *said.word.split("-")):
        return True
    spoken = {said.word, *said.word.split("-")}
    return any(
        FORMS[language].get(sought.word, sought.word) in {FORMS[language].get(one, one) for one in spoken}
        for language in languages
    )


_THINGS = st.builds(Said, st.sampled_from(["", "", "", "#", "@"]), st.sampled_from([w for w in WORDS if "-" not in w]))
_POST_THINGS = _THINGS | st.builds(Said, st.just(""), st.sampled_from(WORDS))
_POSTS = st.lists(st.lists(_POST_THINGS, min_size=1, max_size=7), min_size=1, max_size=8)
_SOUGHT = st.builds(lambda thing: Sought((thing,), is_phrase=False), _POST_THINGS) | st.builds(
    lambda things: Sought(tuple(things), is_phrase=True), st.lists(_THINGS, min_size=1, max_size=3)
)
_EACH = st.lists(st.lists(_SOUGHT, min_size=1, max_size=3), min_size=1, max_size=3)
_NONE = st.lists(_SOUGHT, max_size=2)


@pytest.fixture
def store_all(corpus: Corpus, make_post: Callable[..., Post], now: datetime) -> Callable[[Sequence[str]], str]:
    """Store and index texts under a source of their own, and return its name."""

    def store(texts: Sequence[str]) -> str:
        source = f"s{next(_numbers)}"
        posts = [
            make_post(next(_numbers), text=text, hashtags=(), created_at=now + timedelta(seconds=n))
            for n, text in enumerate(texts)
        ]
        known = corpus.posts.known("mastodon", [post.native_id for post in posts])
        corpus.posts.apply(decide(posts, known, now), source=source, now=now)
        corpus.fill(SearchPart(VOCABULARY))
        return source

    return store


@SETTINGS
@given(posts=_POSTS, each=_EACH, none=_NONE, limit=st.integers(1, 4))
def test_search_finds_what_a_reader_finds(
    corpus: Corpus,
    store_all: Callable[[Sequence[str]], str],
    posts: list[list[Said]],
    each: list[list[Sought]],
    none: list[Sought],
    limit: int,
) -> None:
    """Of random posts a random question finds those that a reader of every post would choose, newest first."""
    texts = [" ".join(map(str, post)) for post in posts]
    source = store_all(texts)
    groups = [" OR ".join(map(str, group)) for group in each]
    line = " ".join([*groups, *(f"-{sought}" for sought in none)])
    wanted = [
        text
        for post, text in zip(posts, texts, strict=True)
        if all(any(sought.is_in(post) for sought in group) for group in each)
        and not any(sought.is_in(post) for sought in none)
    ]
    found: list[str] = []
    key = None
    while True:
        page = corpus.search(
            line,
            vocabulary=VOCABULARY,
            filters=Filters(source=source),
            limit=limit,
            key=key,
            bounds=Bounds(first_chunk=2, last_chunk=5),
        )
        found += [hit.post.stored.post.text or "" for hit in page.hits]
        key = page.next_key
        if key is None:
            break
    assert found == wanted[::-1], line
    assert (page.total, page.is_total_exact) == (len(wanted), True)
    ranked = corpus.search(
        line, vocabulary=VOCABULARY, filters=Filters(source=source), order="relevance", bounds=Bounds(ranked=1_000)
    )
    assert sorted(hit.post.stored.post.text or "" for hit in ranked.hits) == sorted(wanted)
    assert all(hit.spans for hit in ranked.hits)


@SETTINGS
@given(line=st.text(st.sampled_from("ab ÄOR|-\"#@()*:^{}/\\'&!<>\n\x00\ud800\u200b%?") | st.characters(), max_size=40))
def test_any_line_is_answered_or_refused(corpus: Corpus, line: str) -> None:
    """No line reaches a database's own syntax: it is answered, or refused with our words."""
    try:
        found = corpus.search(line, vocabulary=VOCABULARY)
    except QuestionError:
        return
    assert found.hits == ()


@SETTINGS
@given(text=st.text(st.sampled_from("ab Ä#@'\\:&|!<>\u0301\u00ad-_") | st.characters(codec="utf-8"), max_size=60))
def test_any_text_can_be_found_by_its_words(
    corpus: Corpus, store_all: Callable[[Sequence[str]], str], text: str
) -> None:
    """Whatever a post says is indexed, and each of its own words finds it."""
    source = store_all([text])
    stored = corpus.search("kunta", vocabulary=VOCABULARY, filters=Filters(source=source))
    assert stored.total <= 1
    for word in text.split()[:3]:
        try:
            found = corpus.search(word, vocabulary=VOCABULARY, filters=Filters(source=source))
        except QuestionError:
            continue
        assert found.total in (0, 1)
    assert corpus.verify() == []


def test_long_posts_are_indexed(corpus: Corpus, store_all: Callable[[Sequence[str]], str]) -> None:
    """A post of many thousand words is indexed to a bound that both databases keep, words said a thousand times too."""
    source = store_all(["vero " * 1_000 + " ".join(f"sana{n}" for n in range(12_000)) + " loppu"])

    def total(line: str) -> int:
        return corpus.search(line, vocabulary=VOCABULARY, filters=Filters(source=source)).total

    assert [total(line) for line in ("vero", '"vero vero"', '"vero sana0"', "sana8999", "sana9001", "loppu")] == [
        1,
        1,
        0,
        1,
        0,
        0,
    ]
