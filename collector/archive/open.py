"""Files as streams of bytes, plain or packed; the content tells how, never the name."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_CHUNK = 2_048
"""Packed bytes at a time: two thousand of them unpack to at most sixty million."""
_BUFFER = 256 * 1024
"""Bytes that are read at a time."""
_ZSTD_WINDOW = 128 * 1024 * 1024
"""Bytes that unpacking may look back, and therefore hold."""

BROKEN = (EOFError, OSError, zlib.error)
"""What reading raises when an archive is cut off or damaged."""


class Stream(Protocol):
    """Unpacked bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most that many bytes; none at the end."""

    def readline(self, size: int, /) -> bytes:
        """Return a line with its end, or at most that many bytes of it."""


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[Stream, BinaryIO]]:
    """Open a file and give its unpacked bytes, and the file itself, whose position tells how far it was read.

    Raises:
        OSError: the file cannot be read. Reading it raises one of ``BROKEN`` where it is cut off or damaged.
    """
    with path.open("rb", _BUFFER) as packed:
        magic = packed.read(4)
        packed.seek(0)
        if magic[:2] == _GZIP:
            with gzip.GzipFile(fileobj=packed, mode="rb") as unpacked:
                yield unpacked, packed
        elif magic == _ZSTD:
            yield io.BufferedReader(_ZstdFile(packed), _BUFFER), packed
        else:
            yield packed, packed


class _ZstdFile(io.RawIOBase):
    """Unpacks a file of one or more frames, and tells when the last is cut off, which ``stream_reader`` does not."""

    def __init__(self, packed: BinaryIO) -> None:
        import zstandard

        self._packed = packed
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._error = zstandard.ZstdError
        self._frame = self._unpacker.decompressobj()
        self._is_fed = False
        self._damage: OSError | None = None
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # a writable buffer, as io calls it
        """Fill a buffer and return how many bytes came; 0 at the end."""
        while not self._ready:
            if self._damage is not None:
                raise self._damage
            chunk = self._packed.read(_ZSTD_CHUNK)
            if not chunk:
                if self._is_fed:
                    raise EOFError("the file is cut off")
                return 0
            self._ready = memoryview(self._unpacked(chunk))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpacked(self, chunk: bytes) -> bytes:
        pieces = []
        try:
            while chunk:
                pieces.append(self._frame.decompress(chunk))
                self._is_fed = not self._frame.eof
                chunk = self._frame.unused_data
                if self._frame.eof:
                    self._frame = self._unpacker.decompressobj()
        except self._error as error:
            self._damage = OSError(f"the file is damaged: {error}")  # raised behind what came before it
        return b"".join(pieces)
