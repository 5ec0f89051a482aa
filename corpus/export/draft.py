"""Files and directories that stand under their name only when they are whole."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programme.errors import KuntakaikuError

_READ = 1 << 20


class ExportFailedError(KuntakaikuError):
    """The file could not be written; nothing stands under its name."""


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Give a file beside the wanted one, which takes its name when all is written and is removed when not."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # Readable to nobody else: it holds people's words.
        descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
        os.close(descriptor)
    except OSError as error:
        raise _failed(out, error) from error
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(out)
    except OSError as error:
        raise _failed(out, error) from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_directory(out: Path, *, replacing: bool = False) -> Iterator[Path]:
    """Give a directory beside the wanted one, as ``whole`` gives a file.

    One that holds something is replaced only where that is said: its name is free for a moment, then the new one's.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    except OSError as error:
        raise _failed(out, error) from error
    try:
        yield draft
        for path in draft.rglob("*"):
            if path.is_file():
                path.chmod(0o600)
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        if replacing and out.exists():
            with scratch(out) as aside:
                _exchange(draft, out, aside / "before")
        else:
            draft.replace(out)
    except OSError as error:
        raise _failed(out, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, out: Path, before: Path) -> None:
    out.replace(before)
    try:
        draft.replace(out)
    except OSError:
        before.replace(out)
        raise


@contextmanager
def scratch(out: Path) -> Iterator[Path]:
    """Give a directory beside a file, on the same disk; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", suffix=".part", dir=out.parent) as name:
        yield Path(name)


def sha256(path: Path) -> str:
    """Return the hash of a file's content, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_READ):
            digest.update(piece)
    return digest.hexdigest()


def _failed(out: Path, error: OSError) -> ExportFailedError:
    return ExportFailedError(
        f"The export {out} could not be written ({error.strerror}).",
        "Make room or choose another place, then run the command again.",
    )
