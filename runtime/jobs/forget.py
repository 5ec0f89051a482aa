"""Erasing a person who asks for it: the corpus, the kept mails, rejected records; and what is left to do by hand."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from runtime.jobs.exports import recall_json

if TYPE_CHECKING:
    from corpus.accounts import Person, Traces
    from corpus.erase import Erased
    from corpus.exports import Recall
    from runtime.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What erasing a person came to."""

    erased: "Erased"
    rejects: int
    """Rejected records that were dropped."""
    redacted: int
    """Issues whose kept mails were written anew."""
    again: bool
    """The account was erased before; what was left over was done."""
    files: tuple[Path, ...]
    """Files of the data directory that still hold something of the person, or that cannot be looked into."""
    key: str | None = field(default=None, repr=False)
    """Of the pseudonyms, under which research exports hold posts."""
    recalls: "tuple[Recall, ...]" = ()
    """Exports that hold their posts, under the names that the receivers know: this is told once and kept nowhere."""

    def as_json(self) -> dict[str, object]:
        """Return it as ``forget --json`` prints it."""
        return {
            **self.erased.as_json(),
            "rejects": self.rejects,
            "redacted": self.redacted,
            "again": self.again,
            "files": [str(path) for path in self.files],
            "recalls": [recall_json(one, self.key) for one in self.recalls],
        }


def forget(program: "Program", account: str, *, who: str, dry_run: bool = False) -> Forgotten:
    """Erase the account that somebody names, bar it, and return the counts; with ``dry_run`` the counts only.

    What lies in files goes first: as long as the corpus knows the person, an erasure that was cut short can be done
    again.

    Raises:
        MisuseError: the words name no account, one that nobody knows, or several.
    """
    from corpus.erase import Erased
    from runtime.jobs.holdings import drop_rejects, files_that_hold
    from runtime.jobs.redact import redact

    now, corpus, data = program.clock(), program.corpus, program.settings.data
    person = _person(program, account)
    if person is None:
        redacted = 0 if dry_run else redact(program, who=who)
        return Forgotten(erased=Erased(), rejects=0, redacted=redacted, again=True, files=())
    traces: Traces = corpus.erasures.traces(person)
    recalls = corpus.exports.of_author(person.author_id) if person.author_id is not None else []
    rejects = 0 if dry_run else drop_rejects(data / "rejects", traces)
    erased = corpus.erasures.erase(person, who=who, now=now, dry_run=dry_run)
    redacted = 0 if dry_run else redact(program, who=who)
    files = files_that_hold(data, traces, besides=_database_file(program))
    return Forgotten(
        erased=erased,
        rejects=rejects,
        redacted=redacted,
        again=False,
        files=tuple(files),
        key=program.secrets("PSEUDONYM_KEY"),
        recalls=tuple(recalls),
    )


def _database_file(program: "Program") -> Path | None:
    url = program.settings.database
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _person(program: "Program", account: str) -> "Person | None":
    """Return whom the words name; None where nothing is left of somebody who was erased before."""
    from corpus.accounts import Person, read_account

    erasures = program.corpus.erasures
    people = erasures.find(account)
    if len(people) > 1:
        found = "; ".join(f"{one.network}:{one.native_id} (@{one.handle}, {one.posts} posts)" for one in people)
        raise MisuseError(f"{account} may be any of {len(people)} accounts: {found}.", "Name one as network:native_id.")
    if people:
        return people[0]
    if erasures.is_erased(account):
        return None
    wanted = read_account(account)
    if wanted.network and wanted.native_id:
        # Nothing of theirs is here yet: the account is barred all the same.
        return Person(network=wanted.network, native_id=wanted.native_id)
    raise MisuseError(
        f"The corpus knows no account {account}.",
        "Name it as network:native_id, by which an account is barred that has no posts here.",
    )
