"""The name of a digest: its week, and which correction of it it is."""

from dataclasses import dataclass

from programme.errors import MisuseError
from programme.week import Week


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edition:
    """The digest of a week, or one that corrects it."""

    week: Week
    correction: int = 0
    """0: the week's own digest; 1 the first correction of it, and so on."""

    @classmethod
    def named(cls, name: str) -> "Edition":
        """Return the edition of a name like ``2026-W47``, or ``2026-W47.1`` for its first correction.

        Raises:
            MisuseError: there is no such week, or no such number of a correction.
        """
        week, dot, number = name.partition(".")
        # No two names mean one edition.
        if dot and not (number.isascii() and number.isdecimal() and number[0] != "0" and len(number) < 4):  # noqa: PLR2004
            raise MisuseError(f"There is no issue {name!r}.", "Write it like 2026-W47, a correction like 2026-W47.1.")
        return cls(week=Week.named(week), correction=int(number or 0))

    @property
    def original(self) -> "Edition":
        """The week's own digest."""
        return Edition(week=self.week)

    @property
    def following(self) -> "Edition":
        """The next correction."""
        return Edition(week=self.week, correction=self.correction + 1)

    def __str__(self) -> str:
        return f"{self.week}.{self.correction}" if self.correction else str(self.week)
