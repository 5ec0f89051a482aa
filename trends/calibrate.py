"""How careful to be, measured on the project's own stream. Chance comes in by a seed only."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from random import Random

from trends.count import texts_of, voices, writers_of
from trends.report import Json
from trends.surprise import fewest_for
from trends.topics import merged
from trends.window import KINDRED_WEIGHT, LEAST_RATIO, LEAST_VOICES, TestedTerm, Window, are_kindred, rise

ALPHAS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Chance notes risked a week, the careful first."""
MOST_CHANCE_NOTES = 0.1
"""Notes that chance may print in a week in which nothing happens."""
SHUFFLES = 50
CALIBRATED_WEEKS = 26
"""Weeks of history that are shuffled."""
_SHARES_A_WORD = 0.8
"""Share of a topic's writers who are taken to use its commonest word: an assumption, not a measurement."""
_NINE_OF_TEN = 0.9
_MOST_WRITERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was measured on shuffled weeks."""

    alpha: float
    """The largest that costs at most 0.1 chance notes a week, else the smallest."""
    chance_notes: float
    """Notes that it printed a shuffled week."""
    weeks: int
    """Shuffled weeks that were looked at."""

    def as_json(self) -> dict[str, Json]:
        """Return it as it is stored."""
        return {"alpha": self.alpha, "chance_notes": self.chance_notes, "weeks": self.weeks}

    @classmethod
    def from_json(cls, stored: Mapping[str, float]) -> "Calibration":
        """Return what ``as_json`` stored.

        Raises:
            KeyError: a figure is missing.
        """
        return cls(alpha=float(stored["alpha"]), chance_notes=float(stored["chance_notes"]), weeks=int(stored["weeks"]))


def calibrate_window(window: Window, *, seed: int, shuffles: int = SHUFFLES) -> Calibration | None:
    """Return the largest acceptable ``alpha`` by the history of a window; None where the history is too short.

    The posts of the history are dealt anew to its weeks, which keep their sizes: whatever stands out then is chance.
    Each dealt week is tested against all the others.
    """
    if len(window.history) <= window.settings.least_weeks:
        return None
    stream = _Stream(window)
    notes: Counter[float] = Counter()
    for shuffle in range(shuffles):
        chance = Random(f"{seed}/{shuffle}")  # noqa: S311 -- seeded on purpose, keeps no secret
        for found in stream.chance_finds(chance):
            for alpha in ALPHAS:
                notes[alpha] += stream.topics(found, alpha)
    weeks = shuffles * len(window.history)
    rates = {alpha: notes[alpha] / weeks for alpha in ALPHAS}
    alpha = max((alpha for alpha in ALPHAS if rates[alpha] <= MOST_CHANCE_NOTES), default=ALPHAS[0])
    return Calibration(alpha=alpha, chance_notes=rates[alpha], weeks=weeks)


def detectable(window: Window, alpha: float) -> int | None:
    """Return how many writers a new topic needs to be found in nine of ten cases; None where 300 do not suffice.

    A case: each writer uses the topic's commonest word with probability 0.8, and that word was as usual as a word
    drawn from the history's vocabulary. Computed over all cases rather than simulated, so that no chance comes in.
    """
    threshold = alpha / window.looked_at
    vocabulary = Counter(
        total for term, total in window.totals.items() if " " not in term and term not in window.everyday
    )
    needed: Counter[int] = Counter()
    for total, words in vocabulary.items():
        needed[_fewest(window, threshold, total)] += words
    everything = sum(needed.values())
    for writers in range(LEAST_VOICES, _MOST_WRITERS):
        found = sum(words * _at_least(least, writers) for least, words in needed.items())
        if found >= _NINE_OF_TEN * everything:
            return writers
    return None


def _fewest(window: Window, threshold: float, total: int) -> int:
    share = 1 / (1 + len(window.history))
    twice = -int(-2 * total * share / (1 - share) // 1)
    return fewest_for(threshold, total, share, least=max(LEAST_VOICES, twice))


def _at_least(least: int, writers: int) -> float:
    """Return the probability that at least so many of the writers share the word."""
    chance = _SHARES_A_WORD
    return sum(comb(writers, n) * chance**n * (1 - chance) ** (writers - n) for n in range(least, writers + 1))


class _Stream:
    """The posts of the history, ready to be dealt to its weeks again and again."""

    def __init__(self, window: Window) -> None:
        self._window = window
        posts = [utterance for counts in window.history for utterance in counts.said(range(counts.posts))]
        self._slots = [number for number, counts in enumerate(window.history) for _ in range(counts.posts)]
        self._voices = [counts.voices for counts in window.history]
        self._terms = [post.terms for post in posts]
        self._writers, self._texts = writers_of(posts), texts_of(posts)
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        for i, post in enumerate(posts):
            for term in post.terms:
                if window.totals.get(term, 0) >= LEAST_VOICES and term not in window.everyday:
                    self._positions[term].append(i)
        self._threshold = ALPHAS[-1] / max(1, len(self._positions))

    def topics(self, found: Sequence[tuple[TestedTerm, Sequence[int]]], alpha: float) -> int:
        """Return how many topics a dealt week prints."""
        limit = self._threshold * alpha / ALPHAS[-1]
        passing = [(term, positions) for term, positions in found if term.weighed <= limit]
        groups = merged((term for term, _ in passing), {term.term: positions for term, positions in passing})
        return min(len(groups), self._window.settings.most)

    def chance_finds(self, chance: Random) -> Iterator[list[tuple[TestedTerm, Sequence[int]]]]:
        """Deal the posts to the weeks and yield, for each week with any, the terms that stand out."""
        slots = self._slots.copy()
        chance.shuffle(slots)
        found: defaultdict[int, list[tuple[TestedTerm, Sequence[int]]]] = defaultdict(list)
        for term, positions in self._positions.items():
            by_week = Counter([slots[i] for i in positions])
            if max(by_week.values()) >= LEAST_VOICES:
                self._test(term, [(slots[i], i) for i in positions], found)
        yield from found.values()

    def _test(
        self,
        term: str,
        placed: Sequence[tuple[int, int]],
        found: defaultdict[int, list[tuple[TestedTerm, Sequence[int]]]],
    ) -> None:
        by_week: defaultdict[int, list[int]] = defaultdict(list)
        for week, i in placed:
            by_week[week].append(i)
        weekly = {
            week: voices([self._writers[i] for i in posts], [self._texts[i] for i in posts])
            for week, posts in by_week.items()
        }
        weeks = range(len(self._window.history))
        total, most_usual = sum(weekly.values()), (len(weeks) - 1) / LEAST_RATIO
        for week, y in weekly.items():
            if y < LEAST_VOICES or y * most_usual < total - y:
                continue  # as ``rise`` would say, without counting the other weeks
            others = [weekly.get(each, 0) for each in weeks if each != week]
            voices_before = sum(self._voices) - self._voices[week]
            p = rise(y, others, voices_now=self._voices[week], voices_before=voices_before)
            if p is not None and p * KINDRED_WEIGHT <= self._threshold:
                said = [(self._texts[i], self._terms[i]) for i in by_week[week]]
                weighed = p * KINDRED_WEIGHT if are_kindred(said, term, self._window.everyday) else p
                tested = TestedTerm(term=term, y=y, total=total - y, p=p, weighed=weighed)
                found[week].append((tested, by_week[week]))
