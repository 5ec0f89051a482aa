"""The packaged archive of the demonstration: what it holds, that it is harmless, and that it can be made again."""

import csv
import gzip
import json
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runtime.demo_archive as packaged
from corpus.post import Author, ClassifiedPost, Post, StoredPost
from programme.types import Programme
from programme.week import Week
from runtime.demo_archive import build, script
from runtime.demo_archive.cast import cast
from runtime.demo_archive.rows import Row, coverage, rows
from trends.find import find_trends

HELSINKI = ZoneInfo("Europe/Helsinki")
LAST = Week.named(packaged.LAST_WEEK)
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
TELEPHONE = re.compile(r"(?:\+358|\b0\d{1,2})[\s-]?\d{2,4}[\s-]?\d{2,}")
COMMON = """
matti pekka juha kari antti mikko jukka timo markku heikki hannu pentti martti erkki eero risto olli jussi
liisa pirjo leena minna päivi tiina kaisa eeva helena ritva tuula laura johanna katja elina merja ulla outi
teija tarja raija seija erik johan karin nina susanna henrik anders birgitta christer gunilla göran ingrid
kristina lars mats mikael monica stefan ulrika åsa kjell bengt
"""
FIRST_NAMES = frozenset(COMMON.split())


@pytest.fixture(scope="module")
def posts() -> list[Row]:
    """The archive's lines."""
    with gzip.open(packaged.POSTS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _at(post: Row) -> datetime:
    return datetime.fromisoformat(str(post["created_at"]))


def _week(post: Row) -> Week:
    return Week.of(_at(post), HELSINKI)


def _writer(post: Row) -> str:
    author = post["author"]
    assert isinstance(author, dict)
    return f"{post['network']}:{author['native_id']}"


def _of_last_week(posts: list[Row], word: str) -> list[Row]:
    return [post for post in posts if _week(post) == LAST and word in str(post["text"]).casefold()]


def _falls_into_a_gap(post: Row) -> bool:
    return any(
        gap["source"] == post["source"] and gap["from"] <= str(post["created_at"]) < gap["to"] for gap in coverage()
    )


def _texts(posts: list[Row]) -> Iterator[str]:
    for post in posts:
        if post["text"] is not None:
            author = post["author"]
            assert isinstance(author, dict)
            yield from (str(post["text"]), str(author["name"]))


def test_demo_archive_holds_fourteen_weeks_of_posts_like_a_real_stream(posts: list[Row]) -> None:
    """Every week is alike, but the one that X refused and the last one with its scenes."""
    per_week = Counter(_week(post) for post in posts)
    usual = [count for week, count in per_week.items() if week not in (LAST, Week.named("2026-W39"))]
    assert min(per_week) == Week.named(packaged.FIRST_WEEK)
    assert len(per_week) == 14
    assert 1_100 <= len(posts) <= 1_400
    assert min(usual) >= 80
    assert max(usual) <= 115


def test_demo_archive_is_small_and_its_posts_short(posts: list[Row]) -> None:
    """It weighs little in the wheel, nearly all posts are short, and none on X is longer than X allows."""
    lengths = [(post["network"], len(str(post["text"]))) for post in posts]
    assert packaged.POSTS.stat().st_size <= 400_000
    assert sum(length > 280 for _, length in lengths) <= 0.05 * len(posts)
    assert max(length for network, length in lengths if network == "x") <= 280


@pytest.mark.parametrize(
    ("key", "value", "low", "high"),
    [
        pytest.param("lang", "fi", 0.6, 0.75, id="Finnish"),
        pytest.param("lang", "sv", 0.22, 0.3, id="Swedish"),
        pytest.param("lang", "en", 0.03, 0.07, id="English"),
        pytest.param("network", "x", 0.4, 0.5, id="X"),
        pytest.param("network", "mastodon", 0.25, 0.35, id="Mastodon"),
        pytest.param("network", "bluesky", 0.14, 0.24, id="Bluesky"),
        pytest.param("network", "feed", 0.03, 0.08, id="feeds"),
        pytest.param("via", "thread", 0.08, 0.35, id="found in threads"),
        pytest.param("origin", "invented", 0.5, 0.7, id="invented"),
    ],
)
def test_demo_archive_has_the_wanted_shares(posts: list[Row], key: str, value: str, low: float, high: float) -> None:
    """Languages, networks, ways of finding and origins are mixed as agreed."""
    share = sum(post.get(key) == value for post in posts) / len(posts)
    assert low <= share <= high


def test_demo_archive_marks_every_post_with_its_origin_and_intended_theme(
    posts: list[Row], programme: Programme
) -> None:
    """Each text says whence it comes, and which of the programme's themes was meant."""
    assert {post["origin"] for post in posts} == {script.INVENTED, *script.ORIGINS.values()}
    assert {post["staged_theme"] for post in posts} == {*programme.slugs, "none", "unsure"}
    attribution = (packaged.HERE / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert all(f"`{post['origin']}`" in attribution for post in posts)


def test_demo_archive_is_valid_corpus_jsonl(posts: list[Row]) -> None:
    """Ids are unique text in each network's form, instants are aware and in order, and relations lead somewhere."""
    forms = {
        "x": r"\d{19}",
        "mastodon": r"https://[a-z]+\.example/users/\w+/statuses/\d{18}",
        "bluesky": r"at://did:plc:[a-z2-7]{24}/app\.bsky\.feed\.post/[a-z2-7]{13}",
        "feed": r"https://\w+\.example/\S+",
    }
    ids = {(post["network"], post["native_id"]) for post in posts}
    assert len(ids) == len(posts)
    assert [_at(post) for post in posts] == sorted(_at(post) for post in posts)
    for post in posts:
        assert re.fullmatch(forms[str(post["network"])], str(post["native_id"]))
        assert str(post["created_at"]).endswith("Z")
        for relation in ("reply_to", "quote_of", "repost_of", "discussion"):
            assert post.get(relation) is None or (post["network"], post[relation]) in ids
        assert not {"theme", "theme_by", "scores", "model"} & post.keys()


def test_demo_archive_replies_come_after_what_they_answer(posts: list[Row]) -> None:
    """Nobody answers, quotes or passes on a post before it was written."""
    written = {(post["network"], post["native_id"]): _at(post) for post in posts}
    related = [
        (post, post[relation])
        for post in posts
        for relation in ("reply_to", "quote_of", "repost_of")
        if post.get(relation)
    ]
    assert all(_at(post) >= written[post["network"], other] for post, other in related)


def test_demo_archive_has_threads_reposts_quotes_edits_tombstones_and_a_shared_link(posts: list[Row]) -> None:
    """What happens to posts on real networks happens here too."""
    threads = Counter((post["network"], post["discussion"]) for post in posts if post.get("reply_to"))
    networks: dict[str, set[object]] = defaultdict(set)
    for post in posts:
        for link in post.get("links") or []:
            if "keskustelu.example" in link:
                networks[link].add(post["network"])
    assert sum(2 <= answers <= 13 for answers in threads.values()) >= 20
    assert sum(bool(post.get("repost_of")) for post in posts) >= 10
    assert sum(bool(post.get("quote_of")) for post in posts) >= 5
    assert sum(bool(post.get("edited_at")) for post in posts) >= 5
    assert [post["gone"] for post in posts if post["text"] is None] == ["deleted", "deleted"]
    assert sum(len(found) > 1 for found in networks.values()) >= 3


def test_demo_archive_writes_by_day_and_rests_at_night(posts: list[Row]) -> None:
    """People write from morning till evening, most of them on weekdays."""
    hours = Counter(_at(post).astimezone(HELSINKI).hour for post in posts)
    weekend = sum(_at(post).astimezone(HELSINKI).weekday() > 4 for post in posts)
    assert not any(hours[hour] for hour in range(6))
    assert 0.05 <= weekend / len(posts) <= 0.2


def test_demo_archive_holds_no_way_to_reach_a_person_and_no_first_names(posts: list[Row]) -> None:
    """No text and no name holds a mail address, a telephone number or a common first name."""
    for text in _texts(posts):
        assert not E_MAIL.search(text), text
        assert not TELEPHONE.search(text), text
        assert not FIRST_NAMES & set(re.findall(r"\w+", text.casefold())), text


def test_demo_archive_leads_to_example_domains_only(posts: list[Row]) -> None:
    """No address, link or account leads to a place that exists."""
    for post in posts:
        for link in [post.get("url"), *(post.get("links") or [])]:
            assert link is None or (urlsplit(str(link)).hostname or "").endswith(".example")


def test_demo_archive_lets_no_real_municipality_speak(posts: list[Row], test_data: Path) -> None:
    """No writer bears a real municipality's name."""
    with (test_data / "municipalities" / "municipalities.csv").open(encoding="utf-8") as file:
        real = {name.casefold() for row in csv.DictReader(file) for name in (row["name_fi"], row["name_sv"]) if name}
    names = {text.casefold() for post in posts if post["text"] for text in [str(_name(post))]}
    assert not [name for name in names if set(re.findall(r"[\wåäö-]+", name)) & real]


def _name(post: Row) -> object:
    author = post["author"]
    assert isinstance(author, dict)
    return author["name"]


@pytest.mark.parametrize(
    ("word", "writers"),
    [
        pytest.param("työllisyyspalvelu", 10, id="burst in Finnish"),
        pytest.param("arbetskraftstjänst", 6, id="burst in Swedish"),
        pytest.param("omatoimi", 6, id="library"),
        pytest.param("kommungräns", 6, id="school transport"),
    ],
)
def test_demo_archive_bursts_are_many_people_in_the_last_week(posts: list[Row], word: str, writers: int) -> None:
    """A subject of the last week is told by many writers, each in other words, and was seldom told before."""
    now = _of_last_week(posts, word)
    before = [post for post in posts if _week(post) != LAST and word in str(post["text"]).casefold()]
    assert len({_writer(post) for post in now}) >= writers
    assert len({post["text"] for post in now}) == len(now)
    assert len(before) <= 12


def test_demo_archive_flood_is_one_account(posts: list[Row]) -> None:
    """Of the posts about wind turbines nearly all are one writer's, and there are many of them."""
    flood = [post for post in posts if re.search("tuulivoim|tuulimyl", str(post["text"]).casefold())]
    writers = Counter(_writer(post) for post in flood if _week(post) == LAST)
    assert writers.most_common(1)[0][1] >= 25
    assert len(writers) <= 2


def test_demo_archive_copies_are_many_accounts_and_one_text(posts: list[Row]) -> None:
    """About twenty accounts pass the same text on."""
    copies = _of_last_week(posts, "jaa, jos olet sitä mieltä")
    assert len({_writer(post) for post in copies}) == len(copies) == 20


def test_demo_archive_has_a_theme_that_falls_silent(posts: list[Row]) -> None:
    """In the last week hardly anybody writes of the municipality and the region."""
    silent = [_week(post) for post in posts if post["staged_theme"] == "municipality-and-region"]
    assert silent.count(LAST) <= 2
    assert len(silent) / 14 > 10


def test_demo_archive_has_no_post_where_its_coverage_has_a_gap(posts: list[Row]) -> None:
    """What the coverage says was not collected is not there."""
    gaps = json.loads(packaged.COVERAGE.read_text(encoding="utf-8"))
    assert not [post for post in posts if _falls_into_a_gap(post)]
    assert {gap["state"] for gap in gaps} == {"refused", "failed"}
    assert gaps == coverage()


def test_demo_archive_labels_teach_every_theme_and_none_and_unsure(posts: list[Row], programme: Programme) -> None:
    """People labelled about sixty posts, before the last week began."""
    labels = [label for post in posts for label in post.get("labels") or []]
    themes = Counter(label["theme"] for label in labels)
    assert len(labels) >= 50
    assert themes.keys() == {*programme.slugs, None, "unsure"}
    assert {label["by"] for label in labels} == {"EK", "ML"}
    assert all(datetime.fromisoformat(label["at"]) < LAST.start_at(HELSINKI) for label in labels)


def test_demo_archive_carries_hostile_looking_text_unchanged(posts: list[Row]) -> None:
    """Markup, an emoji and a word from right to left stand in it as people would write them."""
    text = " ".join(str(post["text"]) for post in posts)
    assert all(part in text for part in ("<script>", "<b>", "👩‍🏫", "مرحبا"))


def test_demo_archive_is_what_its_texts_make() -> None:
    """Making it again changes nothing."""
    with gzip.open(packaged.POSTS, "rt", encoding="utf-8") as packed:
        assert packed.read() == build.archive()


def test_demo_archive_quotes_the_open_sets_word_for_word(test_data: Path) -> None:
    """Every text that is said to be real stands in the set it is said to come from."""
    assert build.unverified(test_data) == []


@given(seed=st.integers(0, 10_000))
@settings(max_examples=3, deadline=None)
def test_demo_archive_can_be_staged_from_any_seed(seed: int) -> None:
    """Whatever chance says, each post is there once, outside the gaps, before the end, and each reply answers one."""
    made = list(rows(seed))
    ids = {(post["network"], post["native_id"]) for post in made}
    assert len(ids) == len(made)
    assert all(_at(post) < LAST.end_at(HELSINKI) for post in made)
    assert all((post["network"], post["reply_to"]) in ids for post in made if post.get("reply_to"))
    assert not [post for post in made if _falls_into_a_gap(post)]


def test_demo_archive_fragment_lists_the_organisations_that_write(posts: list[Row]) -> None:
    """Every account of an organisation is listed, so that the digest may name it, and no private one is."""
    fragment = tomllib.loads(packaged.FRAGMENT.read_text(encoding="utf-8"))
    listed = {account for organisation in fragment["organisation"] for account in organisation["accounts"]}
    people = {
        name.strip() for row in _people() for name in row.split(",")
    }  # pseudonyms stand in the cast without addresses
    for post in posts:
        if post["text"] is not None:
            author = post["author"]
            assert isinstance(author, dict)
            assert (f"{post['network']}:{author['handle']}" in listed) is (author["name"] not in people)


def _people() -> list[str]:
    cast = (script.TEXTS / "cast.txt").read_text(encoding="utf-8").splitlines()
    return [row for row in cast if row and row[0] not in "#=" and "|" not in row]


def test_demo_archive_names_its_invented_projects_as_examples() -> None:
    """Nobody can take a project of the demonstration for one of the programme's."""
    fragment = tomllib.loads(packaged.FRAGMENT.read_text(encoding="utf-8"))
    names = [name for project in fragment["project"] for name in project["name"].values()]
    assert len(fragment["project"]) == 3
    assert all(re.search(r"\((esimerkki|exempel|example)\)", name) for name in names)


def test_demo_archive_writes_to_example_addresses_in_every_language() -> None:
    """Editors get it in Finnish and Swedish, readers in English too, and no address exists."""
    recipients = tomllib.loads(packaged.RECIPIENTS.read_text(encoding="utf-8"))["recipient"]
    kinds = {(each["role"], each["language"]) for each in recipients}
    assert {("editor", "fi"), ("editor", "sv"), ("reader", "fi"), ("reader", "sv"), ("reader", "en")} == kinds
    assert all(each["address"].endswith("@example.org") for each in recipients)


def test_demo_archive_names_its_sources_as_its_posts_do(posts: list[Row]) -> None:
    """The demonstration's sources are those from which its posts came, and none is switched on."""
    sources = tomllib.loads(packaged.SOURCES.read_text(encoding="utf-8"))["source"]
    assert {source["name"] for source in sources} == {post["source"] for post in posts}
    assert not any(source.get("enabled") for source in sources)


def test_demo_archive_was_collected_soon_after_it_was_written(posts: list[Row]) -> None:
    """Every post came in within hours, by our clock, and none before it was written."""
    for post in posts:
        waited = datetime.fromisoformat(str(post["collected_at"])).astimezone(UTC) - _at(post)
        assert timedelta(0) < waited <= timedelta(days=2)


def test_demo_archive_cast_that_speaks_no_such_language_says_so() -> None:
    """Texts in a language or for a network that the cast lacks are a clear fault, not an endless search."""
    chance = Random(1)
    with pytest.raises(LookupError, match="nobody left who writes de on x"):
        cast(chance).choose(chance, lang="de", kind="r", networks={"x"})


def _classified(number: int, post: Row) -> ClassifiedPost:
    author = post.get("author")
    said = Post(
        network=str(post["network"]),
        native_id=str(post["native_id"]),
        author=Author(**author) if isinstance(author, dict) else None,
        text=None if post["text"] is None else str(post["text"]),
        created_at=_at(post),
        via="import",
        lang=str(post["lang"]) if post.get("lang") else None,
        repost_of=str(post["repost_of"]) if post.get("repost_of") else None,
        gone="deleted" if post.get("gone") else None,
    )
    stored = StoredPost(post=said, post_id=number, source="import", first_seen_at=_at(post), last_seen_at=_at(post))
    return ClassifiedPost(stored=stored, prediction=None)


def test_demo_archive_shows_what_trends_can_tell_apart(posts: list[Row], programme: Programme) -> None:
    """The bursts are found in both languages, the copies are told as copies, and the flood is no topic."""
    report = find_trends(
        [_classified(number, post) for number, post in enumerate(posts)],
        week=LAST,
        programme=programme,
        covered=lambda week: Week.named(packaged.FIRST_WEEK) <= week != Week.named("2026-W39"),
        lemmatise=None,
    )
    topics = " ".join(name.casefold() for trend in report.trends for name in trend.label.values())
    assert report.history_weeks >= 8
    assert all(word in topics for word in ("työllisyyspalvel", "arbetskraftstjänst", "lähikirjasto"))
    assert "tuuli" not in topics
    assert "valtionosuus" not in topics
    assert [copies.accounts for copies in report.copies] == [20]
