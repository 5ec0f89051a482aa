"""The sources: their last success, long silence, their streams, and tokens past their time."""

import json
from base64 import urlsafe_b64decode
from binascii import Error as BadBase64Error
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from programme.values import secret_name
from runtime.checks.check import Check, Cure, judged
from runtime.settings import PREFIX

if TYPE_CHECKING:
    from runtime.wiring import Program

SILENT_AFTER = timedelta(days=1)
"""Without a success of a source that is switched on."""
QUIET_AFTER = timedelta(days=14)
"""Of whole collection without a single post."""
_COLLECTED = frozenset({"covered", "empty"})
_MOSTLY = 0.5
"""Share of the hours that must have been collected before their silence says anything."""


def sources(program: "Program") -> Iterator[Check]:
    """Look at each enabled source: whether it succeeds, and whether it ever brings anything."""
    now = program.clock()
    states = {state.source: state for state in program.corpus.ledger.source_states()}
    for source in program.configuration.enabled_sources:
        state = states.get(source.name)
        last = state.last_success_at if state else None
        fresh = last is not None and now - last <= SILENT_AFTER
        yield Check(
            name=f"source {source.name}",
            ok=fresh,
            detail=f"last success {last:%Y-%m-%d %H:%M} UTC" if last else "never succeeded",
            cure="" if fresh else (state.problem if state and state.problem else Cure(key="collect")),
        )
        if fresh and (silence := _silence(program, source.name, now)):
            yield Check(name=f"posts of {source.name}", ok=False, detail=silence, cure=Cure(key="source_quiet"))


def _silence(program: "Program", source: str, now: datetime) -> str:
    """Return in words that a source was collected for long and brought nothing; empty where it did not."""
    hours = [
        hour
        for hour in program.corpus.ledger.coverage(now - QUIET_AFTER, now)
        if hour.source == source and hour.state in _COLLECTED
    ]
    enough = len(hours) >= QUIET_AFTER / timedelta(hours=1) * _MOSTLY
    if not enough or any(hour.posts for hour in hours):
        return ""
    return f"collected for {QUIET_AFTER.days} days without a single post"


def streams(program: "Program") -> Iterator[Check]:
    """Look at the streams beside the sources."""
    from collector.stream_state import stream_state

    now = program.clock()
    for source in program.configuration.enabled_sources:
        if source.stream is None:
            continue
        state = stream_state(program.corpus, source.name)
        last = state.last_success_at if state else None
        problem = state.problem if state else None
        lasts = state is not None and problem is not None and now - state.since_at >= source.alert_after
        ok = last is not None and now - last <= SILENT_AFTER and not lasts
        yield Check(
            name=f"stream {source.name}",
            ok=ok,
            detail=f"heard until {last:%Y-%m-%d %H:%M} UTC" if last else "never heard",
            cure="" if ok else (problem or Cure(key="stream")),
        )


def tokens(program: "Program") -> Iterator[Check]:
    """Look for tokens that say themselves that their time is over; none of them leaves this function."""
    now, names = program.clock(), ["X_BEARER_TOKEN", "SMTP_PASSWORD", "IMAP_PASSWORD"]
    names += [f"TOKEN_{secret_name(source.name)}" for source in program.configuration.sources]
    over = {name: at for name in names if (at := _expires_at(program.secrets(name))) is not None and at <= now}
    for name, at in over.items():
        yield Check(
            name=f"token {PREFIX}{name}",
            ok=False,
            detail=f"expired at {at:%Y-%m-%d %H:%M} UTC",
            cure=Cure(key="token", values={"name": PREFIX + name}),
        )
    if not over:
        yield judged("tokens", "", "none says that its time is over", "")


def _expires_at(token: str | None) -> datetime | None:
    """Return when a JSON web token expires; None where it is no such token, or does not say (RFC 7519, 4.1.4)."""
    parts = (token or "").split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        return None
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (BadBase64Error, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
