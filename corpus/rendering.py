"""The bytes of an approved issue."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from corpus.reading import RowTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The bytes of an approved issue in one language for one role."""

    issue: str
    language: str
    role: str
    subject: str
    text: str
    html: str
    charts: Mapping[str, bytes] = field(default_factory=dict)
    """Content id to PNG."""
    sha256: str = ""
    """Over all of the above; filled in when approved."""

    @property
    def packed_charts(self) -> bytes:
        """The charts as they are stored."""
        return msgspec.msgpack.encode(dict(self.charts))

    def digest(self) -> str:
        """Return the SHA-256 over everything that is mailed."""
        parts = (self.issue, self.language, self.role, self.subject, self.text, self.html, dict(self.charts))
        return hashlib.sha256(msgspec.msgpack.encode(parts, order="sorted")).hexdigest()


def rendering_of(row: RowTuple) -> Rendering:
    """Return the bytes of a row of renderings."""
    issue, language, role, subject, text, html, charts, sha256 = row
    return Rendering(
        issue=issue,
        language=language,
        role=role,
        subject=subject,
        text=text,
        html=html,
        charts=msgspec.msgpack.decode(charts, type=dict[str, bytes]),
        sha256=sha256,
    )
