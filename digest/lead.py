"""The head of a page: the finding in subject and headline, and the summary that decides whether to read on."""

from dataclasses import replace

from digest.blocks import Block, Figure, Figures, Heading, Paragraph, Run, Sentence, words_of
from digest.collected import SourceLine
from digest.inert import one_line, shorten
from digest.issue import Row
from digest.matters import Topic
from digest.scene import Scene

_WORD_UP_TO = 10
"""Ratios up to this are written as words."""
_LOUD_FROM = 5
"""Posts, and the share of the week's, from which one account's part is told."""
_LOUD_SHARE = 0.1
LONGEST_SUBJECT = 150


def leading_topic(scene: Scene) -> Topic | None:
    """Return the strongest topic on the rise, where the week has one."""
    return next(iter(scene.issue.rising), None)


def leading_theme(scene: Scene) -> Row | None:
    """Return the theme whose change is news: the one furthest above a usual week, else the one furthest below."""
    news = [row for row in scene.issue.themes if row.is_news and ahead(row)]
    return max(news, key=lambda row: (ahead(row) > 0, abs(ahead(row)), row.slug), default=None)


def ahead(row: Row) -> float:
    """Return the posts by which a line is above the mean of the weeks before; 0 where these are unknown."""
    known = [count for count in row.series[:-1] if count is not None]
    return row.now - sum(known) / len(known) if known else 0.0


def is_loud(scene: Scene, row: Row) -> bool:
    """Return whether one account wrote so much of a line that its number must not be read as many people's."""
    return row.loudest >= _LOUD_FROM and row.loudest >= _LOUD_SHARE * scene.issue.posts


def finding(scene: Scene) -> Sentence:
    """Return what the week brought, in one phrase without a percentage: the start of subject and headline."""
    issue, speak = scene.issue, scene.speak
    if issue.kind == "failed":
        return speak.say("digest.finding.failed" if issue.coverage.sources else "digest.finding.not_collected")
    if issue.kind == "quiet":
        imported = issue.coverage.state == "imported"
        key = "imported" if imported else "quiet" if issue.posts else "quiet_zero"
        return speak.say(f"digest.finding.{key}", count=issue.posts, n=speak.number(issue.posts))
    amount = speak.text(f"digest.amount.{issue.level}", count=issue.posts, n=speak.number(issue.posts))
    topic, theme = leading_topic(scene), leading_theme(scene)
    if topic:
        return speak.say(f"digest.finding.topic_{topic.state}", topic=scene.label(topic), amount=amount)
    if theme:
        key = "digest.finding.theme_more" if ahead(theme) > 0 else "digest.finding.theme_fewer"
        return speak.say(key, theme=scene.quoted_theme(theme.slug), amount=amount)
    # Where a topic was left out, nobody may say that none stood out.
    if issue.topic_notes.assessed and not scene.edited.left_out.topics:
        return speak.say("digest.finding.ordinary", amount=amount)
    return speak.say("digest.finding.plain", amount=amount)


def subject(scene: Scene) -> str:
    """Return the subject: one line, whatever the posts hold."""
    prefix = scene.speak.text("digest.demonstration_prefix") if scene.issue.demonstration else ""
    if scene.issue.correction:
        prefix += scene.speak.text("digest.correction_prefix")
    text = scene.speak.text("digest.week", week=scene.issue.week.number, finding=words_of(finding(scene)))
    return one_line(prefix + text)[:LONGEST_SUBJECT]


def headline(scene: Scene) -> Sentence:
    """Return the page's only h1; a number at its end never stands alone on a line."""
    *rest, last = finding(scene)
    words, _, number = last.text.rpartition(" ")
    held = replace(last, text=f"{words}\u00a0{number}") if words and number[:1].isdigit() else last
    first, *others = (*rest, held)
    return (replace(first, text=first.text[:1].upper() + first.text[1:]), *others)


def notices(scene: Scene) -> tuple[Sentence, ...]:
    """Return what a reader must know before anything else."""
    said: list[Sentence] = []
    if scene.issue.correction:
        said.append(scene.speak.say("digest.notice.correction"))
        if scene.issue.explanation:
            said.append((scene.speak.name(scene.issue.explanation),))
    if scene.issue.demonstration:
        said.append(scene.speak.say("digest.notice.demonstration"))
    if scene.review and scene.review.approved_at is None:
        said.append(scene.speak.say("digest.notice.unreviewed"))
    return tuple(said)


def introduction(scene: Scene) -> tuple[Block, ...]:
    """Return the editors' own words, where they wrote any in the reader's language."""
    said = scene.edited.introduction
    if not said:
        return ()
    heading = Heading(text=scene.speak.say("digest.edited.heading"), level=2)
    return (heading, *(Paragraph(text=(Run(text=part),)) for part in said))


def preview(scene: Scene) -> str:
    """Return what a mail program shows beside the subject: what the subject does not say."""
    issue, speak = scene.issue, scene.speak
    if issue.kind != "normal":
        return words_of(opening(scene)[0].text)
    theme = leading_theme(scene)
    said = [_theme_in_full(scene, theme)] if theme else [_who(scene)]
    waiting = issue.unclear.now - issue.awaiting
    if scene.is_editors and issue.doubts:
        said.append(speak.text("digest.doubts.waiting", count=waiting, n=speak.number(waiting)))
    return " ".join(sentence for sentence in said if sentence)


def _theme_in_full(scene: Scene, row: Row) -> str:
    key = "digest.summary.theme_more" if ahead(row) > 0 else "digest.summary.theme_fewer"
    said = scene.speak.text(key, count=row.now, theme=scene.quoted_theme(row.slug).text)
    return f"{scene.speak.number(row.now)} {said}"


def _who(scene: Scene) -> str:
    issue, speak = scene.issue, scene.speak
    said = speak.text("digest.summary.posts", count=issue.posts)
    return f"{speak.number(issue.posts)} {said} {_people(scene)}".strip()


def _people(scene: Scene) -> str:
    """Return how many people and exchanges; nothing where fewer than three people could be told apart by it."""
    issue, speak = scene.issue, scene.speak
    if issue.writers < FEWEST_PEOPLE:
        return ""
    key = "digest.summary.people" if issue.discussions else "digest.summary.people_alone"
    return speak.text(key, writers=speak.number(issue.writers), discussions=speak.number(issue.discussions))


FEWEST_PEOPLE = 3
"""Fewer people are never counted out loud."""


def figures(scene: Scene) -> Figures:
    """Return the summary of a normal week: the posts, and what is news of a theme and of a topic."""
    issue, speak = scene.issue, scene.speak
    said = (
        speak.text("digest.summary.posts", count=issue.posts),
        loud(scene, issue.total),
        _people(scene),
        _level(scene),
    )
    posts = " ".join(part for part in said if part)
    shown = [Figure(number=speak.number(issue.posts), text=(Run(text=posts),))]
    theme, topic = leading_theme(scene), leading_topic(scene)
    if theme:
        shown.append(Figure(number=speak.number(theme.now), text=_theme_figure(scene, theme)))
    if topic:
        shown.append(Figure(number=speak.number(topic.writers), text=_topic_figure(scene, topic)))
    return Figures(figures=tuple(shown))


def loud(scene: Scene, row: Row) -> str:
    """Return how many posts of a line one account wrote, where they are many; never which account."""
    return scene.speak.text("digest.summary.loud", n=scene.speak.number(row.loudest)) if is_loud(scene, row) else ""


def _level(scene: Scene) -> str:
    """Return how the week compares in posts, and in writers where it is not a usual one."""
    issue, speak = scene.issue, scene.speak
    usual, people = issue.usual, issue.usual_writers
    if usual is None:
        return speak.text("digest.summary.level_unknown")
    key = f"digest.summary.level_{issue.level}"
    posts, weeks = speak.span(usual.low, usual.high), speak.number(usual.weeks)
    if people is None or issue.level == "usual":
        return speak.text(key if issue.level == "usual" else f"{key}_posts", range=posts, weeks=weeks)
    return speak.text(key, range=posts, weeks=weeks, writers=speak.span(people.low, people.high))


def _theme_figure(scene: Scene, row: Row) -> Sentence:
    speak = scene.speak
    key = "digest.summary.theme_more" if ahead(row) > 0 else "digest.summary.theme_fewer"
    before = row.before or 0
    last = speak.say(
        "digest.summary.theme_before",
        count=before,
        n=speak.number(before),
        week=scene.issue.week.plus(-1).number,
    )
    said = (*speak.say(key, count=row.now, theme=scene.quoted_theme(row.slug)), Run(text=" "), *last)
    told = loud(scene, row)
    return (*said, Run(text=f" {told}")) if told else said


def _topic_figure(scene: Scene, topic: Topic) -> Sentence:
    label, speak = scene.label(topic), scene.speak
    if topic.state == "new" or topic.ratio is None:
        weeks = speak.number(scene.issue.topic_notes.history_weeks)
        return speak.say("digest.summary.topic_new", topic=label, weeks=weeks)
    if topic.state == "back":
        return speak.say("digest.summary.topic_back", topic=label)
    if topic.baseline < RARE:
        return speak.say("digest.summary.topic_rare", topic=label)
    return speak.say("digest.summary.topic", topic=label, times=times(scene, topic.ratio))


RARE = 1.0
"""Writers of a usual week below which no ratio is told: a multiple of almost nothing says nothing."""


def times(scene: Scene, ratio: float) -> str:
    """Return how many times the usual number, in words where it is small."""
    whole = max(2, round(ratio))
    key = f"digest.times.x{whole}" if whole <= _WORD_UP_TO else "digest.times.many"
    return scene.speak.text(key, n=scene.speak.number(whole))


def opening(scene: Scene) -> tuple[Paragraph, ...]:
    """Return the first sentences of a week that is quiet or whose numbers are incomplete."""
    return _failed(scene) if scene.issue.kind == "failed" else _quiet(scene)


def _quiet(scene: Scene) -> tuple[Paragraph, ...]:
    issue, speak = scene.issue, scene.speak
    said = speak.text("digest.quiet.posts", count=issue.posts, n=speak.number(issue.posts))
    before = issue.total.before
    said += "." if before is None else speak.text("digest.quiet.before", n=speak.number(before))
    if issue.topic_notes.assessed and not issue.rising and not scene.edited.left_out.topics:
        said += " " + speak.text("digest.quiet.no_topics")
    why = f"digest.quiet.{issue.coverage.state}"
    return (Paragraph(text=(Run(text=said),), after=14), Paragraph(text=speak.say(why), after=0))


def _failed(scene: Scene) -> tuple[Paragraph, ...]:
    issue, speak = scene.issue, scene.speak
    if not issue.coverage.sources:
        return (Paragraph(text=speak.say("digest.failed.no_sources"), after=0),)
    down = [line for line in issue.coverage.sources if line.hours and line.hours_covered < line.hours]
    said = " ".join(speak.text("digest.failed.source", outage=outage_of(scene, line)) for line in down)
    whole = [line for line in issue.coverage.sources if line.hours and line not in down]
    others, posts = ("others", sum(line.posts for line in whole)) if whole else ("nothing_whole", issue.posts)
    said += " " + speak.text(f"digest.failed.{others}", count=posts, n=speak.number(posts))
    return (
        Paragraph(text=(Run(text=said.strip()),), after=14),
        Paragraph(text=speak.say("digest.failed.no_comparison"), after=0),
    )


def source_name(scene: Scene, line: SourceLine) -> str:
    """Return what a source is called: its network, and its own name where the network has several."""
    speak = scene.speak
    alike = sum(other.network == line.network for other in scene.issue.coverage.sources)
    network = speak.network(line.network)
    name = shorten(one_line(line.name), 60)  # an archive may call its source anything
    return network if alike == 1 else speak.text("network.named", network=network, name=name)


def outage_of(scene: Scene, line: SourceLine, *, named: bool = True) -> str:
    """Return in words when a source brought nothing, "Bluesky was down on Sat 21 Nov, 3–10", or without its name."""
    speak, values = scene.speak, {"source": source_name(scene, line)} if named else {}
    form = "" if named else "own_"
    if len(line.outages) != 1:
        hours = line.hours - line.hours_covered
        return speak.text(f"digest.outage.{form}several", count=hours, hours=speak.number(hours), **values)
    outage = line.outages[0]
    key = "since" if outage.open else "span"
    when = speak.moment(outage.from_at) if outage.open else speak.outage(outage.from_at, outage.to_at)
    said = speak.text(f"digest.outage.{form}{key}", when=when, **values)
    reason = speak.text(f"digest.outage.{outage.state}") if outage.state in _REASONS else ""
    told = ", ".join(part for part in (reason, outage.code) if part)
    return f"{said} ({told})" if told else said


_REASONS = ("failed", "rate_limited", "paused", "refused", "off")
