"""Hostile strings on the whole road: imported, classified, drafted, approved, delivered and exported."""

import csv
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from language.text import clean
from programme.week import Week
from tests.bad_input.browser import fires
from tests.bad_input.hostile import MARK, OWN, collected, own_lines, quoted_lines, write, x_page
from tests.bad_input.judges import (
    ACTING,
    assert_csv_is_inert,
    assert_page_is_inert,
    assert_xlsx_is_inert,
    read_mail,
    texts_of,
)

Command = Callable[..., Any]
EXITS = (0, 1, 2, 3)


def must(told: Any) -> Any:  # noqa: ANN401  # what a command said
    """Return what a command said, which must have succeeded, and said nothing that a terminal obeys."""
    assert told.exit == 0, told.err
    assert "Traceback" not in told.err
    assert not ACTING.search((told.out + told.err).replace("\n", ""))
    return told


def fill(house: Path, strings: list[str], week: Week) -> list[Path]:
    """Write the strings as posts of a week in both formats."""
    days = [f"{week.monday:%Y-%m-%d}", f"{week.sunday:%Y-%m-%d}"]
    number = week.year * 100 + week.number
    return [
        write(house / f"{week}.x.jsonl", [x_page(number, strings, days[0])]),
        write(house / f"{week}.own.jsonl", own_lines(number, strings, days[1])),
    ]


def walk(kuntakaiku: Command, house: Path, strings: list[str], week: Week) -> list[Path]:
    """Carry strings to delivered mails and return the pages of the issue, each judged."""
    imported = must(kuntakaiku("import", *map(str, fill(house, strings, week)), "--json")).json
    assert imported["rejected"] == 0
    assert imported["inserted"] == 3 * len(strings)
    return issue(kuntakaiku, house, week)


def issue(kuntakaiku: Command, house: Path, week: Week) -> list[Path]:
    """Carry the issue of a week to its mails and return its pages; each page and mail is judged."""
    for verb in ("draft", "show", "preview", "approve", "send"):
        must(kuntakaiku("digest", verb, "--week", str(week)))
    pages = sorted((house / "preview").glob(f"{week}-*.html"))
    assert len(pages) == 6
    for page in pages:
        assert_page_is_inert(page.read_text("utf-8"))
        assert not ACTING.search(page.with_suffix(".txt").read_text("utf-8").replace("\n", ""))
    mails = [read_mail(path) for path in sorted((house / "mail").glob(f"{week}-*.eml"))]
    assert [str(mail["To"]) for mail in mails] == ["editor@example.org", "reader@example.org"]
    for mail in mails:
        page, plain = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("html", "plain"))
        assert_page_is_inert(page)
        assert not ACTING.search(plain.replace("\n", ""))
    return pages


def export_everything(kuntakaiku: Command, house: Path, posts: int) -> None:
    """Export in each format and judge each; what goes out as JSONL comes in and goes out as the same bytes."""
    out = {name: house / f"out.{name}" for name in ("csv", "csv-fi", "xlsx", "jsonl", "parquet", "ids")}
    for name, path in out.items():
        assert must(kuntakaiku("export", "--out", str(path), "--format", name, "--json")).json["posts"] == posts
    assert assert_csv_is_inert(out["csv-fi"], ";") == posts
    assert assert_xlsx_is_inert(out["xlsx"]) == posts
    assert len(out["ids"].read_text("utf-8").splitlines()) == posts
    texts = texts_of(out["jsonl"])
    with out["csv"].open(encoding="utf-8", newline="") as file:
        assert {(row["network"], row["native_id"]): row["text"] for row in csv.DictReader(file)} == texts
    parquet = pytest.importorskip("pyarrow.parquet").read_table(out["parquet"]).to_pylist()
    assert {(row["network"], row["native_id"]): row["text"] for row in parquet} == texts
    other = ("--data", str(house / "other"))
    must(kuntakaiku("import", str(out["jsonl"]), *other))
    again = house / "again.jsonl"
    must(kuntakaiku("export", "--out", str(again), "--format", "jsonl", *other))
    assert again.read_bytes() == out["jsonl"].read_bytes()


@pytest.mark.fault("F13", how="hostile strings on the whole road")
def test_our_own_hostile_strings_harm_nothing_on_the_whole_road(
    kuntakaiku: Command, house: Path, configured: Path
) -> None:
    """Wherever they stand in a post, they are stored as they came, shown, and act nowhere."""
    assert configured.is_dir()
    pages = walk(kuntakaiku, house, list(OWN), Week(year=2026, number=47))
    assert any(MARK in page.read_text("utf-8") for page in pages)
    export_everything(kuntakaiku, house, 3 * len(OWN))
    texts = set(texts_of(house / "out.jsonl").values())
    assert {f"puisto ja nurmikko {MARK} {clean(string)}" for string in OWN} <= texts
    for verb in (("stats",), ("queue", "--n", "60"), ("trends",), ("coverage",), ("doctor",), ("db", "verify")):
        for more in ((), ("--json",)):
            told = kuntakaiku(*verb, *more)
            assert told.exit in EXITS
            assert not ACTING.search((told.out + told.err).replace("\n", ""))
    labels = house / "labels.jsonl"
    assert must(kuntakaiku("labels", "export", str(labels), "--json")).json["labels"] == len(OWN)
    assert must(kuntakaiku("labels", "import", str(labels), "--json")).json["inserted"] == 0


@pytest.mark.everything
def test_texts_are_classified_line_by_line_whatever_they_are(
    kuntakaiku: Command, house: Path, configured: Path
) -> None:
    """`classify-text` answers each hostile line with one line of JSON under its id, inert in a terminal."""
    assert configured.is_dir()
    path = write(house / "texts.jsonl", [{"id": string, "text": string, "lang": string} for string in OWN])
    told = kuntakaiku("classify-text", str(path))
    assert told.exit == 0
    lines = told.out.split("\n")[:-1]
    assert len(lines) == len(OWN)
    assert not ACTING.search("".join(lines))


@pytest.mark.everything
def test_every_collected_string_is_stored_and_exported(
    kuntakaiku: Command, house: Path, configured: Path, test_data: Path
) -> None:
    """All naughty strings, scripts, sanitiser's cases and formulas, as texts, names, handles, hashtags and links."""
    assert configured.is_dir()
    strings = collected(test_data)
    walk(kuntakaiku, house, strings[::27], Week(year=2026, number=47))  # an issue that counts them all takes minutes
    imported = must(kuntakaiku("import", *map(str, fill(house, strings, Week(year=2026, number=46))), "--json")).json
    assert (imported["inserted"], imported["rejected"]) == (3 * len(strings), 0)
    must(kuntakaiku("classify"))
    export_everything(kuntakaiku, house, 3 * len(strings) + 3 * len(strings[::27]))
    assert set(texts_of(house / "out.jsonl").values()) >= {f"lekplats i parken {MARK} {clean(s)}" for s in strings}


@pytest.mark.everything
def test_quoted_strings_run_in_no_browser(kuntakaiku: Command, house: Path, configured: Path, test_data: Path) -> None:
    """Issues that quote dozens of the strings have the templates' tags alone, and nothing of theirs runs."""
    themes, weeks = 10, [Week(year=2026, number=47).plus(-n) for n in range(6)]
    with (configured / "programme.toml").open("a", encoding="utf-8") as programme:
        for n in range(themes):
            name, words = f"fi = 'Teema {n}', sv = 'Tema {n}', en = 'Theme {n}'", f"fi = ['teemasana{n}']"
            programme.write(f"[[theme]]\nslug = 't{n}'\nname = {{ {name} }}\nseed_words = {{ {words} }}\n")
    lines = quoted_lines(collected(test_data)[::25], [f"{week.monday:%Y-%m-%d}" for week in weeks], themes)
    must(kuntakaiku("import", str(write(house / "quoted.jsonl", lines))))
    pages = [page for week in weeks for page in issue(kuntakaiku, house, week)]
    shown = "".join(page.read_text("utf-8") for page in pages if page.stem.endswith("fi-editor"))
    assert shown.count(MARK) > 30
    assert not fires(house, shown)


@pytest.mark.everything
def test_the_trap_for_scripts_shuts(house: Path) -> None:
    """Markup that is not escaped is caught by the browser's trap, and escaped markup is not."""
    assert fires(house, "<p><img src=x onerror=alert(1)>")
    assert not fires(house, html.escape("<p><img src=x onerror=alert(1)>"))
