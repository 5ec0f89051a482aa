"""The agreement of people's labels, from a file to the figures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


def test_two_people_and_where_they_differ(kuntakaiku: Command, configured: Path, archive: Path, tmp_path: Path) -> None:
    """Labels of two people give coefficients and the posts to talk about; blind ones can be told apart."""
    del configured
    kuntakaiku("import", str(archive))
    posts = [json.loads(line) for line in archive.read_text().splitlines()[:4]]
    themes = ("parks", "buses")
    rows = [
        {
            "network": post["network"],
            "native_id": post["native_id"],
            "theme": themes[(number % 2) ^ (by == "two" and number == 3)],
            "by": by,
            "at": "2026-11-20T08:00:00Z",
            "blind": by == "one" or number < 2,
        }
        for number, post in enumerate(posts)
        for by in ("one", "two")
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert kuntakaiku("labels", "import", str(tmp_path / "labels.jsonl")).exit == 0
    told = kuntakaiku("labels", "agreement", "--json").json
    assert (told["alpha"]["posts"], told["pairs"][0]["agreement"]) == (4, 0.75)
    assert [one["native_id"] for one in told["disagreements"]] == [posts[3]["native_id"]]
    blind = kuntakaiku("labels", "agreement", "--blind", "--json").json
    assert (blind["alpha"]["posts"], blind["disagreements"]) == (2, [])
    assert "Krippendorff" in kuntakaiku("labels", "agreement").out
