"""A configuration to begin with."""

import stat
from pathlib import Path

import pytest

from programme.errors import MisuseError
from programme.load import load, shipped_directory
from programme.starter import NotWrittenError, write_starter


def test_starter_is_a_valid_configuration(tmp_path: Path) -> None:
    """What is written is free of faults, commented, and the shipped programme."""
    written = write_starter(tmp_path / "new" / "config")
    assert [path.name for path in written[:5]] == [
        "programme.toml",
        "sources.toml",
        "delivery.toml",
        "site.toml",
        "recipients.toml",
    ]
    loaded = load(tmp_path / "new" / "config")
    assert loaded.faults == ()
    assert loaded.configuration is not None
    slugs = loaded.configuration.programme.slugs
    assert {path.stem for path in written[5:]} == set(slugs)
    assert {path.parent.name for path in written[5:]} == {"guidelines"}
    assert all("# " in path.read_text(encoding="utf-8") for path in written)
    assert written[0].read_bytes() == (shipped_directory() / "programme.toml").read_bytes()


def test_recipients_are_private(tmp_path: Path) -> None:
    """Only its owner may read the file of recipients."""
    recipients = write_starter(tmp_path)[4]
    assert stat.S_IMODE(recipients.stat().st_mode) == 0o600


def test_starter_overwrites_nothing(tmp_path: Path) -> None:
    """One file that is there already refuses them all."""
    (tmp_path / "site.toml").write_text("mine")
    with pytest.raises(MisuseError, match=r"holds site\.toml already"):
        write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the directory's place is an error with a remedy."""
    (tmp_path / "file").touch()
    with pytest.raises(NotWrittenError, match="Choose a directory"):
        write_starter(tmp_path / "file" / "config")
