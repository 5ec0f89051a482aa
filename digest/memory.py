"""What the digest remembers: the topics and words that coordinators follow, and what became of earlier topics."""

from collections.abc import Iterator

from digest.blocks import Block, Heading, Paragraph, Run, Sentence
from digest.lead import FEWEST_PEOPLE
from digest.matters import Followed, Record
from digest.scene import Scene
from digest.speech import Speaker


def followed(scene: Scene) -> tuple[Block, ...]:
    """Return what is followed, each with its writers beside its usual week; what moves comes first."""
    told = scene.issue.followed or ()
    if not told:
        return ()
    speak = scene.speak
    moved = sorted(told, key=lambda one: one.change not in ("more", "fewer"))
    shown = moved[: scene.limits.names]
    blocks: list[Block] = [Heading(text=speak.say("digest.followed.heading"), level=2)]
    blocks += [Paragraph(text=_line(scene, one), after=8) for one in shown]
    rest = len(told) - len(shown)
    if rest:
        blocks.append(Paragraph(text=speak.say("digest.and_more", n=speak.number(rest)), tone="small"))
    return tuple(blocks)


def _line(scene: Scene, one: Followed) -> Sentence:
    return line_told(scene.speak, scene.label(one), one)


def line_told(speak: Speaker, label: Run, one: Followed) -> Sentence:
    """Return what is told of something that is followed: writers, their usual number, and whether it moved."""
    size = speak.text("digest.followed.few")
    if one.writers == 0:
        size = speak.text("digest.followed.nobody")
    elif one.writers >= FEWEST_PEOPLE:
        size = speak.text("digest.topics.writers", count=one.writers, n=speak.number(one.writers))
    if one.low is None or one.high is None:
        return speak.say("digest.followed.alone", topic=label, size=size)
    usual = speak.span(one.low, one.high)
    said = speak.say("digest.followed.line", topic=label, size=size, usual=usual)
    if one.change not in ("more", "fewer"):
        return said
    return (*said, Run(text=" "), Run(text=speak.text(f"digest.followed.{one.change}"), strong=True))


def track_record(scene: Scene) -> Iterator[Paragraph]:
    """Yield what became of the topics that earlier issues raised; nothing where none was raised."""
    said = record_told(scene.speak, scene.issue.record)
    if said:
        yield Paragraph(text=(Run(text=said),), tone="small", after=0)


def record_told(speak: Speaker, record: Record | None) -> str:
    """Return in one sentence what became of the topics that earlier issues raised; nothing where none was."""
    if record is None or record.since is None:
        return ""
    fates = {"lived": record.lived, "ended": record.ended, "dismissed": record.dismissed, "young": record.young}
    parts = [
        speak.text(f"digest.record.{fate}", count=count, n=speak.number(count))
        for fate, count in fates.items()
        if count
    ]
    return speak.text(
        "digest.record.of",
        count=record.raised,
        n=speak.number(record.raised),
        since=speak.date_of(record.since.monday),
        parts=speak.listed(parts),
    )
