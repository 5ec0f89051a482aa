"""A mail server within the program, for an installation without one: each mail becomes an ``.eml`` file.

Mails take the same way as to any other server, so that what is seen here is what others would get.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from hashlib import blake2b
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from digest.mail import ISSUE_HEADER
from digest.transport import Line, NoLineError, SmtpTransport
from programme.types import Smtp

_ISSUE = re.compile(r"\d{4}-W\d{2}(?:\.[1-9]\d*)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_OWNER_ONLY = 0o600


class EmbeddedMailbox:
    """A transport that receives its own mails on the loopback interface and keeps them as files."""

    def __init__(self, directory: Path, *, host: str = "127.0.0.1", timeout: float = 30.0) -> None:
        self.directory = directory
        self._host = host
        self._timeout = timeout

    @contextmanager
    def open(self, *, sender: str) -> Iterator[Line]:
        """Yield a line to the mailbox, which listens on a free port for as long as the line is open.

        Raises:
            NoLineError: the directory cannot be made, or the machine has no loopback interface.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"The mail directory {self.directory} cannot be made: {error.strerror}."
            raise NoLineError(problem, "Choose another data directory with --data.") from error
        with _listening(_Keeper(self.directory), self._host) as port:
            server = Smtp(host=self._host, port=port, security="none", auth="none", timeout=self._timeout)
            with SmtpTransport(server).open(sender=sender) as line:
                yield line


class _Keeper:
    """What the server does with a mail."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.original_content or b""
        try:
            keep(self._directory / file_name(content), content)
        except OSError as error:
            return f"452 4.3.1 the mail could not be written: {error.strerror}"
        return "250 2.0.0 kept"


def file_name(content: bytes) -> str:
    """Return the name of a mail's file: issue, language and a hash of its Message-ID.

    Nothing of the mail stands in it unchecked, and the same mail, sent again, gets the same name.
    """
    headers = message_from_bytes(content[:65_536])
    issue = str(headers.get(ISSUE_HEADER, "")).strip()
    language = str(headers.get("Content-Language", "")).strip()
    identity = str(headers.get("Message-ID", "")).strip().encode("utf-8", "replace") or content
    parts = [
        issue if _ISSUE.fullmatch(issue) else "mail",
        language if _LANGUAGE.fullmatch(language) else "",
        blake2b(identity, digest_size=6).hexdigest(),
    ]
    return "-".join(filter(None, parts)) + ".eml"


def keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; readable by its owner only, since it holds an address."""
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


@contextmanager
def _listening(keeper: _Keeper, host: str) -> Iterator[int]:
    """Yield the port of a server that runs in a thread of its own."""
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(keeper, hostname="localhost", ident="Kuntakaiku", loop=loop)

    try:
        # aiosmtpd's own controller cannot tell which free port it got.
        server = loop.run_until_complete(loop.create_server(protocol, host, 0))
    except OSError as error:
        loop.close()
        problem = f"No port of {host} can be opened for the mailbox: {error.strerror}."
        raise NoLineError(problem, "Set smtp in delivery.toml.") from error
    thread = Thread(target=loop.run_forever, name="mailbox", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(_settle())
        loop.close()


async def _settle() -> None:
    """Let the last conversations end, so that closing the loop cuts none of its tasks."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
