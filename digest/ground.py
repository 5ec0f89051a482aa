"""What the numbers rest on: coverage, accuracy, the classifier; what comes next after a failure; the footer."""

from collections.abc import Iterator
from urllib.parse import quote

from digest.blocks import Block, Heading, Paragraph, Run, Sentence, Table, TableRow
from digest.collected import Piece, SourceLine
from digest.lead import outage_of, source_name
from digest.remedy import remedy
from digest.scene import Scene
from digest.slots import PREFERENCES, UNSUBSCRIBE
from digest.speech import Speaker

ENOUGH_LABELLED = 50
"""Posts of random samples that must be labelled before any percentage is told."""
_PIECES = 4
"""Remedies that are told of one source."""


def ground(scene: Scene) -> tuple[Block, ...]:
    """Return what the numbers rest on: two lines for readers; for editors sources and classifier too."""
    speak = scene.speak
    blocks: list[Block] = [
        Heading(text=speak.say("digest.ground.heading"), level=2),
        Paragraph(text=(Run(text=coverage(scene)),), after=20 if scene.is_editors else 10),
    ]
    facts = scene.issue.classifier
    is_cold = facts.version is not None and not facts.trained_on
    learnt = _classifier(scene) if scene.is_editors or is_cold else ""
    trust = Paragraph(
        text=(Run(text=f"{learnt} {accuracy(scene)}".strip()),),
        after=20 if scene.is_editors else 10,
    )
    if not scene.is_editors:
        return (*blocks, trust, *_share(scene))
    head = Heading(text=speak.say("digest.ground.classifier"), level=3)
    return (*blocks, *source_table(scene), head, trust, *_approval(scene), *_share(scene))


def accuracy(scene: Scene) -> str:
    """Return in words how often the classifier was right, and on what that was measured."""
    speak, found = scene.speak, scene.issue.classifier.accuracy
    if found is None or not found.labelled:
        return speak.text("digest.ground.accuracy_unknown")
    if found.labelled < ENOUGH_LABELLED:
        return speak.text(
            "digest.ground.accuracy_provisional",
            count=found.labelled,
            n=speak.number(found.labelled),
            enough=speak.number(ENOUGH_LABELLED),
        )
    if not found.n or found.share is None or found.low is None or found.high is None:
        return speak.text("digest.ground.accuracy_none")
    share, low, high = (round(100 * one) for one in (found.share, found.low, found.high))
    # Weeks count by their posts: where that makes another share than the two numbers do, both are told.
    key = "accuracy" if share == round(100 * found.right / found.n) else "accuracy_weighted"
    said = speak.text(
        f"digest.ground.{key}",
        count=found.n,
        n=speak.number(found.n),
        right=speak.number(found.right),
        share=speak.number(share),
        low=speak.number(low),
        high=speak.number(high),
    )
    if not found.unclear:
        return said
    left = speak.text("digest.ground.accuracy_unclear", count=found.unclear, n=speak.number(found.unclear))
    return f"{said} {left}"


def coverage(scene: Scene) -> str:
    """Return in words what was collected and what is probably missing."""
    reached, speak = scene.issue.coverage, scene.speak
    if reached.state != "gaps":
        return speak.text(f"digest.coverage.{reached.state}")
    down = [outage_of(scene, line) for line in reached.sources if line.hours_covered < line.hours]
    said = speak.text("digest.coverage.gaps", outages=speak.listed(down)) if down else ""
    key = "missing" if reached.missing else "missing_none"
    if not down:
        key = "uncollected"
    return said + speak.text(f"digest.coverage.{key}", count=reached.missing, n=speak.number(reached.missing))


def source_table(scene: Scene) -> Iterator[Block]:
    """Yield the sources with their hours and posts, where there are any."""
    speak, lines = scene.speak, scene.issue.coverage.sources
    if lines:
        columns = tuple(speak.text(f"digest.ground.{key}") for key in ("source", "hours", "posts"))
        yield Table(columns=columns, rows=tuple(_source(scene, line) for line in lines))


def _source(scene: Scene, line: SourceLine) -> TableRow:
    speak = scene.speak
    notes = []
    if line.hours_covered < line.hours:
        notes.append(outage_of(scene, line, named=False))
    if line.missing:
        said = speak.text("digest.ground.missing", count=line.missing, n=speak.number(line.missing))
        basis = speak.text(f"digest.ground.by_{line.missing_by}") if line.missing_by else ""
        notes.append(f"{said} ({basis})" if basis else said)
    if line.quota_hits:
        notes.append(speak.text("digest.ground.quota", count=line.quota_hits, n=speak.number(line.quota_hits)))
    notes += [said for piece in line.pieces[:_PIECES] if (said := _remedy(scene, piece, alone=len(line.pieces) == 1))]
    hours = f"{speak.number(line.hours_covered)}/{speak.number(line.hours)}" if line.hours else "–"
    return TableRow(
        head=(Run(text=source_name(scene, line)),),
        cells=(hours, speak.number(line.posts)),
        note=(Run(text="; ".join(notes)),) if notes else (),
        attention=True,
    )


def _remedy(scene: Scene, piece: Piece, *, alone: bool) -> str:
    """Return what can be done about hours that were not collected, and about which of them where there are several."""
    said = remedy(scene.speak, piece.way, piece.until, posts=piece.posts, usd=piece.usd, command=piece.command)
    return said if alone else f"{scene.speak.outage(piece.from_at, piece.to_at)}: {said}"


def _classifier(scene: Scene) -> str:
    facts, speak, awaiting = scene.issue.classifier, scene.speak, scene.issue.awaiting
    if facts.version is None:
        said = speak.text("digest.ground.no_classifier")
    elif not facts.trained_on or facts.trained_at is None:
        said = speak.text("digest.ground.cold_start")
    else:
        said = speak.text(
            "digest.ground.trained",
            date=speak.full_date(facts.trained_at),
            count=facts.trained_on,
            n=speak.number(facts.trained_on),
        )
    if awaiting:
        said += " " + speak.text("digest.ground.awaiting", count=awaiting, n=speak.number(awaiting))
    return said


def _approval(scene: Scene) -> Iterator[Paragraph]:
    if scene.review and scene.review.approved_at:
        when = scene.speak.text(
            "format.at", day=scene.speak.day(scene.review.approved_at), time=scene.speak.clock(scene.review.approved_at)
        )
        yield Paragraph(text=scene.speak.say("digest.ground.approved", when=when), tone="small", after=0)


def _share(scene: Scene) -> Iterator[Paragraph]:
    if scene.addresses.issue:
        link = Run(text=scene.speak.text("digest.ground.share"), href=scene.addresses.issue)
        yield Paragraph(text=scene.speak.say("digest.ground.share_line", link=link), after=0)


def what_next(scene: Scene) -> tuple[Block, ...]:
    """Return what happens after a failed collection."""
    key = "digest.failed.next" if scene.issue.coverage.sources else "digest.failed.next_no_sources"
    return (
        Heading(text=scene.speak.say("digest.failed.next_heading"), level=2),
        Paragraph(text=scene.speak.say(key), after=0),
    )


def footer(scene: Scene) -> tuple[Sentence, ...]:
    """Return the invitation to the hashtag, why the mail came, and how to leave."""
    speak, facts = scene.speak, scene.issue.programme
    lines = [_invitation(scene)] if facts.hashtags else []
    addresses = scene.addresses
    if scene.is_archived:
        lines.append(speak.say("digest.footer.archived", programme=speak.name(facts.name)))
        return tuple(lines)
    lines.append(speak.say("digest.footer.why", programme=speak.name(facts.name)))
    reading = [("digest.footer.issue", addresses.issue), ("digest.footer.archive", addresses.archive)]
    lines.append(links_line(speak, reading))
    leaving = [("digest.footer.preferences", PREFERENCES if addresses.preferences else None)]
    lines.append(links_line(speak, [*leaving, ("digest.footer.unsubscribe", UNSUBSCRIBE)]))
    legal = [("digest.footer.privacy", addresses.privacy), ("digest.footer.accessibility", addresses.accessibility)]
    lines.append(links_line(speak, legal))
    return tuple(line for line in lines if line)


def _invitation(scene: Scene) -> Sentence:
    facts = scene.issue.programme
    tag = quote(facts.hashtags[0], safe="")
    places = {
        "x": f"https://x.com/hashtag/{tag}",
        "mastodon": f"{facts.mastodon}/tags/{tag}",
        "bluesky": f"https://bsky.app/hashtag/{tag}",
    }
    links: list[Run] = []
    for network, href in places.items():
        links += [Run(text=" · ")] if links else []
        links.append(Run(text=scene.speak.network(network), href=href))
    return scene.speak.say("digest.footer.invitation", hashtag=f"#{facts.hashtags[0]}", links=tuple(links))


def links_line(speak: Speaker, links: list[tuple[str, str | None]]) -> Sentence:
    """Return links one after another, each with the key of its words; one without an address is left out."""
    runs: list[Run] = []
    for key, href in links:
        if href:
            runs += [Run(text=" · ")] if runs else []
            runs.append(Run(text=speak.text(key), href=href))
    return tuple(runs)
