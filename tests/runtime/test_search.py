"""`kuntakaiku search` and `index` as their user meets them."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
TEXTS = (
    "Puistossa on uusia penkkejä ja hyviä polkuja kaikille #UusiPuisto",
    "Puistot kuuluvat kaikille ja niistä pitää huolehtia \x1b[31m hyvin",
    "Vi behöver parken och lekplatsen här i kommunen",
    "Bussit ajavat harvoin ja pysäkille on pitkä matka kaikille",
)


@pytest.fixture
def posts(house: Path, kuntakaiku: Command) -> Sequence[str]:
    """Import four invented posts, a day apart, not indexed, and return their ids."""
    rows = [
        {"network": "mastodon", "native_id": str(n), "text": text, "created_at": f"2026-11-{10 + n}T08:00:00Z"}
        for n, text in enumerate(TEXTS, 1)
    ]
    (house / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert kuntakaiku("import", str(house / "posts.jsonl"), "--format", "corpus").exit == 0
    return [row["native_id"] for row in rows]


@pytest.mark.usefixtures("posts")
def test_search_indexes_what_is_missing_and_finds_every_form(kuntakaiku: Command) -> None:
    """A search right after an import finds inflected forms, marks them, and leaves nothing for `index`."""
    found = kuntakaiku("search", "puisto", "--json").json
    assert set(found) == {"total", "is_total_exact", "next", "hits"}
    assert (found["total"], found["is_total_exact"], found["next"]) == (2, True, None)
    assert [hit["native_id"] for hit in found["hits"]] == ["2", "1"]
    first = found["hits"][1]
    assert [first["text"][start:end] for start, end in first["spans"]] == ["Puistossa", "#UusiPuisto"]
    assert first["standing"] == "unclassified"
    assert kuntakaiku("index", "--json").json["searchable"] == 0
    assert [hit["native_id"] for hit in kuntakaiku("search", "park", "--json").json["hits"]] == ["3"]


@pytest.mark.usefixtures("posts")
def test_people_see_what_matched(kuntakaiku: Command) -> None:
    """Lines show where, when by the programme's zone, and what matched; nothing acts on the terminal."""
    told = kuntakaiku("search", "puisto").out.splitlines()
    assert told[0] == "2 posts"
    assert told[2].startswith("2026-11-12 10:00  mastodon  unclassified  2")
    assert told[3].startswith("  **Puistot** kuuluvat")
    assert "\x1b" not in told[3]


@pytest.mark.usefixtures("posts")
def test_filters_and_pages_are_options(kuntakaiku: Command) -> None:
    """Filters narrow the search, and the key of a page leads to the next."""

    def ids(*options: str) -> list[str]:
        return [hit["native_id"] for hit in kuntakaiku("search", "kaikille", "--json", *options).json["hits"]]

    assert ids() == ["4", "2", "1"]
    assert ids("--since", "2026-11-12", "--until", "2026-11-14") == ["2"]
    assert ids("--network", "x") == []
    assert ids("--unlabelled", "--theme", "unclassified", "--relevance") != []
    first = kuntakaiku("search", "kaikille", "--limit", "2", "--json").json
    assert ids("--limit", "2", "--after", first["next"]) == ["1"]
    assert f"--after {first['next']}" in kuntakaiku("search", "kaikille", "--limit", "2").out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(["-vero"], "such option", id="an-option"),
        pytest.param(['"puisto'], "never closed", id="open-quote"),
        pytest.param([""], "at least one word", id="empty"),
        pytest.param(["puisto", "--theme", "parks"], "no theme", id="unknown-theme"),
        pytest.param(["puisto", "--since", "soon"], "no date", id="no-date"),
        pytest.param(["puisto", "--after", "x"], "first page", id="no-key"),
    ],
)
def test_searches_without_meaning_are_misuse(kuntakaiku: Command, options: list[str], told: str) -> None:
    """What cannot be meant exits 2 and says what to do."""
    refused = kuntakaiku("search", *options)
    assert refused.exit == 2
    assert told in refused.err


@pytest.mark.usefixtures("posts")
def test_index_shows_how_fast_it_is(kuntakaiku: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar with rate and remaining time stands on standard error; results are on standard output."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    told = kuntakaiku("index")
    assert "made searchable" in told.out
    assert "posts made searchable" in told.err
