# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Whom somebody means who names an account, in any of the ways in which people name one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection

from corpus import payloads
from corpus.database import Database
from programme.errors import MisuseError
from programme.networks import NETWORKS

_X_HOSTS = frozenset({"x.com", "twitter.com"})
_IDENTITIES = ("id", "id_str", "did", "url", "uri")
"""Keys under which payloads tell whose account an object is."""
_HANDLES = ("username", "screen_name", "acct", "handle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One account as the corpus knows it."""

    network: str
    native_id: str
    author_id: int | None = None
    """Ours; None where the corpus holds nothing of the account."""
    handle: str | None = None
    name: str | None = None
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """By what it can be told that a file holds something of a person."""

    names: frozenset[str]
    """The account's id and handles, and its posts' ids and addresses."""
    texts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person's words name: an id, a handle, or either."""

    network: str | None
    """None: on any network."""
    native_id: str | None = None
    handle: str | None = None


def read_account(account: str) -> Wanted:
    """Return what ``network:native_id``, ``network:@handle``, ``@handle`` or a profile's address names.

    Raises:
        MisuseError: it is none of them.
    """
    written = account.strip()
    network, _, rest = written.partition(":")
    if network in NETWORKS and rest:
        handle = rest.removeprefix("@") if rest.startswith("@") else None
        return Wanted(network=network, handle=handle, native_id=None if handle else rest)
    if written.startswith("@") and len(written) > 1:
        return Wanted(network=None, handle=written[1:])
    if re.match(r"https?://", written):
        return _address(written)
    raise MisuseError(
        f"{account!r} names no account.",
        "Write network:native_id, network:@handle, @handle, or the address of a profile; networks are"
        f" {', '.join(NETWORKS)}.",
    )


def _address(address: str) -> Wanted:
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.")
    path = [part for part in parts.path.split("/") if part]
    if host in _X_HOSTS and path:
        return Wanted(network="x", handle=path[0])
    if host == "bsky.app" and len(path) > 1 and path[0] == "profile":
        did = path[1] if path[1].startswith("did:") else None
        return Wanted(network="bluesky", native_id=did, handle=None if did else path[1])
    name = None
    if path and path[0].startswith("@"):
        name = path[0][1:]
    elif len(path) > 1 and path[0] in ("users", "u"):
        name = path[1]
    return Wanted(
        network=None,
        native_id=address.rstrip("/"),
        handle=None if name is None else name if "@" in name else f"{name}@{host}",
    )


def find_people(database: Database, account: str) -> list[Person]:
    """Return the accounts that somebody may mean, known by what they are called now or in a post's address.

    Raises:
        MisuseError: the words name no account.
    """
    wanted = read_account(account)
    conditions: list[tuple[str, tuple[object, ...]]] = []
    if wanted.native_id:
        conditions.append(("a.native_id = ?", (wanted.native_id,)))
    if wanted.handle:
        handle = wanted.handle.casefold()
        conditions.append(("lower(a.handle) = ?", (handle,)))
        old = _addresses_with(handle)
        among = " OR ".join("lower(p.url) LIKE ? ESCAPE '!'" for _ in old)
        conditions.append((f"EXISTS (SELECT 1 FROM posts p WHERE p.author_id = a.author_id AND ({among}))", tuple(old)))
    where = " OR ".join(condition for condition, _ in conditions)
    values = [value for _, values in conditions for value in values]
    network = "" if wanted.network is None else " AND a.network = ?"
    rows = database.query(
        "SELECT a.network, a.native_id, a.author_id, a.handle, a.name,"
        " (SELECT count(*) FROM posts p WHERE p.author_id = a.author_id)"
        f" FROM authors a WHERE ({where}){network} ORDER BY a.network, a.native_id",
        (*values, *(() if wanted.network is None else (wanted.network,))),
    )
    return [
        Person(network=row[0], native_id=row[1], author_id=row[2], handle=row[3], name=row[4], posts=row[5])
        for row in rows
    ]


def _addresses_with(handle: str) -> list[str]:
    """Return patterns of the addresses of posts by a handle, as networks make them."""
    escaped = re.sub(r"([!%_])", r"!\1", handle)
    name, _, host = escaped.partition("@")
    if host:
        return [f"https://{host}/@{name}/%", f"https://{host}/users/{name}/%"]
    return [f"https://x.com/{name}/%", f"https://twitter.com/{name}/%", f"https://bsky.app/profile/{name}/%"]


def handles_of(person: Person, urls: Iterable[str], payload_lines: Iterable[bytes]) -> set[str]:
    """Return all handles by which an account is known: now, in its posts' addresses, and in their payloads."""
    handles = {person.handle} if person.handle else set()
    for url in urls:
        try:
            named = _address(url).handle
        except ValueError:
            continue
        if named and named not in ("i", person.native_id):
            handles.add(named)
    for line in payload_lines:
        try:
            handles.update(_named_in(msgspec.json.decode(line), person.native_id))
        except msgspec.DecodeError:
            continue
    return {handle.removeprefix("@") for handle in handles if handle.strip("@")}


def _named_in(value: object, native_id: str) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _named_in(one, native_id)
    elif isinstance(value, dict):
        if any(str(value.get(key)) == native_id for key in _IDENTITIES):
            yield from (name for key in _HANDLES if isinstance(name := value.get(key), str) and name)
        for one in value.values():
            yield from _named_in(one, native_id)


def payloads_of(database: Database, connection: Connection, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Yield payloads by chunk and line."""
    lines: dict[int, list[int]] = {}
    for payload_id, line in places:
        lines.setdefault(payload_id, []).append(line)
    for payload_id, numbers in lines.items():
        rows = database.rows(connection, "SELECT lines FROM payloads WHERE payload_id = ?", (payload_id,))
        unpacked = payloads.unpack(rows[0][0])
        yield from (unpacked[number] for number in numbers)


def traces_of(database: Database, connection: Connection, person: Person) -> Traces:
    """Return by what a file that holds something of a person can be told."""
    rows = database.rows(
        connection,
        "SELECT native_id, url, text, payload_id, payload_line FROM posts WHERE author_id = ?",
        (person.author_id,),
    )
    urls = {row[1] for row in rows if row[1]}
    handles = handles_of(
        person, urls, payloads_of(database, connection, [row[3:5] for row in rows if row[3] is not None])
    )
    return Traces(
        names=frozenset({person.native_id} | handles | urls | {row[0] for row in rows}),
        texts=frozenset(row[2] for row in rows if row[2]),
    )
