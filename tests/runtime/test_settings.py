"""Where things are, by option, environment or nearness; secrets; the clock."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from programme.errors import MisuseError
from programme.load import shipped_directory
from runtime.clock import clock_from, machine_clock, read_instant
from runtime.settings import Options, Secrets, settle


def test_option_goes_before_environment_before_nearness(tmp_path: Path) -> None:
    """What is typed wins, then what is set, then what lies nearby, then what is shipped."""
    for name in ("typed", "set", "config"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "programme.toml").touch()
    environment = {"KUNTAKAIKU_CONFIG": str(tmp_path / "set")}
    typed = Options(config=str(tmp_path / "typed"))
    assert settle(typed, environment, tmp_path).config == tmp_path / "typed"
    assert settle(Options(), environment, tmp_path).config == tmp_path / "set"
    assert settle(Options(), {}, tmp_path).config == tmp_path / "config"
    assert settle(Options(), {}, tmp_path / "set").config == shipped_directory()


@pytest.mark.parametrize(
    ("database", "url", "data"),
    [
        ("posts.db", "sqlite:///{here}/posts.db", "{here}"),
        ("sqlite:////srv/k/posts.db", "sqlite:////srv/k/posts.db", "/srv/k"),
        ("postgres://u@h/k", "postgresql+psycopg://u@h/k", None),
        ("postgresql+psycopg://u@h/k", "postgresql+psycopg://u@h/k", None),
        ("sqlite:///:memory:", "sqlite:///:memory:", None),
    ],
    ids=["path", "sqlite url", "short name", "full name", "in memory"],
)
def test_data_lies_beside_a_sqlite_database(
    database: str, url: str, data: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file's directory holds the rest too; other databases leave it to the platform."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "platform"))
    settings = settle(Options(database=database), {}, tmp_path)
    assert settings.database == url.format(here=tmp_path)
    assert settings.data == Path(data.format(here=tmp_path) if data else tmp_path / "platform" / "kuntakaiku")


def test_secrets_come_from_the_environment_then_from_credentials(tmp_path: Path) -> None:
    """An empty variable is none; a secret is never shown by accident."""
    (tmp_path / "KUNTAKAIKU_A").write_text("from a file\n")
    (tmp_path / "KUNTAKAIKU_EMPTY").write_text("\n")
    secrets = Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path), "KUNTAKAIKU_B": "set", "KUNTAKAIKU_A": " "})
    assert [secrets(name) for name in ("A", "B", "C", "EMPTY")] == ["from a file", "set", None, None]
    assert Secrets({})("A") is None
    assert repr(secrets) == "Secrets(…)"


def test_clock_runs_on_from_the_given_instant() -> None:
    """A rehearsal's clock starts where it is told and goes on."""
    clock = clock_from(datetime(2026, 11, 23, tzinfo=UTC))
    first, second = clock(), clock()
    assert datetime(2026, 11, 23, tzinfo=UTC) <= first <= second
    assert machine_clock().tzinfo is UTC


def test_instants_are_read_in_utc() -> None:
    """An offset is taken into account; without one, it is UTC."""
    assert read_instant("2026-11-23T07:00:00+02:00") == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert read_instant("2026-11-23") == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "", "0001-01-01", "9999-12-31"], ids=repr)
def test_unreadable_instant_is_misuse(text: str) -> None:
    """What is no instant, or none of this calendar, is refused with an example."""
    with pytest.raises(MisuseError, match="2026-11-23T05"):
        read_instant(text)
