"""Structured logs on standard error: events and ids, never a text, an author, an address or a secret."""

import logging
import sys

import structlog

_NOISY = ("tweepy", "urllib3", "mastodon", "mail.log", "apscheduler", "httpx", "alembic")
"""Libraries whose own logs hold tokens, addresses or nothing of use."""


def configure(*, quiet: bool) -> None:
    """Send log lines to standard error as ``event key=value``; quiet: warnings and worse only."""
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
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
