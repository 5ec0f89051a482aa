"""The name of a trend note: its weeks, and the theme that it is about."""

from dataclasses import dataclass

from programme.errors import MisuseError
from programme.week import Week

PREFIX = "trend-note-"
"""What names of trend notes begin with, and no name of a digest does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteName:
    """The trend note of a span of weeks."""

    first: Week
    last: Week
    theme: str | None = None
    """Slug of the one theme that it is about; None for all."""

    @classmethod
    def named(cls, name: str) -> "NoteName":
        """Return the name of a text like ``trend-note-2026-W40--2026-W44``, with ``--`` and a theme's slug behind.

        Raises:
            MisuseError: no trend note has such a name.
        """
        first, dashes, rest = name.removeprefix(PREFIX).partition("--")
        last, more, theme = rest.partition("--")
        if not is_note(name) or not dashes or (more and not theme):
            raise MisuseError(f"There is no trend note {name!r}.", f"Write it like {PREFIX}2026-W40--2026-W44.")
        return cls(first=Week.named(first), last=Week.named(last), theme=theme or None)

    def __str__(self) -> str:
        return f"{PREFIX}{self.first}--{self.last}" + (f"--{self.theme}" if self.theme else "")


def is_note(key: str) -> bool:
    """Tell whether a key is a trend note's, and not a digest's."""
    return key.startswith(PREFIX)
