"""Structured logs on standard error: events and ids, never a text, an author, an address or a secret."""

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from programme.errors import KuntakaikuError

if TYPE_CHECKING:
    from runtime.schedule import Fired

_NOISY = ("tweepy", "urllib3", "mastodon", "mail.log", "httpx", "alembic", "uvicorn")
"""Libraries whose own logs hold tokens, addresses or nothing of use."""


def configure(*, quiet: bool) -> None:
    """Send log lines to standard error as ``event key=value``; quiet: warnings and worse only."""
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    # What a job raises is told by us, without the values that its own lines would show.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    level = logging.WARNING if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def job_ended(fired: "Fired") -> None:
    """Log what came of a scheduled job; worse than partly done is a warning."""
    logger = structlog.get_logger()
    write = logger.info if fired.state in ("done", "partly") else logger.warning
    write("job ended", job=fired.job, slot=fired.slot_at.isoformat(), state=fired.state, **fired.counts)


def job_broke(error: BaseException) -> None:
    """Log what a look at the schedule raised: our own faults in words, others by type and place."""
    from runtime.cli.boundary import unforeseen

    told = error if isinstance(error, KuntakaikuError) else unforeseen(error, error.__traceback__)
    structlog.get_logger().error("look at the schedule failed", problem=told.problem)


def page_broke(problem: str) -> None:
    """Log what a page of the console raised, by type and place."""
    structlog.get_logger().error("page failed", problem=problem)
