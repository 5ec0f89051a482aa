"""What every part of a page is written from, and the few phrases that several parts share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from digest.blocks import Chart, Run, Sentence
from digest.charts import spark_text, sparkline
from digest.edits import EditedIssue
from digest.inert import one_line, shorten
from digest.issue import Issue, Review, Row, ShownPost
from digest.matters import Followed, Topic
from digest.slots import ticket_slot
from digest.speech import Speaker
from programme.types import Role

LONGEST_LABEL = 60
"""Characters of a topic's label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a page holds; tightened by rule until it is small enough for every mail program."""

    items: int = 2
    """Posts and discussions a theme."""
    quote: int = 420
    """Characters of a quotation; a post of X is never shortened but linked instead."""
    topics: int = 3
    sections: int = 12
    """Themes that have a section; the table shows all."""
    rows: int = 60
    """Lines of the table."""
    names: int = 12
    """Projects, phenomena, languages of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a mail may lead; what does not exist is not linked."""

    issue: str | None = None
    """This issue's page in the archive, without a token: fit to be shared."""
    archive: str | None = None
    review: str | None = None
    """Where editors judge unclear posts."""
    privacy: str | None = None
    accessibility: str | None = None
    theme: str | None = None
    """What stands before a recipient's right to judge a post's theme."""
    preferences: bool = False
    """Whether the slot of each recipient's settings will be filled."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """One rendering in the making."""

    edited: EditedIssue
    shown: Mapping[str, ShownPost]
    speak: Speaker
    role: Role
    limits: Limits = field(default_factory=Limits)
    addresses: Addresses = field(default_factory=Addresses)
    review: Review | None = None
    is_archived: bool = False
    """A page for everybody: whole, and without anything that is one recipient's own."""
    charts: dict[str, bytes] = field(default_factory=dict)
    """Filled as parts draw."""

    @property
    def issue(self) -> Issue:
        """The issue with what is shown of it alone."""
        return self.edited.issue

    @property
    def is_editors(self) -> bool:
        """Whether this is the full mail."""
        return self.role != "reader"

    def more(self, count: int) -> Sentence:
        """Return how much was left out, with a link to the page that holds it."""
        said = self.speak.text("digest.and_more", n=self.speak.number(count))
        if self.is_archived or self.addresses.issue is None:
            return (Run(text=said),)
        return (Run(text=said.rstrip("."), href=self.addresses.issue),)  # before an address no full stop

    def judge(self, post: str) -> Run | None:
        """Return the link by which a recipient judges the theme of a post; None where there is none."""
        if self.addresses.theme is None or self.is_archived or post not in self.edited.places:
            return None
        slot = ticket_slot(self.edited.places.index(post))
        words = self.speak.text(f"digest.post.{'change_theme' if self.is_editors else 'wrong_theme'}")
        return Run(text=words, href=f"{self.addresses.theme}{slot}?lang={self.speak.wanted}")

    def theme(self, slug: str) -> Run:
        """Return what a line of the table is called within a sentence."""
        row = next((row for row in self.issue.themes if row.slug == slug), None)
        if row is None:
            return Run(text=self.speak.text(f"digest.row.{slug if slug in ('none', 'unsure') else 'unsure'}").lower())
        return self.speak.name(row.short_name)

    def quoted_theme(self, slug: str) -> Run:
        """Return a theme's name as it stands in a sentence, in quotation marks: no ending has to be put to it."""
        name = self.theme(slug)
        return replace(name, text=self.speak.quoted(name.text))

    def head(self, row: Row) -> Run:
        """Return what a line of the table is called."""
        return self.speak.name(row.name) if row.name else Run(text=self.speak.text(f"digest.row.{row.slug}"))

    def label(self, topic: Topic | Followed, *, quoted: bool = True) -> Run:
        """Return a topic's label in the reader's language, else as it was written."""
        spoken = self.speak.wanted if self.speak.wanted in topic.label else topic.language
        text = shorten(one_line(topic.label.get(spoken) or next(iter(topic.label.values()))), LONGEST_LABEL)
        foreign = spoken if spoken not in (self.speak.language, "unsure", "other") else None
        return Run(text=self.speak.quoted(text) if quoted else text, language=foreign)

    def draw(self, name: str, series: tuple[int | None, ...]) -> Chart:
        """Return a small chart of a weekly series, its picture kept for the mail."""
        cid = f"{self.issue.key.lower()}.{name}@kuntakaiku"
        self.charts[cid] = sparkline(series)
        return Chart(cid=cid, alt=self.alt(series), width=80, height=24, spark=spark_text(series))

    def alt(self, series: tuple[int | None, ...]) -> str:
        """Return a weekly series in words."""
        first = self.issue.week.plus(1 - len(series))
        values = [self.speak.text("digest.table.gap") if n is None else self.speak.number(n) for n in series]
        return self.speak.text(
            "digest.table.series", first=first.number, last=self.issue.week.number, values=self.speak.listed(values)
        )
