"""Real counterparts instead of our fakes; started by the tests, and ended with them."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from runtime.cli import run
from tests.real.bluesky_network import HASHTAG, HERE, Network, redis
from tests.real.demonstration import Demonstration, signing_key
from tests.real.mail_server import SECRET
from tests.runtime.conftest import PRIVACY, Told, dictionaries, house, vectors  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAMME = f"""
[programme]
slug = "small"
name = {{ fi = "Pieni ohjelma" }}
languages = ["fi"]
time_zone = "Europe/Helsinki"
hashtags = ["{HASHTAG}"]

[[theme]]
slug = "parks"
name = {{ fi = "Puistot" }}
seed_words = {{ fi = ["puisto"] }}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real browser."""
    from tests.real.console_browser import chromium

    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory, dictionaries: Path, vectors: Path) -> Demonstration:  # noqa: F811 - the fixtures
    """The demonstration with its issues drafted, for all that look at mails."""
    place = tmp_path_factory.mktemp("demonstration")
    (place / "lemmas").symlink_to(dictionaries)
    (place / "vectors").symlink_to(vectors)
    pem, record = signing_key()
    secrets = {"SMTP_PASSWORD": SECRET, "IMAP_PASSWORD": SECRET, "SECRET_KEY": "k" * 32, "DKIM_KEY": pem}
    made = Demonstration(place, {f"KUNTAKAIKU_{name}": value for name, value in secrets.items()}, record)
    made.furnish()
    return made


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The real network, empty but for the account that reads; its databases are a PostgreSQL and a Redis of our own."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server or not (HERE / "node_modules").is_dir():
        pytest.fail("the network needs PostgreSQL, Redis and `npm ci` in tests/real/bluesky: run tests/everything.sh")
    import psycopg

    plain = server.replace("postgresql+psycopg://", "postgresql://")
    own = f"network_{os.getpid()}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {own}")
    with redis() as redis_host:
        address = plain.rpartition("/")[0] + f"/{own}"
        environment = {**os.environ, "DB_POSTGRES_URL": address, "REDIS_HOST": redis_host, "NODE_ENV": "test"}
        with subprocess.Popen(
            ["node", "network.mjs"],  # noqa: S607 - whichever npm belongs to
            cwd=HERE,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                yield Network(_told(process.stdout)["pds"])
            finally:
                process.kill()
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {own} WITH (FORCE)")


def _told(out: IO[str] | None) -> dict[str, str]:
    """Return the line in which the network tells its addresses."""
    for line in out or ():
        if line.startswith('{"pds"'):
            found: dict[str, str] = json.loads(line)
            return found
    pytest.fail("the network did not start: run `node tests/real/bluesky/network.mjs` to see why")


@pytest.fixture
def kuntakaiku(
    house: Path,  # noqa: F811 - the fixture
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    network: Network,
) -> Callable[..., Told]:
    """Run a command in its own data directory by the machine's clock, or by one that ``now`` names."""
    for name in ("CONFIG", "DATABASE", "DATA", "NOW"):
        monkeypatch.delenv(f"KUNTAKAIKU_{name}", raising=False)
    monkeypatch.setenv("KUNTAKAIKU_TOKEN_BLUESKY", network.reader.password)
    monkeypatch.chdir(house)

    def call(*arguments: str, now: str | None = None) -> Told:
        capfd.readouterr()
        code = run(["--data", str(house), *(["--now", now] if now else []), *arguments])
        out, err = capfd.readouterr()
        return Told(exit=code, out=out, err=err)

    return call


@pytest.fixture
def configure(house: Path, network: Network) -> Callable[..., None]:  # noqa: F811 - the fixture
    """Write a configuration that reads the network, with a stream or without."""

    def written(*, url: str | None = None, stream: bool = False) -> None:
        config = house / "config"
        config.mkdir(exist_ok=True)
        (config / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
        (config / "site.toml").write_text(PRIVACY, encoding="utf-8")
        lines = [
            "[[source]]",
            'network = "bluesky"',
            "enabled = true",
            f'base_url = "{url or network.url}"',
            f'options = {{ handle = "{network.reader.handle}" }}',
            *([f'stream = "{network.stream}"'] if stream else []),
        ]
        (config / "sources.toml").write_text("\n".join(lines), encoding="utf-8")

    return written
