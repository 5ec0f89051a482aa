"""The demonstration's house on the Monday after its last week, its issues drafted for readers at one domain."""

from base64 import b64encode
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from runtime import demo
from runtime.cli import run
from runtime.clock import clock_from
from runtime.settings import Options
from runtime.wiring import Program
from tests.real.mail_server import DOMAIN, SENDER
from tests.runtime.conftest import Told

EARLIER, LATER = "2026-W46", "2026-W47"
NOW = datetime(2026, 11, 23, 5, 5, tzinfo=UTC)
GONE = f"muuttanut@{DOMAIN}"
"""A reader who has no mailbox any more."""
READERS = {
    SENDER: ("fi", "editor"),
    f"redaktionen@{DOMAIN}": ("sv", "editor"),
    f"lukija@{DOMAIN}": ("fi", "reader"),
    f"lasare@{DOMAIN}": ("sv", "reader"),
    f"reader@{DOMAIN}": ("en", "reader"),
}


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A house, and the secrets that its commands find in the environment."""

    house: Path
    environment: Mapping[str, str]
    dkim_record: bytes
    """The public half of the key that its mails are signed with, as the DNS would tell it."""

    def kuntakaiku(self, *arguments: str) -> Told:
        """Run a command in the house."""
        out, err = StringIO(), StringIO()
        at = ("--config", str(self.house / "config"), "--data", str(self.house), "--now", NOW.isoformat())
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in self.environment.items():
                patch.setenv(name, value)
            code = run([*at, *arguments])
        return Told(exit=code, out=out.getvalue(), err=err.getvalue())

    def program(self) -> Program:
        """Return the house as a program sees it."""
        options = Options(config=str(self.house / "config"), data=str(self.house))
        program = Program(options, environment=self.environment, working_directory=self.house)
        program.clock = clock_from(NOW)
        return program

    def furnish(self) -> None:
        """Write its configuration, take in the archive, and draft both issues."""
        demo.write_configuration(self.house)
        config = self.house / "config"
        site = (config / "site.toml").read_text("utf-8")
        (config / "site.toml").write_text(f'public_url = "https://{DOMAIN}"\n{site}', encoding="utf-8")
        readers = READERS | {GONE: ("fi", "reader")}
        lines = (f'[[recipient]]\naddress = "{a}"\nlanguage = "{b}"\nrole = "{c}"\n' for a, (b, c) in readers.items())
        (config / "recipients.toml").write_text("\n".join(lines), encoding="utf-8")
        with self.program() as program:
            demo.collect_archive(program, lambda _: None)
        for week in (EARLIER, LATER):
            assert self.kuntakaiku("digest", "draft", "--week", week).exit == 0


def signing_key() -> tuple[str, bytes]:
    """Return a private key in PEM form, and the DNS record of its public half."""
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), b"v=DKIM1; k=rsa; p=" + b64encode(public)
