"""What X withholds in a country is not shown there: shapes as X sends them, with invented texts."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.archive.x_v1 import open_format
from collector.coverage import coverage_report
from collector.sources.x import XSource
from collector.sweep import sweep_source
from collector.x_page import Reading, read_page
from corpus.export import Occasion, export
from programme.types import Programme
from tests.collector.conftest import Bench
from tests.collector.fake_x import FakeX

NOW = datetime(2026, 11, 17, tzinfo=UTC)
READING = Reading(now=NOW, text_limit=25_000, via="hashtag", country="FI")
POST = {"id": "2122226171507638273", "text": "Keksitty", "created_at": "2026-11-16T07:12:03.000Z", "author_id": "1"}
FINLAND = {"copyright": False, "country_codes": ["DE", "FI"]}


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """X on loopback, read for Finland."""
    assert isinstance(x_bench.network, FakeX)
    x_bench.programme = replace(x_bench.programme, country="FI")
    return x_bench.network


@pytest.mark.parametrize(
    ("post", "user", "country", "gone"),
    [
        pytest.param(FINLAND, None, "FI", "withheld", id="in this country"),
        pytest.param({"copyright": False, "country_codes": ["IN"], "scope": "user"}, None, "FI", None, id="in another"),
        pytest.param(
            {"copyright": True, "country_codes": ["US"], "scope": "tweet"}, None, "FI", "withheld", id="claim"
        ),
        pytest.param({"copyright": False, "country_codes": ["XX"]}, None, "FI", "withheld", id="everywhere"),
        pytest.param({"copyright": False, "country_codes": []}, None, "FI", None, id="nowhere"),
        pytest.param(None, {"country_codes": ["FI"], "scope": "user"}, "FI", "withheld", id="the account"),
        pytest.param(None, {"country_codes": ["RU"]}, "FI", None, id="the account in another"),
        pytest.param(None, {"country_codes": ["RU"]}, "", "withheld", id="no country named"),
        pytest.param(None, None, "", None, id="not withheld"),
    ],
)
def test_withheld_posts_and_accounts(
    post: dict[str, Any] | None, user: dict[str, Any] | None, country: str, gone: str | None
) -> None:
    """A post is withheld by itself or with its account, in a country, everywhere, or for a claim under copyright."""
    account = {"id": "1", "username": "asukas_1", "name": "Keksitty"} | ({"withheld": user} if user else {})
    said = POST | ({"withheld": post} if post else {})
    body = json.dumps({"data": [said], "includes": {"users": [account]}, "meta": {"result_count": 1}})
    (found,) = read_page(body.encode(), replace(READING, country=country)).posts
    assert found.gone == gone


@pytest.mark.parametrize(
    ("fields", "gone"),
    [
        pytest.param({"withheld_in_countries": ["FI"], "withheld_scope": "status"}, "withheld", id="post"),
        pytest.param({"withheld_in_countries": ["XY"], "withheld_copyright": True}, "withheld", id="claim"),
        pytest.param({"withheld_in_countries": ["TR"]}, None, id="another"),
    ],
)
def test_withheld_posts_of_old_archives(watched: Programme, fields: dict[str, Any], gone: str | None) -> None:
    """API v1.1 writes the same in fields of its own."""
    status = {
        "id_str": "7",
        "full_text": "Keksitty",
        "created_at": "Mon Nov 16 07:12:03 +0000 2026",
        "user": {"id_str": "1", "screen_name": "asukas"},
        **fields,
    }
    (found,) = open_format(replace(watched, country="FI"), NOW).posts_in(json.dumps(status).encode())
    assert getattr(found, "gone", "unfit") == gone


def test_withheld_post_is_counted_and_its_text_kept_nowhere(x_bench: Bench, fake: FakeX, tmp_path: Path) -> None:
    """A post that comes withheld leaves no text and no payload; coverage and export count it by its reason."""
    withheld, plain = fake.publish(1, withheld=FINLAND) + fake.publish(1)
    x_bench.collect()
    found = x_bench.corpus.posts.by_native_id("x", withheld)
    assert found is not None
    assert (found.stored.post.gone, found.stored.post.text, found.stored.post.author) == ("withheld", None, None)
    assert x_bench.corpus.posts.payload("x", withheld) is None
    now = x_bench.clock() + timedelta(hours=1)
    (line,) = coverage_report(x_bench.corpus, [x_bench.settings], now - timedelta(days=1), now, now).sources
    assert line.gone == {"withheld": 1}
    out = tmp_path / "a.csv"
    done = export(x_bench.corpus, out=out, format="csv", occasion=Occasion(at=now, by="test"))
    assert (done.gone, "Keksitty viesti 1 " in out.read_text("utf-8")) == ({"withheld": 1}, False)
    assert plain in out.read_text("utf-8")


def test_post_that_is_withheld_later_is_buried_by_the_sweep(x_bench: Bench, fake: FakeX) -> None:
    """What X withholds after it was collected loses its text with the next look, and is recalled from exports."""
    (native_id,) = fake.publish(1)
    x_bench.collect()
    fake.posts[0]["withheld"] = FINLAND
    x_bench.clock.pass_by(hours=25)
    source = x_bench.source()
    assert isinstance(source, XSource)
    found = sweep_source(
        source,
        x_bench.corpus,
        settings=x_bench.settings,
        clock=x_bench.clock,
        rest=x_bench.clock.rest,
        data_directory=x_bench.directory,
    )
    assert (found.buried, found.unjudged) == (1, 0)
    after = x_bench.corpus.posts.by_native_id("x", native_id)
    assert after is not None
    assert (after.stored.post.gone, after.stored.post.text) == ("withheld", None)


def test_posts_of_protected_accounts_are_gone(x_bench: Bench, fake: FakeX) -> None:
    """X names a post of an account that is protected by now as one that we are not authorised to see."""
    (native_id,) = fake.publish(1)
    fake.hidden = {native_id: "not-authorized-for-resource"}
    source = x_bench.source()
    assert isinstance(source, XSource)
    assert source.look_up([native_id], x_bench.patience()).gone == {native_id: "deleted"}
