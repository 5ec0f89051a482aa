"""What goes into an export, counted as it goes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, compress

from corpus.columnar import PostColumns
from corpus.export.projection import Projection, Row
from corpus.exports import refuse_beyond
from corpus.held import Held


@dataclass(slots=True, kw_only=True)
class Taken:
    """The posts of one export."""

    room: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By network: posts that the person was handed today, and how many a day allows."""
    held: Held = field(default_factory=Held)
    gone: Counter[str] = field(default_factory=Counter)
    networks: Counter[str] = field(default_factory=Counter)
    """Posts with text by network."""
    models: Counter[str] = field(default_factory=Counter)
    """Posts by the classifier version that judged them."""
    guidelines: Counter[str] = field(default_factory=Counter)
    """Labels by the guideline version; empty text where none was told."""
    posts: int = 0

    def from_(self, rows: Iterator[tuple[int, Row]], project: Projection, *, ids_only: bool) -> Iterator[Row]:
        """Yield the rows that may leave.

        Raises:
            LimitReachedError: a day's posts of a network are used up.
        """
        for post_id, row in rows:
            if row["gone"] is not None:
                self.gone[row["gone"]] += 1
            projected = project(row) if not ids_only or row["gone"] is None else None
            if projected is None:
                continue
            self.posts += 1
            if row["gone"] is None:
                self.held.add(post_id, row["text"])
                if not ids_only:
                    self._count(row)
            yield projected

    def whole(self, batches: Iterator[PostColumns]) -> Iterator[PostColumns]:
        """Yield columns, all of whose posts leave as they are; a day's limits are for ``from_`` alone."""
        for batch in batches:
            self.posts += len(batch)
            present = [gone is None for gone in batch.gone]
            self.gone.update(filter(None, batch.gone))
            self.held.add_all(compress(batch.post_id, present), compress(batch.text, present))
            self.networks.update(compress(batch.network, present))
            self.models.update(row[0] for row in compress(batch.predictions, present) if row and row[0])
            labels = chain.from_iterable(compress(batch.labels, present))
            self.guidelines.update(label.guideline or "" for label in labels)
            yield batch

    def _count(self, row: Row) -> None:
        network = row["network"]
        self.networks[network] += 1
        if network in self.room:
            handed, limit = self.room[network]
            refuse_beyond(handed, self.networks[network], network, limit)
        if row["model"]:
            self.models[row["model"]] += 1
        for label in row["labels"]:
            self.guidelines[label["guideline"] or ""] += 1
