"""Archives of what networks really answered: each recording gives its posts, or says why it holds none."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.archive.formats import format_of
from collector.archive.load import import_files
from corpus.store import Corpus
from programme.types import Programme
from tests.collector.archives import NOW, bring_into, reasons_of

FORMATS = {"api_x_v11": "x-v1", "api_mastodon": "mastodon", "api_bluesky": "bluesky"}


def _documents(path: Path) -> Iterator[bytes]:
    """Yield the JSON documents of a recording, also of a recorded conversation in YAML."""
    yaml = pytest.importorskip("yaml")
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    if b"interactions:" not in raw[:300] and b'"interactions"' not in raw[:300]:
        yield raw
        return
    whole = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for one in whole.get("interactions") or whole["http_interactions"]:
        body = one["response"]["body"].get("string") or b""
        body = body.encode() if isinstance(body, str) else body
        yield gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def _is_post(network: str, one: Any) -> bool:  # noqa: ANN401  # any JSON
    if not isinstance(one, dict):
        return False
    if network == "api_x_v11":
        return "created_at" in one and "id" in one and ("text" in one or "full_text" in one) and "user" in one
    if network == "api_mastodon":
        return bool(one.get("uri")) and "content" in one and one.get("visibility") in ("public", "unlisted")
    record = one.get("record") or one.get("value") or {}
    return (
        isinstance(record, dict)
        and record.get("$type") == "app.bsky.feed.post"
        and "/app.bsky.feed.post/" in one["uri"]
    )


def _posts(network: str, document: bytes) -> Iterator[Any]:
    """Yield the posts at the places where API documents have them, found with the standard library alone."""
    try:
        waiting = [json.loads(document)]
    except ValueError:
        waiting = [json.loads(line) for line in document.splitlines() if line[:1] == b"{" and line[-1:] == b"}"]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif _is_post(network, one):
            yield one
        elif isinstance(one, dict):
            keys = ("statuses", "ancestors", "descendants", "posts", "feed", "thread", "post", "records")
            waiting += [one[key] for key in keys if isinstance(one.get(key), list | dict)]
            if one.get("$type") == "app.bsky.feed.defs#threadViewPost":
                waiting += [one[key] for key in ("parent", "replies") if isinstance(one.get(key), list | dict)]


@pytest.mark.parametrize("recordings", FORMATS)
def test_every_recording_gives_its_posts(
    one_corpus: Corpus, watched: Programme, test_data: Path, tmp_path: Path, recordings: str
) -> None:
    """Every recorded answer that holds posts is recognised and gives exactly them; every other one says why not."""
    wanted, lines, probe = 0, [], tmp_path / "probe"
    paths = [path for path in (test_data / recordings).rglob("*.*") if path.is_file() and path.suffix != ".md"]
    for document in (document for path in sorted(paths) for document in _documents(path)):
        if posts := len(list(_posts(recordings, document))):
            wanted += posts
            probe.write_bytes(document)
            assert format_of(probe) == FORMATS[recordings]
        lines += [document] if b"\n{" in document else [document.replace(b"\n", b" ").replace(b"\r", b" ")]
    found = bring_into(one_corpus, watched, tmp_path)(b"\n".join(lines), format=FORMATS[recordings])
    assert found.read - found.rejected == wanted > 100
    assert all(reasons_of(found))


@pytest.mark.everything
@pytest.mark.parametrize("name", ["named", "auto"])
@pytest.mark.parametrize("recordings", FORMATS)
def test_every_recorded_file_is_survived(
    one_corpus: Corpus, watched: Programme, test_data: Path, tmp_path: Path, recordings: str, name: str
) -> None:
    """Every file as it lies there, recorded conversations in YAML included, is posts or rejected with a reason."""
    found = import_files(
        one_corpus,
        [path for path in sorted((test_data / recordings).rglob("*.*")) if path.is_file()],
        format=FORMATS[recordings] if name == "named" else "auto",
        programme=watched,
        now=NOW,
        rejects_directory=tmp_path,
    )
    assert found.inserted > 0
    assert all(reasons_of(found))
    assert one_corpus.verify() == []
