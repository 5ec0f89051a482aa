"""What is known of a post at each stage, from the network's answer to the judged post.

What an import makes and compares once for each post is a struct: it costs a tenth of a dataclass (decision 0012).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

Via = Literal["hashtag", "thread", "account", "word", "import"]
Gone = Literal["deleted", "opted_out", "erased", "expired", "withheld"]


class Author(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who made a post, as the network says."""

    native_id: str
    handle: str | None
    """Without a leading ``@``; on Mastodon with the server."""
    name: str | None
    """Display name."""


class Counts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Public figures of a post as its network last reported them; None where it reports none."""

    replies: int | None = None
    reposts: int | None = None
    likes: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A public utterance as a source returned it; instants are aware UTC."""

    network: str
    native_id: str
    """The network's id, as text."""
    author: Author | None
    text: str | None
    """Plain text without U+0000 and lone surrogates, cut to the configured length; None where it may not be kept."""
    created_at: datetime
    """According to the network."""
    via: Via
    """How it came in."""
    url: str | None = None
    lang: str | None = None
    """Language tag as the network or the archive says; often wrong."""
    edited_at: datetime | None = None
    """According to the network; None where it was never edited or the network does not tell."""
    reply_to: str | None = None
    """Native id of the post it answers, on the same network."""
    quote_of: str | None = None
    repost_of: str | None = None
    discussion: str | None = None
    """The network's conversation id, or the native id of the thread's first post."""
    hashtags: tuple[str, ...] = ()
    """Casefolded, without ``#``, in order of appearance, each once."""
    links: tuple[str, ...] = ()
    """Expanded addresses, never fetched."""
    counts: Counts = field(default_factory=Counts)
    quotes: int | None = field(default=None, compare=False)
    """Posts that quote it, as the network last reported; None where it reports none, or shows none of them.

    It decides whether the discussion is asked for and is no part of the post: it changes with each sighting.
    """
    cut_from: int | None = None
    """Characters of the whole text where it was cut."""
    gone: Gone | None = None
    """Why the text is not kept."""
    raw: bytes | None = None
    """The post's own payload as sent, JSON in UTF-8; None for archives of our own format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A post in the corpus."""

    post: Post
    post_id: int
    """Ours; never leaves the house."""
    source: str
    """Name of the configured source that brought it first, or ``import``."""
    first_seen_at: datetime
    """When it first came in, by our clock."""
    last_seen_at: datetime
    lang: str | None = None
    """Language as the classifier identified it; None until classified."""
    cluster: str | None = None
    """Near-identical texts share it: native id of the first of them; None where the text stands alone."""
    discussion: str | None = None
    """``network:native_id`` of the earliest post of its discussion across networks (``corpus.discussion``).

    None until it is placed, and where it was not looked up.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A person's judgement of a post; it always wins over a prediction."""

    theme: str | None
    """A theme's slug, None for none of them, or ``unsure``."""
    by: str
    """Who, as name or initials."""
    at: datetime
    guideline: str | None = None
    """Version of the guideline in force."""
    blind: bool = False
    """Given without seeing the classifier's guess."""
    audit: bool = False
    """Given for a post of the audit sample: drawn at random, not chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the classifier says what it says."""

    kind: str
    """``word``, ``against``, ``seed``, ``nearest``; or an abstention: ``off_topic``, ``unsure``, ``empty``."""
    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The classifier's judgement of one text."""

    model: str
    """Version of the classifier: one version's predictions can be compared with each other."""
    lang: str
    """Identified language: a code, ``other`` or ``unsure``."""
    theme: str | None
    """Primary theme; None when unsure or off topic, and ``reasons`` says which."""
    themes: tuple[str, ...]
    """Every theme above its own threshold, strongest first."""
    confidence: float
    """Calibrated probability, 0 to 1, that ``theme`` (or none of them) is right."""
    scores: Mapping[str, float]
    """A probability for every theme and for ``none``; they sum to 1."""
    reasons: tuple[Reason, ...] = ()
    projects: tuple[str, ...] = ()
    phenomena: tuple[str, ...] = ()

    @property
    def could_be(self) -> tuple[str, ...]:
        """Slugs, or ``none``, of which one is right in nine of ten cases, where the classifier is unsure."""
        doubt = next((reason.text for reason in self.reasons if reason.kind == "unsure"), "")
        return tuple(doubt.split(", ")) if doubt else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedPost:
    """A stored post with what people and the classifier say of it."""

    stored: StoredPost
    prediction: Prediction | None
    labels: tuple[Label, ...] = ()
    """Oldest first; the newest decides."""

    @property
    def theme(self) -> str | None:
        """The primary theme; None when none of them or unclear, which ``standing`` tells apart."""
        standing = self.standing
        return None if standing in ("none", "unsure", "unclassified") else standing

    @property
    def standing(self) -> str:
        """A theme's slug, ``none`` (of the themes), ``unsure``, or ``unclassified`` (nobody has looked yet)."""
        if self.labels:
            return self.labels[-1].theme or "none"
        if self.prediction is None:
            return "unclassified"
        if self.prediction.theme is not None:
            return self.prediction.theme
        abstained = {reason.kind for reason in self.prediction.reasons}
        return "none" if "off_topic" in abstained else "unsure"

    @property
    def theme_by(self) -> Literal["label", "prediction"] | None:
        """Who decided."""
        return "label" if self.labels else "prediction" if self.prediction else None
