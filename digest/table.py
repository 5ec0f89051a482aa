"""What changed: every line of the table, even at zero, and the facts under it."""

from digest.blocks import Heading, Paragraph, Run, Sentence, Table, TableRow
from digest.inert import shorten
from digest.issue import Corrections, Row
from digest.lead import FEWEST_PEOPLE, is_loud
from digest.matters import NamedCount
from digest.scene import Scene


def changes(scene: Scene) -> tuple[Heading | Paragraph | Table, ...]:
    """Return the table of themes of a normal week with what belongs to it."""
    issue, speak = scene.issue, scene.speak
    weeks = len(issue.total.series)
    caption = speak.text("digest.table.caption", first=issue.week.plus(1 - weeks).number, last=issue.week.number)
    head = Heading(text=speak.say("digest.table.heading"), level=2)
    table = Table(
        columns=(
            speak.text("digest.table.theme"),
            _week(scene, 0),
            _week(scene, -1),
            speak.text("digest.table.weeks", n=speak.number(weeks)),
        ),
        rows=(*_lines(scene, charts=True), _copies(scene, compared=True)),
        caption=caption,
        charts=True,
    )
    return (head, table, *_recounted(scene), *facts(scene))


def small_table(scene: Scene) -> tuple[Heading | Table, ...]:
    """Return the table of a quiet week, or of one that is compared with no other."""
    speak, compared = scene.speak, scene.issue.coverage.is_comparable
    columns = (speak.text("digest.table.theme"), _week(scene, 0), *([_week(scene, -1)] if compared else []))
    rows = _lines(scene, charts=False)
    if scene.issue.copies.extra:
        rows = (*rows, _copies(scene, compared=compared))
    key = "digest.table.small_heading" if compared else "digest.table.incomplete_heading"
    return (Heading(text=speak.say(key), level=2), Table(columns=columns, rows=rows))


def _week(scene: Scene, offset: int) -> str:
    return scene.speak.text("digest.table.week", week=scene.issue.week.plus(offset).number)


def _lines(scene: Scene, *, charts: bool) -> tuple[TableRow, ...]:
    issue = scene.issue
    shown = issue.themes[: scene.limits.rows]
    lines = [_line(scene, row, f"theme-{number}", charts=charts) for number, row in enumerate(shown, 1)]
    if len(issue.themes) > len(shown):
        rest = issue.themes[len(shown) :]
        now = sum(row.now for row in rest)
        # The line of those left out keeps the sum of the lines equal to the total.
        lines.append(
            TableRow(head=scene.more(len(rest)), cells=_cells(scene, now, sum(row.before or 0 for row in rest)))
        )
    others = [(issue.none, "none"), (issue.unclear, "unclear"), (issue.total, "total")]
    return (*lines, *(_line(scene, row, name, charts=charts) for row, name in others))


def _line(scene: Scene, row: Row, name: str, *, charts: bool) -> TableRow:
    return TableRow(
        head=(scene.head(row),),
        note=_note(scene, row),
        cells=_cells(scene, row.now, row.before),
        chart=scene.draw(name, row.series) if charts else None,
        weight="total" if row.slug == "total" else "other" if row.slug in ("none", "unsure") else "theme",
    )


def _note(scene: Scene, row: Row) -> Sentence:
    """Return the theme's gloss, or how much of the line one account wrote; the total's is in the summary."""
    if row.slug != "total" and is_loud(scene, row):
        return scene.speak.say("digest.row.loud", n=scene.speak.number(row.loudest))
    return (scene.speak.name(row.gloss),) if row.gloss else ()


def _cells(scene: Scene, now: int, before: int | None) -> tuple[str, ...]:
    speak = scene.speak
    if not scene.issue.coverage.is_comparable:
        return (speak.number(now),)
    return (speak.number(now), "–" if before is None else speak.number(before))


def _copies(scene: Scene, *, compared: bool) -> TableRow:
    copies, speak = scene.issue.copies, scene.speak
    note: Sentence = ()
    if copies.texts and copies.accounts >= FEWEST_PEOPLE:
        note = speak.say(
            "digest.copies.note", count=copies.texts, texts=speak.number(copies.texts), n=speak.number(copies.accounts)
        )
    cells = (speak.number(copies.extra), "–" if copies.extra_before is None else speak.number(copies.extra_before))
    head = speak.say("digest.copies.row")
    return TableRow(head=head, note=note, cells=cells if compared else cells[:1], weight="aside")


def _recounted(scene: Scene) -> tuple[Paragraph, ...]:
    found, speak = scene.issue.corrections, scene.speak
    if found is None:
        return ()
    week = found.week.number
    if not found.differences:
        return (Paragraph(text=speak.say("digest.recount.same", week=week), tone="small", after=20),)
    said = speak.say(
        "digest.recount.differs",
        week=week,
        n=speak.number(found.differences),
        labels=speak.number(found.labels),
        model=speak.number(found.model),
        late=speak.number(found.late),
        deletions=speak.number(found.deletions),
    )
    return (Paragraph(text=said, tone="small", after=20),)


def facts(scene: Scene) -> tuple[Paragraph, ...]:
    """Return a line each on projects, phenomena, places, languages and how the posts were found."""
    issue, speak = scene.issue, scene.speak
    spoken = [(Run(text=speak.language_name(code)), n) for code, n in issue.languages.items()]
    found = [(Run(text=speak.text(f"digest.found.{way}")), n) for way, n in issue.found_by.items()]
    lines = [
        ("projects", _named(scene, issue.projects)),
        ("phenomena", _named(scene, issue.phenomena)),
        ("places", _named(scene, issue.places or ())),
        ("languages", _counted(scene, spoken)),
        ("found", _counted(scene, found)),
    ]
    return tuple(
        Paragraph(text=(Run(text=speak.text(f"digest.facts.{key}"), strong=True), Run(text=" "), *said), after=8)
        for key, said in lines
        if said
    )


def _named(scene: Scene, counts: tuple[NamedCount, ...]) -> Sentence:
    mentioned = [(scene.speak.name(one.name), one.posts) for one in counts if one.posts]
    if counts and not mentioned:
        return scene.speak.say("digest.facts.nothing")
    return _counted(scene, mentioned)


def _counted(scene: Scene, counts: list[tuple[Run, int]]) -> Sentence:
    said: list[Run] = []
    for name, n in counts[: scene.limits.names]:
        said += [Run(text=", ")] if said else []
        said += [
            Run(text=shorten(name.text, 80), language=name.language),
            Run(text=f"\u00a0{scene.speak.number(n)}"),
        ]
    if len(counts) > scene.limits.names:
        said.append(Run(text=", …"))
    return tuple(said)


def corrections(scene: Scene) -> tuple[Heading | Paragraph | Table, ...]:
    """Return for editors what last week's numbers became, and why."""
    found, speak = scene.issue.corrections, scene.speak
    if found is None or not found.differences:
        return ()
    causes = {"labels": found.labels, "model": found.model, "late": found.late, "deletions": found.deletions}
    told = [speak.text(f"digest.corrections.{c}", count=n, n=speak.number(n)) for c, n in causes.items() if n]
    lead = speak.text("digest.corrections.lead", causes=" ".join(told), week=found.week.number)
    head = Heading(text=speak.say("digest.corrections.heading"), level=2)
    table = _beside(scene, found)
    return (head, Paragraph(text=(Run(text=lead),), after=22 if table else 0), *table)


def corrected(scene: Scene) -> tuple[Heading | Paragraph | Table, ...]:
    """Return, in a correction, how the week's numbers differ from those that were mailed, and why."""
    found, speak = scene.issue.corrected, scene.speak
    if found is None or not found.differences:
        return ()
    said = speak.say(
        "digest.corrected.lead",
        count=found.differences,
        n=speak.number(found.differences),
        labels=speak.number(found.labels),
        model=speak.number(found.model),
        late=speak.number(found.late),
        deletions=speak.number(found.deletions),
    )
    head = Heading(text=speak.say("digest.corrected.heading"), level=2)
    table = _beside(scene, found)
    return (head, Paragraph(text=said, after=22 if table else 0), *table)


def _beside(scene: Scene, found: Corrections) -> tuple[Table, ...]:
    """Return the numbers of now beside the printed ones, of the lines that differ."""
    speak = scene.speak
    names = {row.slug: scene.head(row) for row in scene.issue.rows}
    rows = tuple(
        TableRow(
            head=(names.get(row.slug, Run(text=row.slug)),),
            cells=(speak.number(row.now), speak.number(row.printed)),
        )
        for row in found.rows
    )
    columns = (
        speak.text("digest.corrections.week", week=found.week.number),
        speak.text("digest.corrections.now"),
        speak.text("digest.corrections.printed"),
    )
    return (Table(columns=columns, rows=rows),) if rows else ()
