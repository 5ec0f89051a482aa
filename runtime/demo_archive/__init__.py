"""The packaged archive of the demonstration: invented staging around openly licensed and invented texts.

``ATTRIBUTION.md`` says whose texts they are; ``python -m runtime.demo_archive.build`` makes the archive again.
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent
POSTS = HERE / "posts.jsonl.gz"
"""The posts, as ``corpus`` JSONL with two keys more: ``origin`` and ``staged_theme``."""
COVERAGE = HERE / "coverage.json"
"""What the demonstration pretends not to have collected: a list of source, from, to, state, problem."""
FRAGMENT = HERE / "demo.toml"
"""Invented organisations and projects, to be appended to ``programme.toml``."""
SOURCES = HERE / "sources.toml"
"""The sources that the posts pretend to come from: a whole ``sources.toml``, switched off."""
RECIPIENTS = HERE / "recipients.toml"
"""Invented recipients: a whole ``recipients.toml``."""
FIRST_WEEK = "2026-W34"
"""The week of the first posts."""
LAST_WEEK = "2026-W47"
"""The last whole week."""
