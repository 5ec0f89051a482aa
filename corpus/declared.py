"""Every table that the code declares: what migrations must come to."""

from corpus import staff_tables, tables, work_tables
from corpus.row import Row

__all__ = ["METADATA", "staff_tables", "tables", "work_tables"]

METADATA = Row.metadata
