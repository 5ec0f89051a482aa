"""A real mail server on the loopback interface, its answers scripted per recipient and try, and an issue to send."""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from corpus.issues import StoredIssue
from corpus.rendering import Rendering
from corpus.store import Corpus
from digest.mail import Letterhead
from programme.types import Recipient

CERTIFICATE = Path(__file__).parent.parent / "certs" / "localhost.pem"
KEY = "2026-W47"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass
class Server:
    """What a scripted server does and what it got."""

    port: int = 0
    script: dict[str, list[str]] = field(default_factory=dict)
    """Recipient to one step a try: ``rcpt 451 later``, ``data …``, ``end …`` answer there; ``drop rcpt``, ``drop data``
    and ``drop end`` hang up there, the last with the mail kept; ``silence rcpt`` and ``silence end`` say nothing;
    ``ok`` and an empty script take the mail."""
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    """Recipient and content of each mail that the server kept, in order."""
    logins: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    reports: bool = False
    """Whether it offers to report on what does not arrive."""
    mails_a_line: int | None = None
    """After so many mails along one connection the server ends it at the next."""

    def got(self, recipient: str) -> int:
        """Return how often a recipient's mail was kept."""
        return sum(to == recipient for to, _ in self.mails)

    def step(self, recipient: str, place: str) -> str:
        """Return what the script says at a place of the conversation; a try is used up where it applies."""
        steps = self.script.get(recipient, [])
        if not steps:
            return ""
        verb, _, rest = steps[0].partition(" ")
        if verb == place:
            return steps.pop(0).removeprefix(f"{place} ")
        if verb in ("drop", "silence") and rest == place:
            steps.pop(0)
            return verb
        if place == "end":
            steps.pop(0)
        return ""


class Scripted(SMTP):
    """The server's side of one conversation."""

    def __init__(self, server: Server, **options: object) -> None:
        self.told = server
        self.begun = 0
        super().__init__(_Answers(server), hostname="localhost", ident="test", **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        self.told.connections += 1
        super().connection_made(transport)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """End a line that has carried enough."""
        self.begun += 1
        self.told.commands.append(f"MAIL {arg}")
        arg = arg.replace(" RET=HDRS", "") if self.told.reports else arg
        if self.told.mails_a_line is not None and self.begun > self.told.mails_a_line:
            await self.push("421 4.7.0 enough along this line")
            self.transport.close()
        else:
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take what RFC 3461 adds, where the server announces it."""
        self.told.commands.append(f"RCPT {arg}")
        await super().smtp_RCPT(arg.removesuffix(" NOTIFY=FAILURE,DELAY") if self.told.reports else arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Answer as scripted instead of waiting for the mail."""
        recipient = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""
        said = self.told.step(recipient, "data")
        if said == "drop":
            self.transport.abort()
        elif said:
            await self.push(said)
        else:
            await super().smtp_DATA(arg)


class _Answers:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]] if self._server.reports else responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._server.step(address, "rcpt")
        answer = await _act(said, server)
        if not answer:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        recipient = envelope.rcpt_tos[0]
        said = self._server.step(recipient, "end")
        if not said or said in ("drop", "silence") or not said[0].isdigit():
            self._server.mails.append((recipient, envelope.original_content or b""))
        return await _act(said, server) or "250 OK"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        import base64

        user, _, token = base64.b64decode(args[1]).decode().partition("\x01")
        self._server.logins.append((user, token))
        if "good" in token:
            return AuthResult(success=True, auth_data=user.encode())
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)


async def _act(said: str, server: SMTP) -> str:
    if said == "drop":
        server.transport.abort()
    elif said == "silence":
        await asyncio.sleep(60)
    return said


@contextmanager
def listening(
    protocol: Callable[[asyncio.AbstractEventLoop], Callable[[], asyncio.Protocol]], tls: ssl.SSLContext | None
) -> Iterator[int]:
    """Yield the port of a server in a thread of its own."""
    loop = asyncio.new_event_loop()
    listener = loop.run_until_complete(loop.create_server(protocol(loop), "127.0.0.1", 0, ssl=tls))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield listener.sockets[0].getsockname()[1]

    async def stop() -> None:
        listener.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        loop.stop()

    asyncio.run_coroutine_threadsafe(stop(), loop)
    thread.join()
    loop.close()


def server_tls() -> ssl.SSLContext:
    """Return the server's side of an encrypted line."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))
    return context


Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts a server: ``starttls``, ``tls``, ``password`` (user and password that it takes)."""
    with ExitStack() as running:

        def begin(*, starttls: bool = False, tls: bool = False, login: tuple[str, str] | None = None) -> Server:
            server = Server()

            def authenticate(_s: SMTP, _session: Session, _e: Envelope, _m: str, given: object) -> AuthResult:
                assert isinstance(given, LoginPassword)
                pair = (given.login.decode(), given.password.decode())
                server.logins.append(pair)
                return AuthResult(success=pair == login, handled=False)

            def protocol(loop: asyncio.AbstractEventLoop) -> Callable[[], Scripted]:
                return lambda: Scripted(
                    server,
                    loop=loop,
                    tls_context=server_tls() if starttls else None,
                    require_starttls=starttls,
                    authenticator=authenticate,
                    auth_required=starttls and login is not None,
                    auth_require_tls=starttls,
                )

            server.port = running.enter_context(listening(protocol, server_tls() if tls else None))
            return server

        yield begin


@pytest.fixture
def raw() -> Iterator[Callable[[Mapping[bytes, bytes]], int]]:
    """Return a function that starts a server of fixed answers to the first letters of a line; b"" is its greeting."""
    with ExitStack() as running:

        def begin(answers: Mapping[bytes, bytes]) -> int:
            class Fixed(asyncio.Protocol):
                def connection_made(self, transport: asyncio.BaseTransport) -> None:
                    self.transport = transport
                    self._say(b"")

                def data_received(self, data: bytes) -> None:
                    self._say(data[:4].upper())

                def _say(self, word: bytes) -> None:
                    answer = answers.get(word)
                    if answer is None:
                        self.transport.abort()
                    else:
                        self.transport.write(answer)

            return running.enter_context(listening(lambda _: Fixed, None))

        yield begin


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now

    def pass_by(self, time: timedelta) -> None:
        """Move the clock."""
        self.now += time


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at a Monday morning."""
    return Clock()


@pytest.fixture
def letterhead() -> Letterhead:
    """Return what all mails have in common."""
    return Letterhead(
        sender="Tulevaisuuden kunta <kooste@kunta.example>", list_name="Kunnat 2021", list_slug="kunnat-2021"
    )


def rendering(language: str = "fi", role: str = "reader", **fields: object) -> Rendering:
    """Return a small rendering."""
    plain = {"subject": f"Viikko 47 ({language})", "text": f"Hyvää päivää {role}\n.alku\n%%UNSUBSCRIBE%%\n"}
    page = (
        '<p>Hyvää päivää</p><img src="cid:chart" alt=""><a href="%%UNSUBSCRIBE%%">x</a><a href="%%PREFERENCES%%">y</a>'
    )
    return Rendering(
        issue=KEY, language=language, role=role, **{**plain, "html": page, "charts": {"chart": b"\x89PNG"}, **fields}
    )


Approve = Callable[..., None]


@pytest.fixture
def approve(corpus: Corpus) -> Approve:
    """Return a function that approves an issue for recipients, given as ``name`` or ``name:language:role``."""

    def approved(*recipients: str) -> None:
        draft = StoredIssue(key=KEY, state="draft", numbers={}, drafted_at=NOW, corpus_fingerprint="", model=None)
        corpus.issues.save_draft(draft)
        people = []
        for recipient in recipients:
            name, language, role = (
                [*recipient.split(":"), "fi", "reader"][:3] if ":" in recipient else (recipient, "fi", "reader")
            )
            people.append(Recipient(address=f"{name}@kunta.example", language=language, role=role))
        texts = [rendering("fi"), rendering("sv"), rendering("fi", "editor")]
        corpus.issues.approve(KEY, texts, people, who="test", now=NOW)

    return approved
