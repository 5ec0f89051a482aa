"""How long a round waits for a network: short rests within one allowance; longer waits are left to a later round."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from collector.errors import SourceUnavailableError

T = TypeVar("T")
ALLOWANCE = timedelta(seconds=30)
"""What a round may spend on waiting: the contract's limit."""
_RETRIES = 2
"""Further tries after a fault that may pass within seconds."""


@dataclass(slots=True, kw_only=True)
class Patience:
    """What is left of a round's allowance for waiting."""

    clock: Callable[[], datetime]
    rest: Callable[[float], None]
    """Waits that many seconds."""
    chance: Random
    left: timedelta = field(default=ALLOWANCE)

    def now(self) -> datetime:
        """Return the present instant."""
        return self.clock()

    def wait_until(self, instant: datetime) -> bool:
        """Wait for an instant if the allowance reaches that far; return whether it has come."""
        return self._spend(instant - self.clock())

    def wait_briefly(self, tries: int) -> bool:
        """Wait a moment that grows with the tries so far, at random so that clients do not return in step."""
        return self._spend(timedelta(seconds=2**tries * self.chance.uniform(0.5, 1.0)))

    def timeout(self, usual: float) -> float:
        """Return the seconds that a request may take: the usual, or what is left of the allowance."""
        return max(min(usual, self.left.total_seconds()), min(usual, 1.0))

    def charge(self, duration: timedelta) -> None:
        """Count a time that a request took in vain."""
        self.left -= duration

    def _spend(self, duration: timedelta) -> bool:
        if duration > self.left:
            return False
        if duration > timedelta():
            self.left -= duration
            self.rest(duration.total_seconds())
        return True


def persist(ask: Callable[[], T], patience: Patience) -> T:
    """Return the answer, trying again where that can help within the round's allowance.

    A fault that may pass is tried at most twice more. A request that came too early is repeated once, at the time that
    the network named.

    Raises:
        SourceUnavailableError: it did not help, or the wait is longer than a round may wait.
        SourceRefusedError: asking again cannot help.
    """
    tries, waited = 0, False
    while True:
        began_at = patience.now()
        try:
            return ask()
        except SourceUnavailableError as error:
            if error.resume_at is not None and not waited and patience.wait_until(error.resume_at):
                waited = True
                continue
            patience.charge(patience.now() - began_at)
            if not error.is_passing or tries == _RETRIES or not patience.wait_briefly(tries):
                raise
            tries += 1
