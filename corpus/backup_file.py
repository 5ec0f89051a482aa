"""The file of a backup: a ZIP whose manifest names each member with its size and hash; written whole or not at all.

``manifest.json`` is the last member. Every other is a stream compressed by zstd, named ``….zst``.
"""

import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from errno import EINVAL
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec
import zstandard

from programme.errors import MisuseError

FORMAT = 1
SUFFIX = ".backup"
_MANIFEST = "manifest.json"
_PIECE = 1 << 20
_LEVEL = 3
_LONGEST_MANIFEST = 1 << 24
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, UnicodeDecodeError)
"""By which the library refuses a damaged archive: flipped bits ask for passwords and methods that it does not know."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a backup."""

    size: int
    """Bytes before compression."""
    sha256: str
    """Of those bytes."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    format: int
    program: str
    """Version of Kuntakaiku that made it."""
    made_at: datetime
    database: str
    """``sqlite`` or ``postgresql``."""
    revision: str
    """Version of the tables."""
    posts: int
    columns: dict[str, list[str]]
    """Of PostgreSQL's tables, in an order in which they can be filled; empty for SQLite."""
    members: dict[str, Member]


class BackupUnusableError(MisuseError):
    """The file is no backup, is damaged, or is of no use here; nothing was touched."""


class BackupWriter:
    """A backup being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a member from its bytes."""
        digest, size = sha256(), 0
        compressor = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        with self._archive.open(_stored(f"{name}.zst"), "w", force_zip64=True) as out:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                out.write(compressor.compress(piece))
            out.write(compressor.flush())
        self.members[name] = Member(size=size, sha256=digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest, after which the backup is whole."""
        with self._archive.open(_stored(_MANIFEST), "w") as out:
            out.write(msgspec.json.encode(manifest))


class BackupReader:
    """A backup being read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._path = path
        self._archive = archive
        self.manifest = manifest

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a member.

        Raises:
            BackupUnusableError: they are not those of the manifest; told at the end at the latest.
        """
        member = self.manifest.members[name]
        digest, size = sha256(), 0
        try:
            with self._archive.open(f"{name}.zst") as packed:
                for piece in zstandard.ZstdDecompressor().read_to_iter(packed, read_size=_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    if size > member.size:
                        break
                    yield piece
        except (KeyError, *_BROKEN, zstandard.ZstdError) as error:
            raise _damaged(self._path) from error
        except OSError as error:  # flipped bits send the library to places before the beginning
            if error.errno != EINVAL:
                raise
            raise _damaged(self._path) from error
        if size != member.size or digest.hexdigest() != member.sha256:
            raise _damaged(self._path)

    def check(self) -> None:
        """Read everything once.

        Raises:
            BackupUnusableError: a byte is not as it was written.
        """
        for name in self.manifest.members:
            for _ in self.pieces(name):
                pass

    def files_under(self, folder: str) -> Iterator[tuple[PurePosixPath, Iterator[bytes]]]:
        """Yield the files that were added under a folder, by their path within it, with their bytes.

        Raises:
            BackupUnusableError: a name leads out of the folder.
        """
        for name in self.manifest.members:
            path = PurePosixPath(name)
            if path.parts[:1] == (folder,):
                if ".." in path.parts or path.is_absolute():
                    raise _damaged(self._path)
                yield path.relative_to(folder), self.pieces(name)


@contextmanager
def writing(path: Path) -> Iterator[BackupWriter]:
    """Give a backup to fill; it appears under its name when it is finished and on the disk, readable by its owner only.

    Raises:
        MisuseError: the name is taken.
        OSError: it cannot be written.
    """
    if path.exists():
        raise MisuseError(f"{path} exists already.", "Choose another name, or a directory: the name is then the time.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                yield BackupWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
    _sync_directory(path.parent)


@contextmanager
def reading(path: Path) -> Iterator[BackupReader]:
    """Give a backup to read.

    Raises:
        BackupUnusableError: it is none, or of a newer format.
    """
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise _none(path) from error
    except FileNotFoundError as error:
        raise MisuseError(f"{path} does not exist.", "Name the file that `kuntakaiku db backup` wrote.") from error
    except OSError as error:  # flipped bits send the library to places before the beginning
        if error.errno != EINVAL:
            raise
        raise _none(path) from error
    with archive:
        yield BackupReader(path, archive, _manifest(path, archive))


def file_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's bytes in pieces."""
    while piece := file.read(_PIECE):
        yield piece


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(_MANIFEST).file_size > _LONGEST_MANIFEST:
            raise _none(path)
        written = archive.read(_MANIFEST)
        known: Mapping[str, object] = msgspec.json.decode(written, type=dict[str, object])
        if known.get("format") != FORMAT:
            raise BackupUnusableError(
                f"{path} has a format that this version does not read.", "Install a newer Kuntakaiku."
            )
        return msgspec.json.decode(written, type=Manifest)
    except (KeyError, msgspec.DecodeError, *_BROKEN) as error:
        raise _none(path) from error
    except OSError as error:  # as above
        if error.errno != EINVAL:
            raise
        raise _none(path) from error


def _stored(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # the time of writing stands in the manifest
    info.compress_type = zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    return info


def _none(path: Path) -> BackupUnusableError:
    return BackupUnusableError(
        f"{path} is no whole backup of Kuntakaiku; nothing was touched.", "Name a file that `db backup` wrote."
    )


def _damaged(path: Path) -> BackupUnusableError:
    return BackupUnusableError(f"{path} is damaged; nothing was touched.", "Restore an older backup.")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
