"""Sentence vectors, the longest part of whatever asks for them, with a bar of how far they are."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.study import Embedder
    from runtime.cli.speak import Progress

_EMBEDDED = 64
"""Texts between two steps of the bar."""


def watched(
    vectors: "Embedder | None", show: "Callable[[str], AbstractContextManager[Progress]] | None"
) -> "Embedder | None":
    """Return sentence vectors that tell how far they are; the same ones where there are none, or nobody to tell."""
    return Watched(vectors, show) if vectors is not None and show is not None else vectors


class Watched:
    """Sentence vectors that open a bar each time they are asked for."""

    def __init__(self, vectors: "Embedder", show: "Callable[[str], AbstractContextManager[Progress]]") -> None:
        self._vectors, self._show = vectors, show

    def embed(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Return one row a text."""
        import numpy as np

        rows = []
        with self._show("sentence vectors") as progress:
            for start in range(0, len(texts), _EMBEDDED):
                rows.append(self._vectors.embed(texts[start : start + _EMBEDDED]))
                progress(min(start + _EMBEDDED, len(texts)), len(texts))
        return np.vstack(rows) if rows else self._vectors.embed(texts)
