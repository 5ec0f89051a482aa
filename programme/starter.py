"""A commented configuration to begin with, from the shipped files."""

import os
from pathlib import Path

from programme.errors import KuntakaikuError, MisuseError
from programme.guidelines import DIRECTORY
from programme.load import shipped_directory

_FILES = {
    "programme.toml": "programme.toml",
    "sources.toml": "sources.toml",
    "delivery.toml": "delivery.toml",
    "site.toml": "site.toml",
    "recipients.example.toml": "recipients.toml",
}
"""Shipped file to the name it is written under."""
_PRIVATE = {"recipients.toml"}
_FOR_ALL, _FOR_OWNER = 0o644, 0o600


class NotWrittenError(KuntakaikuError):
    """A file could not be written; those before it stand."""


def write_starter(directory: Path) -> list[Path]:
    """Return the files of a new configuration with guidelines, written into a directory that is made where needed.

    Raises:
        MisuseError: one of the files is there already; nothing was written.
        NotWrittenError: the file system refuses.
    """
    shipped = shipped_directory()
    targets = {directory / written: shipped / name for name, written in _FILES.items()}
    targets |= {directory / DIRECTORY / page.name: page for page in sorted((shipped / DIRECTORY).glob("*.toml"))}
    taken = [str(target.relative_to(directory)) for target in targets if target.exists() or target.is_symlink()]
    if taken:
        raise MisuseError(
            f"{directory} holds {', '.join(taken)} already.", "Choose another directory, or move these files away."
        )
    try:
        (directory / DIRECTORY).mkdir(parents=True, exist_ok=True)
        for target, origin in targets.items():
            write_file(target, origin.read_bytes())
    except OSError as error:
        reason = error.strerror or "it did not say why"
        raise NotWrittenError(
            f"{error.filename or directory} could not be written: {reason}.",
            "Choose a directory that you may write to.",
        ) from error
    return list(targets)


def write_file(target: Path, content: bytes) -> None:
    """Write a new file of a configuration; what holds addresses can be read by its owner alone.

    Raises:
        OSError: it exists, or the file system refuses.
    """
    mode = _FOR_OWNER if target.name in _PRIVATE else _FOR_ALL
    # Created with its mode, not changed to it: addresses are never readable by others, not even for a moment.
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
