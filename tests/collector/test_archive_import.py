"""Archives: however they are packed and shaped, whatever is wrong with them, killed or repeated."""

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from collector.archive import load, records
from collector.archive.load import Imported, Progress, import_files
from corpus.exchange import to_row
from corpus.ledger import Checkpoint
from corpus.store import Corpus
from programme.errors import MisuseError
from programme.types import Programme
from tests.collector.payloads import expected, payload, readable

NOW = datetime(2026, 11, 17, tzinfo=UTC)
Import = Callable[..., Imported]


@pytest.fixture
def bring(one_corpus: Corpus, watched: Programme, tmp_path: Path) -> Import:
    """Import contents, each from a file of its own."""

    def import_contents(*contents: bytes, **options: Any) -> Imported:  # noqa: ANN401  # passed on
        files = []
        for n, content in enumerate(contents):
            path = tmp_path / f"archive{n}"
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
            files.append(path)
        options = {"programme": watched, "now": NOW, "rejects_directory": tmp_path / "rejects", **options}
        return import_files(one_corpus, files, **options)

    return import_contents


def line(n: int, **fields: object) -> bytes:
    """Return a flattened post as a line."""
    post = {"id": str(n), "text": f"Keksitty {n}", "created_at": "2026-11-16T08:00:00.000Z", "author_id": "1", **fields}
    return json.dumps(post).encode() + b"\n"


def rejects(found: Imported) -> list[dict[str, Any]]:
    """Return the rejected records that an import kept aside."""
    assert found.rejects_file is not None
    return [json.loads(one) for one in found.rejects_file.read_bytes().splitlines()]


def zstd(content: bytes) -> bytes:
    """Return content packed in two frames."""
    packer = zstandard.ZstdCompressor()
    return packer.compress(content[:1000]) + packer.compress(content[1000:])


SHAPES = {
    "page": payload("x/page_tweet.json"),
    "page-on-one-line": json.dumps(json.loads(payload("x/page_tweet.json"))).encode(),
    "pages-as-lines": json.dumps(json.loads(payload("x/page_post.json"))).encode() + b"\n\n",
    "flattened": payload("x/flattened.jsonl"),
    "flattened-crlf-and-bom": b"\xef\xbb\xbf" + payload("x/flattened.jsonl").replace(b"\n", b"\r\n"),
    "list-on-one-line": b"[" + b",".join(payload("x/flattened.jsonl").splitlines()) + b"]",
    "list-with-a-post-a-line": b"[\n" + b",\n".join(payload("x/flattened.jsonl").splitlines()) + b"\n]\n",
    "list-in-many-lines": json.dumps(
        [json.loads(one) for one in payload("x/flattened.jsonl").splitlines()], indent=2
    ).encode(),
    "list-of-pages": b"[" + payload("x/page_tweet.json") + b"]",
    "recorded-answer": b'{"fixture": "f", "url": "u", "status": 200, "headers": {}, "body": '
    + json.dumps(json.loads(payload("x/page_post.json"))).encode()
    + b"}\n",
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gz", "zst"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_posts(
    bring: Import, one_corpus: Corpus, shape: str, pack: Callable[[bytes], bytes]
) -> None:
    """A page, lines, lists and recorded answers, plain or packed, hold the same five posts."""
    found = bring(pack(SHAPES[shape]))
    assert (found.read, found.inserted, found.rejected) == (5, 5, 0)
    stored = {
        post.stored.post.native_id: readable(replace(post.stored.post, raw=None))
        for post in one_corpus.posts.all_classified()
    }
    assert stored == {post["native_id"]: post for post in expected("x")}


def test_import_again_changes_nothing(bring: Import) -> None:
    """The same file again is read, and every post skipped."""
    bring(SHAPES["flattened"])
    found = bring(SHAPES["flattened"])
    assert (found.read, found.inserted, found.updated, found.skipped) == (5, 0, 0, 5)


def test_duplicates_are_skipped_and_counted(bring: Import) -> None:
    """A post that stands twice in a file is stored once, and the second counted as skipped."""
    found = bring(line(1) + line(2) + line(1))
    assert (found.read, found.inserted, found.skipped) == (3, 2, 1)


def test_rejected_records_are_kept_with_line_and_reason(bring: Import) -> None:
    """What cannot be a post is kept with file, line and reason, and everything else is stored."""
    found = bring(line(1) + b'{"id": "2", "te\n' + b"\n" + line(3, created_at=None) + line(4) + b"\xff\xfe\n")
    assert (found.read, found.inserted, found.rejected) == (5, 2, 3)
    kept = rejects(found)
    assert [one["line"] for one in kept] == [2, 4, 6]
    assert [one["file"] for one in kept] == ["archive0"] * 3
    assert "created_at is missing" in kept[1]["reason"]
    assert '"id": "3"' in kept[1]["record"]
    assert found.as_json()["rejects_file"] == str(found.rejects_file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"\n \n\n", "the file is empty", id="blank"),
        pytest.param(gzip.compress(b""), "the file is empty", id="empty-gz"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a binary file", id="binary"),
        pytest.param('{"id": "1"}'.encode("utf-16"), "UTF-16", id="utf-16"),
        pytest.param(b"\x1f\x8b\x08 this is no gzip", "cannot be unpacked", id="no-gzip"),
        pytest.param(b"\x28\xb5\x2f\xfd this is no zstd", "cannot be unpacked", id="no-zstd"),
        pytest.param(b"id;text\n1;a\n2;b\n", "no column is known to hold the time", id="a-table"),
        pytest.param(b"<!doctype html>\n<title>x</title>\n", "not JSON", id="a-web-page"),
        pytest.param(payload("x/page_tweet.json")[:2_000], "not JSON", id="document-cut-off"),
        pytest.param(b'{"data": ' + b"[" * 100_000, "nested without end", id="nested"),
        pytest.param(b'"just a text"', "not as it should be", id="text"),
    ],
)
def test_file_of_another_kind_is_one_rejection(bring: Import, content: bytes, reason: str) -> None:
    """A file that holds no records at all is one rejection that says why."""
    found = bring(content)
    assert (found.read, found.rejected) == (1, 1)
    assert reason in rejects(found)[0]["reason"]


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gz", "zst"])
def test_archive_that_is_cut_off_keeps_what_came_before(bring: Import, pack: Callable[[bytes], bytes]) -> None:
    """Of a packed file that ends too early everything before its end is stored, and the end reported."""
    packed = pack(b"".join(line(n, text=f"{n * 7919:x}" * 9) for n in range(400)))
    found = bring(packed[: len(packed) * 2 // 3])
    assert 0 < found.inserted < 400
    assert found.rejected in (1, 2)
    assert "ends too early" in rejects(found)[-1]["reason"]


def test_long_line_that_is_cut_off_is_reported(bring: Import) -> None:
    """A packed file that ends within its only line is one rejection."""
    packed = gzip.compress(line(1, text="".join(f"{n * 7919:x}" for n in range(9_000))))
    found = bring(packed[: len(packed) // 2])
    assert (found.read, found.rejected) == (1, 1)
    assert "ends too early" in rejects(found)[0]["reason"]


def test_cut_off_list_gives_the_posts_before_the_cut(bring: Import) -> None:
    """A list with one post a line that ends in the middle of a post loses that post alone."""
    found = bring(SHAPES["list-with-a-post-a-line"][:-400])
    assert (found.inserted, found.rejected) == (4, 1)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let lines and documents count as large from 4 kB on."""
    monkeypatch.setattr(records, "_LARGEST", 4_096)
    return 4_096


def test_line_too_long_is_rejected_alone(bring: Import, small: int) -> None:
    """A line larger than may be loaded is one rejection; its neighbours are stored."""
    found = bring(line(1) + line(2, text="x" * 3 * small) + line(3))
    assert (found.inserted, found.rejected) == (2, 1)
    assert "a line longer than" in rejects(found)[0]["reason"]


def test_document_too_large_is_rejected_with_advice(bring: Import, small: int) -> None:
    """A document of many lines larger than may be loaded is one rejection that says what to do."""
    assert len(SHAPES["page"]) > small
    found = bring(SHAPES["page"])
    assert (found.read, found.rejected) == (1, 1)
    assert "one post a line" in rejects(found)[0]["reason"]


@pytest.mark.usefixtures("small")
def test_large_list_with_a_post_a_line_is_streamed(bring: Import) -> None:
    """A list of any size is read where its posts stand on lines of their own."""
    found = bring(b"[\n" + b",\n".join(line(n).strip() for n in range(100)) + b"\n]\n")
    assert (found.inserted, found.rejected) == (100, 0)


class Killed(Exception):  # noqa: N818  # what a kill is called
    """The process ends here."""


def test_killed_import_goes_on_where_its_last_batch_ended(
    bring: Import, one_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill behind the second batch the rest is read, and only the rest."""
    monkeypatch.setattr(load, "_BATCH", 10)
    content = b"".join(line(n) for n in range(35))
    batches = []

    def stop_after_two(progress: Progress) -> None:
        batches.append(progress)
        if len(batches) == 2:
            raise Killed

    with pytest.raises(Killed):
        bring(content, progress=stop_after_two)
    assert one_corpus.posts.count() == 20
    found = bring(content)
    assert (found.read, found.inserted) == (15, 15)
    assert bring(content).skipped == 35


def test_killed_import_of_a_document_goes_on_too(
    bring: Import, one_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list in many lines goes on behind the post at which it was killed."""
    monkeypatch.setattr(load, "_BATCH", 2)

    def stop(_: Progress) -> None:
        raise Killed

    with pytest.raises(Killed):
        bring(SHAPES["list-in-many-lines"], progress=stop)
    assert one_corpus.posts.count() == 2
    assert bring(SHAPES["list-in-many-lines"]).read == 3


def test_page_is_never_split(bring: Import, one_corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line with many posts is stored whole, so that a position is always a whole line."""
    monkeypatch.setattr(load, "_BATCH", 2)
    one_line = SHAPES["pages-as-lines"].strip() + b"\n"
    told: list[int] = []
    bring(one_line + line(1) + line(2), progress=lambda progress: told.append(progress.records))
    assert told == [5, 7]
    assert one_corpus.posts.count() == 7


def test_progress_tells_bytes_and_records(bring: Import, tmp_path: Path) -> None:
    """Whoever watches hears how much of the file was read, at last all of it."""
    told: list[Progress] = []
    bring(SHAPES["flattened"], progress=told.append)
    size = (tmp_path / "archive0").stat().st_size
    assert (told[-1].bytes_read, told[-1].bytes_total, told[-1].records) == (size, size, 5)


def test_missing_file_is_misuse_before_anything_is_read(one_corpus: Corpus, watched: Programme, tmp_path: Path) -> None:
    """A file that is not there, or a directory, is misuse; the files before it are not half imported."""
    good = tmp_path / "good.jsonl"
    good.write_bytes(line(1))
    for missing in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(MisuseError, match="no such file"):
            import_files(one_corpus, [good, missing], programme=watched, now=NOW, rejects_directory=tmp_path)
    assert one_corpus.posts.count() == 0


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_unreadable_file_is_misuse(one_corpus: Corpus, watched: Programme, tmp_path: Path) -> None:
    """A file that cannot be read is misuse with its remedy, before anything is read."""
    with pytest.raises(MisuseError, match="cannot be read"):
        import_files(one_corpus, [Path("/proc/self/mem")], programme=watched, now=NOW, rejects_directory=tmp_path)


def test_list_of_broken_values_is_rejected(bring: Import) -> None:
    """A line that opens a list and cannot be read is one rejection, as is a line that only seems to."""
    found = bring(line(1) + b"[1, 2\n" + b"[,\n")
    assert (found.inserted, found.rejected) == (1, 2)


def test_unknown_format_is_misuse(bring: Import) -> None:
    """A format that this version does not read is misuse that names those it reads."""
    with pytest.raises(MisuseError, match="auto or x-v2, x-v1"):
        bring(line(1), format="telegram")


def test_each_import_keeps_its_rejects_apart(bring: Import) -> None:
    """Two imports within one second, or under a standing clock, write two files."""
    first, second = bring(b"", b"x"), bring(b"")
    assert [len(rejects(found)) for found in (first, second)] == [2, 1]


def test_several_files_add_up(bring: Import) -> None:
    """The result counts all files together, and one bad file stops no other."""
    found = bring(line(1), b"", line(2))
    assert (found.read, found.inserted, found.rejected) == (3, 2, 1)


def test_own_format_comes_back_as_it_went_out(one_corpus: Corpus, bring: Import, tmp_path: Path) -> None:
    """Our own JSONL, found out by its content, is read back without a change."""
    bring(SHAPES["flattened"])
    rows = [json.dumps(to_row(post)) for post in one_corpus.posts.all_classified()]
    found = bring("\n".join(rows).encode())
    assert (found.read, found.inserted, found.updated, found.skipped) == (5, 0, 0, 5)
    with Corpus.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(rows), "utf-8")
        programme = Programme(
            slug="p",
            name=None,
            languages=("fi",),
            time_zone="UTC",
            hashtags=(),
            themes=(),  # type: ignore[arg-type]
        )
        import_files(other, [path], programme=programme, now=NOW, rejects_directory=tmp_path)
        assert [json.dumps(to_row(post)) for post in other.posts.all_classified()] == rows


def test_own_format_rejects_what_cannot_be(bring: Import, one_corpus: Corpus) -> None:
    """A line of our own format without a time, or that is no JSON, is kept aside; a long text is cut and noted."""
    good = {"network": "x", "native_id": "1", "text": "x" * 30_000, "created_at": "2026-11-16T08:00:00Z"}
    lines = [json.dumps(good), json.dumps({**good, "native_id": "2", "created_at": None}), '{"network": ', "5"]
    found = bring("\n".join(lines).encode())
    assert (found.inserted, found.rejected) == (1, 3)
    assert [one["line"] for one in rejects(found)] == [2, 3, 4]
    stored = one_corpus.posts.by_native_id("x", "1")
    assert stored is not None
    assert (len(stored.stored.post.text or ""), stored.stored.post.cut_from) == (25_000, 30_000)


def test_own_format_mends_lone_surrogates(bring: Import, one_corpus: Corpus) -> None:
    """A lone surrogate in our own format is U+FFFD, too."""
    bring(rb'{"network": "x", "native_id": "1", "text": "a\ud800", "created_at": "2026-11-16T08:00:00Z"}')
    stored = one_corpus.posts.by_native_id("x", "1")
    assert stored is not None
    assert stored.stored.post.text == "a\ufffd"


def test_own_format_reports_a_broken_file(bring: Import) -> None:
    """A file that is read as our own format and cannot be is one rejection."""
    assert bring(b"", format="corpus").rejected == 1


def test_import_is_the_same_in_every_database(corpus: Corpus, watched: Programme, tmp_path: Path) -> None:
    """SQLite and PostgreSQL hold the same posts after the same import."""
    path = tmp_path / "posts.jsonl"
    path.write_bytes(SHAPES["flattened"])
    import_files(corpus, [path], programme=watched, now=NOW, rejects_directory=tmp_path)
    stored = {p.stored.post.native_id: readable(p.stored.post) for p in corpus.posts.all_classified()}
    assert stored == {post["native_id"]: post for post in expected("x")}


def test_checkpoint_is_stored_with_the_posts(bring: Import, one_corpus: Corpus, tmp_path: Path) -> None:
    """A finished import is remembered as finished."""
    bring(line(1))
    name = f"import {load._fingerprint(tmp_path / 'archive0')}"
    assert one_corpus.ledger.checkpoint(name) == Checkpoint(name=name, value="done")


def test_every_file_of_the_json_test_suite_is_survived(bring: Import, test_data: Path) -> None:
    """All 318 files of the JSON test suite are read without a traceback, and none of them is a post."""
    with zipfile.ZipFile(test_data / "bad_input" / "json_test_parsing.zip") as suite:
        contents = [suite.read(name) for name in suite.namelist() if not name.endswith("/")]
    found = bring(*contents)
    assert (len(contents), found.inserted) == (318, 0)
    assert found.rejected >= 312


def test_every_recording_of_x_is_read(bring: Import, test_data: Path) -> None:
    """Every recorded answer that holds posts gives its posts, and every other one says why it holds none."""
    files = [path for path in sorted((test_data / "api_x_v2").rglob("*.gz")) if path.parent.name != "openapi"]
    files += sorted((test_data / "api_x_v2").rglob("*.json"))
    found = bring(*(path.read_bytes() for path in files))
    reasons = {one["reason"] for one in rejects(found)}
    # Counted with the standard library's JSON: objects with an id, a text and a time, direct messages left out.
    assert found.read - found.rejected == 13_059
    assert not [reason for reason in reasons if "as it should be" in reason]


def test_hostile_strings_come_through_unchanged(bring: Import, one_corpus: Corpus, test_data: Path) -> None:
    """Every naughty string is stored as it is, but for U+0000 and lone surrogates."""
    strings = json.loads((test_data / "bad_input" / "blns.json").read_text("utf-8"))
    bring(b"".join(line(n + 1, text=text) for n, text in enumerate(strings)))
    stored = {int(p.stored.post.native_id): p.stored.post.text for p in one_corpus.posts.all_classified()}
    assert stored == {n + 1: text.replace("\0", "\ufffd") for n, text in enumerate(strings)}


def test_packed_stream_is_read_in_small_pieces(tmp_path: Path) -> None:
    """A zstd file that unpacks to a hundred times its size is never unpacked at once."""
    from collector.archive.open import open_archive

    path = tmp_path / "zeros.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(bytes(50_000_000)))
    with open_archive(path) as (stream, _):
        assert stream.read(10) == bytes(10)
        assert sum(len(piece) for piece in iter(lambda: stream.read(1_000_000), b"")) == 50_000_000 - 10
