"""Raw payloads: many to a compressed chunk, each on a line of its own so that one can be blanked exactly."""

from collections.abc import Callable, Collection, Iterator, Sequence

import zstandard

CHUNK_POSTS = 400
"""Payloads in one chunk: enough that they compress each other, few enough that blanking one is cheap."""
_LEVEL = 3
_LARGEST = 1 << 31


def pack(payloads: Sequence[bytes]) -> bytes:
    """Return payloads as one compressed chunk.

    Line breaks between a payload's tokens become spaces; inside its strings JSON allows none.
    """
    return packer()(payloads)


def packer() -> Callable[[Sequence[bytes]], bytes]:
    """Return ``pack`` for many chunks, one after another: what a compressor needs is made once."""
    compress = zstandard.ZstdCompressor(level=_LEVEL).compress
    return lambda payloads: compress(b"\n".join(map(_one_line, payloads)))


def unpack(chunk: bytes) -> list[bytes]:
    """Return a chunk's payloads; a blanked one is empty."""
    return zstandard.ZstdDecompressor().decompress(chunk, max_output_size=_LARGEST).split(b"\n")


def blank(chunk: bytes, lines: Collection[int]) -> bytes:
    """Return the chunk without the payloads on some lines; the others keep their places."""
    return pack([b"" if number in lines else payload for number, payload in enumerate(unpack(chunk))])


def chunks(payloads: Sequence[tuple[int, bytes]]) -> Iterator[Sequence[tuple[int, bytes]]]:
    """Yield payloads, with their posts' ids, in the groups that go into one chunk each."""
    for start in range(0, len(payloads), CHUNK_POSTS):
        yield payloads[start : start + CHUNK_POSTS]


def _one_line(payload: bytes) -> bytes:
    return payload.replace(b"\r", b" ").replace(b"\n", b" ") if b"\n" in payload or b"\r" in payload else payload
