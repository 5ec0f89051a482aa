"""Mails that came back: read from the mailbox and from files, noted, and their addresses spared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.ledger import RunState
    from digest.bounce import Bounce
    from runtime.wiring import Program

JOB = "bounces"
DROP = "bounces"
"""Directory of the data directory in which a mail server may leave reports, one a file."""
_FACT = "bounces read"


@dataclass(slots=True, kw_only=True)
class Read:
    """What reports said."""

    reports: int = 0
    hard: int = 0
    """Deliveries that came back for good, told of for the first time."""
    soft: int = 0
    """Reports of what may arrive yet, or came back for a reason that is not the address'."""
    known: int = 0
    """Told of before."""
    strange: int = 0
    """Mails that are no report, or report on no mail of ours: forged ones suspend nobody."""
    suspended: list[str] = field(default_factory=list)
    """Addresses that get no mail from now on."""
    problem: str | None = None
    """Why the mailbox could not be read, with the remedy."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def counts(self) -> dict[str, int]:
        """The numbers, for the run ledger."""
        named = {name: getattr(self, name) for name in ("reports", "hard", "soft", "known", "strange")}
        return named | {"suspended": len(self.suspended)}


def read_bounces(program: "Program", files: Sequence[Path] = ()) -> Read:
    """Read what came back: the named files, those of the drop directory, and the mailbox where one is configured.

    Files of the drop directory are moved to ``read/`` or ``strange/`` below it when they are noted. Whatever is read
    twice counts once.
    """
    found = Read()
    for path in files:
        _note(program, path.read_bytes(), found)
    for path in _dropped(program.settings.data / DROP):
        kind = "read" if _note(program, path.read_bytes(), found) else "strange"
        target = path.parent / kind
        target.mkdir(exist_ok=True)
        path.replace(target / path.name)
    _read_mailbox(program, found)
    return found


def ended(read: Read) -> "tuple[RunState, dict[str, int], str | None]":
    """Return state, counts and problem of a reading, for the run ledger."""
    return ("failed" if read.problem else "done"), read.counts, read.problem


def _dropped(directory: Path) -> Iterator[Path]:
    if directory.is_dir():
        yield from sorted(path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))


def _read_mailbox(program: "Program", found: Read) -> None:
    from digest.bounce_box import BounceBox, BounceBoxError, Mark
    from runtime.jobs.digest import letterhead

    settings = program.configuration.delivery.bounces
    if settings is None:
        return
    box = BounceBox(settings, program.secrets("IMAP_PASSWORD"))
    name = f"{settings.host} {settings.user or ''} {settings.mailbox}"
    known = (program.corpus.facts.get(_FACT) or {}).get(name)
    mark = Mark(validity=known[0], uid=known[1]) if known else None
    try:
        for mail, after in box.reports(letterhead(program).address, mark):
            _note(program, mail, found)
            program.corpus.facts.put(_FACT, {name: [after.validity, after.uid]}, now=program.clock())
            if program.stop.is_set():
                return
    except BounceBoxError as error:
        found.problem = str(error)


def _note(program: "Program", mail: bytes, found: Read) -> bool:
    """Note what a mail reports; return whether it reports on a mail of ours."""
    from digest.bounce import read_report

    bounces = read_report(mail)
    ours = [_note_one(program, bounce, found) for bounce in bounces]
    if not any(ours):
        found.strange += 1
        return False
    found.reports += 1
    return True


def _note_one(program: "Program", bounce: "Bounce", found: Read) -> bool:
    from corpus.addresses import Returned

    sent = program.corpus.addresses.issue_of(bounce.message_id) if bounce.message_id else None
    if sent is None:
        return False
    issue, recipient = sent
    # Ours is the address that the mail went to: a server may report on the one that it forwarded it to.
    returned = Returned(
        report=bounce.report,
        issue=issue,
        recipient=recipient,
        status=bounce.status,
        said=bounce.said,
        is_hard=bounce.is_hard,
    )
    ending = program.corpus.addresses.note(returned, now=program.clock())
    if ending == "known":
        found.known += 1
    elif bounce.is_hard:
        found.hard += 1
    else:
        found.soft += 1
    if ending == "suspended":
        found.suspended.append(recipient)
    return True
