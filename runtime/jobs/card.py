"""The card of the classifier in use: facts from the model and the corpus, and pages beside the model."""

from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.week import Week
from runtime.jobs.audit import estimate
from runtime.jobs.classify import model_in_use
from runtime.jobs.drift import mix_of

if TYPE_CHECKING:
    from classifier.card import CardFacts
    from corpus.export.pages import Block
    from runtime.wiring import Program


def card_facts(program: "Program") -> "CardFacts":
    """Return what the card of the classifier in use tells, with the last four whole weeks of the corpus."""
    from classifier.card import CardFacts

    last = Week.of(program.clock(), program.configuration.programme.zone).plus(-1)
    mix = mix_of(program)
    return CardFacts(
        version=program.classifier.version,
        manifest=program.classifier.model.manifest,
        accuracy=estimate(program, last).as_json(),
        languages=mix.languages,
        abstained=mix.abstained,
        posts=mix.posts,
    )


def card_of(program: "Program", facts: "CardFacts", language: str) -> "tuple[str, list[Block]]":
    """Return title and blocks of a card.

    Raises:
        MisuseError: there are no words in that language.
    """
    from classifier.card import card
    from digest.speech import Speaker

    if language not in program.messages.languages:
        known = ", ".join(program.messages.languages)
        raise MisuseError(f"There is no catalogue of {language!r}.", f"Choose one of {known}.")
    programme = program.configuration.programme
    speak = Speaker(program.messages, language, programme.time_zone)
    return card(facts, programme, program.messages, language, name_of=speak.language_name)


def write_cards(program: "Program") -> list[Path]:
    """Write the card of the model in use beside it, in each reading language, as HTML and as Markdown."""
    from corpus.export.pages import html, markdown

    directory = model_in_use(program.models)
    if directory is None:
        return []
    facts, written = card_facts(program), []
    for language in program.configuration.programme.languages:
        if language not in program.messages.languages:
            continue
        title, blocks = card_of(program, facts, language)
        for ending, page in (("html", html(blocks, language=language, title=title)), ("md", markdown(blocks))):
            path = directory / f"card.{language}.{ending}"
            path.write_text(page, encoding="utf-8")
            written.append(path)
    return written
