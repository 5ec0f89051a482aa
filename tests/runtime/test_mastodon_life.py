"""`collect`, `sweep` and `coverage` against a real server, as their user meets them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.collector.snac import Snac
from tests.runtime.conftest import Command

pytestmark = pytest.mark.everything
TAG = "#PieniOhjelma"


@pytest.fixture
def server(configured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Snac]:
    """A server of its own, configured as the only source."""
    with Snac(tmp_path / "anna", "anna") as anna:
        monkeypatch.setenv("KUNTAKAIKU_TOKEN_KYLA", anna.token)
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "kyla"\nnetwork = "mastodon"\nenabled = true\nbase_url = "{anna.url}"\ntimeout = 5\n'
        )
        yield anna


def test_posts_come_in_and_what_is_deleted_goes(kuntakaiku: Command, server: Snac, house: Path) -> None:
    """Posts and their discussion come in once, the hours are covered, and a deletion reaches the corpus by sweep."""
    opening, deleted = server.post(f"Keksitty kysymys {TAG}"), server.post(f"Keksitty kanarialintu {TAG}")
    server.post("Keksitty vastaus", answers=opening["id"])
    start = datetime.fromisoformat(opening["created_at"])

    def at(**later: float) -> str:
        return (start + timedelta(**later)).isoformat()

    def exported(name: str, now: str) -> str:
        assert kuntakaiku("export", "--format", "jsonl", "--out", str(house / name), now=now).exit == 0
        return (house / name).read_text("utf-8")

    (run,) = kuntakaiku("collect", "--json", now=at(minutes=5)).json["runs"]
    assert (run["state"], run["inserted"], run["threads"]["inserted"], run["complete"]) == ("ok", 2, 1, True)
    (run,) = kuntakaiku("collect", "--json", now=at(hours=3)).json["runs"]
    assert (run["state"], run["inserted"], run["threads"]) == ("empty", 0, None)
    year, week, _ = (start + timedelta(hours=2)).astimezone(ZoneInfo("Europe/Helsinki")).isocalendar()
    told = kuntakaiku("coverage", "--week", f"{year}-W{week:02}", "--json", now=at(hours=3))
    assert [(one["source"], one["hours_covered"] > 0) for one in told.json["sources"]] == [("kyla", True)]

    assert "kanarialintu" in exported("before.jsonl", at(hours=3))
    server.delete(deleted["uri"])
    told = kuntakaiku("sweep", "--json", now=at(hours=26))
    assert (told.exit, told.json["runs"][0]["buried"], told.json["runs"][0]["unjudged"]) == (0, 0, 1)
    told = kuntakaiku("sweep", "--json", now=at(hours=28))
    assert (told.exit, told.json["runs"][0]["buried"]) == (0, 1)
    assert "kanarialintu" not in exported("after.jsonl", at(hours=28))
