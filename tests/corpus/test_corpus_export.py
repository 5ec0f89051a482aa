"""The classified corpus as a file."""

import csv
import hashlib
import io
import json
import re
import stat
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from corpus.exchange import apply_rows, from_row
from corpus.export import Exported, ExportFailedError, Occasion
from corpus.export import export as export_on
from corpus.export.columns import COLUMNS, inert, inert_in_csv
from corpus.export.projection import masked
from corpus.post import Author, Counts, Label, Post, Prediction
from corpus.posts import Applied
from corpus.store import Corpus
from programme.errors import MisuseError

OCCASION = Occasion(at=datetime(2026, 11, 24, 6, tzinfo=UTC), by="test")
KEY = b"a long secret of a test"
ZONE = ZoneInfo("Europe/Helsinki")
LONG_ID = "1400000000000000001"
Build = Callable[..., Post]
Store = Callable[..., Applied]


def export(corpus: Corpus, **options: Any) -> Exported:  # noqa: ANN401 - options of the export
    """Export on an occasion that does not matter."""
    return export_on(corpus, occasion=OCCASION, **options)


@pytest.fixture
def filled(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Callable[..., Prediction], now: datetime
) -> Corpus:
    """A corpus of three posts and a tombstone."""
    store(
        corpus,
        [
            make_post(
                1,
                text='=HYPERLINK("http://paha.example")\r\n"lainaus"; ä',
                author=Author(native_id="a1", handle="koivu1@kunta.example", name="Koivu Matti"),
            ),
            make_post(
                2,
                text="Kysy @koivu1@kunta.example tai matti@kunta.example, ks. https://kunta.example/x?y=1 #tag",
                lang="sv",
            ),
            make_post(
                3, author=Author(native_id="a1", handle="koivu1@kunta.example", name="Koivu Matti"), counts=Counts()
            ),
            make_post(4, gone="deleted"),
        ],
    )
    [first, *_] = [stored.post_id for stored in corpus.posts.between(now - timedelta(days=9), now)]
    corpus.judgements.save_predictions([(first, make_prediction())], now=now)
    corpus.judgements.add_labels([(first, Label(theme="roles", by="Maija Kuusi", at=now))])
    return corpus


def table(path: Path, **how: Any) -> list[dict[str, str]]:  # noqa: ANN401 - of the csv module
    """Return a CSV file's rows."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(how.pop("encoding", "utf-8")), newline=""), **how))


def sheet(path: Path) -> tuple[list[list[str]], str]:
    """Return the texts of a workbook's first sheet, and its XML."""
    xml = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    rows = ET.fromstring(xml).iter(f"{space}row")  # noqa: S314 - our own file
    return [["".join(cell.itertext()) for cell in row.iter(f"{space}c")] for row in rows], xml


@pytest.mark.parametrize("format", ["csv", "csv-fi", "xlsx", "jsonl", "parquet", "ids"])
@pytest.mark.parametrize("projection", ["display", "research"])
def test_export_says_what_it_wrote_and_repeats_itself(
    filled: Corpus,
    tmp_path: Path,
    format: str,  # noqa: A002 - its name
    projection: str,
) -> None:
    """An export returns count and hash, is the same file each time, its owner's only, and leaves nothing beside."""
    exported = [
        export(filled, out=tmp_path / "out" / name, format=format, projection=projection, key=KEY)
        for name in ("a", "b")
    ]
    assert exported[0].sha256 == exported[1].sha256 == hashlib.sha256((tmp_path / "out" / "a").read_bytes()).hexdigest()
    assert exported[0].posts == (4 if projection == "display" and format != "ids" else 3)
    assert exported[0].files == (tmp_path / "out" / "a",)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "b"]
    assert stat.S_IMODE((tmp_path / "out" / "a").stat().st_mode) == 0o600


def test_csv_is_exact(filled: Corpus, tmp_path: Path) -> None:
    """CSV for programs holds every text byte for byte, ids as text, and an empty field for what is unknown."""
    export(filled, out=tmp_path / "a.csv", format="csv")
    rows = table(tmp_path / "a.csv")
    assert list(rows[0]) == [name for name, _, _ in COLUMNS]
    assert rows[0]["text"] == '=HYPERLINK("http://paha.example")\r\n"lainaus"; ä'
    assert (rows[0]["native_id"], rows[0]["confidence"], rows[0]["theme"], rows[2]["likes"]) == (
        LONG_ID,
        "0.8125",
        "roles",
        "",
    )
    assert rows[0]["hashtags"] == "tulevaisuudenkunta kirjasto"
    assert (rows[3]["text"], rows[3]["gone"]) == ("", "deleted")


def test_finnish_csv_is_inert(filled: Corpus, tmp_path: Path) -> None:
    """CSV for Excel has a byte order mark, semicolons, decimal commas, no live formula and no id cut to 15 digits."""
    export(filled, out=tmp_path / "a.csv", format="csv-fi")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfnetwork;native_id;")
    rows = table(tmp_path / "a.csv", delimiter=";", encoding="utf-8-sig")
    assert rows[0]["text"].startswith("'=HYPERLINK")
    assert rows[0]["confidence"] == "0,8125"
    assert rows[0]["native_id"] == f"'{LONG_ID}"
    assert (rows[0]["likes"], rows[2]["likes"]) == ("1", "")


def test_workbook_is_inert(filled: Corpus, tmp_path: Path) -> None:
    """In a workbook texts are texts: no formula, no link, and ids keep their digits; counts are numbers."""
    export(filled, out=tmp_path / "a.xlsx", format="xlsx")
    rows, xml = sheet(tmp_path / "a.xlsx")
    assert rows[0] == [name for name, _, _ in COLUMNS]
    assert len(rows) == 5
    assert LONG_ID in rows[1]
    assert any(cell.startswith("=HYPERLINK") for cell in rows[1])
    assert "<f>" not in xml
    assert "hyperlink" not in xml.replace("=HYPERLINK", "")
    assert "<v>0.8125</v>" in xml
    assert f"<v>{LONG_ID}</v>" not in xml


def test_workbook_goes_on_on_the_next_sheet(filled: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More posts than a sheet holds go on on another."""
    monkeypatch.setattr("corpus.export.formats._SHEET_ROWS", 3)
    assert export(filled, out=tmp_path / "a.xlsx", format="xlsx").posts == 4
    names = zipfile.ZipFile(tmp_path / "a.xlsx").namelist()
    assert len([name for name in names if name.startswith("xl/worksheets/sheet")]) == 2


def test_jsonl_is_read_back(filled: Corpus, tmp_path: Path, now: datetime) -> None:
    """An exported corpus is imported and exported again byte for byte alike."""
    export(filled, out=tmp_path / "a.jsonl", format="jsonl")
    with Corpus.open("sqlite://") as other:
        rows = [from_row(json.loads(line)) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
        apply_rows(other, rows, now=now)
        export(other, out=tmp_path / "b.jsonl", format="jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_parquet_has_types(filled: Corpus, tmp_path: Path) -> None:
    """Parquet has instants, lists and numbers, and ids as text."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is optional")
    export(filled, out=tmp_path / "a.parquet", format="parquet")
    rows = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert (rows[0]["native_id"], rows[0]["likes"], rows[0]["confidence"]) == (LONG_ID, 1, 0.8125)
    assert rows[0]["hashtags"] == ["tulevaisuudenkunta", "kirjasto"]
    assert rows[0]["created_at"] == datetime(2026, 11, 22, 6, 1, tzinfo=UTC)
    assert (rows[0]["edited_at"], rows[0]["municipalities"]) == (None, [])


def test_parquet_without_its_library_is_explained(
    filled: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pyarrow is missing, the remedy is told and no file made."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "corpus.export.parquet", raising=False)
    monkeypatch.delattr("corpus.export.parquet", raising=False)
    with pytest.raises(MisuseError, match=r"pyarrow>=20"):
        export(filled, out=tmp_path / "a.parquet", format="parquet")
    assert list(tmp_path.glob("*a.parquet*")) == []


def test_ids_are_one_a_line(filled: Corpus, tmp_path: Path, make_post: Build, store: Store) -> None:
    """Ids stand one a line, without those of tombstones; with several networks, each behind its network."""
    export(filled, out=tmp_path / "ids.txt", format="ids")
    assert (tmp_path / "ids.txt").read_text().splitlines() == [make_post(number).native_id for number in (1, 2, 3)]
    store(filled, [make_post(9, network="x")])
    export(filled, out=tmp_path / "ids.txt", format="ids")
    assert (tmp_path / "ids.txt").read_text().splitlines()[-1] == f"x\t{make_post(9).native_id}"


@pytest.mark.parametrize("format", ["csv", "jsonl", "csv-fi"])
def test_research_shows_nobody(filled: Corpus, tmp_path: Path, format: str) -> None:  # noqa: A002 - its name
    """A research file holds no name, handle, address or link of a writer or reviewer, and no tombstone."""
    export(filled, out=tmp_path / "a", format=format, projection="research", key=KEY, plan="väitös")
    text = (tmp_path / "a").read_text()
    assert not re.search(r"koivu|matti|kuusi|https?:|@\w", text, re.IGNORECASE)
    assert "#tag" in text
    assert "deleted" not in text


def test_pseudonyms_belong_to_a_plan(filled: Corpus, tmp_path: Path) -> None:
    """One writer has one pseudonym in a plan, and another with another plan or key."""

    def writers(key: bytes, plan: str) -> list[str]:
        export(filled, out=tmp_path / "a", format="csv", projection="research", key=key, plan=plan)
        return [row["author_id"] for row in table(tmp_path / "a")]

    one, two, three = writers(KEY, "a"), writers(KEY, "b"), writers(b"another", "a")
    assert one[0] == one[2] != one[1]
    assert len({one[0], two[0], three[0]}) == 3
    assert writers(KEY, "a") == one


def test_id_that_names_its_writer_is_pseudonymised(
    corpus: Corpus, tmp_path: Path, make_post: Build, store: Store
) -> None:
    """An id that is an address, as on Bluesky or in feeds, is replaced, alike wherever it is referred to."""
    first = make_post(1, network="bluesky", native_id="at://did:plc:koivu/app.bsky.feed.post/1", text=None, gone=None)
    first = replace(first, text="Hei")
    store(corpus, [first, make_post(2, network="bluesky", native_id="at://did:plc:x/p/2", reply_to=first.native_id)])
    export(corpus, out=tmp_path / "a", format="csv", projection="research", key=KEY)
    rows = table(tmp_path / "a")
    assert rows[1]["reply_to"] == rows[0]["native_id"]
    assert "koivu" not in (tmp_path / "a").read_text()


def test_selection_is_exported(filled: Corpus, tmp_path: Path) -> None:
    """Theme, language and period choose what is exported."""
    assert export(filled, out=tmp_path / "a", format="csv", theme="roles").posts == 1
    assert export(filled, out=tmp_path / "a", format="csv", language="sv").posts == 1
    since = datetime(2026, 11, 22, 6, 2, tzinfo=UTC)
    assert export(filled, out=tmp_path / "a", format="csv", since=since, until=since + timedelta(minutes=1)).posts == 1
    assert export(filled, out=tmp_path / "a", format="csv", theme="nothing").posts == 0


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"format": "docx"}, "no format"),
        ({"format": "csv", "projection": "anonymous"}, "no projection"),
        ({"format": "csv", "projection": "research"}, "KUNTAKAIKU_PSEUDONYM_KEY"),
        ({"format": "csv", "projection": "open"}, "counts weeks"),
        ({"format": "ids", "projection": "open", "zone": ZONE}, "no ids"),
        ({"format": "csv", "projection": "open", "zone": ZONE, "theme": "roles"}, "not narrowed"),
        ({"format": "csv", "projection": "open", "zone": ZONE, "language": "sv"}, "not narrowed"),
        ({"format": "csv", "without_text": True}, "Only the projection research"),
        ({"format": "package", "key": KEY}, "tells of its programme"),
    ],
    ids=["format", "projection", "key", "no zone", "open ids", "open theme", "open language", "texts", "package"],
)
def test_misuse_is_told(filled: Corpus, tmp_path: Path, how: dict[str, Any], words: str) -> None:
    """What cannot be had is said before a file is made."""
    with pytest.raises(MisuseError, match=words):
        export(filled, out=tmp_path / "out" / "a", **how)
    assert not (tmp_path / "out").exists()


def test_failed_export_leaves_the_old_file(filled: Corpus, tmp_path: Path) -> None:
    """An export that cannot be written says so; what stood under the name stays, and no part file is left."""
    with pytest.raises(ExportFailedError, match="could not be written"):
        export(filled, out=Path("/proc/none/a.csv"), format="csv")
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(ExportFailedError):
        export(filled, out=tmp_path / "a.csv", format="csv")
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert (tmp_path / "a.csv").is_dir()


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "|cmd",
        "%0A",
        "\x00=1",
        "\u202e=1",
        "1" * 19,
    ],
    ids=repr,
)
def test_no_cell_is_live(text: str) -> None:
    """Whatever a spreadsheet would take for a formula or a long number starts with an apostrophe."""
    assert inert_in_csv(text).startswith("'")


def test_cells_hold_what_fits() -> None:
    """Cells lose control and bidirectional characters and what is beyond 32,767 characters, and nothing else."""
    assert inert("a\x00\u202eb\u2066\r\nc\td\x1b") == "ab\nc\td"
    assert len(inert("ä" * 40_000)) == 32_767
    assert inert_in_csv("Hyvä -1 = @x") == "Hyvä -1 = @x"
    assert inert_in_csv("2026") == "2026"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, None),
        ("Hei @koivu, @a.b@c.example ja ＠leveä!", "Hei @[user], @[user] ja @[user]!"),
        ("ks. https://a.example/b?c=@d ja www.a.example/x", "ks. [link] ja [link]"),
        ("t.co/abc kunta.example/uutiset kunta.example", "[link] [link] kunta.example"),
        ("posti a.b+c@d.example.", "posti [address]."),
        ("#tulevaisuudenkunta 1/2 ja/tai", "#tulevaisuudenkunta 1/2 ja/tai"),
    ],
    ids=["none", "handles", "links", "bare links", "address", "nothing"],
)
def test_text_is_masked(text: str | None, shown: str | None) -> None:
    """Handles, links and addresses are masked; hashtags and the rest stay."""
    assert masked(text) == shown


@pytest.mark.parametrize("unit", ["a.", "@", "a@", "a", "@a@", "www.", "a-", ".", "http://"], ids=repr)
def test_masking_is_linear(unit: str) -> None:
    """A hundred thousand hostile characters are masked at once."""
    text = unit * (100_000 // len(unit))
    assert masked(text) is not None
