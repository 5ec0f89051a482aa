"""The mailbox to which undeliverable mails come back: read by IMAP, and left as it is.

Only mails that call themselves reports are fetched: what people wrote to the sender's address is not looked at.
RFC 3501 (IMAP), RFC 3464 (reports).
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from digest.bounce import LARGEST
from digest.inert import one_line, shorten
from programme.errors import KuntakaikuError
from programme.types import BounceMailbox

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_SAID = 200


class BounceBoxError(KuntakaikuError):
    """The mailbox cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a mailbox was read."""

    validity: int
    """Changes where the server has numbered the mails anew; then all are read again, which changes nothing."""
    uid: int
    """Of the last mail that was looked at."""


@dataclass(frozen=True, slots=True)
class BounceBox:
    """Reads the reports of a mailbox that came in since a mark."""

    settings: BounceMailbox
    secret: str | None
    """Password, or the access token of ``xoauth2``."""

    def reports(self, sender: str, mark: Mark | None) -> Iterator[tuple[bytes, Mark]]:
        """Yield each report with the mark behind it, oldest first; larger mails than a report is are passed over.

        Args:
            sender: bare address that we log in as where no user is configured.
            mark: where the last reading ended; None for the first.

        Raises:
            BounceBoxError: the server does not answer, does not let us in, or speaks another language.
        """
        with self._opened(sender) as client:
            try:
                yield from _read(client, mark, self.settings.mailbox)
            except (imaplib.IMAP4.error, OSError, ValueError) as error:
                raise self._error(f"broke off: {_said(error)}", "It is tried again.") from error

    @contextmanager
    def _opened(self, sender: str) -> Iterator[imaplib.IMAP4]:
        client = self._connect()
        try:
            self._log_in(client, self.settings.user or sender)
            yield client
        finally:
            _close(client)

    def _connect(self) -> imaplib.IMAP4:
        one = self.settings
        host = one.host.strip("[]")
        try:
            context = ssl.create_default_context()
            if one.ca_file:
                context.load_verify_locations(one.ca_file)
            if one.security == "tls":
                return imaplib.IMAP4_SSL(host, one.port, ssl_context=context, timeout=one.timeout)
            client = imaplib.IMAP4(host, one.port, timeout=one.timeout)
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._error(f"cannot be reached: {_said(error)}", _SET_UP) from error
        if one.security == "starttls":
            try:
                client.starttls(ssl_context=context)
            except (imaplib.IMAP4.error, OSError) as error:
                _close(client)
                raise self._error(f"did not start TLS: {_said(error)}", _SET_UP) from error
        return client

    def _log_in(self, client: imaplib.IMAP4, user: str) -> None:
        if not self.secret:
            raise self._error("wants a login, but no secret is set", "Set KUNTAKAIKU_IMAP_PASSWORD.")
        try:
            if self.settings.auth == "password":
                client.login(user, self.secret)
            else:
                token = f"user={user}\x01auth=Bearer {self.secret}\x01\x01".encode()
                # An empty answer to the description of an error ends the exchange.
                client.authenticate("XOAUTH2", lambda challenge: token if not challenge else b"")
        except UnicodeEncodeError:
            # Without "from": the error's text holds the secret.
            raise self._error("cannot be told the secret, which has other letters than ASCII", _LOGIN) from None
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._error(f"did not let us in: {_said(error)}", _LOGIN) from error

    def _error(self, problem: str, remedy: str) -> BounceBoxError:
        return BounceBoxError(f"The mailbox at {self.settings.host}:{self.settings.port} {problem}.", remedy)


_SET_UP = "Check bounces in delivery.toml."
_LOGIN = "Check auth and user of bounces in delivery.toml and KUNTAKAIKU_IMAP_PASSWORD."


def _read(client: imaplib.IMAP4, mark: Mark | None, mailbox: str) -> Iterator[tuple[bytes, Mark]]:
    _ok(*client.select(_quoted(mailbox), readonly=True))
    validity = _number(client, "UIDVALIDITY")
    after = mark.uid if mark and mark.validity == validity else 0
    kind, found = client.uid("SEARCH", f"UID {after + 1}:* HEADER Content-Type multipart/report")
    _ok(kind, found)
    # "n:*" means the last mail, too, where all have lower numbers.
    for uid in sorted(int(one) for one in (found[0] or b"").split() if int(one) > after):
        mail = _mail(client, uid)
        if mail is not None:
            yield mail, Mark(validity=validity, uid=uid)


def _close(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (imaplib.IMAP4.error, OSError):
        with suppress(OSError):
            client.shutdown()


def _mail(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """Return a mail without marking it as read; None where it is gone or too large."""
    kind, sizes = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    _ok(kind, sizes)
    size = next((found for one in sizes if isinstance(one, bytes) and (found := _SIZE.search(one))), None)
    if size is None or int(size[1]) > LARGEST:
        return None
    kind, parts = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    _ok(kind, parts)
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _number(client: imaplib.IMAP4, name: str) -> int:
    _, values = client.response(name)
    return int((values or [b"0"])[0] or b"0")


def _ok(kind: str, said: object) -> None:
    if kind != "OK":
        raise imaplib.IMAP4.error(repr(said))


def _quoted(mailbox: str) -> str:
    escaped = mailbox.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _said(error: Exception) -> str:
    return shorten(one_line(str(error)), _SAID) or type(error).__name__
