"""Which posts an export holds, packed: our ids and a mark of each text, about four bytes a post."""

import struct
import sys
from array import array
from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain, islice
from operator import ge, sub

import zstandard

_MARK = 3
"""Bytes of a mark: of 16 million edits one goes unseen."""
_LARGEST = 1 << 31


class Held:
    """Posts in the making of an export: eleven bytes each, whatever their number."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._marks = bytearray()

    def add(self, post_id: int, text: str | None) -> None:
        """Note a post as it was written."""
        self.keep(post_id, mark(text))

    def add_all(self, post_ids: Iterable[int], texts: Iterable[str | None]) -> None:
        """Note many posts as they were written."""
        self._ids.extend(post_ids)
        self._marks += b"".join(map(mark, texts))

    def keep(self, post_id: int, was: bytes) -> None:
        """Note a post with the mark that it had."""
        self._ids.append(post_id)
        self._marks += was

    def packed(self) -> bytes:
        """Return all of them, compressed."""
        ids, marks = self._ids, bytes(self._marks)
        if any(map(ge, ids, islice(ids, 1, None))):
            order = sorted(range(len(ids)), key=ids.__getitem__)
            ids = array("q", map(ids.__getitem__, order))
            marks = b"".join([marks[index * _MARK : (index + 1) * _MARK] for index in order])
        steps = array("q", map(sub, ids, chain((0,), ids)))
        if sys.byteorder == "big":
            steps.byteswap()
        return zstandard.ZstdCompressor().compress(struct.pack("<Q", len(ids)) + steps.tobytes() + marks)


def unpacked(held: bytes) -> dict[int, bytes]:
    """Return the mark of each post by our id."""
    body = zstandard.ZstdDecompressor().decompress(held, max_output_size=_LARGEST)
    (count,) = struct.unpack_from("<Q", body)
    steps = array("q")
    steps.frombytes(body[8 : 8 + 8 * count])
    if sys.byteorder == "big":
        steps.byteswap()
    found, post_id, start = {}, 0, 8 + 8 * count
    for place, step in enumerate(steps):
        post_id += step
        found[post_id] = body[start + place * _MARK : start + (place + 1) * _MARK]
    return found


def mark(text: str | None) -> bytes:
    """Return what tells a text from another version of it."""
    return blake2b((text or "").encode("utf-8", "replace"), digest_size=_MARK).digest()
