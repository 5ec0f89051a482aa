# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Erasures and the limit of retention: whom to erase, what was erased since when, and again after a restore."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from corpus.accounts import Person, Traces, Wanted, find_people, read_account, traces_of
from corpus.burying import bury
from corpus.changes import STRENGTH, Bury
from corpus.custody import Custody, Erasure
from corpus.database import Database
from corpus.erase import Erased, Erasing, empty_introductions, rename, store
from corpus.gate import Gate, Marks, months_before
from corpus.instants import to_instant, to_micros
from corpus.marks import MARKED
from corpus.reading import POST_TABLES, SEEN_COLUMNS

BATCH = 1_000
"""Posts of one transaction of retention: a kill costs at most so many, and others may write in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Texts past their time, of one network and month."""

    network: str
    month: str
    """``2024-11``, in UTC."""
    posts: int


class Erasures:
    """What was taken out of a corpus and may not come in again."""

    def __init__(self, database: Database, custody: Custody) -> None:
        self._database = database
        self._custody = custody

    # ---- a person

    def find(self, account: str) -> list[Person]:
        """Return the accounts that somebody may mean by ``network:native_id``, ``@handle`` or an address.

        Raises:
            MisuseError: the words name no account.
        """
        return find_people(self._database, account)

    def traces(self, person: Person) -> Traces:
        """Return by what a file that holds something of a person can be told."""
        with self._database.reading() as connection:
            return traces_of(self._database, connection, person)

    def is_erased(self, account: str) -> bool:
        """Return whether all that the words name was erased before.

        Raises:
            MisuseError: the words name no account.
            ErasureKeyError: nobody can tell.
        """
        wanted = read_account(account)
        with self._database.reading() as connection:
            marks = Gate(self._database, self._custody).marks(connection)
            networks = [row[0] for row in self._database.rows(connection, "SELECT DISTINCT network FROM erasures")]
        return any(self._is_marked(marks, network, wanted) for network in networks)

    def _is_marked(self, marks: Marks, network: str, wanted: Wanted) -> bool:
        named = [one for one in (wanted.native_id, wanted.handle) if one]
        return wanted.network in (None, network) and any(marks.find(network, one) for one in named)

    def erase(self, person: Person, *, who: str, now: datetime, dry_run: bool = False) -> Erased:
        """Take a person out of every table and bar their account, all or nothing, and return the counts.

        With ``dry_run`` nothing is kept of it.

        Raises:
            DatabaseUnavailableError: nothing was changed.
            ErasureKeyError: the account cannot be marked.
        """
        custody = replace(self._custody, ledger=None, forget_texts=Custody().forget_texts) if dry_run else self._custody
        with self._database.writing(durable=True) as connection:
            self._wait_for_writers(connection)
            with connection.begin_nested() as rehearsal:
                erased = Erasing(self._database, connection, custody, person, now, who).run()
                if dry_run:
                    rehearsal.rollback()
        self._database.empty_log()
        return erased

    def _wait_for_writers(self, connection: Connection) -> None:
        """Let no batch that has read the marks before store a post of the person's afterwards."""
        if not self._database.sqlite:
            connection.exec_driver_sql("LOCK TABLE erasures IN ACCESS EXCLUSIVE MODE")

    # ---- the ledger

    def since(self, instant: datetime) -> Iterator[Erasure]:
        """Yield what was erased, deleted or opted out after an instant, as the database tells it, oldest first.

        Raises:
            ErasureKeyError: tombstones cannot be marked.
        """
        rows = self._database.query(
            "SELECT kind, network, mark, key_id, why, at FROM erasures WHERE at > ? ORDER BY at, erasure_id",
            (to_micros(instant),),
        )
        for kind, network, mark, key_id, why, at in rows:
            yield Erasure(kind=kind, network=network, mark=mark, key_id=key_id, why=why, at=to_instant(at))
        tombstones = self._database.query(
            "SELECT network, native_id, gone, gone_at FROM posts WHERE gone_at > ? AND gone <> 'expired'"
            " ORDER BY gone_at, post_id",
            (to_micros(instant),),
        )
        for network, native_id, gone, at in tombstones:
            if native_id.startswith(MARKED):
                continue  # told above
            key = self._custody.keys.writing()
            mark = key.mark(network, native_id)
            yield Erasure(kind="post", network=network, mark=mark, key_id=key.key_id, why=gone, at=to_instant(at))

    def require_keys(self, erasures: Iterable[Erasure]) -> None:
        """Return where the keys are at hand by which erasures can be repeated.

        Raises:
            ErasureKeyError: one is not.
        """
        self._custody.keys.for_marks(one.key_id for one in erasures)

    def reapply(self, erasures: Iterable[Erasure], *, who: str, now: datetime) -> Erased:
        """Erase again what a restored backup has brought back, and return the counts; repeating it changes nothing.

        Raises:
            ErasureKeyError: the key that made a mark is not at hand.
            DatabaseUnavailableError: it stopped on the way, and may be repeated.
        """
        told = list(erasures)
        self._custody.keys.for_marks(one.key_id for one in told)
        barred = [one for one in told if one.kind != "post"]
        total = Erased(posts=self._bury_again([one for one in told if one.kind == "post" and one.why != "erased"], now))
        with self._database.writing(durable=True) as connection:
            self._wait_for_writers(connection)
            store(self._database, connection, barred)
        for person in self._marked_people(barred):
            total += self.erase(person, who=who, now=now)
        # The rest were copies, and posts whose author the backup does not know.
        total += Erased(posts=self._bury_again([one for one in told if one.kind == "post"], now))
        with self._database.writing(durable=True) as connection:
            store(self._database, connection, [one for one in told if one.kind == "post" and one.why == "erased"])
        return total

    def _marked_people(self, erasures: Iterable[Erasure]) -> list[Person]:
        told = list(erasures)
        marks = Marks(self._custody.keys.for_marks(one.key_id for one in told), frozenset(one.mark for one in told))
        rows = self._database.query(
            "SELECT network, native_id, author_id, handle, name FROM authors ORDER BY author_id"
        )
        return [
            Person(network=row[0], native_id=row[1], author_id=row[2], handle=row[3], name=row[4])
            for row in rows
            if marks.find(row[0], row[1]) or (row[3] and marks.find(row[0], row[3]))
        ]

    def _bury_again(self, erasures: Iterable[Erasure], now: datetime) -> int:
        told = {one.mark: one for one in erasures}
        keys = self._custody.keys.for_marks(one.key_id for one in told.values())
        burials: dict[int, Bury] = {}
        for post_id, network, native_id, gone in self._posts() if told else ():
            marks = (key.mark(network, native_id) for key in keys)
            found = next((told[mark] for mark in marks if mark in told), None)
            if found is not None and STRENGTH[found.why] > STRENGTH[gone]:  # type: ignore[index]  # the ledger's words
                burials[post_id] = Bury(network, native_id, found.why, now)  # type: ignore[arg-type]  # the same
        ids = list(burials)
        for start in range(0, len(ids), BATCH):
            self._bury({post_id: burials[post_id] for post_id in ids[start : start + BATCH]})
        return len(burials)

    def _posts(self) -> Iterator[tuple[int, str, str, str | None]]:
        last = 0
        while rows := self._database.query(
            "SELECT post_id, network, native_id, gone FROM posts WHERE post_id > ? ORDER BY post_id LIMIT 5000", (last,)
        ):
            last = rows[-1][0]
            yield from rows

    def _bury(self, burials: dict[int, Bury]) -> None:
        with self._database.writing() as connection:
            rows = self._database.rows(
                connection,
                f"SELECT {SEEN_COLUMNS} FROM {POST_TABLES} WHERE {self._database.among('p.post_id')}",
                (self._database.keys(burials),),
            )
            bury(self._database, connection, rows, burials, self._custody)
            self._rename_expired(connection, burials)
        self._database.empty_log()

    def _rename_expired(self, connection: Connection, burials: dict[int, Bury]) -> None:
        """Take the writer out of ids that name one, as addresses do; a number tells nothing by itself."""
        telling: dict[str, dict[int, str]] = {}
        for post_id, change in burials.items():
            if change.gone == "expired" and "://" in change.native_id:
                telling.setdefault(change.network, {})[post_id] = change.native_id
        for network, posts in telling.items():
            key = self._custody.keys.writing()
            marks = {native_id: MARKED + key.mark(network, native_id) for native_id in posts.values()}
            rename(self._database, connection, network, posts.items(), marks)

    # ---- retention

    def expiring(self, months: int, now: datetime) -> list[Expiring]:
        """Return how many texts are past their time, by network and month of writing."""
        month = (
            "substr(date(p.created_at / 1000000, 'unixepoch'), 1, 7)"
            if self._database.sqlite
            else "to_char(to_timestamp(p.created_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')"
        )
        rows = self._database.query(
            f"SELECT p.network, {month}, count(*) FROM posts p"
            " WHERE p.created_at < ? AND p.gone IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
            (to_micros(months_before(now, months)),),
        )
        return [Expiring(network=row[0], month=row[1], posts=row[2]) for row in rows]

    def expire(self, months: int, now: datetime) -> int:
        """Take out the next texts that are past their time and return how many; 0 where none is left.

        Theme, language, time, counts, municipalities and relations stay. Editors' introductions of that age go too: who
        is named in one was named for the posts' sake.
        """
        limit = to_micros(months_before(now, months))
        with self._database.writing() as connection:
            empty_introductions(self._database, connection, "edited_at < ?", (limit,), lambda _: False)
        rows = self._database.query(
            "SELECT post_id, network, native_id FROM posts WHERE created_at < ? AND gone IS NULL"
            " ORDER BY created_at, post_id LIMIT ?",
            (limit, BATCH),
        )
        if rows:
            self._bury({row[0]: Bury(row[1], row[2], "expired", now) for row in rows})
        return len(rows)
