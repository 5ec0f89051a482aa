"""What became of the topics that issues raised: the notes' own track record. Pure."""

from collections.abc import Iterable, Sequence

from trends.count import CountedWeek
from trends.decided import Decided
from trends.report import Fate, Raised, Verdict
from trends.window import Window

LIVED_WEEKS = 4
"""Collected weeks, the one that raised it among them, in which a topic that lives is written of more than before."""


def fates(raised: Iterable[Raised], window: Window, decided: Decided, *, collected: bool) -> tuple[Fate, ...]:
    """Return what became of each topic that was raised in a week of the window's history, oldest first.

    A topic that several issues raised counts once, in the week of the first; parts of a merged one likewise.

    Args:
        raised: what issues raised, in any order.
        window: the week and its history: the covered weeks in which the topics can be counted.
        decided: what coordinators decided; a dismissed topic was none.
        collected: whether the window's own week was covered.
    """
    first: dict[str, Raised] = {}
    for one in sorted(raised, key=lambda one: (one.week, one.key)):
        first.setdefault(decided.head(one.key), one)
    reach = window.history[0].week if window.history else window.now.week
    weeks = (*window.history, window.now) if collected else window.history
    return tuple(_fate(key, one, weeks, decided) for key, one in first.items() if reach <= one.week < window.now.week)


def _fate(key: str, raised: Raised, covered: Sequence[CountedWeek], decided: Decided) -> Fate:
    weeks = [counts for counts in covered if counts.week >= raised.week][:LIVED_WEEKS]
    writers = tuple(counts.voices_of(counts.about(raised.terms)) for counts in weeks)
    verdict: Verdict
    if decided.is_none(raised.key):
        verdict = "dismissed"
    elif any(y <= raised.baseline for y in writers):
        verdict = "ended"
    else:
        verdict = "lived" if len(writers) == LIVED_WEEKS else "young"
    return Fate(key=key, label=raised.label, week=raised.week, verdict=verdict, writers=writers)
