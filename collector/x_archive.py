"""How far a backfill of X's archive has come: each query is answered newest first."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from corpus.post import Post


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """What a backfill writes as its position."""

    done: tuple[str, ...] = ()
    """Queries that are read."""
    query: str = ""
    """The one that is being read."""
    below: datetime | None = None
    """Everything of it that is younger is stored; None: nothing yet."""

    def at(self, query: str) -> "Reached":
        """Return the position at a query: where it was stopped, or at its start."""
        return self if self.query == query else Reached(done=self.done, query=query)

    def after(self, posts: Iterable[Post], *, is_last: bool) -> "Reached":
        """Return the position once a page is stored. X bounds by whole seconds: the last one may be asked for again."""
        if is_last:
            return Reached(done=(*self.done, self.query))
        made = [(post.edited_at or post.created_at).replace(microsecond=0) + timedelta(seconds=1) for post in posts]
        return Reached(
            done=self.done, query=self.query, below=min([*made, *([self.below] if self.below else [])], default=None)
        )

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


_decode = msgspec.json.Decoder(Reached).decode


def read_reached(text: str | None) -> Reached:
    """Return the position of a text; the start where there is none."""
    return _decode(text) if text else Reached()
