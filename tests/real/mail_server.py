"""A real mail server on this machine: Postfix, which asks Dovecot who may send and Postgrey whom it knows."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from imaplib import IMAP4_SSL
from pathlib import Path
from signal import SIGTERM
from ssl import create_default_context
from string import Template

import pytest

from tests.real.bluesky_network import answers, free_port, until

CERTIFICATES = Path(__file__).parents[1] / "digest" / "certs"
CERTIFICATE = CERTIFICATES / "localhost.pem"
DOMAIN = "kunta.example"
SENDER = f"kooste@{DOMAIN}"
SECRET = "kanerva ja suo"  # noqa: S105 - of a server that lives for a test
PAUSE = 5
"""Seconds that Postgrey makes a stranger wait."""
_POSTFIX, _MASTER = "/usr/sbin/postfix", "/usr/lib/postfix/sbin/master"
_DOVECOT, _POSTGREY = "/usr/sbin/dovecot", "/usr/sbin/postgrey"
_FILES = Path(__file__).parent / "postfix"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where it listens, and what it has for whom."""

    directory: Path
    smtp: int
    imaps: int

    def mails(self, address: str) -> list[EmailMessage]:
        """Return what lies in a mailbox, oldest first, as a mail program reads it."""
        context = create_default_context(cafile=str(CERTIFICATE))
        with IMAP4_SSL("localhost", self.imaps, ssl_context=context, timeout=10) as client:
            client.login(address, SECRET)
            client.select(readonly=True)
            _, found = client.search(None, "ALL")
            fetched = [client.fetch(number, "(BODY.PEEK[])")[1][0] for number in found[0].split()]
        # The library's answer is a pair for a literal.
        return [message_from_bytes(one[1], policy=policy.default) for one in fetched if isinstance(one, tuple)]

    @property
    def delivered(self) -> int:
        """How many mails lie in all boxes."""
        return sum(1 for _ in (self.directory / "mail").glob("*/new/*")) + sum(
            1 for _ in (self.directory / "mail").glob("*/cur/*")
        )


@contextmanager
def mail_server(addresses: list[str]) -> Iterator[MailServer]:
    """Run a server that has a mailbox for each address, takes mail for its domain alone, and sends none elsewhere."""
    if any(not Path(one).exists() for one in (_MASTER, _DOVECOT, _POSTGREY)):
        pytest.fail("the mail server needs postfix, dovecot-imapd and postgrey: run tests/everything.sh")
    if os.geteuid() != 0:
        pytest.skip("Postfix and Dovecot start as root alone")
    with ExitStack() as stack:
        # Short, since names of sockets may be no longer than 100 letters; open, since each server is another user.
        directory = Path(tempfile.mkdtemp(prefix="mail"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        directory.chmod(0o755)
        server = MailServer(directory, free_port(), free_port())
        grey = free_port()
        _configure(server, grey, addresses)
        _run(stack, [_DOVECOT, "-F", "-c", str(directory / "dovecot.conf")], directory)
        _run(stack, [_POSTGREY, *_greylist(directory, grey)], directory)
        subprocess.run([_POSTFIX, "-c", str(directory / "postfix"), "check"], check=True, capture_output=True)  # noqa: S603 - makes the queue's directories
        _run(stack, [_MASTER, "-c", str(directory / "postfix"), "-d"], directory)
        until(lambda: all(answers(port) for port in (server.smtp, server.imaps, grey)), "the mail server")
        yield server


def _configure(server: MailServer, grey: int, addresses: list[str]) -> None:
    directory = server.directory
    for name in ("postfix", "queue", "data", "greylist", "mail", "run"):
        (directory / name).mkdir()
    shutil.chown(directory / "data", "postfix")
    shutil.chown(directory / "greylist", "postgrey", "postgrey")
    shutil.chown(directory / "mail", "nobody", "nogroup")
    key = directory / "key.pem"
    shutil.copyfile(CERTIFICATES / "localhost.key", key)
    key.chmod(0o600)
    values = {
        "directory": directory,
        "certificate": CERTIFICATE,
        "domain": DOMAIN,
        "smtp": server.smtp,
        "imaps": server.imaps,
        "grey": grey,
    }
    for path in _FILES.iterdir():
        place = directory if path.name == "dovecot.conf" else directory / "postfix"
        (place / path.name).write_text(Template(path.read_text("utf-8")).substitute(values), encoding="utf-8")
    boxes = "".join(f"{address} {address}/\n" for address in addresses)
    (directory / "boxes").write_text(boxes, encoding="utf-8")
    (directory / "users").write_text("".join(f"{one}:{{PLAIN}}{SECRET}\n" for one in addresses), encoding="utf-8")
    (directory / "nobody-is-known").touch()


def _greylist(directory: Path, port: int) -> list[str]:
    known = directory / "nobody-is-known"
    return [
        f"--inet=127.0.0.1:{port}",
        f"--delay={PAUSE}",
        f"--dbdir={directory / 'greylist'}",
        f"--whitelist-clients={known}",
        f"--whitelist-recipients={known}",
    ]


def _run(stack: ExitStack, command: list[str], directory: Path) -> None:
    """Run a server and its children until the end of the test, with what it says in a file of its own."""
    said = stack.enter_context((directory / f"{Path(command[0]).name}.said").open("wb"))
    process = stack.enter_context(
        subprocess.Popen(  # noqa: S603 - Debian's own
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
    )
    stack.callback(os.killpg, process.pid, SIGTERM)
