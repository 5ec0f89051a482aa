"""Alembic's scripts, run by ``corpus.schema``."""
