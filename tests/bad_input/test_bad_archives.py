"""Broken archives: counted, kept aside with line and reason, and nothing else is lost."""

import gzip
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import zstandard

from collector.archive.formats import AUTO, FORMATS
from programme.week import Week
from tests.bad_input.hostile import malformed
from tests.bad_input.judges import ACTING, texts_of

Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("configured")


def post(number: int, **fields: object) -> dict[str, object]:
    """Return a post of X."""
    created_at = "2026-11-16T08:00:00.000Z"
    return {"id": str(number), "text": f"teksti {number}", "created_at": created_at, "author_id": "1", **fields}


def own(number: int, **fields: object) -> dict[str, object]:
    """Return a line of our own JSONL."""
    created_at = "2026-11-16T08:00:00Z"
    return {"network": "n", "native_id": str(number), "text": f"teksti {number}", "created_at": created_at, **fields}


def lines(*records: object) -> bytes:
    """Return records a line; bytes stand as they are."""
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in records)


def rejects_of(told: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # what a command said
    """Return what an import kept aside."""
    file = told.json["rejects_file"]
    return [json.loads(line) for line in Path(file).read_bytes().splitlines()] if file else []


@pytest.fixture
def bring(kuntakaiku: Command, house: Path) -> Callable[..., Any]:
    """Import a content by the real command; what it says must add up."""
    numbers: Iterator[int] = iter(range(10_000))

    def import_content(content: bytes, name: str = AUTO) -> Any:  # noqa: ANN401  # what a command said
        path = house / f"archive{next(numbers)}"
        path.write_bytes(content)
        told = kuntakaiku("import", str(path), "--format", name, "--json")
        assert told.exit == 0, told.err
        assert told.err == ""
        found = told.json
        assert found["read"] == sum(found[key] for key in ("inserted", "updated", "skipped", "rejected"))
        kept = rejects_of(told)
        assert len(kept) == found["rejected"]
        assert all(one["reason"] and one["line"] >= 1 for one in kept)
        return told

    return import_content


GOOD = (post(1), post(2))
X = {
    "dates": (
        [
            post(n, created_at=at)
            for n, at in enumerate(
                [
                    None,
                    "",
                    5,
                    1e300,
                    True,
                    {},
                    [],
                    "now",
                    "2026-13-45",
                    "1989-12-31T00:00:00Z",
                    "2026-11-25T00:00:00Z",
                    "9999-12-31T23:59:59-05:00",
                    "0001-01-01T00:00:00+05:00",
                ],
                10,
            )
        ],
        13,
    ),
    "ids": (
        [
            post(0, id=native_id)
            for native_id in (None, "", 1.5, -3, "abc", "9" * 20, int("9" * 30), True, {}, "12\n3", "１２", " 12")
        ],
        12,
    ),
    "texts": ([post(n, text=text) for n, text in enumerate([None, 5, [], {}], 10)], 4),
    "parts": ([post(10, lang=5), post(11, entities=[]), post(12, author=5), post(13, author={"id": {}})], 4),
    "values": ([5, "x", None, True, {}, [7]], 6),
    "endless nesting": ([b'{"data": ' + b"[" * 100_000], 1),
    "NaN": ([b'{"id": "9", "text": "x", "created_at": NaN}', b'{"id": 1e999, "text": "x"}'], 2),
    "NUL": ([b'{"id": "9", "te\0xt": "x"}', b"\0" * 500], 2),
    "not UTF-8": ([b"", b'{"id": "9", "text": "p\xe4iv\xe4"}', b'{"id": "8", "text": "\xed\xa0\x80"}'], 2),
    "direct message": ([post(10, event_type="MessageCreate")], 1),
}
"""Bad records between good ones, and how many of them are told."""


def test_bad_records_of_x_cost_themselves_alone(bring: Callable[..., Any]) -> None:
    """Each is kept with its line and reason; the good posts around them are stored."""
    for case, (records, bad) in X.items():
        found = bring(lines(GOOD[0], *records, GOOD[1])).json
        assert (found["inserted"] + found["skipped"], found["rejected"]) == (2, bad), case


OURS: dict[str, dict[str, object]] = {
    "no id": {"native_id": None},
    "id of two lines": {"native_id": "a\nb"},
    "endless id": {"native_id": "x" * 5_000},
    "number as id": {"native_id": 5},
    "network that clears a screen": {"network": "\x1b[2J"},
    "before 1990": {"created_at": "1989-12-31T00:00:00Z"},
    "ahead": {"created_at": "2026-11-25T00:00:00Z"},
    "before the calendar": {"created_at": "0001-01-01T00:00:00+05:00"},
    "behind the calendar": {"edited_at": "9999-12-31T23:59:59-05:00"},
    "label's date": {"labels": [{"theme": "a", "by": "x", "at": "0001-01-01T00:00:00+05:00"}]},
    "labels": {"labels": 5},
    "endless name": {"labels": [{"theme": "a", "by": "x" * 300, "at": "2026-11-16T08:00:00Z"}]},
    "endless network": {"network": "x" * 100},
    "huge count": {"counts": {"likes": 10**30}},
    "score": {"scores": {"a": 2}},
    "gone, with a text": {"gone": "deleted"},
    "endless handle as id": {"author": {"handle": "x" * 5_000}},
}
"""Fields that make a line of ours a bad one."""


def test_bad_line_of_ours_costs_itself_alone(bring: Callable[..., Any]) -> None:
    """It is kept with its reason, also where it is the first and the format is found out; its neighbours are stored."""
    for case, fields in OURS.items():
        found = bring(lines(own(9, **fields), own(1), own(2))).json
        assert (found["inserted"] + found["skipped"], found["rejected"]) == (2, 1), case


def test_odd_but_readable_records_are_stored(bring: Callable[..., Any], kuntakaiku: Command, house: Path) -> None:
    """A wrong count, a broken user beside the post, doubled keys, marks between joined files: the post is kept."""
    page = {
        "data": [post(20, author_id="7"), post(21, author_id="8")],
        "includes": {"users": [5, {"id": "7", "username": {}}, {"id": "8", "username": "kahdeksan"}]},
    }
    content = lines(
        post(10, public_metrics={"like_count": 10**30, "retweet_count": -1}),
        b'{"id":"98","id":"11","text":"a","text":"b","created_at":"2026-11-16T08:00:00.000Z"}',
        b"\xef\xbb\xbf" + json.dumps(post(12)).encode() + b"\r",
        post(13, entities={"hashtags": [{"tag": "a" * 100_000}, {"tag": "b"}]}),
        post(1234567890123456789),
        page,
        post(12),
    )
    found = bring(content).json
    assert (found["inserted"], found["skipped"], found["rejected"]) == (7, 1, 0)
    out = house / "out.jsonl"
    kuntakaiku("export", "--out", str(out), "--format", "jsonl")
    rows = {row["native_id"]: row for row in map(json.loads, out.read_bytes().splitlines())}
    assert rows["10"]["counts"] == {"replies": None, "reposts": None, "likes": None, "views": None}
    assert rows["11"]["text"] == "b"
    assert rows["21"]["author"]["handle"] == "kahdeksan"
    assert rows["1234567890123456789"]["text"] == "teksti 1234567890123456789"


def test_texts_are_stored_as_they_can_be(bring: Callable[..., Any], kuntakaiku: Command, house: Path) -> None:
    """NUL and lone surrogates become U+FFFD, bidi stays, and a megabyte is cut to the limit and noted."""
    texts = {10: "a\x00b\ud800c", 11: "\u202eabc\u2066", 12: "ä" * 1_000_000, 13: "", 14: "\\ud800"}
    found = bring(lines(*(post(n, text=text) for n, text in texts.items()))).json
    assert (found["inserted"], found["rejected"]) == (5, 0)
    out = house / "out.jsonl"
    kuntakaiku("export", "--out", str(out), "--format", "jsonl")
    stored = {int(native_id): text for (_, native_id), text in texts_of(out).items()}
    assert stored == {**texts, 10: "a\ufffdb\ufffdc", 12: "ä" * 25_000}
    assert [row["cut_from"] for row in map(json.loads, out.read_bytes().splitlines()) if row["native_id"] == "12"] == [
        1_000_000
    ]
    told = kuntakaiku("queue", "--n", "9")
    assert not ACTING.search(told.out.replace("\n", ""))


def test_many_hashtags_in_one_post_are_carried_to_the_mail(
    bring: Callable[..., Any], kuntakaiku: Command, house: Path
) -> None:
    """Ten thousand hashtags harm neither classification, digest nor table."""
    tags = [f"tunniste{n}" for n in range(10_000)]
    found = bring(
        lines(post(10, text=" ".join(f"#{tag}" for tag in tags), entities={"hashtags": [{"tag": t} for t in tags]}))
    )
    assert found.json["inserted"] == 1
    assert kuntakaiku("digest", "draft").exit == 0
    assert kuntakaiku("export", "--out", str(house / "out.xlsx"), "--format", "xlsx").exit == 0


PACKED = lines(*(post(n, text=os.urandom(30).hex()) for n in range(3_000)))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gz", "zst"])
def test_damaged_packed_files_keep_what_can_be_unpacked(
    bring: Callable[..., Any], pack: Callable[[bytes], bytes]
) -> None:
    """Cut off, with rubbish behind it, packed twice: what was read before the damage is stored, and the damage told."""
    packed = pack(PACKED)
    cut = bring(packed[: len(packed) * 2 // 3])
    assert 1_000 < cut.json["inserted"] < 3_000
    assert "ends too early" in rejects_of(cut)[-1]["reason"]
    behind = bring(packed + b"rubbish").json
    assert (behind["inserted"] + behind["skipped"], behind["rejected"]) == (3_000, 1)
    for content in (packed[:4], packed[:10], pack(packed)):
        assert bring(content).json["read"] == 1


@pytest.mark.everything
def test_bomb_in_a_line_costs_that_line(bring: Callable[..., Any]) -> None:
    """Sixty megabytes without an end of line, packed to sixty kilobytes, are one rejection."""
    found = bring(gzip.compress(b'{"id":"1","text":"' + b"a" * 60_000_000))
    assert "a line longer than" in rejects_of(found)[0]["reason"]


OTHER_KINDS = {
    "empty": b"",
    "blank": b" \n\n",
    "mark alone": b"\xef\xbb\xbf",
    "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "utf-16": json.dumps(post(1)).encode("utf-16"),
    "utf-16 without mark": json.dumps(post(1)).encode("utf-16-le"),
    "web page": b"<!doctype html><p>x",
    "yaml": b"interactions:\n- request:\n    body: null\n",
    "zip": b"PK\x03\x04" + b"a" * 50,
    "database": b"SQLite format 3\0" + b"\0" * 100,
}


@pytest.mark.parametrize("name", [AUTO, "x-v2", "corpus"])
def test_file_of_another_kind_is_told_once_or_line_by_line(bring: Callable[..., Any], name: str) -> None:
    """Nothing is stored, and a reason is kept."""
    for kind, content in OTHER_KINDS.items():
        found = bring(content, name).json
        assert (found["inserted"], found["rejected"] >= 1) == (0, True), kind


def test_places_that_are_no_files_are_misuse(kuntakaiku: Command, house: Path) -> None:
    """A directory, a missing file, a pipe, a device: exit 2, and nothing is imported of the others."""
    os.mkfifo(house / "pipe")
    (house / "good.jsonl").write_bytes(lines(post(1)))
    for place in (".", "missing", "pipe", "/dev/null"):
        told = kuntakaiku("import", "good.jsonl", place)
        assert (told.exit, place in told.err) == (2, True)
    assert kuntakaiku("stats", "--json").json["posts"] == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file_is_misuse(kuntakaiku: Command, house: Path) -> None:
    """A file without the right to read it is named."""
    path = house / "secret.jsonl"
    path.write_bytes(lines(post(1)))
    path.chmod(0)
    assert kuntakaiku("import", str(path)).exit == 2


@pytest.mark.parametrize(
    "name", [b"\xff", b"a\nb", "\u202ex".encode(), b"\x1b[2J"], ids=["bytes", "line", "bidi", "esc"]
)
def test_names_of_files_are_inert_too(kuntakaiku: Command, house: Path, name: bytes) -> None:
    """A file may be called anything; neither terminal nor list of rejects is harmed."""
    path = str(house / os.fsdecode(name))
    Path(path).write_bytes(lines(post(1), b"rubbish"))
    for arguments in (
        ("import", path),
        ("import", path, "--json"),
        ("import", path + "no"),
        ("labels", "import", path),
    ):
        told = kuntakaiku(*arguments)
        assert told.exit in (0, 2, 3)
        assert not ACTING.search((told.out + told.err).replace("\n", ""))


@pytest.mark.parametrize("name", [AUTO, *FORMATS])
def test_every_file_of_the_json_suite_is_counted(kuntakaiku: Command, house: Path, test_data: Path, name: str) -> None:
    """Read as any format, none of the 340 files is a post, and none breaks the command."""
    files = [house / f"case{n}" for n, _ in enumerate(malformed(test_data))]
    for file, (_, content) in zip(files, malformed(test_data), strict=True):
        file.write_bytes(content)
    told = kuntakaiku("import", *map(str, files), "--format", name, "--json")
    assert (told.exit, told.err, told.json["inserted"]) == (0, "", 0)
    assert len(rejects_of(told)) == told.json["rejected"] > 100
    assert {one["file"] for one in rejects_of(told)} <= {file.name for file in files}


def test_lines_of_the_json_suite_do_not_spoil_their_neighbours(bring: Callable[..., Any], test_data: Path) -> None:
    """Every broken content on a line between two posts: both posts are stored."""
    broken = [content.replace(b"\n", b" ") for _, content in malformed(test_data)]
    found = bring(lines(post(1), *broken, post(2)), "x-v2").json
    assert (found["inserted"], found["rejected"] > 200) == (2, True)


@pytest.mark.everything
def test_all_recordings_of_x_are_read_and_make_a_digest(kuntakaiku: Command, house: Path, test_data: Path) -> None:
    """Pages, errors, odd cases and even recordings in YAML: one import, and the issue of its busiest week."""
    files = [str(path) for path in sorted((test_data / "api_x_v2").rglob("*")) if path.is_file()]
    told = kuntakaiku("import", *files, "--json")
    assert told.exit == 0
    assert told.json["inserted"] > 5_000
    out = house / "out.jsonl"
    kuntakaiku("export", "--out", str(out), "--format", "jsonl")

    zone = ZoneInfo("Europe/Helsinki")
    weeks = Counter(
        Week.of(datetime.fromisoformat(json.loads(line)["created_at"]).astimezone(UTC), zone)
        for line in out.read_bytes().splitlines()
    )
    week = str(weeks.most_common(1)[0][0])
    for verb in ("draft", "preview", "approve", "send"):
        done = kuntakaiku("digest", verb, "--week", week)
        assert done.exit == 0, done.err


def test_any_number_of_sources_leaves_the_digest_readable(bring: Callable[..., Any], kuntakaiku: Command) -> None:
    """An archive may name hundreds of sources at any length: the issue tells them as one, and stays small enough."""
    texts = [f"puisto {n * 7919:x} nurmikko {n * 104_729:x}" for n in range(400)]
    found = bring(lines(*(own(n, text=text, source=f"{n} {'x' * 500}") for n, text in enumerate(texts))))
    assert found.json["inserted"] == 400
    told = kuntakaiku("digest", "draft", "--json")
    assert told.exit == 0, told.err
    assert [one["posts"] for one in told.json["numbers"]["coverage"]["sources"]] == [400]
