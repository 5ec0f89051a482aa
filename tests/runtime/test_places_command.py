"""`index` reads the places that posts speak of, and `stats --by` counts them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
_ORGANISATION = """
[[organisation]]
name = { fi = "Turun kaupunki", sv = "Åbo stad", en = "City of Turku" }
accounts = ["mastodon:turku@kunta.example"]
municipality = "853"
"""


@pytest.fixture
def posts(house: Path, configured: Path) -> Path:
    """Invented posts: two name places, one comes from a listed organisation, one from a private person."""
    programme = configured / "programme.toml"
    programme.write_text(programme.read_text("utf-8") + _ORGANISATION, encoding="utf-8")
    told = [
        ("Puisto Ähtärissä on hieno.", "a1", "2026-11-17T10:00:00Z"),
        ("Puisto Vaasassa ja bussi Seinäjoelle.", "a2", "2026-11-18T21:59:00Z"),
        ("Bussi myöhästyi taas.", "turku@kunta.example", "2026-11-18T22:00:00Z"),
        ("Bussi myöhästyi eilen.", "matti@kunta.example", "2026-11-19T10:00:00Z"),
    ]
    lines = [
        {
            "network": "mastodon",
            "native_id": str(number),
            "author": {"native_id": handle, "handle": handle, "name": "Matti, Oulu"},
            "text": text,
            "lang": "fi",
            "created_at": at,
        }
        for number, (text, handle, at) in enumerate(told)
    ]
    path = house / "posts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_index_reads_places_and_stats_counts_them(kuntakaiku: Command, posts: Path) -> None:
    """What is not read yet is read at need; areas come in the alphabet's order, with basis, residents and interval."""
    kuntakaiku("import", str(posts))
    told = kuntakaiku("stats", "--by", "municipality", "--json").json
    assert kuntakaiku("index", "--json").json["places"] == 0
    assert (told["by"], told["texts"], told["residents_on"]) == ("municipality", 3, "2020-12-31")
    assert [area["name"]["sv"] for area in told["areas"]] == ["Seinäjoki", "Åbo", "Vasa", "Etseri"]
    turku = told["areas"][1]
    assert (turku["texts"], turku["from_text"], turku["from_organisation"], turku["per_10000"]) == (1, 0, 1, None)
    assert turku["per_10000_low"] < turku["per_10000_high"]
    assert turku["by_theme"] == {"unclassified": 1}
    people = kuntakaiku("stats", "--by", "county").out
    assert "Pohjanmaan hyvinvointialue" in people
    assert "3 texts" in people


def test_a_window_of_days_is_the_programmes(kuntakaiku: Command, posts: Path) -> None:
    """A day begins at midnight in the programme's time zone."""
    kuntakaiku("import", str(posts), "--index")
    told = kuntakaiku("stats", "--by", "municipality", "--since", "2026-11-18", "--until", "2026-11-19", "--json").json
    assert [area["name"]["fi"] for area in told["areas"]] == ["Seinäjoki", "Vaasa"]
    assert told["since"] == "2026-11-17T22:00:00+00:00"


@pytest.mark.usefixtures("configured")
def test_a_window_without_areas_is_misuse(kuntakaiku: Command) -> None:
    """`--since` alone, a day that is none and a kind that is none are refused with the remedy."""
    alone = kuntakaiku("stats", "--since", "2026-11-18")
    assert alone.exit == 2
    assert "--by" in alone.err
    assert kuntakaiku("stats", "--by", "county", "--since", "soon").exit == 2
    assert kuntakaiku("stats", "--by", "village").exit == 2
