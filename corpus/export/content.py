"""What a package tells, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.export.taken import Taken
from corpus.exports import Export
from corpus.judgements import ModelRecord
from programme.guidelines import Guidelines
from programme.messages import Messages
from programme.types import ExportSettings, Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """In whose name a package is published, and what is known around its posts."""

    programme: Programme
    messages: Messages
    settings: ExportSettings
    controller: str
    """Who is responsible for the corpus; empty where the configuration does not tell."""
    contact: str
    address: str | None
    """``public_url`` of the installation."""
    version: str
    """Of Kuntakaiku."""
    models: Mapping[str, ModelRecord] = field(default_factory=dict)
    """Known classifier versions."""
    coverage: Mapping[str, Any] = field(default_factory=dict)
    """The report of ``coverage`` over the window, as JSON, without what depends on when it is asked; empty: unknown."""
    accuracy: Mapping[str, Any] = field(default_factory=dict)
    """What the audit sample says of the classifier, as JSON; empty: nobody has looked."""
    guidelines: Guidelines | None = None
    """What belongs to each theme, as people who label read it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is in a package; ``taken`` is complete when the rows are written."""

    export: Export
    taken: Taken

    @property
    def is_open(self) -> bool:
        """Whether it holds counts and no posts."""
        return self.export.projection == "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is told of a written package."""

    content: Content
    publication: Publication
    sha256: str
    """By which it is cited."""
    publisher: str
    year: int
    edition: str
    """Version of the data: the first digits of the hash, so that the same content is the same edition."""
    title: Mapping[str, str]
    """By language."""
    citation: str
    licence: str | None
    """SPDX name; None where the data may not be passed on."""
    networks: tuple[str, ...]
    hashtags: tuple[str, ...]
    models: Mapping[str, int]
    guidelines: Mapping[str, int]
    """Labels by guideline version; empty text where none was told."""
