"""Archives of X's API v2: pages with includes, flattened posts, recorded answers; one JSON value or one a line."""

from collections.abc import Sequence
from datetime import datetime

from collector.archive.formats import Found
from collector.archive.records import Record
from collector.unreadable import rejection
from collector.x_page import Reading, read_page
from collector.x_post import NETWORK
from corpus.changes import decide
from corpus.ledger import Checkpoint
from corpus.post import Post
from corpus.posts import IMPORT, Applied
from corpus.store import Corpus
from programme.types import Programme


class XArchive:
    """Reads what ``twarc2``, ``academictwitteR`` and other collectors of X's API v2 write."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def read(self, record: Record) -> Found[Post]:
        """Return the posts of a page or line, and why the rest is none."""
        if record.problem is not None:
            return Found(rejected=(rejection(record.position, record.problem, record.payload),))
        page = read_page(record.payload, self._reading, record.position)
        return Found(page.posts, page.rejected)

    def store(self, corpus: Corpus, posts: Sequence[Post], checkpoint: Checkpoint) -> Applied:
        """Store posts and how far the file was read in one transaction, and return what changed."""
        now = self._reading.now
        known = corpus.posts.known(NETWORK, [post.native_id for post in posts])
        return corpus.posts.apply(decide(posts, known, now), source=IMPORT, now=now, checkpoint=checkpoint)


def open_format(programme: Programme, now: datetime) -> XArchive:
    """Return the reader."""
    return XArchive(Reading(now=now, text_limit=programme.text_limit, via="import", country=programme.country))
