"""What one invocation was asked: options, environment, credentials. The only reader of the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os.path import lexists
from pathlib import Path

from programme.errors import MisuseError
from programme.load import shipped_directory
from runtime.clock import read_instant

PREFIX = "KUNTAKAIKU_"
ERASURE_KEY = "erasure.key"
"""File of the data directory with the key of the marks of what was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and how to speak."""

    config: Path
    database: str
    """SQLAlchemy URL."""
    data: Path
    """Data directory: models, mails, exports, rejects."""
    as_json: bool = False
    quiet: bool = False
    now: datetime | None = None
    """Start of the program's clock; None: the machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The global options as given on the command line; None or False where they were not."""

    config: str | None = None
    database: str | None = None
    data: str | None = None
    now: str | None = None
    as_json: bool = False
    quiet: bool = False


class Secrets:
    """Looks a secret up by its name without the prefix: environment first, then systemd's credentials.

    Secrets never stand in the configuration, so that it can be shared and kept in version control.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        directory = environment.get("CREDENTIALS_DIRECTORY")
        self._credentials = Path(directory) if directory else None

    def __call__(self, name: str) -> str | None:
        """Return the secret ``KUNTAKAIKU_<name>``, or None where nobody set it."""
        key = PREFIX + name
        if value := self._environment.get(key, "").strip():
            return value
        if self._credentials and (file := self._credentials / key).is_file():
            return file.read_text(encoding="utf-8").strip() or None
        return None

    @property
    def directory(self) -> Path | None:
        """Where systemd put the credentials; None where it did not start us."""
        return self._credentials if self._credentials and self._credentials.is_dir() else None

    def __repr__(self) -> str:
        return "Secrets(…)"


def settle(options: Options, environment: Mapping[str, str], working_directory: Path) -> Settings:
    """Return the settings by the contract's defaults: an option, else the environment, else what lies nearby.

    Raises:
        MisuseError: the instant cannot be read, or the configuration directory holds no programme.
    """
    config = _config(options.config or environment.get(PREFIX + "CONFIG"), working_directory)
    database = options.database or environment.get(PREFIX + "DATABASE")
    data = options.data or environment.get(PREFIX + "DATA")
    data_directory = Path(data).expanduser() if data else _beside(database) or _platform_directory()
    now = options.now or environment.get(PREFIX + "NOW")
    return Settings(
        config=config,
        database=_url(database) if database else f"sqlite:///{data_directory.absolute() / 'kuntakaiku.db'}",
        data=data_directory.absolute(),
        as_json=options.as_json,
        quiet=options.quiet,
        now=read_instant(now) if now else None,
    )


def _config(asked: str | None, working_directory: Path) -> Path:
    if asked:
        directory = Path(asked).expanduser()
        if not lexists(directory / "programme.toml"):
            raise MisuseError(
                f"{directory} holds no programme.toml.",
                "Name another directory with --config, or write a configuration with `kuntakaiku init DIR`.",
            )
        return directory
    nearby = working_directory / "config"
    return nearby if lexists(nearby / "programme.toml") else shipped_directory()


def _url(database: str) -> str:
    """Accept a plain path for SQLite, and the usual short names of PostgreSQL."""
    if "://" not in database:
        return f"sqlite:///{Path(database).expanduser().absolute()}"
    scheme, rest = database.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else database


def _beside(database: str | None) -> Path | None:
    """Return the directory of a SQLite database's file."""
    if not database or not _url(database).startswith("sqlite:///"):
        return None
    file = _url(database).removeprefix("sqlite:///").partition("?")[0]
    return Path(file).absolute().parent if file and file != ":memory:" else None


def _platform_directory() -> Path:
    from platformdirs import user_data_path

    return user_data_path("kuntakaiku", appauthor=False)
