"""Hands mails to a server, one recipient at a time, and says for each how it truly ended.

The end of a sending is one of four: ``sent`` (the server took it), ``deferred`` (it did not; another time may do),
``refused`` (it will not), ``in_doubt`` (it got the whole mail, and the line broke before its answer). The last must
never be tried again by itself: its recipient may have the mail already.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from functools import partial
from typing import Literal

from programme.errors import KuntakaikuError
from programme.types import Smtp

Ending = Literal["sent", "deferred", "refused", "in_doubt"]
_REASON_LIMIT = 300
_TAKEN, _CONTINUES, _GO_AHEAD, _TEMPORARY, _CLOSING, _PERMANENT = 200, 300, 354, 400, 421, 500
_ENHANCED = re.compile(r"\b5\.[0-9]{1,3}\.[0-9]{1,3}\b")
_NO_SUCH = frozenset({550, 551, 553})
"""Replies to a recipient's name that speak of the mailbox, RFC 5321, 4.2.3; 552 is full, 554 anything."""
_NOT_FOR_US = frozenset({530, 534, 535, 538})
"""Replies that ask us to log in, or otherwise, first: the set-up is at fault, not a recipient (RFC 4954, 6)."""
_NO_PASSWORDS = re.compile(rb"5\.7\.(?:30|139)\b")
"""Exchange Online, with code 550: logins by password are over. Again the set-up; `doctor` knows the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one sending ended."""

    ending: Ending
    reason: str | None = None
    """What the server said, on one line; None where it was sent."""
    line_is_broken: bool = False
    """The connection is of no further use."""
    recipient_was_named: bool = True
    """False where the line broke before: the end says nothing of the recipient."""
    status: str = ""
    """Of a refusal of the recipient: its code like ``5.1.1`` (RFC 3463), ``5.1.0`` where the server gave none."""


class NoLineError(KuntakaikuError):
    """The mail server cannot be used at all; nothing was sent to anybody."""


class Line:
    """An open connection to a mail server."""

    def __init__(self, client: smtplib.SMTP, sign: Callable[[bytes], bytes] | None = None) -> None:
        self._client = client
        self._sign = sign
        self._reports = client.has_extn("dsn")

    def send(self, message: EmailMessage, *, sender: str, recipient: str) -> Outcome:
        """Return how handing a mail over for one recipient ended; both addresses are bare.

        The steps are smtplib's own, one by one: its ``sendmail`` does not tell a line that broke before the mail was
        whole from one that broke after.
        """
        content = wire_form(message, self._sign)
        try:
            refusal = self._introduce(sender, recipient)
            if refusal is not None:
                return refusal
            # The full stop that ends the mail goes last: a break within is a mail that no server takes.
            self._client.send(content)
        except (OSError, smtplib.SMTPException) as error:
            return _broken(error)
        return self._verdict()

    def _introduce(self, sender: str, recipient: str) -> Outcome | None:
        """Return why the server will not listen to the mail, or None where it waits for it."""
        try:
            code, reply = self._client.mail(sender, ["RET=HDRS"] if self._reports else ())
        except (OSError, smtplib.SMTPException) as error:
            return replace(_broken(error), recipient_was_named=False)
        if code >= _TEMPORARY or code < 0:
            return replace(self._begin_again(_judge(code, reply)), recipient_was_named=False)
        # RFC 3461: we want to know what does not arrive, and nothing of what does.
        notify = ["NOTIFY=FAILURE,DELAY"] if self._reports else ()
        for step in (partial(self._client.rcpt, recipient, notify), partial(self._client.docmd, "DATA")):
            code, reply = step()
            if code >= _TEMPORARY or code < 0:
                outcome = _judge(code, reply)
                status = _status(code, reply) if outcome.ending == "refused" and step.func == self._client.rcpt else ""
                return self._begin_again(replace(outcome, status=status))
        return None if code == _GO_AHEAD else self._begin_again(_judge(-1, reply))

    def _begin_again(self, outcome: Outcome) -> Outcome:
        if outcome.line_is_broken:
            return outcome
        try:
            self._client.rset()
        except (OSError, smtplib.SMTPException):
            return replace(outcome, line_is_broken=True)
        return outcome

    def _verdict(self) -> Outcome:
        try:
            code, reply = self._client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            said = f"the whole mail was handed over, but the connection broke before the answer: {_said(error)}"
            return Outcome(ending="in_doubt", reason=said, line_is_broken=True)
        if _TAKEN <= code < _CONTINUES:
            return Outcome(ending="sent")
        if code >= _TEMPORARY:
            return _judge(code, reply)
        said = f"the whole mail was handed over, but the answer was not understood: {code} {_one_line(reply)}"
        return Outcome(ending="in_doubt", reason=said, line_is_broken=True)


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """Sends through a mail server.

    See RFC 5321 (SMTP), RFC 3207 (STARTTLS) and RFC 4954 (AUTH).
    """

    smtp: Smtp
    secret: str | None = None
    """Password, or the access token of ``xoauth2``."""
    sign: Callable[[bytes], bytes] | None = None
    """Returns a header that proves whose a mail is, to be put before it."""

    @contextmanager
    def open(self, *, sender: str) -> Iterator[Line]:
        """Yield a line to the server, encrypted and logged in as configured, and close it.

        ``sender`` is the bare address that we log in as where no user is configured.

        Raises:
            NoLineError: the server did not answer, offers no encryption, or does not let us in.
        """
        client = self._connect(sender.rpartition("@")[2] or "localhost")
        try:
            try:
                self._secure(client)
                self._log_in(client, sender)
            except smtplib.SMTPServerDisconnected as error:
                raise self._no_line(f"hung up: {_said(error)}") from error
            yield Line(client, self.sign)
        finally:
            try:
                client.quit()
            except (OSError, smtplib.SMTPException):
                client.close()

    def _connect(self, our_name: str) -> smtplib.SMTP:
        host, port, timeout = self.smtp.host.strip("[]"), self.smtp.port, self.smtp.timeout
        try:
            # smtplib would ask the network for our own name, which can take long; the sender's domain is as good.
            if self.smtp.security == "tls":
                return smtplib.SMTP_SSL(host, port, our_name, timeout=timeout, context=self._context())
            return smtplib.SMTP(host, port, our_name, timeout=timeout)
        except ssl.SSLError as error:
            raise self._no_line(f"cannot be trusted: {_said(error)}", _CERTIFICATE) from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._no_line(f"does not answer: {_said(error)}") from error

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.smtp.ca_file:
            context.load_verify_locations(self.smtp.ca_file)
        return context

    def _secure(self, client: smtplib.SMTP) -> None:
        code, reply = client.ehlo()
        if code >= _TEMPORARY or code < 0:
            raise self._no_line(f"does not greet: {code} {_one_line(reply)}")
        if self.smtp.security != "starttls":
            return
        if not client.has_extn("starttls"):
            raise self._no_line("offers no STARTTLS, and nothing is sent in the clear", _SECURITY)
        try:
            client.starttls(context=self._context())
            client.ehlo()
        except ssl.SSLError as error:
            raise self._no_line(f"cannot be trusted: {_said(error)}", _CERTIFICATE) from error
        except smtplib.SMTPServerDisconnected:
            raise
        except (OSError, smtplib.SMTPException) as error:
            raise self._no_line(f"did not start TLS: {_said(error)}", _SECURITY) from error

    def _log_in(self, client: smtplib.SMTP, sender: str) -> None:
        if self.smtp.auth == "none":
            return
        if not self.secret:
            raise self._no_line("wants a login, but no secret is set", "Set KUNTAKAIKU_SMTP_PASSWORD.")
        user, secret = self.smtp.user or sender, self.secret
        try:
            if self.smtp.auth == "password":
                client.login(user, secret)
            else:
                client.auth("XOAUTH2", _XOAuth2(user, secret))
        except UnicodeEncodeError:
            # Without "from": the error's text holds the secret.
            raise self._no_line("cannot be told the secret, which has other letters than ASCII") from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise self._no_line(f"did not let us in: {_said(error)}", _LOGIN) from error

    def _no_line(self, problem: str, remedy: str = "Check smtp in delivery.toml.") -> NoLineError:
        return NoLineError(f"The mail server {self.smtp.host}:{self.smtp.port} {problem}.", remedy)


_CERTIFICATE = "Check host, port and security in delivery.toml; name a certificate of your own with ca_file."
_SECURITY = "Check port and security in delivery.toml."
_LOGIN = "Check auth and user in delivery.toml and KUNTAKAIKU_SMTP_PASSWORD."


@dataclass(frozen=True, slots=True)
class _XOAuth2:
    """Answers the steps of a login by access token: the token first, nothing to the description of an error.

    See https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
    """

    user: str
    token: str

    def __call__(self, challenge: bytes | None = None) -> str:
        return "" if challenge is not None else f"user={self.user}\x01auth=Bearer {self.token}\x01\x01"


def wire_form(message: EmailMessage, sign: Callable[[bytes], bytes] | None = None) -> bytes:
    """Return a mail as it goes through the wire: CRLF, its leading full stops doubled, ended by one of its own."""
    content = message.as_bytes()
    if sign is not None:
        content = sign(content) + content
    content = re.sub(rb"(?m)^\.", b"..", content)
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _broken(error: OSError | smtplib.SMTPException) -> Outcome:
    return Outcome(ending="deferred", reason=f"the connection broke: {_said(error)}", line_is_broken=True)


def _judge(code: int, reply: bytes) -> Outcome:
    reason = f"{code} {_one_line(reply)}" if code > 0 else f"the answer was not understood: {_one_line(reply)}"
    permanent = code >= _PERMANENT and code not in _NOT_FOR_US and not _NO_PASSWORDS.search(reply)
    return Outcome(
        ending="refused" if permanent else "deferred", reason=reason, line_is_broken=code == _CLOSING or code < 0
    )


def _status(code: int, reply: bytes) -> str:
    """Return the status of a refused recipient; nothing where the code may speak of our set-up."""
    found = _ENHANCED.search(_one_line(reply))
    if found:
        return found[0]
    return "5.1.0" if code in _NO_SUCH else ""


def _said(error: OSError | smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_one_line(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    # smtplib reports a timeout as a closed connection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    return _one_line(str(error)) or type(error).__name__


def _one_line(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_REASON_LIMIT]
