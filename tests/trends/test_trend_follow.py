"""What is followed is counted every week, and said to move only when it moves."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from corpus.decisions import Decision
from tests.trends.invented import WEEK, burst, everyday_talk
from trends.decided import Decided, decided_by
from trends.report import FollowedWeek, TrendReport

Find = Callable[..., TrendReport]
AT = datetime(2026, 11, 24, tzinfo=UTC)
TALK = [*everyday_talk([*WEEK.before(12), WEEK])]


def follow(words: str, key: str = "w") -> Decision:
    """Return the decision to follow words."""
    return Decision(kind="follow", topic=key, label={"unsure": words}, who="MK", at=AT)


def told(find: Find, posts: list[object], *words: str, **more: object) -> tuple[FollowedWeek, ...]:
    """Return what is told of followed words."""
    decided = decided_by(follow(each, str(number)) for number, each in enumerate(words))
    return find(posts, decided=decided, **more).followed


def test_followed_words_rise_fall_or_stay(find: Find) -> None:
    """What many take up rises, what everybody writes of stays usual, and what nobody writes of any more falls."""
    gone = [post for week in WEEK.before(12) for post in burst(writers=6, word="Torimylly", week=week)]
    risen, usual, fallen = told(find, [*TALK, *gone, *burst(writers=8)], "tuulivoimala", "koulu, kirjasto", "torimylly")
    assert (risen.change, risen.writers, risen.low, risen.high) == ("more", 8, 0, 0)
    assert (usual.change, usual.writers > 0) == ("usual", True)
    assert (fallen.change, fallen.writers, fallen.low, fallen.high) == ("fewer", 0, 6, 6)
    assert risen.weekly == (*(0 for _ in range(12)), 8)


def test_all_words_of_an_alternative_must_be_written(find: Find) -> None:
    """Words side by side narrow, a comma widens; inflected and hashtag forms count."""
    posts = [*TALK, *burst(writers=4), *burst(writers=5, word="#Torimylly")]
    both, either = told(find, posts, "tuulivoimala torimylly", "Tuulivoimala,torimylly")
    assert (both.writers, either.writers) == (0, 9)


@pytest.mark.parametrize("weeks", [0, 2])
def test_without_history_only_counts_are_told(find: Find, weeks: int) -> None:
    """A week that cannot be compared has its count, no range and no verdict."""
    (one,) = told(find, [*everyday_talk([*WEEK.before(weeks), WEEK]), *burst(writers=8)], "tuulivoimala")
    assert (one.writers, one.low, one.high, one.change, one.p) == (8, None, None, "unknown", None)


def test_one_account_moves_nothing(find: Find) -> None:
    """Thirty posts by one account are one writer, whoever follows the word."""
    loud = [each for n in range(30) for each in burst(writers=1, word="Tuulivoimala", week=WEEK)]
    (one,) = told(find, [*TALK, *loud], "tuulivoimala")
    assert (one.writers, one.change) == (1, "usual")


def test_followed_topic_is_counted_by_all_its_parts_and_under_its_names() -> None:
    """A rename before or after shows, an unfollow ends it, and following words tells no topic's identity."""
    topic = Decision(kind="follow", topic="a", terms={"a": ("tuuli",)}, label={"fi": "tuuli"}, who="MK", at=AT)
    named = Decision(kind="rename", topic="a", label={"fi": "Myllyt"}, who="MK", at=AT)
    decided = decided_by([topic, named, follow("sana")])
    assert [(one.key, one.shown, one.words) for one in decided.follows] == [
        ("a", "Myllyt", None),
        ("w", "sana", "sana"),
    ]
    assert [one.key for one in decided.known] == ["a"]
    ended = decided_by([topic, Decision(kind="unfollow", topic="a", who="MK", at=AT)])
    assert (ended.follows, Decided().follows) == ((), ())
