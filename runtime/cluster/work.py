"""What a worker of a cluster does. It has the program, and neither its database, its configuration nor its secrets.

Arguments and answers are bytes and short tuples of text and numbers. A fault is an answer too: a worker's log shows
the arguments of what raises, and those are people's words.
"""

import hashlib
import platform
import tempfile
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from programme.errors import KuntakaikuError

if TYPE_CHECKING:
    from classifier.predict import Classifier

Answer = tuple[str, bytes, tuple[str, str]]
"""``done`` with what was asked for, or ``failed`` with problem and remedy."""
Versions = tuple[str, str, str, str]
"""Of Kuntakaiku, Python, numpy and Dask."""
Parcel = tuple[str, bytes]
"""Bytes under their hash."""

_MODEL = "model"
_open = threading.Lock()
_classifiers: "dict[str, Classifier]" = {}
"""The classifier of the run that this worker last worked for, by the hash of its parcel."""


def about() -> Versions:
    """Return the versions on which answers depend."""
    return version("kuntakaiku"), platform.python_version(), version("numpy"), version("distributed")


def parcel(content: bytes) -> Parcel:
    """Return bytes with their hash."""
    return hashlib.sha256(content).hexdigest(), content


def same(one: Parcel) -> Parcel:
    """Return what was sent: a task's result is held by workers, and sent again where they die."""
    return one


def answer(do: Callable[..., bytes], payload: bytes, *shared: Parcel) -> Answer:
    """Return what a function makes of a payload, or its fault in words that quote no value."""
    try:
        return "done", do(payload, *shared), ("", "")
    except Exception as error:  # noqa: BLE001 - told to the client, whatever it is
        from runtime.cli.boundary import unforeseen

        told = error if isinstance(error, KuntakaikuError) else unforeseen(error, error.__traceback__)
        return "failed", b"", (told.problem, told.remedy)


def pack_classifier(programme: bytes, model: Path | None) -> Parcel:
    """Return what a worker needs to classify as the client does.

    Args:
        programme: content of ``programme.toml``.
        model: directory of the trained model; None for the cold start.
    """
    files = sorted(one for one in model.iterdir() if one.is_file()) if model else []
    content = msgspec.msgpack.encode(
        (version("kuntakaiku"), programme, [(one.name, one.read_bytes()) for one in files])
    )
    return parcel(content)


def classified(payload: bytes, kit: Parcel) -> bytes:
    """Return the predictions of texts, each a pair of text and the text that it answers.

    Raises:
        KuntakaikuError: the classifier that was sent is damaged, or this worker has another version of the program.
    """
    from classifier.example import Text

    texts = msgspec.msgpack.decode(payload, type=list[tuple[str, str | None]])
    items = [Text(text=text, context=context) for text, context in texts]
    classifier = _classifier(kit)
    return msgspec.msgpack.encode(classifier.predict(items))


def _classifier(kit: Parcel) -> "Classifier":
    """Return the classifier that was sent, opened once in this process."""
    digest, content = kit
    with _open:
        if digest not in _classifiers:
            _classifiers.clear()
            _classifiers[digest] = _opened(digest, content)
        return _classifiers[digest]


def _opened(digest: str, content: bytes) -> "Classifier":
    from classifier.coldstart import cold_classifier
    from classifier.predict import Classifier
    from programme.load import load_or_raise

    if hashlib.sha256(content).hexdigest() != digest:
        raise KuntakaikuError("A worker received a classifier that is not as it was sent.", "Run the command again.")
    sent_by, programme, files = msgspec.msgpack.decode(content, type=tuple[str, bytes, list[tuple[str, bytes]]])
    if (own := version("kuntakaiku")) != sent_by:
        raise KuntakaikuError(
            f"A worker has Kuntakaiku {own}, this command {sent_by}.", "Install the same version on every worker."
        )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "programme.toml").write_bytes(programme)
        read = load_or_raise(directory).programme
        if not files:
            return cold_classifier(read)
        (directory / _MODEL).mkdir()
        for file, held in files:
            (directory / _MODEL / Path(file).name).write_bytes(held)
        return Classifier.load(directory / _MODEL, read)
