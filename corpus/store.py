# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""``Corpus``: the only door to the database."""

from types import TracebackType
from typing import Any, Self

from corpus import search_index
from corpus.addresses import Addresses
from corpus.api_keys import ApiKeys
from corpus.archive import Archive
from corpus.audits import Audits
from corpus.counted_weeks import CountedWeeks
from corpus.custody import Custody
from corpus.database import Database, DatabaseUnavailableError
from corpus.decisions import Decisions
from corpus.discussions import Discussions
from corpus.editing import Editing
from corpus.engine import EngineFacts, engine_facts
from corpus.entries import Entries
from corpus.erasures import Erasures
from corpus.exports import Exports
from corpus.facts import Facts
from corpus.feedback import Feedbacks
from corpus.history import History
from corpus.indexing import Filling, IndexPart, Progress
from corpus.issues import Issues
from corpus.judgements import Judgements
from corpus.ledger import Ledger
from corpus.mail_answers import MailAnswers
from corpus.over_time import OverTime
from corpus.people import People
from corpus.places import Places
from corpus.posts import Posts
from corpus.recent import Recent
from corpus.redactions import Redactions
from corpus.reviews import Reviews
from corpus.schema import require_current, upgrade
from corpus.search import Search
from corpus.weeks import Weeks

_ORPHANS = {
    "posts without their author": "posts c WHERE c.author_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM authors x WHERE x.author_id = c.author_id)",
    "posts without their payload": "posts c WHERE c.payload_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM payloads x WHERE x.payload_id = c.payload_id)",
    "tombstones with a text": "posts c WHERE c.gone IS NOT NULL AND c.text IS NOT NULL",
    "renderings without their issue": "renderings c WHERE NOT EXISTS (SELECT 1 FROM issues x WHERE x.key = c.issue)",
    "deliveries without their issue": "deliveries c WHERE NOT EXISTS (SELECT 1 FROM issues x WHERE x.key = c.issue)",
    "edits without their issue": "issue_edits c WHERE NOT EXISTS (SELECT 1 FROM issues x WHERE x.key = c.issue)",
    "bounces without their issue": "bounces c WHERE NOT EXISTS (SELECT 1 FROM issues x WHERE x.key = c.issue)",
    "predictions without their model": "predictions c"
    " WHERE NOT EXISTS (SELECT 1 FROM models x WHERE x.model_id = c.model_id)",
    **{
        f"rows of {table} without their post": f"{table} c"
        " WHERE NOT EXISTS (SELECT 1 FROM posts x WHERE x.post_id = c.post_id)"
        for table in (
            "revisions",
            "metrics",
            "post_hashtags",
            "post_links",
            "post_municipalities",
            "quote_counts",
            "discussion_posts",
            "discussion_ties",
            "discussion_links",
            "post_areas",
            "unplaced",
            "index_queue",
            "labels",
            "predictions",
        )
    },
}


class Corpus:
    """Posts and all that is known of them."""

    def __init__(self, database: Database, custody: Custody | None = None) -> None:
        self.database = database
        """For this room alone."""
        custody = custody or Custody()
        self.posts = Posts(database, custody)
        self.discussions = Discussions(database)
        self.erasures = Erasures(database, custody)
        self.judgements = Judgements(database)
        self.audits = Audits(database)
        self.ledger = Ledger(database)
        self.issues = Issues(database)
        self.editing = Editing(database)
        self.addresses = Addresses(database)
        self.archive = Archive(database)
        self.mail_answers = MailAnswers(database)
        self.decisions = Decisions(database)
        self.redactions = Redactions(database)
        self.facts = Facts(database)
        self.history = History(database)
        self.exports = Exports(database)
        self.places = Places(database)
        self.search = Search(database)
        self.weeks = Weeks(database)
        self.counted_weeks = CountedWeeks(database)
        self.recent = Recent(database)
        self.reviews = Reviews(database)
        self.people = People(database)
        self.entries = Entries(database)
        self.over_time = OverTime(database)
        self.api_keys = ApiKeys(database)
        self.feedback = Feedbacks(database)

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True, custody: Custody | None = None) -> "Corpus":
        """Return the corpus at an address like ``sqlite:///kuntakaiku.db`` or ``postgresql://…``.

        A SQLite database is created and upgraded by itself unless told otherwise; a PostgreSQL one only by
        ``Corpus.prepare``, since others may be working with it.

        Raises:
            NewerSchemaError: a newer Kuntakaiku wrote it.
            OutdatedSchemaError: it must be upgraded first.
            MisuseError: the address is of no use.
            DatabaseUnavailableError: it cannot be reached.
        """
        corpus = cls(Database(url), custody)
        try:
            if upgrade and corpus.database.sqlite:
                corpus.upgrade()
            else:
                require_current(corpus.database)
        except BaseException:
            corpus.close()
            raise
        return corpus

    @classmethod
    def prepare(cls, url: str) -> list[str]:
        """Create or upgrade the tables at an address, on PostgreSQL too, and return the versions applied.

        Raises:
            NewerSchemaError: a newer Kuntakaiku wrote it.
            MisuseError: the address is of no use.
            DatabaseUnavailableError: it cannot be reached.
        """
        database = Database(url)
        try:
            return upgrade(database)
        finally:
            database.close()

    def upgrade(self) -> list[str]:
        """Bring the tables up to date and return the versions that were applied.

        Raises:
            NewerSchemaError: a newer Kuntakaiku wrote the database.
        """
        return upgrade(self.database)

    def fill(self, part: IndexPart[Any], progress: Progress | None = None) -> int:
        """Fill in what a part of the index step lacks, and return for how many posts; a kill loses a batch at most.

        Raises:
            DatabaseUnavailableError: what was stored so far is kept.
        """
        return Filling(self.database, part).fill(progress)

    def waiting(self, part: IndexPart[Any]) -> int:
        """Return how many posts a part of the index step has not seen yet, at most."""
        return Filling(self.database, part).left()

    def verify(self) -> list[str]:
        """Return what is wrong with the database, in words; nothing where all is well."""
        problems: list[str] = []
        try:
            if self.database.sqlite:
                problems += [row[0] for row in self.database.query("PRAGMA integrity_check") if row[0] != "ok"]
            for problem, orphans in _ORPHANS.items():
                count = self.database.query(f"SELECT count(*) FROM {orphans}")[0][0]
                if count:
                    problems.append(f"{count} {problem}")
            problems += search_index.faults(self.database)
        except DatabaseUnavailableError as error:
            problems.append(error.problem)
        return problems

    def engine(self) -> EngineFacts:
        """Return which engine the corpus is in."""
        return engine_facts(self.database)

    def close(self) -> None:
        """Give the database back."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
