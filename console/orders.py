"""What a researcher orders, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpus.classified import Selection

Content = Literal["package", "text", "coded", "ids", "open"]
CONTENTS: tuple[Content, ...] = ("package", "text", "coded", "ids", "open")
"""A research package; texts and themes; themes without texts; ids alone; open counts."""
FORMATS = ("xlsx", "csv-fi", "csv", "parquet", "jsonl")
"""Of texts and themes."""
OrderState = Literal["waiting", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One export as it is asked for."""

    content: Content
    format: str
    selection: Selection
    plan: str
    person: str
    """To whom it is handed."""
    accepts_terms: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What became of an order."""

    number: str
    by: str
    person: str
    plan: str
    at: datetime
    content: str
    format: str
    state: OrderState
    problem: str = ""
    """Why it failed: ``limit``, ``key``, or what happened in English."""
    export_id: int | None = None
    """Under which it is recorded."""
    posts: int = 0
    sha256: str = ""
    citation: str = ""
    """Of a package."""
    is_there: bool = False
    """Whether its file can be downloaded still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a selection comes to now."""

    networks: Mapping[str, tuple[int, int]]
    """Posts, and posts with their text, by network."""
    left: Mapping[str, int]
    """Posts with their text that the person may be handed today, by network that limits them."""
    limits: Mapping[str, int]

    @property
    def posts(self) -> int:
        """Of all networks."""
        return sum(posts for posts, _ in self.networks.values())

    @property
    def texts(self) -> int:
        """That can be handed over now."""
        return sum(min(texts, self.left.get(network, texts)) for network, (_, texts) in self.networks.items())

    @property
    def beyond(self) -> tuple[str, ...]:
        """Networks of which there are more texts than may be handed over today."""
        return tuple(network for network, (_, texts) in self.networks.items() if texts > self.left.get(network, texts))
