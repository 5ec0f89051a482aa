"""The command line as its user meets it."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runtime.cli import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one command said."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The one JSON value on standard output."""
        return json.loads(self.out)


Command = Callable[..., Told]

FORMS = {
    "fi": {"puistot": "puisto", "puistossa": "puisto", "bussit": "bussi", "pysäkille": "pysäkki"},
    "sv": {"parken": "park", "lekplatsen": "lekplats", "bussar": "buss"},
    "en": {"parks": "park", "buses": "bus"},
}


@pytest.fixture(scope="session")
def dictionaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dictionaries of the three languages with a few words each: building the whole ones takes 20 CPU seconds."""
    from marisa_trie import BytesTrie
    from simplemma import __version__

    directory = tmp_path_factory.mktemp("dictionaries")
    folder = directory / "lemmas" / f"simplemma-{__version__}"
    folder.mkdir(parents=True)
    for language, forms in FORMS.items():
        BytesTrie((form, lemma.encode()) for form, lemma in forms.items()).save(str(folder / f"{language}.dic"))
    return directory


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where sentence vectors are kept for all tests and workers: those of a cold start take ten CPU seconds."""
    base = tmp_path_factory.getbasetemp()
    directory = (base if worker_id == "master" else base.parent) / "vectors"
    directory.mkdir(exist_ok=True)
    return directory


@pytest.fixture
def house(tmp_path: Path, dictionaries: Path, vectors: Path) -> Path:
    """A data directory; a configuration may be written to ``config`` in it."""
    (tmp_path / "lemmas").symlink_to(dictionaries)
    (tmp_path / "vectors").symlink_to(vectors)
    return tmp_path


@pytest.fixture
def kuntakaiku(house: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in its own data directory, with the house's configuration where there is one."""
    for name in ("CONFIG", "DATABASE", "DATA", "NOW"):
        monkeypatch.delenv(f"KUNTAKAIKU_{name}", raising=False)
    monkeypatch.chdir(house)

    def call(*arguments: str, now: str = "2026-11-23T06:00:00Z") -> Told:
        capfd.readouterr()
        code = run(["--data", str(house), "--now", now, *arguments])
        out, err = capfd.readouterr()
        return Told(exit=code, out=out, err=err)

    return call


PROGRAMME = """
[programme]
slug = "small"
name = { fi = "Pieni ohjelma", sv = "Litet program", en = "Small programme" }
languages = ["fi", "sv", "en"]
time_zone = "Europe/Helsinki"
hashtags = ["pieniohjelma"]

[[theme]]
slug = "parks"
name = { fi = "Puistot", sv = "Parker", en = "Parks" }
description = { fi = "Puistot, nurmikot ja leikkipaikat.", sv = "Parker och lekplatser.", en = "Parks and lawns." }
seed_words = { fi = ["puisto", "nurmikko", "leikkipaikka"], sv = ["park", "lekplats"], en = ["park", "lawn"] }

[[theme]]
slug = "buses"
name = { fi = "Bussit", sv = "Bussar", en = "Buses" }
description = { fi = "Bussit, pysäkit ja aikataulut.", sv = "Bussar och hållplatser.", en = "Buses and stops." }
seed_words = { fi = ["bussi", "pysäkki", "aikataulu"], sv = ["buss", "hållplats"], en = ["bus", "timetable"] }
"""
PRIVACY = """
login = "none"
[privacy]
controller = "Esimerkkikunta"
contact = "a@example.org"
dpo = "b@example.org"
legal_basis = "6.1 e"
special_categories_basis = "9.2 j"
retention_months = 24
recipients = "-"
transfers = "-"
thresholds = "3"
"""
RECIPIENTS = """
[[recipient]]
address = "editor@example.org"
language = "fi"
role = "editor"

[[recipient]]
address = "reader@example.org"
language = "sv"
role = "reader"
"""


@pytest.fixture
def server() -> Iterator[str]:
    """Address of an empty schema of a PostgreSQL server."""
    address = os.environ.get("TEST_DATABASE_URL")
    if not address:
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL server")
    import psycopg

    plain = address.replace("postgresql+psycopg://", "postgresql://")
    schema = f"house{os.getpid()}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"{plain}{'&' if '?' in plain else '?'}options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture
def configured(house: Path) -> Path:
    """A configuration of a small programme with two themes and two recipients, ready to run."""
    config = house / "config"
    config.mkdir()
    for name, text in (("programme", PROGRAMME), ("site", PRIVACY), ("recipients", RECIPIENTS)):
        (config / f"{name}.toml").write_text(text, encoding="utf-8")
    (config / "recipients.toml").chmod(0o600)
    return config


def corpus_line(number: int, text: str, created_at: str, **more: object) -> str:
    """Return one invented post as a line of our own JSONL."""
    return json.dumps(
        {
            "network": "mastodon",
            "native_id": str(number),
            "url": f"https://mastodon.example/@kirjoittaja{number}/{number}",
            "author": {"native_id": f"a{number}", "handle": f"kirjoittaja{number}", "name": f"Kirjoittaja {number}"},
            "text": text,
            "created_at": created_at,
            **more,
        },
        ensure_ascii=False,
    )


TEXTS = (
    "Puisto on vihreä ja nurmikko juuri leikattu",
    "Bussi tuli taas myöhässä pysäkille",
    "Lekplatsen i parken är äntligen ny",
    "Kaunis ilma tänään, kiitos kaikille",
    "Uusi leikkipaikka avattiin kirjaston viereen",
    "Aikataulu muuttuu ensi maanantaina, sanoi valtuusto",
    "Bussen från hållplatsen vid skolan gick tio minuter för tidigt",
    "Kuka vastaa penkeistä, jotka katosivat puistosta syksyllä?",
    "The timetable of the last bus home is a riddle",
    "Valtuuston kokous kesti viisi tuntia",
    "Vi planterade äppelträd i stadsparken med grannarna",
    "Pysäkin katos rikottiin viikonloppuna",
)


@pytest.fixture
def archive(house: Path) -> Path:
    """Three weeks of invented posts, twelve a week, in our own JSONL."""
    lines = [
        corpus_line(week * 100 + n, TEXTS[(week + n) % 12], f"2026-11-{2 + 7 * week + n % 7:02}T10:{n:02}:00Z")
        for week in range(3)
        for n in range(12)
    ]
    path = house / "archive.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


FIRST_DAYS = ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09")
STORIES = (
    "Tuulivoimala jakaa kylän mielipiteet kahtia",
    "Kuka hyötyy, kun tuulivoimala rakennetaan rantaan?",
    "Illalla puhuttiin siitä, miten tuulivoimala näkyy mökille",
    "Naapurin mielestä tuulivoimala on ihan kaunis",
    "Lupaa hakeva tuulivoimala sai satoja muistutuksia",
    "Lapset piirsivät koulussa: tuulivoimala ja lintuja",
    "Valitus kaatui, joten tuulivoimala saa nousta",
)


@pytest.fixture
def talk(kuntakaiku: Command, configured: Path, house: Path) -> None:
    """Six quiet weeks and one in which seven people write of a wind turbine; invented."""
    del configured
    quiet = [
        corpus_line(week * 100 + n, TEXTS[(week + n) % 12], f"{day}T10:{n:02}:00Z")
        for week, day in enumerate((*FIRST_DAYS, "2026-11-16"))
        for n in range(12)
    ]
    risen = [corpus_line(5000 + n, text, f"2026-11-18T11:{n:02}:00Z") for n, text in enumerate(STORIES)]
    (house / "talk.jsonl").write_text("\n".join([*quiet, *risen]) + "\n", encoding="utf-8")
    assert kuntakaiku("import", str(house / "talk.jsonl")).exit == 0
    assert kuntakaiku("digest", "draft", "--week", "2026-W47").exit == 0
