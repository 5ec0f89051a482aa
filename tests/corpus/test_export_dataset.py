"""Parquet by month, and exports whose pieces are written elsewhere."""

import hashlib
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from corpus.exchange import to_row
from corpus.export import Exported, ExportFailedError, Occasion, dataset, formats, pieces
from corpus.export import export as export_on
from corpus.export.columns import COLUMNS
from corpus.export.pieces import SPREADABLE
from corpus.post import ClassifiedPost, Label, Post, Prediction, StoredPost
from corpus.posts import Applied
from corpus.store import Corpus
from programme.errors import MisuseError

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
KEY = b"a long secret of a test"
Build = Callable[..., Post]


def export(corpus: Corpus, **options: Any) -> Exported:  # noqa: ANN401 - options of the export
    """Export on an occasion that does not matter."""
    return export_on(corpus, occasion=Occasion(at=NOW, by="test"), key=KEY, **options)


def here(do: Callable[[bytes], bytes], asked: Iterator[bytes]) -> Iterator[bytes]:
    """Answer pieces in this process, two read ahead, as a cluster reads ahead."""
    waiting: list[bytes] = []
    for one in asked:
        waiting.append(one)
        if len(waiting) > 2:
            yield do(waiting.pop(0))
    yield from map(do, waiting)


@pytest.fixture
def filled(
    corpus: Corpus, make_post: Build, store: Callable[..., Applied], make_prediction: Callable[..., Prediction]
) -> Corpus:
    """Forty posts over three months, one of them a tombstone, some judged."""
    posts = [
        make_post(
            number,
            created_at=NOW - timedelta(days=2 * number, microseconds=number),
            text=f'=1+1 "lainaus";\r\n@koivu ks. https://kunta.example/{number} ä',
        )
        for number in range(1, 40)
    ]
    store(corpus, [*posts, make_post(40, gone="deleted", created_at=NOW - timedelta(days=3))])
    ids = [one.post_id for one in corpus.posts.between(NOW - timedelta(days=99), NOW)]
    corpus.judgements.save_predictions([(i, make_prediction()) for i in ids[::2]], now=NOW)
    corpus.judgements.add_labels([(ids[3], Label(theme="roles", by="Maija Kuusi", at=NOW))])
    return corpus


def files_of(directory: Path) -> dict[str, bytes]:
    """Return the content of each file by its path."""
    return {str(one.relative_to(directory)): one.read_bytes() for one in directory.rglob("*") if one.is_file()}


@pytest.mark.parametrize("projection", ["display", "research"])
def test_months_together_are_the_export(filled: Corpus, tmp_path: Path, projection: str) -> None:
    """The files by month hold each post of the single file, under the month of its creation, and read as one table."""
    one = export(filled, out=tmp_path / "one", format="parquet", projection=projection)
    parted = export(filled, out=tmp_path / "parted", format="parquet", projection=projection, by_month=True)
    read = ds.dataset(tmp_path / "parted", partitioning="hive").to_table()
    whole = pq.read_table(tmp_path / "one")
    assert read.drop_columns(["month"]).sort_by("created_at") == whole.sort_by("created_at")
    assert {(str(at)[:7], month) for at, month in zip(read["created_at"], read["month"].to_pylist(), strict=True)} == {
        (month, month) for month in ("2026-09", "2026-10", "2026-11")
    }
    assert parted.posts == one.posts
    (recorded,) = filled.exports.all()[1:]
    assert recorded.query["partition"] == "month"


def test_months_are_made_alike_and_checked(filled: Corpus, tmp_path: Path) -> None:
    """The same corpus makes the same files and hash, their owner's only; the hash is that of the list of hashes."""
    first = export(filled, out=tmp_path / "a", format="parquet", by_month=True)
    again = export(filled, out=tmp_path / "b", format="parquet", by_month=True)
    found = files_of(tmp_path / "a")
    assert found == files_of(tmp_path / "b")
    assert first.sha256 == again.sha256 == hashlib.sha256(found["_data.sha256"]).hexdigest()
    listed = dict(line.split("  ")[::-1] for line in found["_data.sha256"].decode().splitlines())
    assert listed == {
        name: hashlib.sha256(held).hexdigest() for name, held in found.items() if name.startswith("month=")
    }
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "a").rglob("*.parquet")} == {0o600}


def test_months_replace_an_earlier_export_alone(filled: Corpus, tmp_path: Path) -> None:
    """Repeated, the files take the place of the earlier ones; a directory that holds something else is left alone."""
    out = tmp_path / "parted"
    whole = export(filled, out=out, format="parquet", by_month=True)
    assert export(filled, out=out, format="parquet", by_month=True).sha256 == whole.sha256
    export(filled, out=out, format="parquet", by_month=True, since=NOW - timedelta(days=4))
    assert sorted(files_of(out)) == ["_data.sha256", "month=2026-11/part-00000.parquet"]
    (out / "muistio.txt").write_text("oma", encoding="utf-8")
    with pytest.raises(ExportFailedError, match="something else"):
        export(filled, out=out, format="parquet", by_month=True)
    assert (out / "muistio.txt").read_text(encoding="utf-8") == "oma"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_what_is_cut_short_leaves_the_earlier_months(filled: Corpus, tmp_path: Path) -> None:
    """An export by month that fails half-way leaves what stood under its name, and nothing beside."""
    out = tmp_path / "parted"
    export(filled, out=out, format="parquet", by_month=True)
    before = files_of(out)

    def failing(do: Callable[[bytes], bytes], asked: Iterator[bytes]) -> Iterator[bytes]:
        yield do(next(asked))
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportFailedError):
        export(filled, out=out, format="parquet", by_month=True, spread=failing)
    assert files_of(out) == before
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix != ".db" and "kunta" not in one.name) == [
        "parted"
    ]


@pytest.mark.parametrize("projection", ["display", "research"])
@pytest.mark.parametrize("format", SPREADABLE)
def test_pieces_make_the_same_file(
    filled: Corpus,
    tmp_path: Path,
    format: str,  # noqa: A002 - its name
    projection: str,
) -> None:
    """An export whose pieces are written elsewhere is the serial one, byte for byte."""
    serial = export(filled, out=tmp_path / "serial", format=format, projection=projection)
    spread = export(filled, out=tmp_path / "spread", format=format, projection=projection, spread=here)
    assert (tmp_path / "spread").read_bytes() == (tmp_path / "serial").read_bytes()
    assert (spread.sha256, spread.posts, spread.gone) == (serial.sha256, serial.posts, serial.gone)


def rows(count: int, make_post: Build) -> list[dict[str, Any]]:
    """Return invented rows, a post an hour."""
    return [
        to_row(
            ClassifiedPost(
                stored=StoredPost(
                    post=make_post(number, created_at=NOW + timedelta(hours=number)),
                    post_id=number,
                    source="masto",
                    first_seen_at=NOW,
                    last_seen_at=NOW,
                ),
                prediction=None,
            )
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("format", ["csv", "jsonl", "ids"])
def test_many_pieces_make_the_same_file(make_post: Build, tmp_path: Path, format: str) -> None:  # noqa: A002 - its name
    """Pieces are put together in order, with one heading, however many they are."""
    posts = rows(4_500, make_post)
    writers = {"csv": formats.write_csv, "jsonl": formats.write_jsonl}
    if format == "ids":
        formats.write_ids(tmp_path / "serial", posts, COLUMNS, networks=1)
    else:
        writers[format](tmp_path / "serial", posts, COLUMNS)
    pieces.spread_writer(format, here, networks=1)(tmp_path / "spread", posts, COLUMNS)
    assert (tmp_path / "spread").read_bytes() == (tmp_path / "serial").read_bytes()


def test_large_months_are_several_files(make_post: Build, tmp_path: Path) -> None:
    """A month with more posts than a file holds goes on in the next file; tables made elsewhere make the same files."""
    posts = rows(1_000, make_post)
    for name, tables in (("a", None), ("b", lambda batches: pieces.tables(here, batches))):
        (tmp_path / name).mkdir()
        dataset.write(tmp_path / name, iter(posts), COLUMNS, tables, part=300)
    found = files_of(tmp_path / "a")
    assert found == files_of(tmp_path / "b")
    counts = {name: pq.read_metadata(tmp_path / "a" / name).num_rows for name in sorted(found) if "=" in name}
    months = [row["created_at"][:7] for row in posts]
    assert counts == {
        "month=2026-11/part-00000.parquet": months.count("2026-11"),
        "month=2026-12/part-00000.parquet": 300,
        "month=2026-12/part-00001.parquet": 300,
        "month=2026-12/part-00002.parquet": months.count("2026-12") - 600,
        "month=2027-01/part-00000.parquet": months.count("2027-01"),
    }


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"format": "csv", "by_month": True}, "Parquet alone"),
        ({"format": "parquet", "projection": "open", "by_month": True}, "Parquet alone"),
        ({"format": "xlsx", "spread": here}, "one process"),
        ({"format": "csv", "projection": "open", "spread": here}, "one process"),
    ],
    ids=["csv by month", "open by month", "xlsx spread", "open spread"],
)
def test_what_cannot_be_is_refused(filled: Corpus, tmp_path: Path, asked: dict[str, Any], match: str) -> None:
    """Another format by month, or one that is not made of pieces, is refused, and nothing is written."""
    with pytest.raises(MisuseError, match=match):
        export(filled, out=tmp_path / "x", zone=ZoneInfo("Europe/Helsinki"), **asked)
    assert not (tmp_path / "x").exists()
