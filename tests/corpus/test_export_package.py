"""The research package as another researcher opens, checks and cites it."""

import csv
import hashlib
import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.changes import Bury
from corpus.export import Exported, Occasion, export
from corpus.export.content import Publication
from corpus.export.pages import Grid, Heading, Paragraph, html, markdown
from corpus.exports import LimitReachedError
from corpus.judgements import ModelRecord
from corpus.post import Label, Post, Prediction
from corpus.posts import Applied
from corpus.store import Corpus
from programme.guidelines import guidelines_or_raise
from programme.load import shipped_directory
from programme.messages import Messages
from programme.types import Configuration, ExportSettings

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
KEY = b"a long secret of a test"
COVERAGE = {
    "from": "2026-11-16T00:00:00Z",
    "to": "2026-11-23T00:00:00Z",
    "sources": [
        {
            "source": "masto",
            "hours_covered": 160,
            "hours_missing": 8,
            "quota_hits": 1,
            "estimated_missed": 3,
            "gaps": [{"from": "2026-11-17T00:00:00Z", "to": "2026-11-17T08:00:00Z", "state": "failed"}],
        }
    ],
}
REPORT = {
    "measured_on": "60 labelled examples, out of fold",
    "n": 60,
    "macro_f1": 0.5,
    "per_theme": {"operating-models": {"n": 20, "precision": 0.6, "recall": 0.4, "f1": 0.48}},
}


@pytest.fixture
def publication(configuration: Configuration) -> Publication:
    """What the shipped programme tells of itself."""
    model = ModelRecord(version="cold-1", trained_at=AT, data_hash="", theme_hash="", report=REPORT)
    return Publication(
        programme=configuration.programme,
        messages=Messages.load(shipped_directory()),
        settings=ExportSettings(publisher="Koivurannan kunta"),
        controller="",
        contact="tietosuoja@kunta.example",
        address="https://kaiku.kunta.example",
        version="1.2.3",
        models={"cold-1": model},
        coverage=COVERAGE,
    )


@pytest.fixture
def filled(
    corpus: Corpus,
    make_post: Callable[..., Post],
    store: Callable[..., Applied],
    make_prediction: Callable[..., Prediction],
) -> Corpus:
    """Six posts of Mastodon with predictions and a label, and a tombstone."""
    store(corpus, [*(make_post(n) for n in range(1, 7)), make_post(7, gone="deleted")])
    ids = [stored.post_id for stored in corpus.posts.between(AT - timedelta(days=9), AT)]
    corpus.judgements.save_predictions([(post_id, make_prediction()) for post_id in ids], now=AT)
    corpus.judgements.add_labels([(ids[0], Label(theme="operating-models", by="Kuusi", at=AT, guideline="2"))])
    return corpus


def packed(corpus: Corpus, out: Path, publication: Publication, **options: Any) -> Exported:  # noqa: ANN401 - of export
    """Make a package."""
    given = {"key": KEY, "plan": "kuntakieli", "occasion": Occasion(at=AT, by="test", person="Aino Tutkija")}
    return export(corpus, out=out, format="package", publication=publication, **(given | options))


@pytest.mark.everything
def test_frictionless_and_datacite_accept_it(filled: Corpus, tmp_path: Path, publication: Publication) -> None:
    """A reader of data packages finds no fault, and the metadata fit DataCite's schema, posts and counts alike."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of these libraries' own imports
        from datacite import schema45
        from frictionless import validate

        from corpus.export import codebook

        assert codebook.LANGUAGES == ("fi", "sv", "en")
        packed(filled, tmp_path / "posts", publication)
        zone = publication.programme.zone
        late = Occasion(at=AT + timedelta(days=30), by="test")
        packed(filled, tmp_path / "counts", publication, projection="open", plan="", zone=zone, occasion=late)
        for name in ("posts", "counts"):
            report = validate(str(tmp_path / name / "datapackage.json"))
            assert report.valid, report.flatten(["type", "note"])
            schema45.validator.validate(json.loads((tmp_path / name / "datacite.json").read_text()))
        packed(filled, tmp_path / "posts.zip", publication)
        assert validate(str(tmp_path / "posts.zip"), type="package").valid


def test_the_cited_hash_and_all_sums_are_right(filled: Corpus, tmp_path: Path, publication: Publication) -> None:
    """The printed hash is that of ``data.sha256``, stands in the citation, and every file has its sum."""
    done = packed(filled, tmp_path / "p", publication)
    listed = (tmp_path / "p" / "data.sha256").read_bytes()
    assert done.sha256 == hashlib.sha256(listed).hexdigest()
    citation = (tmp_path / "p" / "CITATION.txt").read_text()
    for told in ("Koivurannan kunta", "(2026)", done.sha256[:12], "https://kaiku.kunta.example", done.sha256):
        assert told in citation
    sums = dict(
        reversed(line.split("  ", 1)) for line in (tmp_path / "p" / "checksums.sha256").read_text().splitlines()
    )
    files = {p.relative_to(tmp_path / "p").as_posix(): p for p in (tmp_path / "p").rglob("*") if p.is_file()}
    assert sums == {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if name != "checksums.sha256"
    }


def test_the_same_corpus_makes_the_same_bytes(filled: Corpus, tmp_path: Path, publication: Publication) -> None:
    """A day later a package is the same, zipped or not; another plan makes another."""
    later = Occasion(at=AT + timedelta(days=1), by="somebody", person="Aino Tutkija")
    first = packed(filled, tmp_path / "a.zip", publication)
    second = packed(filled, tmp_path / "b.zip", publication, occasion=later)
    plain = packed(filled, tmp_path / "c", publication)
    other = packed(filled, tmp_path / "d.zip", publication, plan="toinen")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert first.sha256 == second.sha256 == plain.sha256 != other.sha256
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "c" / name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_codebook_tells_accuracy_and_guidelines(
    language: str, filled: Corpus, tmp_path: Path, publication: Publication
) -> None:
    """Each figure of the random sample says on what it was measured, and themes what people who label read of them."""
    share = {"value": 0.85, "low": 0.71, "high": 0.93}
    audited = {"n": 20, "precision": 0.9, "recall": 0.8, "f1": share}
    accuracy = {
        "share": share,
        "first": "2026-W44",
        "last": "2026-W47",
        "n": 60,
        "right": 51,
        "labelled_ever": 90,
        "per_theme": {"operating-models": audited, "none": {**audited, "n": 0, "f1": None}},
    }
    guidelines = guidelines_or_raise(shipped_directory(), publication.programme)
    told = replace(publication, accuracy=accuracy, guidelines=guidelines)
    packed(filled, tmp_path / "p", told)
    page = (tmp_path / "p" / f"codebook.{language}.md").read_text("utf-8")
    assert "2026-W44" in page
    assert "60" in page
    assert ("0.71" if language == "en" else "0,71") in page
    assert guidelines.version in page
    assert guidelines.pages["operating-models"][language].inclusion[0][:30] in page
    assert json.loads((tmp_path / "p" / "manifest.json").read_text())["accuracy"]["right"] == 51
    packed(filled, tmp_path / "early", replace(publication, accuracy={"share": None, "labelled_ever": 12}))
    assert "12" in (tmp_path / "early" / f"codebook.{language}.md").read_text("utf-8")


def test_two_plans_share_no_id(filled: Corpus, tmp_path: Path, publication: Publication) -> None:
    """No pseudonym of a writer, post or discussion of one plan stands in another's; no name, no address."""
    columns = ("native_id", "author_id", "reply_to", "discussion", "joined_discussion")
    found = []
    for plan in ("a", "b"):
        packed(filled, tmp_path / plan, publication, plan=plan)
        text = (tmp_path / plan / "data" / "posts.csv").read_text()
        assert not [word for word in ("koivu", "Kuusi", "https:", "14000000000000") if word in text]
        rows = list(csv.DictReader(text.splitlines()))
        assert len(rows) == 6
        assert rows[1]["reply_to"] == rows[0]["native_id"]
        found.append({row[name] for row in rows for name in columns if row[name]})
    assert found[0] & found[1] == set()


def test_texts_can_be_left_out(filled: Corpus, tmp_path: Path, publication: Publication) -> None:
    """Without texts no word of a post is in any file, and the record says so."""
    packed(filled, tmp_path / "p", publication, without_text=True)
    assert not [path for path in (tmp_path / "p").rglob("*") if path.is_file() and b"pysyy auki" in path.read_bytes()]
    assert filled.exports.all()[-1].query == {"without_text": "true"}
    assert json.loads((tmp_path / "p" / "manifest.json").read_text())["query"] == {"without_text": "true"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", ("pseudonymisoitu", "raukesi 2019", "vuodesta 2023", "Koodikirja", "keräys epäonnistui", "0,48")),
        ("sv", ("pseudonymiserat", "föll 2019", "sedan 2023", "Kodbok", "insamlingen misslyckades", "0,48")),
        ("en", ("pseudonymised", "lapsed in 2019", "since 2023", "Codebook", "collection failed", "0.48")),
    ],
)
def test_the_codebook_tells_all_in_three_languages(
    filled: Corpus, tmp_path: Path, publication: Publication, language: str, words: tuple[str, ...]
) -> None:
    """Columns, themes and how theme 3's words changed, F1 and what it was measured on, gaps, terms, plan, citation."""
    from corpus.export.columns import COLUMNS

    done = packed(filled, tmp_path / "p", publication)
    shown = (tmp_path / "p" / f"codebook.{language}.html").read_text()
    plain = (tmp_path / "p" / f"codebook.{language}.md").read_text()
    programme = publication.programme
    for told in (
        *words,
        *(f"<td>{name}</td>" for name, _, _ in COLUMNS),
        *(theme.slug for theme in programme.themes),
        "60 labelled examples, out of fold",
        "Mastodon:",
        "kuntakieli",
        "Aino Tutkija",
        "tulevaisuudenkunta",
        "cold-1",
        done.sha256,
    ):
        assert told in shown, told
    assert f'<html lang="{language}">' in shown
    assert "anonym" not in (shown + plain).lower().replace("pseudonym", "")
    assert done.sha256 in plain
    assert done.sha256 in (tmp_path / "p" / f"README.{language}.md").read_text()


def test_an_interrupted_package_leaves_nothing(
    filled: Corpus, tmp_path: Path, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that dies in the middle leaves neither a directory nor a zip file, nor any part of them."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    for name in ("p", "p.zip"):
        with pytest.raises(KeyboardInterrupt):
            packed(filled, tmp_path / name, publication)
    assert [
        path for path in tmp_path.iterdir() if "p" in path.name and path.suffix != ".db" and "kunta" not in path.name
    ] == []


def test_an_earlier_export_tells_how_much_is_still_there(
    filled: Corpus,
    tmp_path: Path,
    publication: Publication,
    make_post: Callable[..., Post],
    store: Callable[..., Applied],
) -> None:
    """Deleted and edited posts are no more available; telling of it does not change how many there were."""
    done = packed(filled, tmp_path / "p", publication)
    filled.posts.apply([Bury("mastodon", make_post(1).native_id, "deleted", AT)], source="masto", now=AT)
    store(filled, [make_post(2, text="Korjattu", edited_at=AT)], now=AT)
    (found,) = filled.exports.available()
    assert (found.posts, found.still) == (6, 4)
    filled.exports.told(done.export_id, now=AT)
    (found,) = filled.exports.available()
    assert (found.posts, found.still) == (6, 5)


def test_a_person_gets_so_many_posts_of_x_a_day(
    corpus: Corpus, tmp_path: Path, make_post: Callable[..., Post], store: Callable[..., Applied]
) -> None:
    """The one beyond is refused and leaves nothing, in any spelling; ids, others, tomorrow, own copies are not."""
    store(corpus, [make_post(n, network="x") for n in range(1, 5)])

    def hand(person: str, at: datetime = AT, format_: str = "csv", limit: int = 6) -> Exported:
        occasion = Occasion(at=at, by="test", person=person, limits={"x": limit})
        return export(corpus, out=tmp_path / person / "a", format=format_, occasion=occasion)

    hand("Aino Tutkija", limit=4)
    with pytest.raises(LimitReachedError, match=r"at most 6 .*got 4 today.*--format ids"):
        hand(" aino  TUTKIJA")
    assert not (tmp_path / " aino  TUTKIJA" / "a").exists()
    assert len(corpus.exports.all()) == 1
    assert hand("Aino Tutkija", format_="ids").posts == 4
    assert hand("Toinen").posts == 4
    assert hand("Aino Tutkija", at=datetime(2026, 11, 25, tzinfo=UTC)).posts == 4
    assert hand("", limit=0).posts == 4
    assert corpus.exports.handed("Aino Tutkija", "x", AT) == 4


def test_the_limit_holds_when_two_hand_over_at_once(
    corpus: Corpus, tmp_path: Path, make_post: Callable[..., Post], store: Callable[..., Applied]
) -> None:
    """What was handed over while an export was being written is counted before it stands under its name."""
    store(corpus, [make_post(n, network="x") for n in range(1, 5)])
    export(corpus, out=tmp_path / "a", format="csv", occasion=Occasion(at=AT, by="test", person="Aino"))
    made = replace(corpus.exports.all()[0], export_id=0)
    from corpus.held import Held

    with pytest.raises(LimitReachedError):
        corpus.exports.record(made, Held(), {"x": 7})
    assert corpus.exports.record(made, Held(), {"x": 8}).export_id == 2


def test_pages_take_no_text_for_markup() -> None:
    """What a configuration says stays text in both forms."""
    blocks = [Heading(level=1, text="<b>"), Paragraph(text="a|b *c* [d](e)"), Grid(head=("x",), rows=(("a_b|<i>",),))]
    assert "<b>" not in html(blocks, language="fi", title="<t>")
    assert "&lt;i&gt;" in html(blocks, language="fi", title="t")
    assert markdown(blocks) == "# \\<b\\>\n\na\\|b \\*c\\* \\[d\\](e)\n\n| x |\n| --- |\n| a_b\\|\\<i\\> |\n"


def test_classifier_that_nobody_measured_has_no_figures(
    filled: Corpus, tmp_path: Path, publication: Publication
) -> None:
    """Of a version that was never measured here the manifest names none of its figures, and invents none."""
    packed(filled, tmp_path / "p", replace(publication, models={}))
    (told,) = json.loads((tmp_path / "p" / "manifest.json").read_text())["classifiers"]
    assert (told["version"], told["measured_on"], told["per_theme"]) == ("cold-1", None, {})
