"""What is counted of one week's posts alone, in a few flat arrays that are kept and read again quickly. Pure."""

import zlib
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from trends.count import WeekCounts

RULES = "1"
"""Names how a text's terms, copies and voices are found; to be raised with each change of ``trends.terms``,
``trends.closed_class``, ``trends.copies`` or ``trends.count``, so that all weeks are counted anew."""
_LEVEL = 1

Numbers = NDArray[np.int32]


class Packed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A counted week. It holds neither accounts nor ids of a network, only our own ids of posts.

    Arrays are little-endian bytes. Posts are numbered oldest first, terms as in ``words`` and then ``pairs``.
    """

    ids: bytes
    """64 bits: our id of each post."""
    times: bytes
    """64 bits: when each post was written, in microseconds since 1970."""
    langs: list[str]
    lang: bytes
    """16 bits: of each post, its place in ``langs``."""
    writers: bytes
    """32 bits: number of each post's writer."""
    texts: bytes
    """32 bits: number of each post's text."""
    words: list[str]
    pairs: list[str]
    """Terms of two words."""
    sizes: bytes
    """32 bits: posts of each term."""
    posts: bytes
    """32 bits: these posts, term after term."""
    heard: bytes
    """32 bits: voices of each term."""
    voices: int

    def numbers(self, field: bytes) -> Numbers:
        """Return an array of 32 bits."""
        return np.frombuffer(field, "<i4")


def pack(counts: WeekCounts, ids: Sequence[int], times: Sequence[int]) -> bytes:
    """Return what was counted of a week, without parts of compounds, to be kept.

    Args:
        counts: of the week.
        ids: our id of each post.
        times: when each was written, in microseconds since 1970.
    """
    words = [term for term in counts.positions if " " not in term]
    pairs = [term for term in counts.positions if " " in term]
    found = [counts.positions[term] for term in (*words, *pairs)]
    langs = {lang: number for number, lang in enumerate(sorted({each.lang for each in counts.utterances}))}
    packed = Packed(
        ids=np.array(ids, "<i8").tobytes(),
        times=np.array(times, "<i8").tobytes(),
        langs=list(langs),
        lang=np.array([langs[each.lang] for each in counts.utterances], "<u2").tobytes(),
        writers=np.array(counts.writers, "<i4").tobytes(),
        texts=np.array(counts.texts, "<i4").tobytes(),
        words=words,
        pairs=pairs,
        sizes=np.array([len(posts) for posts in found], "<i4").tobytes(),
        posts=np.array([post for posts in found for post in posts], "<i4").tobytes(),
        heard=np.array([counts.voices_by_term[term] for term in (*words, *pairs)], "<i4").tobytes(),
        voices=counts.voices,
    )
    return zlib.compress(msgspec.msgpack.encode(packed), _LEVEL)


_decode = msgspec.msgpack.Decoder(Packed).decode


def unpack(kept: bytes) -> Packed:
    """Return what ``pack`` made."""
    return _decode(zlib.decompress(kept))
