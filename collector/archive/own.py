"""Archives of our own format: the ``corpus`` JSONL that ``export --format jsonl`` writes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from collector.archive.formats import Found
from collector.archive.records import Record
from collector.unreadable import UNREADABLE, reason_of, rejection, without_lone_surrogates
from corpus.exchange import ImportedRow, apply_rows, from_row
from corpus.ledger import Checkpoint
from corpus.posts import Applied
from corpus.store import Corpus
from programme.types import Programme

_read_row = msgspec.json.Decoder(dict[str, object]).decode


class OwnArchive:
    """Reads posts with all that was known of them: labels, predictions, where they came from."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self._text_limit = programme.text_limit
        self._now = now

    def read(self, record: Record) -> Found[ImportedRow]:
        """Return the post of a line, or why it is none."""
        if record.problem is not None:
            return Found(rejected=(rejection(record.position, record.problem, record.payload),))
        try:
            row = from_row(_fields(record.payload), now=self._now)
        except UNREADABLE as error:
            return Found(rejected=(rejection(record.position, reason_of(error), record.payload),))
        except ValueError as error:
            return Found(rejected=(rejection(record.position, str(error), record.payload),))
        return Found((self._cut(row),))

    def _cut(self, row: ImportedRow) -> ImportedRow:
        text = row.post.text
        if text is None or len(text) <= self._text_limit:
            return row
        cut_from = row.post.cut_from or len(text)
        return replace(row, post=replace(row.post, text=text[: self._text_limit], cut_from=cut_from))

    def store(self, corpus: Corpus, posts: Sequence[ImportedRow], checkpoint: Checkpoint) -> Applied:
        """Store posts and how far the file was read in one transaction, and return what changed."""
        return apply_rows(corpus, posts, now=self._now, checkpoint=checkpoint)


def _fields(payload: bytes) -> dict[str, object]:
    try:
        return _read_row(payload)
    except msgspec.DecodeError:
        return _read_row(without_lone_surrogates(payload))


def open_format(programme: Programme, now: datetime) -> OwnArchive:
    """Return the reader."""
    return OwnArchive(programme, now)
