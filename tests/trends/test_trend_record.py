"""What became of the topics that issues raised."""

from collections.abc import Callable
from datetime import UTC, datetime

from corpus.decisions import Decision
from corpus.post import ClassifiedPost
from programme.week import Week
from tests.trends.invented import WEEK, burst, everyday_talk
from trends.decided import decided_by
from trends.report import Raised, TrendReport

Find = Callable[..., TrendReport]
TALK = [*everyday_talk([*WEEK.before(12), WEEK])]


def raised(word: str, weeks_ago: int, key: str | None = None) -> Raised:
    """Return a topic of one word that an issue raised; nobody had written of it before."""
    term = word.casefold()[:7]
    return Raised(key=key or word, label={"fi": word}, week=WEEK.plus(-weeks_ago), terms=(term,), baseline=0.0)


def spoken(word: str, *weeks_ago: int) -> list[ClassifiedPost]:
    """Return posts of four people in some weeks."""
    return [post for each in weeks_ago for post in burst(writers=4, word=word, week=WEEK.plus(-each))]


def verdicts(found: TrendReport) -> dict[str, str]:
    """Return what became of each topic."""
    return {fate.key: fate.verdict for fate in found.record}


def test_four_weeks_in_a_row_are_a_life(find: Find) -> None:
    """Written of in each of four weeks it lived, silent in one it ended, and a recent one is not judged."""
    posts = [*TALK, *spoken("Tuulivoimala", 6, 5, 4, 3), *spoken("Lauttaranta", 6, 5, 3), *spoken("Torimylly", 1, 0)]
    asked = (raised("Tuulivoimala", 6), raised("Lauttaranta", 6), raised("Torimylly", 1))
    found = find(posts, raised=asked)
    assert verdicts(found) == {"Tuulivoimala": "lived", "Lauttaranta": "ended", "Torimylly": "young"}
    assert [fate.writers for fate in found.record] == [(4, 4, 0, 4), (4, 4, 4, 4), (4, 4)]


def test_weeks_without_collection_are_no_end(find: Find) -> None:
    """Four collected weeks count, however far apart."""
    gap = WEEK.plus(-4)
    found = find(
        [*TALK, *spoken("Tuulivoimala", 6, 5, 3, 2)],
        raised=(raised("Tuulivoimala", 6),),
        covered=lambda week: week != gap,
    )
    assert verdicts(found) == {"Tuulivoimala": "lived"}


def test_topic_counts_once_and_never_in_its_own_issue(find: Find) -> None:
    """Raised twice, or as parts of one merged topic, it is one of the first week; this week's and later ones wait."""
    merge = Decision(kind="merge", topic="a", other="b", who="MK", at=datetime(2026, 11, 24, tzinfo=UTC))
    asked = (
        raised("Tuulivoimala", 3, "b"),
        raised("Tuulivoimala", 6, "a"),
        raised("Torimylly", 0),
        raised("Lauttaranta", -1),
    )
    found = find(TALK, raised=asked, decided=decided_by([merge]))
    assert [(fate.key, fate.week) for fate in found.record] == [("a", WEEK.plus(-6))]


def test_dismissed_topic_stays_in_the_record(find: Find) -> None:
    """What a coordinator dismissed is told as dismissed, however long people wrote of it."""
    dismissed = Decision(kind="dismiss", topic="a", who="MK", at=datetime(2026, 11, 24, tzinfo=UTC))
    posts = [*TALK, *spoken("Tuulivoimala", 6, 5, 4, 3)]
    assert verdicts(find(posts, raised=(raised("Tuulivoimala", 6, "a"),), decided=decided_by([dismissed]))) == {
        "a": "dismissed"
    }


def test_topics_older_than_the_history_are_left_out(find: Find) -> None:
    """What can no longer be counted is not told."""
    old = Raised(key="a", label={}, week=Week(year=2020, number=1), terms=("x",), baseline=0.0)
    assert find(TALK, raised=(old,)).record == ()
