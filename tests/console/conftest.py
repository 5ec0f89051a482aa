"""A console over a small corpus of invented posts, asked as a browser asks, without a socket."""

import html
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from console.app import build
from corpus.changes import decide
from corpus.ledger import HourCoverage, SourceState
from corpus.post import Author, Label, Post, Prediction, Reason
from corpus.store import Corpus
from language.text import clean
from runtime.jobs import serve
from runtime.settings import Options
from runtime.wiring import Program
from tests.bad_input.hostile import MARK
from tests.runtime.conftest import PRIVACY, PROGRAMME, RECIPIENTS
from tests.runtime.conftest import dictionaries as dictionaries  # noqa: PLC0414 - a fixture of both rooms

OWN = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form of our own page."""
NOW = "2026-11-23T06:00:00Z"
MONDAY = datetime(2026, 11, 15, 22, 0, tzinfo=UTC)
"""Start of week 47 in Helsinki."""
LANGUAGES = ("fi", "sv", "en")
SOURCES = """
[[source]]
name = "masto"
network = "mastodon"
enabled = true
base_url = "https://mastodon.example"

[[source]]
name = "x"
network = "x"
enabled = false
monthly_budget_usd = 50
"""


def write_configuration(house: Path, dictionaries: Path) -> Path:
    """Write a configuration into a data directory and return where it is."""
    (house / "lemmas").symlink_to(dictionaries)
    config = house / "config"
    config.mkdir()
    for name, text in (
        ("programme", PROGRAMME),
        ("site", PRIVACY),
        ("sources", SOURCES),
        ("recipients", RECIPIENTS),
    ):
        (config / f"{name}.toml").write_text(text, encoding="utf-8")
    (config / "recipients.toml").chmod(0o600)
    return config


@pytest.fixture
def program(tmp_path: Path, dictionaries: Path, database_url: str, empty_sqlite: Path) -> Iterator[Program]:
    """The program over an empty corpus, on each database."""
    config = write_configuration(tmp_path, dictionaries)
    options = Options(config=str(config), database=database_url, data=str(tmp_path), now=NOW)
    if database_url.startswith("sqlite"):
        shutil.copyfile(empty_sqlite, database_url.removeprefix("sqlite:///"))
    else:
        Corpus.prepare(database_url)
    with Program(options, environment={}, working_directory=tmp_path) as opened:
        yield opened


def post(number: int, text: str | None, **more: Any) -> Post:  # noqa: ANN401 - any field of a post
    """Return an invented post of the week."""
    fields: dict[str, Any] = {
        "network": "mastodon",
        "native_id": str(number),
        "author": Author(native_id=f"a{number}", handle=f"kirjoittaja{number}@kunta.example", name=f"Nimi {number}"),
        "text": text,
        "created_at": MONDAY + timedelta(hours=10, minutes=number),
        "via": "hashtag",
        "url": f"https://mastodon.example/@kirjoittaja{number}/{number}",
        "lang": "fi",
    }
    return Post(**(fields | more))


def collect(program: Program, posts: Sequence[Post], source: str = "masto") -> None:
    """Bring posts in as a round of a source does, and place them."""
    for network in dict.fromkeys(one.network for one in posts):
        some = [one for one in posts if one.network == network]
        known = program.corpus.posts.known(network, [one.native_id for one in some])
        program.corpus.posts.apply(decide(some, known, program.clock()), source=source, now=program.clock())
    program.corpus.discussions.update()


@pytest.fixture
def talk(program: Program) -> Program:
    """A discussion on two networks, one of its posts taken back, one labelled; and a post that nobody answered."""
    return discussion(program)


def discussion(program: Program) -> Program:
    """Bring the discussion of ``talk`` in."""
    collect(
        program,
        [
            post(
                1,
                "Kuka vastaa puistossa penkeistä? https://kunta.example/uutiset/2026/11/penkit-katosivat",
                links=("https://kunta.example/uutiset/2026/11/penkit-katosivat",),
            ),
            post(2, "Kaupunki, mutta vasta keväällä.", reply_to="1", via="thread"),
            post(3, None, reply_to="2", gone="deleted", via="thread"),
            post(4, "Tack, bänkarna saknas i parken.", reply_to="1", lang="sv", via="thread"),
            post(5, None, reply_to="1", gone="opted_out", via="thread"),
            post(9, "Bussi tuli taas myöhässä pysäkille #pieniohjelma"),
            post(
                20,
                "Penkeistä puhutaan: https://kunta.example/uutiset/2026/11/penkit-katosivat",
                network="bluesky",
                native_id="at://did:plc:abc/app.bsky.feed.post/20",
                links=("https://kunta.example/uutiset/2026/11/penkit-katosivat",),
            ),
        ],
    )
    labelled = program.corpus.posts.by_native_id("mastodon", "1")
    assert labelled is not None
    label = Label(theme="parks", by="EK", at=program.clock())
    program.corpus.judgements.add_labels([(labelled.stored.post_id, label)])
    program.corpus.judgements.save_predictions([(labelled.stored.post_id, _prediction())], now=program.clock())
    return program


def _prediction() -> Prediction:
    return Prediction(
        model="cold-1",
        lang="fi",
        theme="buses",
        themes=("buses",),
        confidence=0.9,
        scores={"buses": 0.9, "none": 0.1},
        reasons=(Reason(kind="word", text="penkki", weight=1.0),),
    )


@pytest.fixture
def week(program: Program) -> Program:
    """A week of which five hours failed, two were refilled, and the source is limited now."""
    return troubled_week(program)


def troubled_week(program: Program) -> Program:
    """Record the hours and the state of ``week``."""
    hours = [
        HourCoverage(
            source="masto",
            hour_at=MONDAY + timedelta(hours=n),
            state="failed" if 30 <= n < 35 else "covered" if n % 10 == 0 else "empty",
            posts=1 if n % 10 == 0 else 0,
            was="rate_limited" if n in (60, 61) else None,
            refilled_at=MONDAY + timedelta(hours=70) if n in (60, 61) else None,
        )
        for n in range(168)
    ]
    ledger = program.corpus.ledger
    ledger.cover(hours)
    now = program.clock()
    run = ledger.start("collect", now=MONDAY + timedelta(hours=31), source="masto")
    ledger.finish(run, state="failed", now=MONDAY + timedelta(hours=31, seconds=7), problem="It answered 503.")
    ledger.set_source_state(
        SourceState(
            source="masto",
            state="rate_limited",
            since_at=now - timedelta(minutes=20),
            last_success_at=now - timedelta(hours=1),
            resume_at=now + timedelta(minutes=10),
            problem="It answered 429.",
        )
    )
    return program


def client_of(program: Program, base: str = "http://127.0.0.1:8000") -> TestClient:
    """Return a browser without a window."""
    app = build(serve.house(program), serve.door(program, "127.0.0.1"))
    return TestClient(app, base_url=base, raise_server_exceptions=True, follow_redirects=False)


@pytest.fixture
def browser(program: Program) -> Iterator[TestClient]:
    """A browser on the console of the test's corpus."""
    with client_of(program) as opened:
        yield opened


def hostile_posts(strings: Sequence[str], start: int = 1, *, chain: int = 7) -> list[Post]:
    """Return a post of each string, which stands wherever a stranger's words can; as many answer one another."""
    return [
        post(
            start + place,
            f"{MARK} {string}",
            author=Author(native_id=f"h{place}", handle=string[:200] or None, name=string[:200] or None),
            url=string or None,
            lang=string[:20] or None,
            links=(string,),
            created_at=MONDAY - timedelta(days=1) + timedelta(minutes=place % 1_000),
            reply_to=None if place % chain == 0 else str(start + place - 1),
        )
        for place, string in enumerate(map(clean, strings))  # as every source hands them over
    ]


def signed(page: str) -> str:
    """Return the token that signs a page's forms."""
    found = next(one for one in tags(page) if one.attributes.get("name") == "csrftoken")
    return str(found.attributes["value"])


def words_of(page: str) -> str:
    """Return a page's text as a reader reads it, without markup."""
    body = re.sub(r"(?s)<(script|style|symbol).*?</\1>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@dataclass(slots=True)
class Element:
    """A start tag."""

    name: str
    attributes: dict[str, str | None]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, dict(attrs)))


def tags(page: str) -> list[Element]:
    """Return a page's elements, as an HTML parser sees them."""
    parser = _Tags()
    parser.feed(page)
    parser.close()
    return parser.found
