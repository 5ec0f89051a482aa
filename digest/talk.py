"""What was said: the topics on the rise, the themes' telling posts and discussions, and what editors are asked."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import ceil, floor
from typing import Literal

from digest.blocks import Bars, Block, Chart, Heading, Paragraph, Quote, Rule, Run, Sentence
from digest.charts import spark_text, wide_bars
from digest.edits import LeftOut
from digest.inert import one_line, shorten
from digest.issue import Item, Section, ShownPost
from digest.lead import RARE, times
from digest.matters import Topic
from digest.memory import track_record
from digest.scene import Scene
from digest.speech import Speaker

LeftOutKind = Literal["posts", "discussions", "topics"]
_FEW_WRITERS = 15
"""Below it a ratio is said to be uncertain."""
_MAYBE_CHANCE = 5
"""Below it a topic is said to be perhaps chance."""
_MOST_PLACES = 3
"""Municipalities that a topic names, those of most posts."""
_MANY_ACCOUNTS = 3
"""A text that came from so many accounts is told of."""


def topics(scene: Scene) -> tuple[Block, ...]:
    """Return the topics with their notes, or what their silence means."""
    issue, speak = scene.issue, scene.speak
    blocks: list[Block] = [Heading(text=speak.say("digest.topics.heading"), level=2)]
    shown = issue.rising[: scene.limits.topics]
    for place, topic in enumerate(shown):
        blocks += _topic(scene, topic, first=place == 0)
    blocks.append(Paragraph(text=(*_also(scene, issue.rising[len(shown) :]), *_silence(scene)), after=12))
    blocks += _fading(scene)
    if issue.copies.widest >= _MANY_ACCOUNTS:
        spread = speak.say("digest.copies.spread", n=speak.number(issue.copies.widest))
        blocks.append(Paragraph(text=spread, after=12))
    blocks += track_record(scene)
    return tuple(blocks)


def _also(scene: Scene, rest: Sequence[Topic]) -> Iterator[Run]:
    """Yield the topics that have no place of their own, each with its writers."""
    yield from _named(scene, "digest.topics.also", rest)


def _fading(scene: Scene) -> Iterator[Paragraph]:
    """Yield the topics of earlier issues of which fewer people wrote now: no topics on the rise, so in one line."""
    fading = [topic for topic in scene.issue.topics if topic.state == "fading"]
    if fading:
        yield Paragraph(text=tuple(_named(scene, "digest.topics.fading", fading)), after=12)


def _named(scene: Scene, key: str, topics: Sequence[Topic]) -> Iterator[Run]:
    speak = scene.speak
    listed: list[Run] = []
    for topic in topics:
        count = speak.text("digest.topics.writers", count=topic.writers, n=speak.number(topic.writers))
        listed += [*([Run(text=", ")] if listed else []), scene.label(topic), Run(text=f" ({count})")]
    if listed:
        yield from speak.say(key, topics=tuple(listed))
        yield Run(text=" ")


def _topic(scene: Scene, topic: Topic, *, first: bool) -> Iterator[Block]:
    speak = scene.speak
    yield Heading(text=(scene.label(topic),), level=3)
    example = scene.shown.get(topic.examples[0]) if topic.examples else None
    yield Paragraph(text=tuple(_state(scene, topic)), after=12 if first else 2 if example else 24)
    if first and any(topic.weekly[:-1]):  # beside nothing but zeros a bar says nothing
        yield _bars(scene, topic)
    if example and first:
        yield from _post(scene, example, after=28)
    elif example and example.url:
        link = Run(text=speak.text("digest.post.open"), href=example.url)
        yield Paragraph(text=(*_where(scene, example), Run(text=" "), link), tone="small", after=24)


def _state(scene: Scene, topic: Topic) -> Iterator[Run]:
    speak = scene.speak
    weeks = speak.number(scene.issue.topic_notes.history_weeks)
    yield Run(text=speak.text(f"digest.topics.{topic.state}", weeks=weeks) + " ")
    spoken = speak.in_languages(topic.languages)
    numbers = {"writers": speak.number(topic.writers), "posts": speak.number(topic.posts)}
    key = "size_in" if spoken else "size"
    yield Run(text=speak.text(f"digest.topics.{key}", count=topic.posts, languages=spoken, **numbers))
    if compared := _compared(scene, topic):
        yield Run(text=f" {compared}")
    if topic.municipalities:
        named = [speak.name(one.name).text for one in topic.municipalities[:_MOST_PLACES]]
        yield Run(text=" " + speak.text("digest.topics.mentioned", places=speak.listed(named)))
    if topic.writers < _MAYBE_CHANCE:
        yield Run(text=" " + speak.text("digest.topics.maybe_chance"))


def _compared(scene: Scene, topic: Topic) -> str:
    """Return how the writers compare with a usual week; a multiple only where usually there are any."""
    speak = scene.speak
    if topic.ratio is None or topic.ratio_low is None or topic.ratio_high is None or topic.ratio <= 1:
        return ""
    if topic.baseline < RARE:
        return "" if topic.state == "back" else speak.text("digest.topics.rare")
    said = speak.text(
        "digest.topics.ratio",
        times=times(scene, topic.ratio),
        low=speak.ratio(topic.ratio_low),
        high=speak.ratio(topic.ratio_high),
    )
    uncertain = _MAYBE_CHANCE <= topic.writers < _FEW_WRITERS
    return f"{said} {speak.text('digest.topics.uncertain')}" if uncertain else said


def _bars(scene: Scene, topic: Topic) -> Bars:
    speak, issue = scene.speak, scene.issue
    low, high = floor(topic.baseline), ceil(topic.baseline)
    numbers = [issue.week.plus(n + 1 - len(topic.weekly)).number for n in range(len(topic.weekly))]
    usual = speak.span(low, high)
    cid = f"{issue.key.lower()}.topic-1@kuntakaiku"
    scene.charts[cid] = wide_bars(topic.weekly, topic.baseline)
    alt = speak.text("digest.topics.chart", series=scene.alt(topic.weekly), usual=usual)
    return Bars(
        caption=speak.say("digest.topics.chart_caption", usual=usual),
        chart=Chart(cid=cid, alt=alt, width=536, height=112, spark=spark_text(topic.weekly)),
        labels=tuple(speak.text("digest.table.week", week=number) for number in numbers),
        values=tuple("·" if n is None else speak.number(n) for n in topic.weekly),
    )


def _silence(scene: Scene) -> Sentence:
    issue, speak, notes = scene.issue, scene.speak, scene.issue.topic_notes
    gone = left_out(speak, scene.edited.left_out, "topics")
    if notes.note is not None:
        return (*speak.say(notes.note), *((Run(text=f" {gone}"),) if gone else ()))
    key = "nothing_else" if issue.rising else "nothing"
    said = [gone or speak.text(f"digest.topics.{key}", count=issue.posts, n=speak.number(issue.posts))]
    if notes.detectable:
        said.append(speak.text("digest.topics.detectable", n=speak.number(notes.detectable)))
    if notes.chance_weeks:
        said.append(speak.text("digest.topics.chance", count=notes.chance_weeks, n=speak.number(notes.chance_weeks)))
    sentence = [Run(text=" ".join(said))]
    for topic in issue.recurring:
        sentence += [Run(text=" "), *speak.say("digest.topics.every_year", topic=scene.label(topic))]
    return tuple(sentence)


def sections(scene: Scene) -> tuple[Block, ...]:
    """Return what was said theme by theme, one item for readers, two for editors; silent themes share one line."""
    speak = scene.speak
    blocks: list[Block] = [Heading(text=speak.say("digest.sections.heading"), level=2)]
    silent = {row.slug: scene.head(row) for row in scene.issue.themes if not row.now}
    told = [section for section in scene.issue.sections if section.slug not in silent]
    shown = told[: scene.limits.sections]
    for place, section in enumerate(shown):
        blocks += [Rule(near=True)] if place else []
        blocks += _section(scene, section)
    rest = len(told) - len(shown)
    if rest:
        blocks.append(Paragraph(text=scene.more(rest), tone="small"))
    quiet = [silent[section.slug] for section in scene.issue.sections if section.slug in silent]
    if quiet:
        names = tuple(run for name in quiet for run in (Run(text=" · "), name))[1:]
        blocks.append(Paragraph(text=speak.say("digest.sections.silent", themes=names), tone="small"))
    blocks += _posts_left_out(scene)
    return tuple(blocks)


def week_posts(scene: Scene) -> tuple[Block, ...]:
    """Return the few posts of a quiet week, without their themes' headings."""
    items = [item for section in scene.issue.sections for item in section.items]
    blocks: list[Block] = []
    for item in items:
        blocks += _item(scene, item, after=24)
    blocks += _posts_left_out(scene)
    return (Heading(text=scene.speak.say("digest.sections.week_heading"), level=2), *blocks) if blocks else ()


def left_out(speak: Speaker, gone: LeftOut, *kinds: LeftOutKind) -> str:
    """Return in one sentence how much of some kinds the editors left out; nothing where nothing was."""
    counts = asdict(gone)
    parts = [
        speak.text(f"digest.edited.{kind}", count=counts[kind], n=speak.number(counts[kind]))
        for kind in kinds
        if counts[kind]
    ]
    return speak.text("digest.edited.left_out", what=speak.listed(parts)) if parts else ""


def _posts_left_out(scene: Scene) -> Iterator[Paragraph]:
    said = left_out(scene.speak, scene.edited.left_out, "posts", "discussions")
    if said:
        yield Paragraph(text=(Run(text=said),), tone="small")


def _section(scene: Scene, section: Section) -> Iterator[Block]:
    speak = scene.speak
    row = next((row for row in scene.issue.themes if row.slug == section.slug), None)
    if row is None:
        return
    yield Heading(text=(scene.head(row),), level=3)
    if row.gloss:
        yield Paragraph(text=(speak.name(row.gloss),), tone="small", after=2)
    said = speak.text("digest.sections.posts", count=row.now, n=speak.number(row.now))
    if row.before is not None:
        said += speak.text("digest.sections.before", n=speak.number(row.before))
    items = section.items[: min(scene.limits.items, 2 if scene.is_editors or scene.is_archived else 1)]
    yield Paragraph(text=(Run(text=said),), tone="small", after=18 if items else 8)
    for place, item in enumerate(items):
        yield from _item(scene, item, after=24 if place == len(items) - 1 else 20)


def _item(scene: Scene, item: Item, after: int) -> Iterator[Block]:
    shown = scene.shown.get(item.post)
    if item.posts == 1 and shown is None:
        yield Paragraph(text=scene.speak.say("digest.post.gone"), tone="small", after=after)
    elif item.posts == 1 and shown is not None:
        yield from _post(scene, shown, after=after, judge=scene.judge(item.post))
    else:
        yield Paragraph(text=_exchange(scene, item, shown), after=after)


def _exchange(scene: Scene, item: Item, first: ShownPost | None) -> Sentence:
    speak = scene.speak
    where = speak.listed([speak.network(network) for network in item.networks])
    said = speak.text("digest.discussion.of", n=speak.number(item.posts), where=where)
    foreign = _language_note(scene, item.language)
    said += f", {foreign}." if foreign else "."
    if first is None or first.url is None:
        return (Run(text=said),)
    return (Run(text=said + " "), Run(text=speak.text("digest.discussion.open"), href=first.url))


def _language_note(scene: Scene, language: str | None) -> str:
    if language in (None, "other", "unsure", scene.speak.wanted):
        return ""
    return scene.speak.in_language(language or "")


def _where(scene: Scene, shown: ShownPost) -> Sentence:
    speak = scene.speak
    parts = [speak.network(shown.network), speak.day(shown.created_at)]
    foreign = _language_note(scene, shown.language)
    return (Run(text=" · ".join([*parts, foreign] if foreign else parts) + " ·"),)


def _post(scene: Scene, shown: ShownPost, after: int, judge: Run | None = None) -> Iterator[Block]:
    speak = scene.speak
    links = [Run(text=speak.text("digest.post.open"), href=shown.url)] if shown.url else []
    links += [judge] if judge else []
    link = tuple(run for one in links for run in (Run(text=" · "), one))[1:]
    if shown.style == "link":
        said = (Run(text=speak.text("digest.post.a_post") + " · "), *_where(scene, shown))
        yield Paragraph(text=(*said, Run(text=" "), *link) if link else said, after=after)
        return
    if shown.style == "x":
        yield _on_x(scene, shown, after, judge)
        return
    name = (speak.name(shown.name), Run(text=" · ")) if shown.name else ()
    text = shorten(shown.text, scene.limits.quote)
    by = (*name, *_where(scene, shown), *((Run(text=" "), *link) if link else ()))
    yield Quote(lines=tuple(speak.quoted(text).split("\n")), language=shown.language, by=by, after=after)


def _on_x(scene: Scene, shown: ShownPost, after: int, judge: Run | None) -> Quote:
    speak = scene.speak
    when = speak.text("format.on_x", time=speak.clock(shown.created_at), date=speak.full_date(shown.created_at))
    foreign = _language_note(scene, shown.language)
    tail = " · X" + (f" · {foreign}" if foreign else "")
    return Quote(
        lines=tuple(shown.text.split("\n")),
        language=shown.language,
        by=(Run(text=when, href=shown.url), Run(text=tail), *((Run(text=" · "), judge) if judge else ())),
        name=shorten(one_line(shown.name[""]), 80),
        handle=f"@{shown.handle}",
        after=after,
    )


def doubts(scene: Scene) -> tuple[Block, ...]:
    """Return for editors the unclear posts that a judgement would help most."""
    issue, speak = scene.issue, scene.speak
    asked = [(doubt, scene.shown[doubt.post]) for doubt in issue.doubts if doubt.post in scene.shown]
    if not asked:
        return ()
    waiting = issue.unclear.now - issue.awaiting
    said = speak.text("digest.doubts.waiting", count=waiting, n=speak.number(waiting))
    said += " " + speak.text("digest.doubts.lead", count=len(asked), n=speak.number(len(asked)))
    if scene.addresses.review is None:
        how: Sentence = speak.say("digest.doubts.how")
    else:
        how = (Run(text=speak.text("digest.doubts.open"), href=scene.addresses.review),)
    blocks: list[Block] = [
        Heading(text=speak.say("digest.doubts.heading"), level=2),
        Paragraph(text=(Run(text=said + " "), *how), after=20),
    ]
    for doubt, shown in asked:
        names = [scene.quoted_theme(slug).text for slug in doubt.candidates]
        question = speak.text("digest.doubts.question", first=names[0], second=names[1]) if len(names) > 1 else ""
        links = [Run(text=speak.text("digest.post.open"), href=shown.url)] if shown.url else []
        judge = scene.judge(doubt.post)
        links += [judge] if judge else []
        link = tuple(run for one in links for run in (Run(text=" · "), one))[1:]
        where = (*_where(scene, shown), Run(text=" "), *link) if link else _where(scene, shown)
        blocks.append(Paragraph(text=where, after=0 if question else 16))
        if question:
            blocks.append(Paragraph(text=(Run(text=question),), tone="small", after=16))
    return tuple(blocks)
