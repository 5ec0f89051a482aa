"""Which posts an export holds, packed: our ids and a mark of each text, about four bytes a post."""

import struct
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain, islice
from operator import ge, sub

import zstandard

_MARK = 3
"""Bytes of a mark: of 16 million edits one goes unseen."""
_LARGEST = 1 << 31
_PART = 1 << 16
"""Posts that are packed at a time."""


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
        """Return all of them, compressed, part by part: a million posts packed at once would take 30 MB."""
        ids = self._ids
        order = _order(ids) if any(map(ge, ids, islice(ids, 1, None))) else range(len(ids))
        packer = zstandard.ZstdCompressor().compressobj(size=8 + len(ids) * (ids.itemsize + _MARK))
        packed = [packer.compress(struct.pack("<Q", len(ids)))]
        last = 0
        for start in range(0, len(ids), _PART):
            part = array("q", map(ids.__getitem__, order[start : start + _PART]))
            steps = array("q", map(sub, part, chain((last,), part)))
            last = part[-1]
            if sys.byteorder == "big":
                steps.byteswap()
            packed.append(packer.compress(steps.tobytes()))
        for start in range(0, len(ids), _PART):
            places = order[start : start + _PART]
            packed.append(packer.compress(b"".join([self._marks[at * _MARK : (at + 1) * _MARK] for at in places])))
        return b"".join((*packed, packer.flush()))


def _order(ids: "array[int]") -> "array[int]":
    """Return the places of ids in their order, sorted part by part: a list of a million numbers would take 40 MB."""
    parts: dict[int, array[int]] = defaultdict(lambda: array("q"))
    for place, post_id in enumerate(ids):
        parts[post_id // _PART].append(place)
    order = array("q")
    for part in sorted(parts):
        order.extend(sorted(parts[part], key=ids.__getitem__))
    return order


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
