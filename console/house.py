"""What the pages ask for: the functions that the command line calls too, so that both tell the same."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from console.desk import Desk
from console.open.front import Front
from programme.guidelines import Guidelines
from programme.messages import Messages
from programme.types import Configuration, Role
from programme.week import Week

if TYPE_CHECKING:
    from collector.coverage import CoverageReport
    from console.access.oidc import Provider
    from console.orders import Offer, Order, Ordered
    from console.vitals import Sample
    from corpus.api_keys import ApiKey
    from corpus.classified import Selection
    from corpus.decisions import DecisionKind
    from corpus.edits import Seen
    from corpus.issues import StoredIssue
    from corpus.people import Person
    from corpus.post import ClassifiedPost, Label
    from corpus.reviews import Outcome
    from corpus.search import Found
    from corpus.search_query import Filters
    from corpus.store import Corpus
    from digest.privacy.document import Document
    from trends.decided import Follow


class Finder(Protocol):
    """Finds posts."""

    def __call__(self, line: str, filters: "Filters", *, limit: int, key: str | None) -> "Found":
        """Return a page of the posts that answer a line, newest first.

        Raises:
            QuestionError: the line, or the key, cannot mean anything.
        """


class KnownTopic(Protocol):
    """A topic that an issue told of."""

    @property
    def key(self) -> str:
        """Its identity over weeks."""

    @property
    def label(self) -> Mapping[str, str]:
        """Its names by language, as it is told from now on."""

    @property
    def state(self) -> str:
        """Of the newest issue that told of it; ``dismissed``, or ``merged``."""

    @property
    def first_seen(self) -> str:
        """Day of the earliest post on it, else the first issue."""

    @property
    def weeks(self) -> tuple[str, ...]:
        """Issues that told of it, oldest first."""

    @property
    def head(self) -> str:
        """Key of the topic under which it is told."""

    @property
    def shown(self) -> str:
        """One of its names."""


class Follower(Protocol):
    """Stores that a topic or words are followed, or no more."""

    def __call__(self, wanted: str, *, who: str) -> "Follow":
        """Return what is meant.

        Raises:
            MisuseError: that would change nothing, several are meant, or no word of it is ever counted.
        """


class Decider(Protocol):
    """Stores what a coordinator decides."""

    def __call__(
        self,
        kind: "DecisionKind",
        topic: str,
        *,
        who: str,
        other: str | None = None,
        label: Mapping[str, str] | None = None,
    ) -> KnownTopic:
        """Return the topic as it stands from now on.

        Raises:
            MisuseError: nobody knows the topic, or the decision would change nothing.
        """


class PersonAdder(Protocol):
    """Lets people in."""

    def __call__(self, address: str, role: str, name: str | None, subject: str | None, *, who: str) -> "Person":
        """Return who is let in, or has another name or role now.

        Raises:
            MisuseError: the address or role is none, or another person has the name.
        """


class KeyAdder(Protocol):
    """Makes keys of the API."""

    def __call__(self, name: str, scopes: Sequence[str], *, who: str) -> "tuple[str, ApiKey]":
        """Return a token, which is told this once, and the key's record.

        Raises:
            MisuseError: it has no name, or a scope is none.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a source has cost in this calendar month."""

    source: str
    spent_usd: float
    limit_usd: float | None
    """At which it stops; None: it may cost whatever it costs."""
    resets_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the corpus takes of the machine's disk, in bytes."""

    database: int | None
    """None where the database is a server."""
    free: int
    total: int
    least: int
    """What must stay free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail of an issue, as a browser can show it."""

    subject: str
    html: str
    """With its pictures inside; its bytes as a mail are ``size``."""
    text: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The post that is asked about next."""

    post: "ClassifiedPost"
    answers: "ClassifiedPost | None"
    """What the post answers."""
    is_blind: bool
    """Nothing may be shown of what the classifier guessed."""
    left: int
    """Posts of this round that wait, this one included."""
    proposed: str | None = None
    """Standing that a reader proposed by mail; None where nobody did, or it may not be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What the classifier in use has learnt from people's labels."""

    trained_at: datetime | None
    """None: never from labels of the corpus."""
    new_labels: int
    """Given since."""
    due_at: int
    """New labels at which it is trained at once, not at night."""
    report: Mapping[str, Any]
    """Its evaluation, as ``evaluate --json`` tells it; nothing where none was made."""
    compared: int | None
    """Posts without a label that the version before had judged too; None where nobody compared."""
    changed: int
    """Of these, how many have another standing now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The rest of the program, as the pages see it."""

    configuration: Configuration
    messages: Messages
    corpus: "Corpus"
    clock: Callable[[], datetime]
    week: Callable[[str | None], Week]
    """The named week, else the last whole one."""
    coverage: Callable[[Week], "CoverageReport"]
    find: Finder
    privacy: Callable[[str], "Document"]
    """The privacy notice in a language."""
    mail: Callable[["StoredIssue", str, Role], Mail]
    """The mail of an issue in a language, for a role: of a draft as it would be approved now, else as it was frozen."""
    approve: "Callable[[Week, str, Seen], None]"
    """Freeze a week's draft; second, who does it; third, the draft that they looked at.

    Raises:
        IssueStateError: it is no draft any more.
        DraftChangedError: it was made anew, or edited, since.
    """
    desk: Desk
    """What editors do with it."""
    deadline: Callable[["StoredIssue"], datetime | None]
    """When it is sent though nobody approved it; None: never."""
    budgets: Callable[[], list[Budget]]
    room: Callable[[], Room]
    ahead: Callable[[AbstractSet[int]], Ahead | None]
    """The post to label next, but for those with these ids; None: nothing waits."""
    answer: Callable[[int, str, str], "tuple[Outcome, Label]"]
    """Store what is said of a post that was asked about: its id; a theme's slug, ``none`` or ``unsure``; by whom."""
    take_back: Callable[[int, str, datetime], bool]
    """Remove the label of a post that somebody gave at an instant; False: there is none."""
    guidelines: Callable[[], Guidelines]
    learning: Callable[[], Learning]
    vitals: "Callable[[], list[Sample]]"
    """The figures that monitoring reads."""
    known_topics: Callable[[], Sequence[KnownTopic]]
    """Topics of all issues, the newest told first."""
    decide_topic: Decider
    following: "Callable[[], Sequence[Follow]]"
    """What coordinators follow, in the order in which it was taken up."""
    follow: Follower
    unfollow: Follower
    covered: Callable[[Week, int], Callable[[Week], bool]]
    """Which of so many weeks up to one were collected well enough to be compared."""
    counts: "Callable[[str, Sequence[tuple[datetime, datetime]], Filters], list[tuple[int, bool]]]"
    """How many posts of each period answer a line, and whether that is all of them.

    Raises:
        QuestionError: the line cannot mean anything.
    """
    offer: "Callable[[Selection, str], Offer]"
    """What a selection comes to now, and what a person may be handed of it."""
    take_order: "Callable[[Order], Ordered]"
    """Remember an order, which waits to be made.

    Raises:
        MisuseError: it lacks a plan, a person, or that the terms were accepted.
    """
    make_order: "Callable[[str, Order], None]"
    """Make what was ordered under a number."""
    orders: "Callable[[], list[Ordered]]"
    """Newest first."""
    order_file: "Callable[[str], tuple[Ordered, Path] | None]"
    """An order and its file, while there is one."""
    manifest_of: Callable[[Path], dict[str, Any]]
    """What a package tells of itself."""
    has_pseudonyms: bool
    """Whether the key is set without which nothing pseudonymised can be made."""
    found_as_json: Callable[["Found"], dict[str, object]]
    coverage_as_json: Callable[[Week], dict[str, object]]
    """As the commands `search` and `coverage` print them."""
    version: str
    add_person: "PersonAdder"
    add_key: "KeyAdder"
    mail_link: Callable[["Person", str, str], None]
    """Mail somebody the address that logs them in; third, the language."""
    provider: "Provider | None"
    """The organisation's own login, where that is the way in."""
    front: Front
    """What the open pages ask for."""
    report: Callable[[BaseException], None]
    """Tell the log of what nobody foresaw, without anything that a person wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who may come in, and how."""

    hosts: frozenset[str]
    """Names, in lower case and without a port, by which a browser may call the console."""
    secret: str
    """Signs what browsers bring back."""
    login: Literal["none", "magic-link", "oidc"]
    base: str
    """The console's own address as its people know it, without a stroke at its end."""
    body_limit: int = 1_000_000
    """Bytes of a form."""
    body_seconds: float = 20.0
    """How long a form may take to arrive."""
    metrics_token: str | None = None
    """By which monitoring on other machines reads the figures; None: only this machine may, and needs none."""

    @property
    def is_secure(self) -> bool:
        """Whether its people reach it over an encrypted line."""
        return self.base.startswith("https://")


TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
