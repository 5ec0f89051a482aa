"""The places that posts speak of: read by the index step, counted by theme."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread

import pytest

from corpus.changes import Bury, decide
from corpus.exchange import apply_rows, from_row, to_row
from corpus.place_table import PlaceTable
from corpus.post import Author, Post, Prediction
from corpus.posts import Applied
from corpus.store import Corpus
from corpus.writing import Origin

Build = Callable[..., Post]
Store = Callable[..., Applied]
_HOMES = {"mastodon:kaupunki@kunta.example": "853"}


def _read(corpus: Corpus, now: datetime, homes: dict[str, str] | None = None, limit: int = 2_000) -> int:
    read = 0
    while step := corpus.places.advance(homes or {}, now=now, limit=limit):
        read += step
    return read


def _stored(corpus: Corpus) -> list[tuple[int, str, str]]:
    return [
        tuple(row)
        for row in corpus.database.query("SELECT post_id, code, basis FROM post_municipalities ORDER BY 1, 2, 3")
    ]


def _texts(table: PlaceTable) -> dict[str, int]:
    return {area.name_fi: area.texts for area in table.areas}


def test_posts_are_read_once_and_a_kill_costs_one_step(
    corpus: Corpus, store: Store, make_post: Build, now: datetime
) -> None:
    """Rows and progress are kept together step by step; repeating reads what is new only."""
    store(corpus, [make_post(number, text=f"Turussa ja Uudellamaalla {number}") for number in range(5)])
    assert corpus.places.waiting({}) == 5
    assert corpus.places.advance({}, now=now, limit=2) == 2
    assert corpus.places.waiting({}) == 3
    assert len(_stored(corpus)) == 2
    assert _read(corpus, now, limit=2) == 3
    assert {(code, basis) for _, code, basis in _stored(corpus)} == {("853", "text")}
    assert _read(corpus, now) == 0
    store(corpus, [make_post(9, text="Vaasassa")])
    assert _read(corpus, now) == 1
    assert _texts(corpus.places.table("municipality")) == {"Turku": 5, "Vaasa": 1}
    assert corpus.verify() == []


def test_only_a_listed_organisations_home_counts(corpus: Corpus, store: Store, make_post: Build, now: datetime) -> None:
    """A listed account's posts count for its home, and say so; whoever is not listed has none, whatever its profile."""
    kaupunki = Author(native_id="k", handle="Kaupunki@kunta.example", name="Turun kaupunki")
    private = Author(native_id="p", handle="matti@kunta.example", name="Matti, Oulu")
    store(
        corpus,
        [
            make_post(1, text="Kirjasto on auki.", author=kaupunki),
            make_post(2, text="Kirjasto on auki.", author=private),
            make_post(3, text="Turussa kirjasto on auki.", author=kaupunki),
            make_post(4, text="Turussa sataa.", author=None),
        ],
    )
    assert _read(corpus, now, _HOMES) == 4
    assert [(code, basis) for _, code, basis in _stored(corpus)] == [
        ("853", "organisation"),
        ("853", "organisation"),
        ("853", "text"),
        ("853", "text"),
    ]
    (turku,) = corpus.places.table("municipality").areas
    assert (turku.texts, turku.from_text, turku.from_organisation) == (3, 2, 2)
    assert _read(corpus, now, {}) == 4
    assert {basis for _, _, basis in _stored(corpus)} == {"text"}


def test_an_edit_is_read_again_and_a_burial_leaves_nothing(
    corpus: Corpus, store: Store, make_post: Build, now: datetime
) -> None:
    """What an edited post spoke of is gone at once and read anew; a tombstone speaks of nothing."""
    post = make_post(1, text="Turussa, Keski-Suomessa")
    store(corpus, [post, make_post(2, text="Oulussa")])
    _read(corpus, now)
    later = now + timedelta(hours=1)
    edited = make_post(1, text="Vaasassa, Pirkanmaan hyvinvointialueella", edited_at=later)
    store(corpus, [edited], now=later)
    assert _texts(corpus.places.table("municipality")) == {"Oulu": 1}
    assert corpus.places.waiting({}) == 1
    assert _read(corpus, now) == 1
    assert _texts(corpus.places.table("municipality")) == {"Oulu": 1, "Vaasa": 1}
    assert _texts(corpus.places.table("county"))["Pirkanmaan hyvinvointialue"] == 1
    store(corpus, [make_post(1, text="Kemissä, Kemi-Torniossa", edited_at=later + timedelta(hours=1))], now=later)
    corpus.posts.apply([Bury("mastodon", post.native_id, "deleted", later)], source="masto", now=later)
    assert _texts(corpus.places.table("county")) == {"Pohjois-Pohjanmaan hyvinvointialue": 1}
    assert corpus.database.query("SELECT count(*) FROM post_areas")[0][0] == 0
    assert corpus.database.query("SELECT count(*) FROM unplaced")[0][0] == 0
    assert _read(corpus, now) == 0
    assert corpus.verify() == []


def test_a_seen_post_that_is_not_edited_keeps_its_places(
    corpus: Corpus, store: Store, make_post: Build, now: datetime
) -> None:
    """Other counts and another sighting are no edit."""
    store(corpus, [make_post(1, text="Turussa")])
    _read(corpus, now)
    store(corpus, [make_post(1, text="Turussa", url="https://kunta.example/muu")], now=now + timedelta(hours=1))
    assert _texts(corpus.places.table("municipality")) == {"Turku": 1}
    assert corpus.places.waiting({}) == 0


def test_new_rules_read_everything_anew(corpus: Corpus, store: Store, make_post: Build, now: datetime) -> None:
    """Where another version of the rules wrote the rows, all posts are read again."""
    store(corpus, [make_post(1, text="Turussa"), make_post(2, text="Oulussa")])
    _read(corpus, now)
    mark = corpus.facts.get("index:places")
    corpus.facts.put("index:places", mark | {"version": mark["version"] - 1}, now=now)
    with corpus.database.writing() as connection:
        corpus.database.run(connection, "UPDATE post_municipalities SET code = '005'")
    assert corpus.places.waiting({}) == 2
    assert _read(corpus, now, limit=1) == 2
    assert _texts(corpus.places.table("municipality")) == {"Oulu": 1, "Turku": 1}


def test_one_text_counts_once_however_often_it_is_posted(
    corpus: Corpus, store: Store, make_post: Build, now: datetime
) -> None:
    """A repost counts with its original, and near-identical texts as one."""
    first, copy, repost, other = (
        make_post(1, text="Turussa kirjasto pysyy auki"),
        make_post(2, text="Turussa kirjasto pysyy auki!"),
        make_post(3, text="RT Turussa kirjasto pysyy auki", repost_of=make_post(2).native_id),
        make_post(4, text="Turussa sataa"),
    )
    store(corpus, [first, copy, repost, other])
    _read(corpus, now)
    assert corpus.places.table("municipality").texts == 3
    ids = {post.post.native_id: post.post_id for post in corpus.posts.between(first.created_at, now)}
    corpus.posts.set_clusters({ids[one.native_id]: first.native_id for one in (first, copy)})
    assert _texts(corpus.places.table("municipality")) == {"Turku": 2}


def test_tables_join_what_names_a_place_in_an_area(
    corpus: Corpus, store: Store, make_post: Build, make_prediction: Callable[..., Prediction], now: datetime
) -> None:
    """A region counts its own name and its municipalities'; Helsinki and Åland stand beside the counties."""
    store(
        corpus,
        [
            make_post(1, text="Naantalissa ja Turussa"),
            make_post(2, text="Varsinais-Suomessa"),
            make_post(3, text="Varsinais-Suomen hyvinvointialueella"),
            make_post(4, text="Helsingissä ja Ahvenanmaalla"),
            make_post(5, text="Maarianhaminassa ja Ähtärissä, Äänekoskella ja Åbossa"),
        ],
    )
    _read(corpus, now)
    (post,) = [
        one for one in corpus.posts.between(now - timedelta(days=9), now) if one.post.text == "Varsinais-Suomessa"
    ]
    corpus.judgements.save_predictions([(post.post_id, make_prediction())], now=now)
    municipalities = corpus.places.table("municipality")
    assert [area.name_fi for area in municipalities.areas] == [
        "Helsinki", "Maarianhamina", "Naantali", "Turku", "Ähtäri", "Äänekoski",
    ]  # fmt: skip
    regions = {area.name_fi: area for area in corpus.places.table("region").areas}
    assert (regions["Varsinais-Suomi"].texts, regions["Ahvenanmaa"].texts, regions["Uusimaa"].texts) == (3, 2, 1)
    assert dict(regions["Varsinais-Suomi"].by_theme) == {"services": 1, "unclassified": 2}
    counties = {area.code: area.texts for area in corpus.places.table("county").areas}
    assert counties == {"VS": 3, "091": 1, "21": 2, "EP": 1, "KS": 1}
    window = corpus.places.table("region", since=now, until=now + timedelta(days=1))
    assert (window.areas, window.texts) == ((), 0)


@pytest.mark.parametrize("texts", [3, 40])
def test_few_texts_have_no_rate_but_an_interval(
    corpus: Corpus, store: Store, make_post: Build, now: datetime, texts: int
) -> None:
    """Below five texts no rate is told; the interval holds what was seen and tells the residents' day."""
    store(corpus, [make_post(number, text=f"Turussa {number}") for number in range(texts)])
    _read(corpus, now)
    table = corpus.places.table("municipality")
    (turku,) = table.areas
    seen = texts / 194_391 * 10_000
    low, high = turku.interval
    assert low < seen < high
    assert turku.per_10000 == (None if texts < 5 else pytest.approx(seen))
    assert (table.residents_on.isoformat(), table.borders) == ("2020-12-31", 2024)


def test_our_own_archive_brings_places_until_they_are_read(corpus: Corpus, now: datetime) -> None:
    """Places of a line are kept until the index step has read the post; a second import brings nothing back."""
    line = {
        "network": "mastodon",
        "native_id": "77",
        "text": "Turussa",
        "created_at": "2026-11-20T10:00:00Z",
        "municipalities": [{"code": "853", "basis": "text"}, {"code": "091", "basis": "organisation"}],
    }
    apply_rows(corpus, [from_row(line)], now=now)
    assert [row[1:] for row in _stored(corpus)] == [("091", "organisation"), ("853", "text")]
    assert _read(corpus, now) == 1
    assert [row[1:] for row in _stored(corpus)] == [("853", "text")]
    apply_rows(corpus, [from_row(line)], now=now)
    assert [row[1:] for row in _stored(corpus)] == [("853", "text")]
    (post,) = corpus.posts.all_classified()
    places = corpus.posts.municipalities([post.stored.post_id])
    assert to_row(post, places[post.stored.post_id])["municipalities"] == [{"code": "853", "basis": "text"}]


def test_what_is_still_on_its_way_in_is_not_passed_over(
    corpus: Corpus, store: Store, make_post: Build, now: datetime
) -> None:
    """A post whose id was given out before another's, and that is committed after it, is read too."""
    if corpus.database.sqlite:
        pytest.skip("SQLite lets one writer in at a time")
    # They share nothing, no hashtag and no payload, for which the second would have to wait.
    bare = {"hashtags": (), "links": (), "raw": None}
    slow, fast = make_post(1, text="Turussa", **bare), make_post(2, text="Oulussa", **bare)
    with corpus.database.writing() as connection:
        corpus.posts.apply_in(connection, decide([slow], {}, now), Origin("masto", now, now))
        store(corpus, [fast], source="other")
        reading = Thread(target=corpus.places.advance, args=({},), kwargs={"now": now})
        reading.start()
        reading.join(0.5)  # it waits for us; one that does not would be done by now
    reading.join()
    _read(corpus, now)
    assert _texts(corpus.places.table("municipality")) == {"Oulu": 1, "Turku": 1}
