"""What the trends hand to the digest and to the command line: plain carriers, nothing computed but JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from programme.week import Week

Change = Literal["more", "fewer", "usual", "unknown"]
Verdict = Literal["lived", "ended", "dismissed", "young"]
State = Literal["new", "growing", "fading", "back", "recurring"]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""One JSON value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One topic that more people wrote of than chance explains."""

    topic: str
    """The topic in the form people wrote, in the language of most of its posts."""
    label: Mapping[str, str]
    """The same for each language in which it was written, by language code; a coordinator's own name where there is."""
    terms: tuple[str, ...]
    """What was counted, strongest first: lemmas, and adjacent pairs of them joined by a space."""
    theme: str | None
    """Slug of the theme of most of its posts; None where no theme holds half of them."""
    state: State
    posts: int
    """Its posts of the week; copies of one text count once."""
    writers: int
    """Voices of the week: neither one person nor one text counts twice."""
    baseline: float
    """Mean voices of a covered week of the history."""
    ratio: float | None
    """Voices against the baseline; None where nobody wrote before."""
    ratio_low: float
    """Lower end of the ratio's 95 % interval."""
    ratio_high: float | None
    """Upper end; None where nobody wrote before."""
    first_seen_at: datetime
    """When the earliest of its posts that we hold was written, according to its network."""
    example_ids: tuple[tuple[str, str], ...]
    """Network and native id of up to three telling posts, the most central first."""
    languages: Mapping[str, int]
    """Posts by language, most first; ``unsure`` where nobody knows."""
    largest_share: float
    """Share of the posts by the writer who wrote most of them."""
    weekly: tuple[int | None, ...]
    """Voices of each week of the history and of this one, oldest first; None where nothing was collected."""
    key: str
    """Identity of the topic over weeks."""
    p: float
    """Probability that chance alone brings so many voices, before allowing for the number of terms looked at."""
    post_ids: frozenset[tuple[str, str]] = frozenset()
    """Network and native id of its posts of the week."""
    joined_by: tuple[str, ...] = ()
    """Kinds of evidence by which parts of several languages were taken for one topic."""
    recurrence_known: bool = False
    """Whether the history reaches a year back, so that ``recurring`` could have been seen."""

    def as_json(self) -> dict[str, Json]:
        """Return the topic as the command line prints it."""
        return {
            "topic": self.topic,
            "label": dict(self.label),
            "terms": list(self.terms),
            "theme": self.theme,
            "state": self.state,
            "posts": self.posts,
            "writers": self.writers,
            "baseline": round(self.baseline, 3),
            "ratio": _rounded(self.ratio),
            "ratio_low": _rounded(self.ratio_low),
            "ratio_high": _rounded(self.ratio_high),
            "first_seen_at": self.first_seen_at.isoformat().replace("+00:00", "Z"),
            "examples": [{"network": network, "native_id": native_id} for network, native_id in self.example_ids],
            "languages": dict(self.languages),
            "largest_share": round(self.largest_share, 3),
            "weekly": list(self.weekly),
            "key": self.key,
            "p": self.p,
            "joined_by": list(self.joined_by),
            "recurrence_known": self.recurrence_known,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A topic of an earlier issue, as far as it is needed to know it again."""

    key: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedWeek:
    """A topic, or words, that coordinators follow, in one week."""

    key: str
    label: Mapping[str, str]
    """By language; of words as they were given, under ``unsure``."""
    is_topic: bool
    """Whether it was a topic when it was taken up; else words."""
    posts: int
    """Copies of one text count once."""
    writers: int
    """Voices."""
    weekly: tuple[int | None, ...]
    """Voices of each week of the history and of this one, oldest first; None where nothing was collected."""
    low: int | None
    """Fewest voices of the last eight covered weeks; None where the week cannot be compared."""
    high: int | None
    """Most voices."""
    change: Change
    """Against the history, by the test of the topics; ``unknown`` where the week cannot be compared."""
    p: float | None

    def as_json(self) -> dict[str, Json]:
        """Return it as the command line prints it."""
        return {
            "key": self.key,
            "label": dict(self.label),
            "kind": "topic" if self.is_topic else "words",
            "posts": self.posts,
            "writers": self.writers,
            "weekly": list(self.weekly),
            "usual": None if self.low is None or self.high is None else [self.low, self.high],
            "change": self.change,
            "p": self.p,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A topic that an issue told as being on the rise."""

    key: str
    label: Mapping[str, str]
    week: Week
    terms: tuple[str, ...]
    baseline: float
    """Mean voices of a covered week before, as printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a topic that an issue raised."""

    key: str
    label: Mapping[str, str]
    week: Week
    """Of the first issue that raised it."""
    verdict: Verdict
    """``lived``: in each of four collected weeks, the first among them, more people wrote of it than before it rose.

    ``ended``: in one of them no more than before. ``young``: too few weeks have passed. ``dismissed``: a coordinator
    said that it is no topic.
    """
    writers: tuple[int, ...]
    """Voices of these weeks, as counted now."""

    def as_json(self) -> dict[str, Json]:
        """Return it as the command line prints it."""
        return {
            "topic": self.key,
            "label": dict(self.label),
            "week": str(self.week),
            "verdict": self.verdict,
            "writers": list(self.writers),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """One text that was spread by several accounts, or many times by one."""

    text_id: tuple[str, str]
    """Network and native id of the earliest of the week's posts with it."""
    accounts: int
    """Distinct authors; a post without an author counts as one."""
    posts: int

    def as_json(self) -> dict[str, Json]:
        """Return the copies as the command line prints them."""
        network, native_id = self.text_id
        return {"network": network, "native_id": native_id, "accounts": self.accounts, "posts": self.posts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What silence means: how large a topic would have been found, and how often chance alone is printed."""

    detectable_in_nine_of_ten: int | None = None
    """Writers of a topic that is found in nine of ten simulated cases; None without enough history."""
    chance_notes_per_quiet_week: float | None = None
    """Topics printed in a week in which nothing happens, measured on shuffled weeks; None until calibrated."""

    def as_json(self) -> dict[str, Json]:
        """Return it as the command line prints it."""
        return {
            "detectable_in_nine_of_ten": self.detectable_in_nine_of_ten,
            "chance_notes_per_quiet_week": _rounded(self.chance_notes_per_quiet_week),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendReport:
    """What stood out in one week."""

    week: Week
    trends: tuple[Trend, ...] = ()
    """Strongest first, at most five."""
    watch_list: tuple[Trend, ...] = ()
    """Clearly weaker than the trends: perhaps chance."""
    dismissed: tuple[str, ...] = ()
    """Keys of topics that stood out and of which a coordinator said that they are none."""
    copies: tuple[Copies, ...] = ()
    """Most accounts first."""
    followed: tuple[FollowedWeek, ...] = ()
    """What coordinators follow, in the order in which they took it up."""
    record: tuple[Fate, ...] = ()
    """What became of the topics that earlier issues raised, oldest first."""
    quiet: Quiet = field(default_factory=Quiet)
    history_weeks: int = 0
    """Covered weeks that the week was compared with."""
    posts: int = 0
    """Posts of the week whose text is kept."""
    voices: int = 0
    """Of the whole week: neither one person nor one text counts twice."""
    note: str | None = None
    """Message key of the reason why nothing can be said; None where silence means that nothing stood out."""

    def as_json(self) -> dict[str, Json]:
        """Return the report as the command line prints it."""
        return {
            "week": str(self.week),
            "trends": [trend.as_json() for trend in self.trends],
            "watch_list": [trend.as_json() for trend in self.watch_list],
            "dismissed": list(self.dismissed),
            "copies": [copies.as_json() for copies in self.copies],
            "followed": [followed.as_json() for followed in self.followed],
            "record": [fate.as_json() for fate in self.record],
            "quiet": self.quiet.as_json(),
            "history_weeks": self.history_weeks,
            "posts": self.posts,
            "voices": self.voices,
            "note": self.note,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
