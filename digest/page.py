"""A page of blocks from an issue: which parts a normal, a quiet and an incomplete week have, in which order."""

from dataclasses import replace

from digest.blocks import Band, Block, Heading, Page, Paragraph, Quote, Rule
from digest.ground import footer, ground, source_table, what_next
from digest.lead import figures, headline, introduction, notices, opening, preview, subject
from digest.memory import followed
from digest.scene import Scene
from digest.table import changes, corrected, corrections, small_table
from digest.talk import doubts, sections, topics, week_posts


def page(scene: Scene) -> Page:
    """Return the page of one language and length."""
    kinds = {"normal": _normal, "quiet": _quiet, "failed": _failed}
    bands = tuple(band for band in kinds[scene.issue.kind](scene) if band.blocks)
    speak, week = scene.speak, scene.issue.week
    return Page(
        language=speak.language,
        subject=subject(scene),
        preview=preview(scene),
        title=speak.name(scene.issue.programme.page).text,
        edition=speak.text("digest.edition", week=week.number, year=week.year, dates=speak.week_dates(week)),
        headline=headline(scene),
        notices=notices(scene),
        bands=bands,
        footer=footer(scene),
        charts=dict(scene.charts),
    )


def _joined(*parts: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return parts with a rule between each two that are not empty."""
    blocks: list[Block] = []
    for part in parts:
        if part:
            *rest, last = part
            # The rule brings its own space.
            close = replace(last, after=0) if isinstance(last, Paragraph | Quote) else last
            blocks += [*([Rule()] if blocks else []), *rest, close]
    return tuple(blocks)


def _normal(scene: Scene) -> tuple[Band, ...]:
    asked = doubts(scene) if scene.is_editors else ()
    changed = corrections(scene) if scene.is_editors else ()
    rest = _joined(changed, ground(scene))
    said = sections(scene)
    return (
        Band(blocks=_joined(introduction(scene), corrected(scene), (figures(scene),), changes(scene))),
        Band(blocks=_joined(topics(scene), followed(scene)), tinted=True),
        # Without a tinted band between them, both stand on one ground.
        Band(blocks=said if asked else _joined(said, rest)),
        Band(blocks=asked, tinted=True),
        Band(blocks=rest if asked else ()),
    )


def _quiet(scene: Scene) -> tuple[Band, ...]:
    changed = corrections(scene) if scene.is_editors else ()
    return (
        Band(
            blocks=_joined(
                introduction(scene),
                corrected(scene),
                opening(scene),
                week_posts(scene),
                small_table(scene),
                followed(scene),
                changed,
                ground(scene),
            )
        ),
    )


def _failed(scene: Scene) -> tuple[Band, ...]:
    speak = scene.speak
    happened = tuple(source_table(scene))
    head = (Heading(text=speak.say("digest.failed.heading"), level=2),) if happened else ()
    table = (*small_table(scene), *followed(scene)) if scene.issue.posts else ()
    blocks = _joined(introduction(scene), corrected(scene), opening(scene), (*head, *happened), table, what_next(scene))
    return (Band(blocks=blocks),)
