"""What coordinators decided on topics holds for every week after."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from corpus.decisions import Decision
from tests.trends.invented import WEEK, burst, everyday_talk
from trends.decided import Decided, decided_by, identity
from trends.report import Earlier, Trend, TrendReport

Find = Callable[..., TrendReport]
AT = datetime(2026, 11, 24, tzinfo=UTC)
KEYS = "abcde"
TALK = [*everyday_talk([*WEEK.before(12), WEEK])]


def said(kind: str, topic: str, other: str | None = None, **more: object) -> Decision:
    """Return a decision of an invented coordinator."""
    return Decision(kind=kind, topic=topic, other=other, who="MK", at=AT, **more)  # type: ignore[arg-type]


MERGES = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda pair: pair[0] != pair[1]))


def heads(decided: Decided) -> dict[str, str]:
    """Return under which key each topic is told."""
    return {key: decided.head(key) for key in KEYS}


@given(merges=MERGES)
def test_merged_topics_have_one_head(merges: list[tuple[str, str]]) -> None:
    """However merges are chained, both sides are told under one key, and that key under itself."""
    decided = decided_by(said("merge", *pair) for pair in merges)
    assert all(decided.head(one) == decided.head(other) for one, other in merges)
    assert all(decided.head(head) == head for head in heads(decided).values())


@given(merges=MERGES)
def test_split_undoes_the_merge(merges: list[tuple[str, str]]) -> None:
    """Merge and split leave everything as it was before both."""
    before = [said("merge", *pair) for pair in merges]
    new = ("x", "a")
    after = decided_by([*before, said("merge", *new), said("split", *new)])
    assert heads(after) == heads(decided_by(before))
    assert heads(decided_by([*before, said("merge", *new), said("split", "x")])) == heads(after)


@given(kinds=st.lists(st.sampled_from(["dismiss", "restore"])))
def test_last_word_on_a_topic_holds(kinds: list[str]) -> None:
    """A topic is none exactly while the last word on it is that it is none."""
    assert decided_by(said(kind, "a") for kind in kinds).is_none("a") == (kinds[-1:] == ["dismiss"])


def test_empty_label_gives_the_name_back() -> None:
    """A language's name can be taken back; the other stays."""
    both = said("rename", "a", label={"fi": "Tuuli", "sv": "Vind"})
    decided = decided_by([both, said("rename", "a", label={"fi": ""})])
    assert decided.names == {"a": {"sv": "Vind"}}


def trend(report: TrendReport, word: str) -> Trend:
    """Return the note on a word."""
    return next(one for one in report.trends if word in one.terms)


def known(one: Trend) -> dict[str, tuple[str, ...]]:
    """Return the terms of a note as a decision keeps them."""
    return {one.key: one.terms}


def test_dismissed_topic_is_no_note_and_others_are_as_before(find: Find) -> None:
    """It is left out of notes and watch list, and named among the dismissed; restored, it is back as it was."""
    posts = [*TALK, *burst(writers=9), *burst(writers=9, word="Hiihtohalli")]
    plain = find(posts)
    wind, ski = trend(plain, "tuulivo"), trend(plain, "hiihtoh")
    no = said("dismiss", wind.key, terms=known(wind))
    silent = find(posts, decided=decided_by([no]))
    assert wind.key not in {one.key for one in (*silent.trends, *silent.watch_list)}
    assert (silent.dismissed, trend(silent, "hiihtoh")) == ((wind.key,), ski)
    assert find(posts, decided=decided_by([no, said("restore", wind.key, terms=known(wind))])) == plain


def test_dismissal_makes_room_for_the_next(find: Find) -> None:
    """Five topics are told although a dismissed one was stronger than they."""
    words = ("Tuulivoimala", "Hiihtohalli", "Jäähalli", "Leirikoulu", "Ratikka", "Satamatie")
    posts = [*TALK, *(post for n, word in enumerate(words) for post in burst(writers=14 - n, word=word))]
    plain = find(posts)
    first = plain.trends[0]
    left = find(posts, decided=decided_by([said("dismiss", first.key, terms=known(first))]))
    assert (len(plain.trends), len(left.trends)) == (5, 5)
    assert left.trends[:4] == plain.trends[1:]


def test_merged_topics_are_one_note_counted_together(find: Find) -> None:
    """Two notes become one with the writers of both, under the first one's key; split, they are two as before."""
    posts = [*TALK, *burst(writers=9), *burst(writers=7, word="Vindkraft", lang="sv")]
    plain = find(posts)
    wind, vind = trend(plain, "tuulivo"), trend(plain, "vindkra")
    both = known(wind) | known(vind)
    merge = said("merge", wind.key, vind.key, terms=both)
    report = find(posts, decided=decided_by([merge]))
    one = trend(report, "vindkra")
    assert (one.key, one.writers) == (wind.key, 16)
    assert {one.label["fi"], one.label["sv"]} == {wind.label["fi"], vind.label["sv"]}
    earlier = [Earlier(key=one.key, terms=one.terms)]
    parted = find(posts, earlier=earlier, decided=decided_by([merge, said("split", wind.key, vind.key, terms=both)]))
    assert {trend(parted, "tuulivo").key, trend(parted, "vindkra").key} == {wind.key, vind.key}


def test_either_half_of_a_merge_keeps_the_key(find: Find) -> None:
    """A week in which only the joined topic rises tells of it under the key of the whole."""
    posts = [*TALK, *burst(writers=9), *burst(writers=7, word="Vindkraft", lang="sv")]
    plain = find(posts)
    wind, vind = trend(plain, "tuulivo"), trend(plain, "vindkra")
    merge = said("merge", wind.key, vind.key, terms=known(wind) | known(vind))
    later = find([*TALK, *burst(writers=7, word="Vindkraft", lang="sv")], decided=decided_by([merge]))
    assert replace(trend(later, "vindkra"), key=vind.key).key == vind.key
    assert trend(later, "vindkra").key == wind.key


def test_renamed_topic_is_told_by_its_name(find: Find) -> None:
    """The coordinator's name stands in its language; the others keep what people wrote, and no figure changes."""
    posts = [*TALK, *burst(writers=9)]
    wind = trend(find(posts), "tuulivo")
    names = {"fi": "Tuulivoiman kaavat", "sv": "Planer för vindkraft"}
    renamed = trend(
        find(posts, decided=decided_by([said("rename", wind.key, label=names, terms=known(wind))])), "tuulivo"
    )
    assert (renamed.topic, dict(renamed.label)) == ("Tuulivoiman kaavat", {**wind.label, **names})
    assert replace(renamed, topic=wind.topic, label=wind.label) == wind


def test_dismissed_topic_does_not_fade(find: Find) -> None:
    """What is no topic is not told of when it ebbs away either."""
    before = WEEK.plus(-1)
    posts = [*TALK, *burst(writers=12, week=before)]
    earlier = [Earlier(key="wind", terms=("tuulivo",))]
    assert [one.state for one in find(posts, earlier=earlier).trends] == ["fading"]
    no = decided_by([said("dismiss", "wind", terms={"wind": ("tuulivo",)})])
    assert find(posts, earlier=earlier, decided=no).trends == ()


def test_decisions_know_their_topics_without_issues() -> None:
    """A decision holds however long ago an issue told of the topic."""
    decided = decided_by([said("dismiss", "old", terms={"old": ("sote", "uudistus")})])
    assert identity(("sote",), decided.known) == "old"
