"""An issue of the weekly digest: one set of numbers, from which every language and both lengths are written.

An issue holds no post's text and no author: only keys of posts, looked up when it is rendered. A post that was deleted
meanwhile is therefore gone from old issues too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from digest.collected import Coverage
from digest.matters import Followed, NamedCount, Record, Topic, TopicNotes
from programme.edition import Edition
from programme.errors import KuntakaikuError
from programme.types import Localised
from programme.week import Week

Kind = Literal["normal", "quiet", "failed"]
"""A week with posts; one with hardly any although collection worked; one whose numbers are incomplete."""
Level = Literal["usual", "more", "fewer", "mixed", "unknown"]
"""Posts against the weeks before; more or fewer only where the writers are, too, else mixed."""


class StoredIssueError(KuntakaikuError):
    """The numbers of a stored issue are not in a form that this version reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """What the mail says of the programme."""

    name: Localised
    page: Localised
    """Heads the mail."""
    hashtags: tuple[str, ...]
    languages: tuple[str, ...]
    time_zone: str
    mastodon: str = "https://mastodon.social"
    """The server on which the footer invites to the hashtag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualRange:
    """Lowest and highest weekly number of posts, or of writers, in the weeks before."""

    low: int
    high: int
    weeks: int
    """How many weeks were collected and compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: a theme, or none of them, unclear, the total."""

    slug: str
    """A theme's slug, ``none``, ``unsure`` or ``total``."""
    name: Localised
    """Empty for the lines that the catalogues name."""
    short_name: Localised
    gloss: Localised
    series: tuple[int | None, ...]
    """Posts a week, oldest first, this week last, all by one classifier; None for a week that was not collected."""
    is_news: bool = False
    """More than noise, by the test of the trends."""
    low: int | None = None
    """Usual range by the same test; None where the history is too short."""
    high: int | None = None
    loudest: int = 0
    """Posts of this week by the account that wrote most of them."""

    @property
    def now(self) -> int:
        """Posts this week."""
        return self.series[-1] or 0

    @property
    def before(self) -> int | None:
        """Posts in the week before; None where it was not collected."""
        return self.series[-2] if len(self.series) > 1 else None

    @property
    def rise(self) -> int:
        """Posts more than in the week before; negative where fewer, 0 where unknown."""
        return 0 if self.before is None else self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyCount:
    """Copies of one text, which count once."""

    extra: int
    """Posts left out of every other number."""
    texts: int
    """Texts that came more than once."""
    accounts: int
    """Accounts behind them."""
    extra_before: int | None
    """The same in the week before; None where it was not collected."""
    widest: int
    """Accounts of the text that came from most accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A telling post or discussion of a theme."""

    post: str
    """Key of the post, or of the discussion's first post."""
    posts: int = 1
    """Posts of the discussion in this week; 1 for a lone post."""
    networks: tuple[str, ...] = ()
    language: str | None = None
    """Of the discussion's posts; None where they differ or it is unclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What was said on one theme."""

    slug: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A post of which the classifier could not tell the theme."""

    post: str
    candidates: tuple[str, ...]
    """The likeliest two, as slugs or ``none``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """How a week differs from what was printed, for one line of the table, by cause."""

    slug: str
    printed: int
    now: int
    by_labels: int
    by_model: int
    by_late: int
    by_deletions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What changed since a week was printed; each moved post has exactly one cause."""

    week: Week
    labels: int
    """Posts whose theme a person changed."""
    model: int
    """Posts whose theme another version of the classifier changed."""
    late: int
    deletions: int
    rows: tuple[Recount, ...]
    """Only the lines that differ."""

    @property
    def differences(self) -> int:
        """Posts that count differently than printed."""
        return self.labels + self.model + self.late + self.deletions


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often the classifier was right in the sample drawn at random of the last four closed weeks."""

    labelled: int
    """Posts labelled for the audit since the beginning: below fifty no percentage is told."""
    n: int
    """Labelled posts of these weeks."""
    right: int
    unclear: int
    """Of ``n``, left unclear by the classifier; never right."""
    share: float | None
    """Of all posts, each week counted by its posts; None while too few are labelled."""
    low: float | None
    """Of the 95 % interval."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierFacts:
    """Who judged the posts."""

    version: str | None
    """None: nothing has been classified yet."""
    trained_at: datetime | None
    trained_on: int
    """Posts checked by people that it learned from; 0 for a cold start."""
    accuracy: Accuracy | None = None
    """None: nobody has looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One post as this issue counted it: what every number rests on."""

    post: str
    standing: str
    """A theme's slug, ``none`` or ``unsure``."""
    by: Literal["label", "prediction"] | None
    discussion: str | None = None  # where that counts as one


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One digest of one week."""

    week: Week
    kind: Kind
    programme: ProgrammeFacts
    composed_at: datetime
    demonstration: bool
    """The posts are a demonstration's, and every mail says so."""
    posts: int
    """Copies of one text counted once."""
    writers: int
    discussions: int
    """Exchanges of at least two posts by at least two writers."""
    usual: UsualRange | None
    level: Level
    themes: tuple[Row, ...]
    none: Row
    unclear: Row
    total: Row
    awaiting: int
    """Not classified yet; they count as unclear."""
    copies: CopyCount
    projects: tuple[NamedCount, ...]
    phenomena: tuple[NamedCount, ...]
    languages: Mapping[str, int]
    """Most posts first; a code, ``other`` or ``unsure``."""
    found_by: Mapping[str, int]
    """``hashtag``, ``thread``, ``account``, ``word``, ``feed`` or ``import``."""
    topics: tuple[Topic, ...]
    recurring: tuple[Topic, ...]
    topic_notes: TopicNotes
    sections: tuple[Section, ...]
    doubts: tuple[Doubt, ...]
    corrections: Corrections | None
    """None where no issue of the week before was made."""
    coverage: Coverage
    classifier: ClassifierFacts
    counted: tuple[Counted, ...] = field(default=())
    usual_writers: UsualRange | None = None
    correction: int = 0
    """0: the week's own digest; 1 the first correction of it."""
    corrected: Corrections | None = None
    """How a correction's numbers differ from those that it corrects."""
    explanation: Localised = field(default_factory=lambda: Localised({}))
    """What a person says of the correction, by language."""
    places: tuple[NamedCount, ...] | None = None
    """Municipalities, regions and counties that posts speak of, most first; None in an issue of an older version."""

    followed: tuple[Followed, ...] | None = None
    """What coordinators follow; None in an issue of an older version."""
    record: Record | None = None
    """Of the topics of earlier issues; None in an issue of an older version."""

    @property
    def rising(self) -> tuple[Topic, ...]:
        """What more people wrote about, strongest first."""
        return tuple(topic for topic in self.topics if topic.state != "fading")

    @property
    def key(self) -> str:
        """Its name, like ``2026-W47``, or ``2026-W47.1`` for a correction."""
        return str(Edition(week=self.week, correction=self.correction))

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every line that makes up the total."""
        return (*self.themes, self.none, self.unclear)

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """Keys of the posts that a rendering looks up, each once."""
        keys = [key for topic in self.rising for key in topic.examples[:1]]
        keys += [item.post for section in self.sections for item in section.items]
        keys += [doubt.post for doubt in self.doubts]
        return tuple(dict.fromkeys(keys))

    def as_json(self) -> dict[str, Any]:
        """Return every number and what it rests on, as plain JSON values; ``from_json`` reads them back."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    @classmethod
    def from_json(cls, document: object) -> "Issue":
        """Return a stored issue.

        Raises:
            StoredIssueError: the document is no issue, or one of another form.
        """
        try:
            return msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise StoredIssueError(
                f"A stored issue cannot be read: {error}.", "It was written by another version of Kuntakaiku; upgrade."
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """What may be shown of one post, by the quoting rules, when an issue is rendered."""

    style: Literal["x", "organisation", "text", "link"]
    """As X asks; by a listed organisation; a private person's text without a name; only a link."""
    network: str
    url: str | None
    created_at: datetime
    language: str | None
    text: str = ""
    name: Localised = field(default_factory=lambda: Localised({}))
    """The organisation's, in the reader's language, or the author's display name on X."""
    handle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Who let the issue go out."""

    approved_at: datetime | None
    """None: it was sent without review because the deadline had come."""
