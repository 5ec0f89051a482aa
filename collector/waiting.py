"""A time that a network names beside a source's round holds for the round too."""

from datetime import datetime

from collector.errors import SourceError
from corpus.ledger import SourceState
from corpus.store import Corpus


def keep_waiting(
    corpus: Corpus, name: str, trouble: SourceError | None, not_before: datetime | None, now: datetime
) -> None:
    """Make the source's next round keep the time that the network named."""
    before = corpus.ledger.source_state(name)
    resume_at = trouble.resume_at if trouble is not None else not_before
    if trouble is not None and resume_at is None and trouble.pause is not None:
        resume_at = now + trouble.pause.first
    if resume_at is None or resume_at <= now:
        return
    state = trouble.state if trouble is not None else "rate_limited"
    corpus.ledger.set_source_state(
        SourceState(
            source=name,
            state=state,
            since_at=before.since_at if before is not None and before.state == state else now,
            last_success_at=before.last_success_at if before is not None else None,
            resume_at=max(resume_at, (before.resume_at if before is not None else None) or resume_at),
            problem=str(trouble) if trouble is not None else before.problem if before is not None else None,
        )
    )
