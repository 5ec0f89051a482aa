"""What a search finds, on both databases."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from corpus.changes import Bury
from corpus.indexing import IndexedPost
from corpus.post import Label, Post, Prediction
from corpus.posts import Applied
from corpus.question import QuestionError
from corpus.search import Found, Order
from corpus.search_part import SearchPart
from corpus.search_query import Bounds, Filters
from corpus.store import Corpus
from corpus.vocabulary import PostCodes, Vocabulary

Build = Callable[..., Post]
Store = Callable[..., Applied]
FORMS = {
    ("kunnissa", "fi"): "kunta",
    ("kunnan", "fi"): "kunta",
    ("uudistuksen", "fi"): "uudistus",
    ("kommunerna", "sv"): "kommun",
    ("men", "en"): "man",
}


def _identify(words: Sequence[str], _tags: Sequence[str]) -> str:
    """Swedish has och, English the, another language nem; Finnish has on; the rest is unclear."""
    signs = {"on": "fi", "och": "sv", "the": "en", "nem": "other"}
    return next((signs[word] for word in words if word in signs), "unsure")


def _vocabulary(dictionaries: str = "1") -> Vocabulary:
    return Vocabulary(
        ("fi", "sv", "en"),
        lemma=lambda word, language: FORMS.get((word, language), word),
        identify=_identify,
        dictionaries=dictionaries,
    )


VOCABULARY = _vocabulary()


def _fill(corpus: Corpus) -> int:
    return corpus.fill(SearchPart(VOCABULARY))


def _ids(found: Found) -> list[str]:
    return [hit.post.stored.post.native_id for hit in found.hits]


@pytest.fixture
def said(corpus: Corpus, make_post: Build, store: Store) -> Callable[..., list[str]]:
    """Store and index texts, numbered from 1, and return which of them a line finds, newest first."""
    numbers: dict[str, int] = {}

    def say(line: str, *texts: str, **options: Any) -> list[int]:  # noqa: ANN401 - of the search
        if texts:
            posts = [make_post(n, text=text, hashtags=()) for n, text in enumerate(texts, 1)]
            numbers.update({post.native_id: n for n, post in enumerate(posts, 1)})
            store(corpus, posts)
            _fill(corpus)
        return [numbers[one] for one in _ids(corpus.search(line, vocabulary=VOCABULARY, **options))]

    return say


Said = Callable[..., list[int]]


def test_every_form_of_a_word_is_found_in_its_language(said: Said) -> None:
    """A word finds its inflected forms and they find it, but not another language's word that looks like one."""
    texts = ("Kunnissa on tilaa", "Kunta on iso", "kommunerna och vi", "bra men dyrt och", "the men", "nem kunnissa")
    assert said("kunta", *texts) == [2, 1]
    assert said("kunnan") == [2, 1]
    assert said("kommun") == [3]
    assert said("man") == [5]
    assert said("men") == [5, 4]
    assert said("men", filters=Filters(language="sv")) == []  # the posts' own language is asked for too
    assert said("kunnissa") == [6, 2, 1]


def test_unclear_language_is_read_in_all(said: Said) -> None:
    """Where nobody can tell the language, forms of all the programme's languages are found."""
    assert said("kunta", "kunnissa!") == [1]


def test_phrases_are_found_as_written(said: Said) -> None:
    """A phrase needs its words side by side, in their order and form; so does a phrase of one word."""
    texts = ("kunnan talous on", "talous kunnan on", "kunta on talous", "kunnan, talous! on")
    assert said('"kunnan talous"', *texts) == [4, 1]
    assert said('"kunta"') == [3]
    assert said('kunta -"kunnan talous"') == [3, 2]


def test_letters_with_dots_are_letters_of_their_own(said: Said) -> None:
    """ä is not a, ö is not o and å is not a; how they are composed, and capitals, make no difference."""
    assert said("tälli", "talli on", "TÄLLI on", "ta\u0308lli on") == [3, 2]
    assert said("talli") == [1]


def test_hashtags_handles_and_parts_are_found(said: Said) -> None:
    """Hashtags and handles are found with their sign; a word finds hashtags, their words, and parts of joined words."""
    texts = ("#UusiKunta on", "uusikunta on", "@Kunta@some.example on", "@kunta on", "sote-uudistuksen on", "EU:n on")
    assert said("#uusikunta", *texts) == [1]
    assert said("uusikunta") == [2, 1]
    assert said("kunta") == [1]
    assert said("@kunta") == [4, 3]
    assert said("@kunta@some.example") == [3]
    assert said("uudistus") == [5]
    assert said("eu") == [6]
    assert said('"@kunta on"') == [4]


def test_hashtags_that_the_network_names_are_found(corpus: Corpus, make_post: Build, store: Store) -> None:
    """A hashtag that stands beside the text is found; nothing of the text is marked."""
    store(corpus, [make_post(1, text="Pelkkä teksti on", hashtags=("kirjasto",))])
    _fill(corpus)
    found = corpus.search("#kirjasto", vocabulary=VOCABULARY, order="relevance")
    assert [hit.spans for hit in found.hits] == [()]


def test_matches_are_marked(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Each match is told by its characters in the text: words in any form, phrases as a whole, exclusions never."""
    text = "Kun\u00adnan talous on #UusiKunta, talous @kunta"
    store(corpus, [make_post(1, text=text, hashtags=())])
    _fill(corpus)

    def marked(line: str) -> list[str]:
        return [text[a:b] for hit in corpus.search(line, vocabulary=VOCABULARY).hits for a, b in hit.spans]

    assert marked("kunta -vero") == ["Kun\u00adnan", "#UusiKunta"]
    assert marked('"kunnan talous" OR talous') == ["Kun\u00adnan talous", "talous"]
    assert marked("@kunta") == ["@kunta"]


def test_filters_choose_among_posts(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Callable[..., Prediction], now: datetime
) -> None:
    """Each filter leaves what has it, and the label decides the theme."""
    store(corpus, [make_post(n, text=f"kunta on {n}", discussion=f"d{n}") for n in (1, 2)])
    store(corpus, [make_post(3, network="x", via="word", lang="sv", text="kunta on 3", discussion="d3")], source="x")
    posts = list(corpus.posts.between(now - timedelta(days=9), now))
    ids = {stored.post.native_id[-1]: stored for stored in posts}
    corpus.judgements.save_predictions(
        [(one.post_id, make_prediction(lang="sv" if number == "3" else "fi")) for number, one in ids.items()], now=now
    )
    corpus.judgements.add_labels([(ids["2"].post_id, Label(theme=None, by="AB", at=now))])
    with corpus.database.writing() as connection:
        corpus.database.run(
            connection, "INSERT INTO post_municipalities VALUES (?, ?, ?)", (ids["1"].post_id, "091", "text")
        )
    _fill(corpus)

    def found(**filters: Any) -> str:  # noqa: ANN401 - any filter
        page = corpus.search("kunta", vocabulary=VOCABULARY, filters=Filters(**filters))
        assert (page.total, page.is_total_exact) == (len(page.hits), True)
        return "".join(sorted(native_id[-1] for native_id in _ids(page)))

    assert found() == "123"
    assert found(theme="services") == "13"
    assert found(theme="none") == "2"
    assert found(theme="unclassified") == ""
    assert (found(language="sv"), found(language="fi")) == ("3", "12")
    assert (found(source="x"), found(network="mastodon"), found(via="word")) == ("3", "12", "3")
    assert (found(municipality="091"), found(discussion="d2")) == ("1", "2")
    assert (found(is_labelled=True), found(is_labelled=False)) == ("2", "13")
    assert found(network="x", theme="none") == ""
    assert found(network="\x00\ud800") == ""
    at = ids["2"].post.created_at
    assert (found(since=at), found(until=at)) == ("23", "1")
    assert found(since=at + timedelta(microseconds=1)) == "3"
    assert found(until=at + timedelta(microseconds=1)) == "12"


def test_old_posts_keep_their_order_and_period(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Posts that call themselves older than the networks are found, and a period leaves them out."""
    old = now.replace(year=1985)
    store(corpus, [make_post(1, text="vanha on", created_at=old), make_post(2, text="vanha on", created_at=now)])
    _fill(corpus)
    assert len(_ids(corpus.search("vanha", vocabulary=VOCABULARY))) == 2
    since = Filters(since=now.replace(year=1988))
    until = Filters(until=now.replace(year=1984))
    assert len(_ids(corpus.search("vanha", vocabulary=VOCABULARY, filters=since))) == 1
    assert _ids(corpus.search("vanha", vocabulary=VOCABULARY, filters=until)) == []


@pytest.mark.parametrize("order", ["newest", "relevance"])
@pytest.mark.parametrize("filters", [Filters(), Filters(network="mastodon")], ids=["all", "filtered"])
def test_pages_follow_one_another(
    corpus: Corpus,
    make_post: Build,
    store: Store,
    order: Order,
    filters: Filters,
) -> None:
    """Pages hold each hit once, also where new posts come in between; a key of nobody's making is refused."""
    store(corpus, [make_post(n, text="kunta on" + " kunta" * (n % 4), hashtags=()) for n in range(1, 24)])
    store(corpus, [make_post(n, network="x", text="kunta on", hashtags=()) for n in range(30, 40)])
    _fill(corpus)
    wanted = 33 if filters == Filters() else 23
    small = Bounds(first_chunk=3, last_chunk=7)
    pages: list[list[str]] = []
    key = None
    while True:
        page = corpus.search(
            "kunta", vocabulary=VOCABULARY, filters=filters, order=order, limit=5, key=key, bounds=small
        )
        pages.append(_ids(page))
        key = page.next_key
        if len(pages) == 2:
            store(corpus, [make_post(n, text="kunta on uusi", hashtags=()) for n in (98, 99)])
            _fill(corpus)
        if key is None:
            break
    hits = [one for page in pages for one in page]
    assert len(hits) == len(set(hits)) == wanted
    assert [len(page) for page in pages][:-1] == [5] * (len(pages) - 1)
    other = "r.1" if order == "newest" else "n.1"
    for wrong in ("", "x", "n.", "q.1", "n.99999999999999999999", "n.9999999999999999999", other):
        with pytest.raises(QuestionError) as caught:
            corpus.search("kunta", vocabulary=VOCABULARY, order=order, key=wrong)
        assert caught.value.reason == "key"


def test_the_best_come_first_by_relevance(said: Said) -> None:
    """As it was asked before another form, more often before once, and in few words before many."""
    texts = ("kunta on", "kunnan on", "kunta kunta on", "kunta on " + "sana " * 40, "sana on")
    assert said("kunta", *texts, order="relevance") == [3, 1, 2, 4]
    assert said("kunta OR sana", order="relevance")[-1] == 2


def test_counting_has_bounds(corpus: Corpus, make_post: Build, store: Store) -> None:
    """A total up to the bound is exact; of more it is told that there are more."""
    store(corpus, [make_post(n, text="kunta on") for n in range(1, 11)])
    _fill(corpus)

    def total(bounds: Bounds, **filters: str) -> tuple[int, bool]:
        found = corpus.search("kunta", vocabulary=VOCABULARY, filters=Filters(**filters), bounds=bounds)
        assert len(found.hits) == 10
        return found.total, found.is_total_exact

    assert total(Bounds(counted=10)) == (10, True)
    assert total(Bounds(counted=9)) == (9, False)
    assert total(Bounds(examined=10), network="mastodon") == (10, True)
    assert total(Bounds(examined=6), network="mastodon") == (7, False)


def test_hits_are_counted_by_week(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """A line is counted in each period, from its first instant to before its last, with filters."""
    week = timedelta(days=7)
    at = [now - 2 * week, now - week - timedelta(seconds=1), now - week]
    store(corpus, [make_post(n, text="kunta on", created_at=one) for n, one in enumerate(at)])
    _fill(corpus)
    weeks = [(now - 2 * week, now - week), (now - week, now)]
    assert corpus.search.counts("kunnan", weeks, vocabulary=VOCABULARY) == [(2, True), (1, True)]
    none = Filters(network="x")
    assert corpus.search.counts("kunnan", weeks, vocabulary=VOCABULARY, filters=none) == [(0, True), (0, True)]


# ---- the life of the index


def test_index_goes_on_where_it_was(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Only what is new or changed is indexed again, and progress is told up to the whole."""
    store(corpus, [make_post(n, text="kunta on") for n in (1, 2)])
    assert corpus.waiting(SearchPart(VOCABULARY)) == 2
    told: list[tuple[int, int]] = []
    assert corpus.fill(SearchPart(VOCABULARY), lambda done, of: told.append((done, of))) == 2
    assert told == [(0, 2), (2, 2)]
    assert (_fill(corpus), corpus.waiting(SearchPart(VOCABULARY))) == (0, 0)
    store(corpus, [make_post(3, text="kunta on")])
    assert _fill(corpus) == 1


def test_rules_that_changed_index_all_again(corpus: Corpus, make_post: Build, store: Store) -> None:
    """With other dictionaries all posts are indexed anew, each still found once."""
    store(corpus, [make_post(n, text="kunta on") for n in (1, 2)])
    _fill(corpus)
    newer = _vocabulary("2")
    assert corpus.waiting(SearchPart(newer)) == 2
    assert corpus.fill(SearchPart(newer)) == 2
    assert corpus.search("kunta", vocabulary=newer).total == 2
    assert corpus.verify() == []


def test_edit_is_found_by_its_new_words_only(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """An edited post leaves the index at once and comes back with its new text."""
    store(corpus, [make_post(1, text="vanha on")])
    _fill(corpus)
    store(corpus, [make_post(1, text="uusi on", edited_at=now)], now=now + timedelta(hours=1))
    assert corpus.search("vanha", vocabulary=VOCABULARY).total == 0
    assert _fill(corpus) == 1
    assert corpus.search("vanha", vocabulary=VOCABULARY).total == 0
    assert corpus.search("uusi", vocabulary=VOCABULARY).total == 1
    assert corpus.verify() == []


def test_opt_outs_and_tombstones_are_never_found(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """What is taken back leaves the index with its text, and nothing brings it back."""
    posts = [make_post(n, text="kunta on") for n in (1, 2, 3)]
    store(corpus, [*posts, make_post(4, text=None, gone="opted_out")])
    _fill(corpus)
    taken = [(posts[0], "deleted"), (posts[1], "opted_out")]
    changes = [Bury("mastodon", post.native_id, gone, now) for post, gone in taken]
    corpus.posts.apply(changes, source="masto", now=now)
    assert _ids(corpus.search("kunta", vocabulary=VOCABULARY)) == [posts[2].native_id]
    _fill(corpus)
    assert corpus.search("kunta", vocabulary=VOCABULARY).total == 1
    assert corpus.verify() == []


class _Disturbed(SearchPart):
    """Lets something happen between reading a batch and storing it."""

    def __init__(self, vocabulary: Vocabulary, disturb: Callable[[], object]) -> None:
        super().__init__(vocabulary)
        self._disturb: Callable[[], object] | None = disturb

    def prepare(self, posts: Sequence[IndexedPost]) -> Mapping[int, tuple[int, PostCodes]]:
        prepared = super().prepare(posts)
        if self._disturb:
            disturb, self._disturb = self._disturb, None
            disturb()
        return prepared


def test_what_changes_while_it_is_indexed_is_not_stored_stale(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """A post buried meanwhile stays out, one edited meanwhile is indexed by its new text, one run together."""
    store(corpus, [make_post(n, text=f"vanha on {n}") for n in (1, 2, 3)])

    def disturb() -> None:
        corpus.posts.apply([Bury("mastodon", make_post(1).native_id, "deleted", now)], source="masto", now=now)
        store(corpus, [make_post(2, text="uusi on", edited_at=now)], now=now + timedelta(hours=1))

    assert corpus.fill(_Disturbed(VOCABULARY, disturb)) == 2
    assert _ids(corpus.search("vanha", vocabulary=VOCABULARY)) == [make_post(3).native_id]
    assert _ids(corpus.search("uusi", vocabulary=VOCABULARY)) == [make_post(2).native_id]


def test_two_at_once_index_each_post_once(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Where another process was faster, its work stands."""
    store(corpus, [make_post(n, text="kunta on") for n in (1, 2)])
    assert corpus.fill(_Disturbed(VOCABULARY, lambda: _fill(corpus))) == 0
    assert corpus.search("kunta", vocabulary=VOCABULARY).total == 2
    assert corpus.verify() == []


def test_posts_still_being_written_are_not_passed_over(corpus: Corpus) -> None:
    """The step waits for a writer that has reserved ids, so that no post comes in behind the mark."""
    reserved, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with corpus.database.writing() as connection:
            corpus.database.next_ids(connection, "posts", "post_id", 1)
            reserved.set()
            go_on.wait(20)

    writer = threading.Thread(target=slow)
    writer.start()
    assert reserved.wait(20)
    indexer = threading.Thread(target=_fill, args=(corpus,))
    indexer.start()
    indexer.join(0.3)
    is_waiting = indexer.is_alive()
    go_on.set()
    writer.join()
    indexer.join()
    assert is_waiting


def test_entries_without_a_post_are_faults(corpus: Corpus) -> None:
    """Verification names entries of the index that belong to no post."""
    codes = "x'00'" if corpus.database.sqlite else "''"
    with corpus.database.writing() as connection:
        connection.exec_driver_sql(f"INSERT INTO search_posts VALUES (7, {codes})")  # noqa: S608
    assert corpus.verify() == ["1 entries of the search index without a post that has a text"]
