"""Every table that the code declares: what migrations must come to."""

from corpus import tables, work_tables
from corpus.row import Row

__all__ = ["METADATA", "tables", "work_tables"]

METADATA = Row.metadata
