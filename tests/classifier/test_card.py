"""The model card tells what is known, on what it was measured, and what is not known, in words of its readers."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from classifier.card import CardFacts, card
from classifier.train import Fitted
from corpus.export.pages import html, markdown
from programme.load import shipped_directory
from programme.messages import Messages
from programme.types import Programme

ACCURACY = {
    "share": {"value": 0.85, "low": 0.71, "high": 0.93},
    "first": "2026-W44",
    "last": "2026-W47",
    "n": 60,
    "right": 51,
    "labelled_ever": 90,
    "per_theme": {
        "schools": {"n": 20, "precision": 0.9, "recall": 0.8, "f1": {"value": 0.84, "low": 0.7, "high": 0.95}},
        "none": {"n": 0, "precision": None, "recall": None, "f1": None},
    },
}


@pytest.fixture(scope="module")
def messages() -> Messages:
    """The shipped words."""
    return Messages.load(shipped_directory(), shipped_directory())


@pytest.fixture(scope="module")
def facts(fitted: Fitted) -> CardFacts:
    """What a trained classifier's card tells."""
    assert fitted.report is not None
    manifest = {**fitted.model.manifest, "report": fitted.report.as_json(), "trained_at": "2026-11-19T03:00:00+00:00"}
    return CardFacts(
        version=fitted.model.version,
        manifest=manifest,
        accuracy=ACCURACY,
        languages={"fi": 0.75, "et": 0.25},
        abstained=0.125,
        posts=80,
    )


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_card_is_whole_in_each_language(
    language: str, facts: CardFacts, small: Programme, messages: Messages
) -> None:
    """Every part stands there, and the page is sound, loads nothing and has its charts."""
    title, blocks = card(facts, small, messages, language)
    page = html(blocks, language=language, title=title)
    body = ET.fromstring(re.sub("<!doctype html>|<meta[^>]*>", "", page))  # noqa: S314 - a page of our own
    assert len(list(body.iter("svg"))) == 2
    assert len(list(body.iter("h2"))) == 8
    assert "http" not in page
    assert "85 %" in page
    assert "60" in page
    assert "2026-W44" in page
    for part in ("learnt", "audit", "measured", "calibration", "coverage", "confusion", "drift", "unknown"):
        assert messages.translate(f"card.heading.{part}", language) in page
    assert "svg" not in markdown(blocks)
    assert "| 20 |" in markdown(blocks)


def test_languages_are_called_by_name(facts: CardFacts, small: Programme, messages: Messages) -> None:
    """Where names are known they stand in the place of codes, also of languages that are not the programme's."""
    names = {"fi": "Finnish", "et": "Estonian"}
    page = markdown(card(facts, small, messages, "en", name_of=names.__getitem__)[1])
    assert "| Estonian |" in page
    assert "| et |" not in page
    assert "| fi |" not in page


def test_each_figure_tells_on_what_it_was_measured(facts: CardFacts, small: Programme, messages: Messages) -> None:
    """The random sample and the posts of the training are told apart, and the second is called no random sample."""
    _, blocks = card(facts, small, messages, "en")
    page = markdown(blocks)
    assert "drawn at random" in page
    assert "no random sample" in page


def test_before_fifty_random_labels_no_accuracy(facts: CardFacts, small: Programme, messages: Messages) -> None:
    """Without enough random labels the card says how many there are, and no share."""
    early = replace(facts, accuracy={"share": None, "labelled_ever": 12})
    page = markdown(card(early, small, messages, "en")[1])
    assert "12 posts have been checked" in page
    assert "85 %" not in page


def test_a_cold_start_has_a_card(small: Programme, messages: Messages) -> None:
    """Before any label or post the card says what is known, which is little, and what is not."""
    cold = CardFacts(version="cold-1", manifest={}, accuracy={"share": None, "labelled_ever": 0})
    title, blocks = card(cold, small, messages, "fi")
    page = html(blocks, language="fi", title=title)
    assert "cold-1" in page
    assert "alustavia" in page
    assert "<svg" not in page
    assert messages.translate("card.no_drift", "fi") in page
    assert "guesses" not in cold.as_json()["manifest"]
