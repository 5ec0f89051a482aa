"""Fixtures that every room's tests share."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.store import Corpus
from programme.load import load_or_raise, shipped_directory
from programme.types import Configuration, Programme
from tests import canaries, matrix


def pytest_configure(config: pytest.Config) -> None:
    """Add what watches over every test: planted secrets, and the fault matrix."""
    for plugin in (canaries, matrix):
        config.pluginmanager.register(plugin, plugin.__name__)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Directory of the larger or unlicensed sets; without it, what needs them is skipped."""
    directory = os.environ.get("KUNTAKAIKU_TEST_DATA")
    if not directory or not Path(directory).is_dir():
        pytest.skip("KUNTAKAIKU_TEST_DATA names no directory of test data")
    return Path(directory)


@pytest.fixture(scope="session")
def configuration() -> Configuration:
    """The shipped configuration."""
    return load_or_raise(shipped_directory())


@pytest.fixture(scope="session")
def programme(configuration: Configuration) -> Programme:
    """The shipped programme, Kunnat 2021."""
    return configuration.programme


@pytest.fixture(scope="session")
def fault_long() -> bool:
    """Whether faults are tried in full, as by ``make soak``."""
    return os.environ.get("KUNTAKAIKU_FAULTS") == "long"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; PostgreSQL where TEST_DATABASE_URL names a server, a schema for each test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kuntakaiku.db'}"
        return
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL server")
    import psycopg

    schema = f"t{os.getpid()}"
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA {schema}")
    joint = "&" if "?" in plain else "?"
    yield plain.replace("postgresql://", "postgresql+psycopg://") + f"{joint}options=-csearch_path%3D{schema}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database without posts, to be copied: migrating costs 0.1 s each time."""
    path = tmp_path_factory.mktemp("empty") / "kuntakaiku.db"
    Corpus.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def corpus(database_url: str, empty_sqlite: Path) -> Iterator[Corpus]:
    """An empty corpus in each database."""
    if database_url.startswith("sqlite"):
        shutil.copyfile(empty_sqlite, database_url.removeprefix("sqlite:///"))
    else:
        Corpus.prepare(database_url)
    with Corpus.open(database_url) as opened:
        yield opened
