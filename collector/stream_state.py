"""How far a source's stream was heard, until when it is left alone, and how it fares."""

from datetime import datetime

import msgspec

from collector.errors import SourceError
from corpus.ledger import SourceState, State
from corpus.store import Corpus


class Kept(msgspec.Struct, frozen=True):
    """How far a stream was heard."""

    position: str
    since_at: datetime
    """From when on nothing is missing."""
    reached_at: datetime


class _Trouble(msgspec.Struct, frozen=True):
    """Since when nothing was heard, and why."""

    state: State
    since_at: datetime
    problem: str


_read_kept = msgspec.json.Decoder(Kept).decode


def stream_name(source: str) -> str:
    """Return under what a source's stream is known in the corpus."""
    return f"stream of {source}"


def kept_of(corpus: Corpus, source: str) -> Kept | None:
    """Return how far a stream was heard; None where it never was."""
    checkpoint = corpus.ledger.checkpoint(stream_name(source))
    return _read_kept(checkpoint.value) if checkpoint else None


def rests_until(corpus: Corpus, source: str, now: datetime) -> datetime | None:
    """Return until when a stream is left alone; None where it may be asked."""
    state = corpus.ledger.source_state(source)
    noted = corpus.facts.get(f"{stream_name(source)} rests until")
    named = [state.resume_at if state is not None else None, datetime.fromisoformat(noted) if noted else None]
    return max((instant for instant in named if instant is not None and instant > now), default=None)


def leave_alone(corpus: Corpus, source: str, until: datetime, now: datetime) -> None:
    """Remember until when a stream is left alone."""
    corpus.facts.put(f"{stream_name(source)} rests until", until.isoformat(), now=now)


def note_well(corpus: Corpus, source: str, now: datetime) -> None:
    """Remember that a stream is heard."""
    if _trouble(corpus, source) is not None:
        corpus.facts.put(_fact(source), None, now=now)


def note_trouble(corpus: Corpus, source: str, error: SourceError, now: datetime) -> None:
    """Remember that a stream ended in trouble; it lasts since nothing was heard, whatever its form."""
    before = _trouble(corpus, source)
    since_at = before.since_at if before is not None else now
    trouble = _Trouble(state=error.state, since_at=since_at, problem=str(error))
    corpus.facts.put(_fact(source), msgspec.to_builtins(trouble), now=now)


def stream_state(corpus: Corpus, source: str) -> SourceState | None:
    """Return how a source's stream fares, under the source's name; None where nobody has listened yet."""
    kept, trouble = kept_of(corpus, source), _trouble(corpus, source)
    reached_at = kept.reached_at if kept is not None else None
    if trouble is not None:
        return SourceState(
            source=source,
            state=trouble.state,
            since_at=trouble.since_at,
            last_success_at=reached_at,
            problem=trouble.problem,
        )
    if kept is None:
        return None
    return SourceState(source=source, state="ok", since_at=kept.since_at, last_success_at=reached_at)


def _fact(source: str) -> str:
    return f"{stream_name(source)} in trouble"


def _trouble(corpus: Corpus, source: str) -> _Trouble | None:
    noted = corpus.facts.get(_fact(source))
    return msgspec.convert(noted, _Trouble) if noted else None
