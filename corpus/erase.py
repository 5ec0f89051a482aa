# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Erasing a person: every place in the database that names them or repeats their words, in one transaction.

What else is kept of a post's text is named in ``corpus.belongings``. Their posts stay as tombstones whose ids are keyed
marks: networks write the account into an id, as ``at://did:…`` and ``…/users/name/…`` do. Printed issues go on counting
them under those marks.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from corpus import payloads
from corpus.accounts import Person, handles_of, payloads_of
from corpus.belongings import forget_what_was_made
from corpus.burying import bury
from corpus.changes import Bury, marked
from corpus.counted_weeks import forget_all_counted
from corpus.custody import Custody, Erasure, Kind
from corpus.database import CHUNK, Database
from corpus.edits import Edits
from corpus.gate import Gate, Marks
from corpus.instants import to_micros
from corpus.marks import MARKED
from corpus.reading import POST_TABLES, POST_WIDTH, SEEN_COLUMNS, RowTuple, to_json, to_seen, words_to_json
from corpus.references import References

POINTERS = ("reply_to", "quote_of", "repost_of", "discussion", "cluster")
"""Columns that hold another post's native id."""
_PAYLOADS = 50
"""Chunks of payloads read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure came to."""

    posts: int = 0
    """Of the person's, tombstones now."""
    copies: int = 0
    """Reposts by others, which repeat the person's words."""
    mentions: int = 0
    """Posts of others out of which a handle or an address was taken."""
    payloads: int = 0
    """Kept answers of networks that carried the person in posts of others."""
    issues: int = 0
    """Printed issues whose kept mails may show something of the person."""
    handles: int = 0
    """By how many handles the account was known."""

    def __add__(self, other: "Erased") -> "Erased":
        """Return both together."""
        return Erased(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})

    def as_json(self) -> dict[str, int]:
        """Return the counts."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Erasing:
    """One erasure in an open transaction."""

    database: Database
    connection: Connection
    custody: Custody
    person: Person
    now: datetime
    who: str
    renamed: dict[str, str] = field(default_factory=dict)
    """Native id to mark, of every post of the person's."""

    def run(self) -> Erased:
        """Erase the person and return the counts."""
        own = self._rows("p.author_id = ?", (self.person.author_id,)) if self.person.author_id else []
        handles = self._handles(own)
        forget_all_counted(self.database, self.connection)
        self._mark("account", [self.person.native_id])
        self._mark("handle", sorted(handles))
        marks = Gate(self.database, self.custody).marks(self.connection)
        old = self._old_tombstones(marks)
        native_ids = [row[2] for row in own] + [native_id for _, native_id in old]
        copies = self._copies(native_ids)
        self._bury([*own, *copies])
        self._mark("post", native_ids)
        marks = Gate(self.database, self.custody).marks(self.connection)
        self._rename([(row[0], row[2]) for row in own] + old)
        needles = _needles(self.person, handles)
        mentions = self._clean_others(marks, needles)
        found = self._clean_payloads(marks, needles)
        issues = self._mark_stale([*handles, self.person.native_id])
        if self.person.author_id:
            self.database.run(self.connection, "DELETE FROM authors WHERE author_id = ?", (self.person.author_id,))
        erased = Erased(
            posts=len(own), copies=len(copies), mentions=mentions, payloads=found, issues=issues, handles=len(handles)
        )
        self.database.run(
            self.connection,
            "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
            (to_micros(self.now), self.who, "erased a person", to_json(erased.as_json())),
        )
        return erased

    # ---- whose

    def _rows(self, condition: str, parameters: Sequence[object]) -> list[RowTuple]:
        return self.database.rows(
            self.connection,
            f"SELECT {SEEN_COLUMNS} FROM {POST_TABLES} WHERE {condition} ORDER BY p.post_id",
            parameters,
        )

    def _handles(self, own: Sequence[RowTuple]) -> set[str]:
        places = [row[POST_WIDTH + 2 : POST_WIDTH + 4] for row in own if row[POST_WIDTH + 2] is not None]
        urls = [row[9] for row in own if row[9]]
        return handles_of(self.person, urls, payloads_of(self.database, self.connection, places))

    def _old_tombstones(self, marks: Marks) -> list[tuple[int, str]]:
        """Return tombstones of before whose ids still name the account."""
        rows = self.database.rows(
            self.connection,
            "SELECT post_id, native_id FROM posts WHERE network = ? AND gone IS NOT NULL AND author_id IS NULL",
            (self.person.network,),
        )
        return [(row[0], row[1]) for row in rows if "://" in row[1] and marks.speaks(self.person.network, row[1])]

    def _copies(self, native_ids: Sequence[str]) -> list[RowTuple]:
        rows: list[RowTuple] = []
        for start in range(0, len(native_ids), CHUNK):
            rows += self._rows(
                f"p.network = ? AND p.gone IS NULL AND {self.database.among('p.repost_of')}",
                (self.person.network, self.database.keys(native_ids[start : start + CHUNK])),
            )
        mine = set(native_ids)
        return [row for row in rows if row[2] not in mine]

    # ---- what is taken out

    def _mark(self, kind: Kind, identifiers: Sequence[str]) -> None:
        key = self.custody.keys.writing()
        network = self.person.network
        found = [
            Erasure(
                kind=kind, network=network, mark=key.mark(network, one), key_id=key.key_id, why="erased", at=self.now
            )
            for one in identifiers
        ]
        if kind != "post":  # burying records those
            self.custody.record(found)
        store(self.database, self.connection, found)

    def _bury(self, rows: Sequence[RowTuple]) -> None:
        for start in range(0, len(rows), CHUNK):
            batch = rows[start : start + CHUNK]
            burials = {row[0]: Bury(row[1], row[2], "erased", self.now) for row in batch}
            bury(self.database, self.connection, batch, burials, self.custody)

    def _rename(self, posts: Sequence[tuple[int, str]]) -> None:
        key, network = self.custody.keys.writing(), self.person.network
        self.renamed = {native_id: MARKED + key.mark(network, native_id) for _, native_id in posts}
        rename(self.database, self.connection, network, posts, self.renamed)

    def _clean_others(self, marks: Marks, needles: Sequence[str]) -> int:
        """Take the person out of others' posts; return how many."""
        columns = ("p.text", "p.links", *(f"p.{name}" for name in POINTERS[:4]))
        named = " OR ".join(f"lower({column}) LIKE ? ESCAPE '!'" for column in columns for _ in needles)
        patterns = [f"%{_escaped(needle)}%" for needle in needles] * len(columns)
        rows = self._rows(f"p.network = ? AND p.gone IS NULL AND ({named})", (self.person.network, *patterns))
        cleaned = 0
        references = References(self.database, self.connection)
        for row in rows:
            before = to_seen(row).post
            after, fingerprint = marked(marks.cleaned(before))
            if after == before:
                continue
            cleaned += 1
            self.database.run(
                self.connection,
                "UPDATE posts SET text = ?, links = ?, cut_from = ?, reply_to = ?, quote_of = ?, repost_of = ?,"
                " discussion = ?, fingerprint = ? WHERE post_id = ?",
                (
                    after.text,
                    words_to_json(after.links),
                    after.cut_from,
                    after.reply_to,
                    after.quote_of,
                    after.repost_of,
                    after.discussion,
                    fingerprint,
                    row[0],
                ),
            )
            references.unindex({row[0]: before})
            references.index({row[0]: after})
            if after.text != before.text:
                self.custody.forget_texts([before.text or ""])
                forget_what_was_made(self.database, self.connection, [row[0]])
        self._clean_revisions(marks, needles)
        return cleaned

    def _clean_revisions(self, marks: Marks, needles: Sequence[str]) -> None:
        named = " OR ".join("lower(r.text) LIKE ? ESCAPE '!'" for _ in needles)
        rows = self.database.rows(
            self.connection,
            "SELECT r.post_id, r.version, r.text, r.payload_id, r.payload_line FROM revisions r"
            f" JOIN posts p ON p.post_id = r.post_id WHERE p.network = ? AND ({named})",
            (self.person.network, *(f"%{_escaped(needle)}%" for needle in needles)),
        )
        speaking = [row for row in rows if marks.masked(self.person.network, row[2]) != row[2]]
        self.custody.forget_texts([row[2] for row in speaking])
        References(self.database, self.connection).blank((row[3], row[4]) for row in speaking)
        self.database.run_many(
            self.connection,
            "DELETE FROM revisions WHERE post_id = ? AND version = ?",
            [(row[0], row[1]) for row in speaking],
        )

    def _clean_payloads(self, marks: Marks, needles: Sequence[str]) -> int:
        """Blank others' payloads that carry the person, as those of quotes and answers do; return how many."""
        wanted = [needle.encode() for needle in needles]
        last, blanked = 0, 0
        while rows := self.database.rows(
            self.connection,
            f"SELECT payload_id, lines FROM payloads WHERE payload_id > ? ORDER BY payload_id LIMIT {_PAYLOADS}",
            (last,),
        ):
            last = rows[-1][0]
            for payload_id, chunk in rows:
                lines = {
                    number
                    for number, line in enumerate(payloads.unpack(chunk))
                    if any(needle in line.lower() for needle in wanted)
                    and marks.payload_speaks(self.person.network, line)
                }
                if lines:
                    blanked += len(lines)
                    self._blank(payload_id, chunk, lines)
        return blanked

    def _blank(self, payload_id: int, chunk: bytes, lines: set[int]) -> None:
        self.database.run(
            self.connection,
            "UPDATE payloads SET lines = ? WHERE payload_id = ?",
            (payloads.blank(chunk, lines), payload_id),
        )
        for table in ("posts", "revisions"):
            self.database.run_many(
                self.connection,
                f"UPDATE {table} SET payload_id = NULL, payload_line = NULL WHERE payload_id = ? AND payload_line = ?",
                [(payload_id, line) for line in sorted(lines)],
            )

    # ---- what was printed

    def _mark_stale(self, names: Iterable[str]) -> int:
        """Mark what was printed and shows the person, or a post of theirs; return of how many issues."""
        # A handle may be an everyday word: only where it is written as a handle or in an address.
        named = re.compile("|".join(rf"[@/]{re.escape(name)}(?!\w)" for name in sorted(names)), re.IGNORECASE)
        stale = {
            issue
            for issue, numbers in self.database.rows(self.connection, "SELECT i.key, i.numbers FROM issues i")
            if any(mark in numbers for mark in self.renamed.values())
        }
        bodies = self.database.rows(self.connection, "SELECT issue, subject, text, html FROM renderings")
        stale |= {issue for issue, *parts in bodies if any(named.search(part) for part in parts)}
        empty_introductions(self.database, self.connection, "1 = 1", (), lambda text: not named.search(text))
        printed = stale.intersection(row[0] for row in bodies)
        self.database.run_many(
            self.connection,
            "UPDATE renderings SET stale = ? WHERE issue = ?",
            [(True, issue) for issue in sorted(printed)],
        )
        return len(printed)


def empty_introductions(
    database: Database,
    connection: Connection,
    condition: str,
    parameters: Sequence[object],
    may_stay: Callable[[str], bool],
) -> None:
    """Take editors' introductions that may not stay out of drafts, and of what is printed anew.

    ``condition`` chooses among the rows of ``issue_edits``.
    """
    for issue, written in database.rows(
        connection, f"SELECT issue, edits FROM issue_edits WHERE {condition}", parameters
    ):
        edits = msgspec.json.decode(written, type=Edits)
        kept = {language: text for language, text in edits.introduction.items() if may_stay(text)}
        if len(kept) < len(edits.introduction):
            database.run(
                connection,
                "UPDATE issue_edits SET edits = ?, revision = revision + 1 WHERE issue = ?",
                (to_json(replace(edits, introduction=kept)), issue),
            )


def rename(
    database: Database,
    connection: Connection,
    network: str,
    posts: Iterable[tuple[int, str]],
    names: Mapping[str, str],
) -> None:
    """Give tombstones of a network their marks as ids, and let posts, issues and facts speak of them by these.

    Args:
        database: whose transaction it is.
        connection: the transaction.
        network: of the posts.
        posts: our ids and native ids.
        names: native id to mark.
    """
    database.run_many(
        connection,
        "UPDATE posts SET native_id = ? WHERE post_id = ?",
        [(names[native_id], post_id) for post_id, native_id in posts],
    )
    for column in POINTERS:
        database.run_many(
            connection,
            f"UPDATE posts SET {column} = ? WHERE {column} = ? AND network = ?",
            [(mark, native_id, network) for native_id, mark in names.items()],
        )
    keys = {f"{network}:{old}": f"{network}:{new}" for old, new in names.items()}
    for table, name, value, known in (
        ("issues", "key", "numbers", keys),
        ("issue_edits", "issue", "edits", keys),
        ("facts", "key", "value", keys | dict(names)),
    ):
        for key, written in database.rows(connection, f"SELECT {name}, {value} FROM {table}"):
            before = msgspec.json.decode(written)
            after = _renamed(before, known)
            if after != before:
                database.run(connection, f"UPDATE {table} SET {value} = ? WHERE {name} = ?", (to_json(after), key))


def store(database: Database, connection: Connection, erasures: Iterable[Erasure]) -> None:
    """Keep marks in an open transaction; one that is there already stays."""
    database.run_many(
        connection,
        "INSERT INTO erasures (kind, network, mark, key_id, why, at, refused) VALUES (?, ?, ?, ?, ?, ?, 0)"
        " ON CONFLICT (mark, key_id) DO NOTHING",
        [(one.kind, one.network, one.mark, one.key_id, one.why, to_micros(one.at)) for one in erasures],
    )


def _needles(person: Person, handles: Iterable[str]) -> list[str]:
    """Return lower-case words one of which stands wherever the account is named; they may stand elsewhere too."""
    named = {person.native_id, person.native_id.rstrip("/").rpartition("/")[2].removeprefix("@")}
    named |= {handle.partition("@")[0] for handle in handles}
    return sorted({one.lower() for one in named if one})


def _escaped(needle: str) -> str:
    for sign in "!%_":
        needle = needle.replace(sign, f"!{sign}")
    return needle


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(one, names) for key, one in value.items()}
    return value
