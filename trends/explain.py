"""Every count of a topic, the test and the threshold: why it is a note or is none. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from trends.report import Json
from trends.topics import Topic, counted, stands_without_loudest
from trends.window import KINDRED_WEIGHT, LEAST_RATIO, LEAST_VOICES, Window, are_kindred


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A term, or a topic by all of its terms, and what the test says of it."""

    term: str
    y: int
    """Voices of the week."""
    weekly: tuple[int, ...]
    """Voices of each covered week of the history, oldest first."""
    p: float | None
    """How surprising; None where the voices are fewer than three or not twice the usual, so that nothing is tested."""
    weighed: float | None
    """What is held against the threshold."""
    everyday: bool
    """Everyday speech is never tested."""

    def as_json(self) -> dict[str, Json]:
        """Return it as the command line prints it."""
        return {
            "term": self.term,
            "y": self.y,
            "weekly": list(self.weekly),
            "total": sum(self.weekly),
            "p": self.p,
            "weighed": self.weighed,
            "everyday": self.everyday,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a topic is a note of a week, or is none."""

    weeks: tuple[str, ...]
    """Covered weeks of the history, oldest first."""
    voices: int
    """Of the week."""
    voices_before: int
    """Of the history."""
    alpha: float
    looked_at: int
    """Terms that could have stood out."""
    threshold: float
    """``alpha`` divided by the terms looked at."""
    topic: Counted
    """By all of its terms together."""
    terms: tuple[Counted, ...]
    stands_without_loudest: bool = True
    """Whether it would pass without an account that wrote more than half of its posts."""

    @property
    def passes(self) -> bool:
        """Whether one of the terms passes, which makes a note."""
        return self.stands_without_loudest and any(
            one.weighed is not None and one.weighed <= self.threshold for one in self.terms
        )

    def as_json(self) -> dict[str, Json]:
        """Return it as the command line prints it."""
        return {
            "weeks": list(self.weeks),
            "voices": self.voices,
            "voices_before": self.voices_before,
            "alpha": self.alpha,
            "looked_at": self.looked_at,
            "threshold": self.threshold,
            "least_voices": LEAST_VOICES,
            "least_ratio": LEAST_RATIO,
            "stands_without_loudest": self.stands_without_loudest,
            "passes": self.passes,
            "counted_together": self.topic.as_json(),
            "terms": [one.as_json() for one in self.terms],
        }


def explain(window: Window, terms: Sequence[str], alpha: float) -> Explanation:
    """Return every count of a topic, given by its terms, in a week, and what the test makes of it."""
    now, y, weekly = counted(window, terms)
    whole = Topic(terms=tuple(terms), positions=tuple(now), y=y, weekly=weekly, p=0.0)
    together = Counted(
        term=", ".join(terms), y=y, weekly=weekly, p=window.test(y, weekly), weighed=None, everyday=False
    )
    return Explanation(
        weeks=tuple(str(counts.week) for counts in window.history),
        voices=window.now.voices,
        voices_before=window.voices,
        alpha=alpha,
        looked_at=window.looked_at,
        threshold=alpha / window.looked_at,
        topic=together,
        terms=tuple(_explained(window, term) for term in terms),
        stands_without_loudest=stands_without_loudest(window, whole, alpha / window.looked_at),
    )


def _explained(window: Window, term: str) -> Counted:
    y, weekly = window.now.voices_by_term.get(term, 0), tuple(window.weekly(term))
    everyday = term in window.everyday
    p = None if everyday else window.test(y, weekly)
    weighed = p
    if p is not None:
        said = [(window.now.texts[i], window.now.utterances[i].terms) for i in window.now.positions[term]]
        weighed = p * KINDRED_WEIGHT if are_kindred(said, term, window.everyday) else p
    return Counted(term=term, y=y, weekly=weekly, p=p, weighed=weighed, everyday=everyday)
