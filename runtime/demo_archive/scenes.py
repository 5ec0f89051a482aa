"""The scenes of the demonstration: what is said in which week, and in answer to whom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from programme.week import Week
from runtime.demo_archive import script
from runtime.demo_archive.cast import FLOODER, NETWORKS, Cast, Writer
from runtime.demo_archive.script import INVENTED, Line, Thread
from runtime.demo_archive.stage import Stage, Staged
from runtime.demo_archive.timing import WEEKS, X_REFUSED, ZONE, later, moment

COPYISTS = {"x": 14, "mastodon": 4, "bluesky": 2}
"""How many accounts of each network pass the same text on."""
_LAST = WEEKS[-1]
_LAST_SHARES = {"p": 0.8, "w": 0.9, "c": 0.07, "r": 0.5, "n": 0.6, "u": 0.5}
"""How much of a usual week the last one has of each theme beside its own scenes; the one near zero falls silent."""
_SEASON = WEEKS[-4]
"""From this week on, winter may be spoken of."""
_SILENT = 0.1
"""Below this share a theme counts as silent."""
_ANSWERS = {"p": 8, "w": 8, "n": 5}
"""Proposals that answer one call for ideas."""
_PREFIXES = ("", "", "", "", "", "Jaan tämän: ", "Tärkeä asia. ", "👇 ")
_REPOSTS = 20


def play(chance: Random, cast: Cast) -> list[Staged]:
    """Return all posts of the demonstration, oldest first."""
    stage = Stage(chance=chance, cast=cast)
    groups = script.scenes()
    threads = script.threads()
    _discuss(stage, [thread for thread in threads if not thread.is_call], groups["pointers"])
    left = _call(stage, [thread for thread in threads if thread.is_call], script.real())
    _deal(stage, [*left, *(line for lang in ("fi", "sv", "en") for line in script.singles(lang))])
    for name in ("employment-before", "library-before", "projects", "odd"):
        _spread(stage, groups[name], WEEKS[1:12])
    _spread(stage, groups["library-46"], WEEKS[-2:-1])
    _spread(stage, groups["budget"], WEEKS[-5:])
    _burst(stage, groups["employment"], days=(0, 1, 2, 3))
    _burst(stage, groups["library-47"], days=(1, 2, 3, 4, 5, 6))
    _burst(stage, groups["transport"], days=(0, 1, 2, 3, 4))
    _burst(stage, groups["projects-47"], days=(0, 1, 2, 3, 4))
    _flood(stage, groups["flood"])
    _copy(stage, groups["copied"][0])
    _quote(stage, groups["quotes"])
    _repost(stage)
    return sorted(stage.posts, key=lambda post: (post.at, post.native_id))


def _deal(stage: Stage, lines: Iterable[Line]) -> None:
    """Deal what stands alone to the weeks, each sort evenly, so that one week resembles the other."""
    sorts: dict[tuple[str | bool, ...], list[Line]] = defaultdict(list)
    for line in lines:
        sorts[line.theme, line.lang, line.origin, line.late].append(line)
    for members in sorts.values():
        stage.chance.shuffle(members)
        shares = [_share(week, members[0]) for week in WEEKS]
        start = stage.chance.random()
        for i, line in enumerate(members):
            week = _at_share((i + start) / len(members) * sum(shares), shares)
            stage.say(line, week, link=_news_link(stage, line))


def _share(week: Week, line: Line) -> float:
    if line.late and week < _SEASON:
        return 0.0
    return _LAST_SHARES[line.theme] if week == _LAST else 0.45 if week == X_REFUSED else 1.0


def _at_share(point: float, shares: Sequence[float]) -> Week:
    for week, share in zip(WEEKS, shares, strict=True):
        if point < share:
            return week
        point -= share
    return WEEKS[-1]


def _news_link(stage: Stage, line: Line) -> str | None:
    often = {"o": 0.45, "m": 0.0, "e": 0.15, "s": 0.1}.get(line.kind, 0.0) if line.origin == INVENTED else 0.0
    number = stage.chance.randrange(1000, 9999)
    return f"https://uutiset.example/{number}" if stage.chance.random() < often else None


def _discuss(stage: Stage, threads: Sequence[Thread], pointers: Sequence[Line]) -> None:
    """Play the written discussions; some are pointed at from another network."""
    weeks = [week for week in WEEKS if week != X_REFUSED]
    order = list(range(len(threads)))
    stage.chance.shuffle(order)
    waiting = list(pointers)
    for place, which in enumerate(order):
        thread = threads[which]
        week = weeks[place * len(weeks) // len(threads)]
        week = week.plus(-1) if week == _LAST and _LAST_SHARES[thread.theme] < _SILENT else week
        pointer = next((line for line in waiting if line.lang == thread.lang), None)
        link = f"https://keskustelu.example/{week.number}/{which}" if pointer else None
        said = _converse(stage, thread.lines, week, {thread.network}, link)
        if pointer and link:
            waiting.remove(pointer)
            others = {"x", "mastodon", "bluesky"} - {thread.network}
            at = later(stage.chance, said[-1].at, 200)
            stage.say(replace(pointer, theme=thread.theme), week, at=at, networks=others, link=link)


def _converse(stage: Stage, lines: Sequence[Line], week: Week, networks: set[str], link: str | None) -> list[Staged]:
    said: list[Staged] = []
    for line in lines:
        if not said:
            at = moment(stage.chance, week, line.kind, days=(0, 1, 2, 3))
            said.append(stage.say(line, week, at=at, networks=networks, link=link))
            continue
        answered = said[(line.answers or 1) - 1]
        same = _same_voice(said, line, answered)
        but = [post.writer for post in said]
        at = later(stage.chance, max(answered.at, said[-1].at), 55)
        loud = not same and stage.chance.random() < 0.2  # noqa: PLR2004 -- one reply in five repeats the hashtag
        said.append(
            stage.say(line, week, at=at, networks=networks, but=but, writer=same, reply_to=answered, hashtag=loud)
        )
    return said


def _same_voice(said: Sequence[Staged], line: Line, answered: Staged) -> Writer | None:
    """Return who speaks again: whoever was answered, where the one who answered had answered them."""
    before = answered.reply_to
    if before and before.writer.kind == line.kind and before.writer != answered.writer:
        return before.writer
    return said[0].writer if line.kind in "og" and line.kind == said[0].writer.kind else None


def _call(stage: Stage, calls: Sequence[Thread], lines: Sequence[Line]) -> list[Line]:
    """Let real proposals answer the calls for ideas; return the texts that are left."""
    left = list(lines)
    stage.chance.shuffle(left)
    for number, call in enumerate(calls):
        week = [week for week in WEEKS[:-1] if week != X_REFUSED][1 + number * 11 // len(calls)]
        lang = call.lines[0].lang
        fit = [line for line in left if line.placeless and line.theme == call.theme and line.lang == lang]
        answers = fit[: _ANSWERS[call.theme]]
        left = [line for line in left if line not in answers]
        root = call.lines[0]
        _converse(stage, [root, *(replace(line, answers=1) for line in answers)], week, {call.network}, None)
    return left


def _spread(stage: Stage, lines: Sequence[Line], weeks: Sequence[Week]) -> None:
    for i, line in enumerate(lines):
        stage.say(line, weeks[(i * len(weeks) // len(lines)) % len(weeks)], link=_news_link(stage, line))


def _burst(stage: Stage, lines: Sequence[Line], *, days: tuple[int, ...]) -> None:
    """Let many people take up one subject in the last week, each in their own words."""
    said: list[Staged] = []
    for i, line in enumerate(lines):
        at = moment(stage.chance, _LAST, line.kind, days=(days[i * len(days) // len(lines)],))
        but = [post.writer for post in said]
        if line.answers is None:
            networks = ("feed",) if line.bare else NETWORKS
            said.append(stage.say(line, _LAST, at=at, networks=networks, but=but))
            continue
        answered = said[line.answers - 1]
        then = later(stage.chance, max(at, answered.at), 30)
        said.append(stage.say(line, _LAST, at=then, networks={answered.writer.network}, but=but, reply_to=answered))


def _flood(stage: Stage, lines: Sequence[Line]) -> None:
    """Let one account write about one thing all week."""
    writer = next(each for each in stage.cast.writers if each.name == FLOODER)
    times = sorted(moment(stage.chance, _LAST, "r") for _ in lines)
    for line, at in zip(lines, times, strict=True):
        stage.say(line, _LAST, at=at, writer=writer)


def _copy(stage: Stage, line: Line) -> None:
    """Let many accounts pass one text on, some with a word before it."""
    copyists: list[Writer] = []
    for network, how_many in COPYISTS.items():
        for _ in range(how_many):
            at = moment(stage.chance, _LAST, "r", days=(1, 2))
            text = stage.chance.choice(_PREFIXES) + line.text
            post = stage.say(replace(line, text=text), _LAST, at=at, networks={network}, but=copyists)
            copyists.append(post.writer)


def _quote(stage: Stage, lines: Sequence[Line]) -> None:
    for line in lines:
        network = "x" if stage.chance.random() < 0.6 else "bluesky"  # noqa: PLR2004 -- X quotes most
        able = [post for post in _tellable(stage) if post.writer.network == network and post.line.lang == line.lang]
        quoted = stage.chance.choice(able)
        at = later(stage.chance, quoted.at, 240)
        week = Week.of(at, ZONE)
        networks = {"feed"} if line.kind == "m" else {network}
        quote = None if line.kind == "m" else quoted
        stage.say(line, week, at=at, networks=networks, but=[quoted.writer], quote_of=quote)


def _repost(stage: Stage) -> None:
    able = [post for post in _tellable(stage) if post.writer.network in ("x", "mastodon")]
    for original in stage.chance.sample(able, _REPOSTS):
        at = later(stage.chance, original.at + timedelta(minutes=3), 180)
        line = replace(original.line, kind="r", answers=None)
        stage.say(
            line,
            Week.of(at, ZONE),
            at=at,
            networks={original.writer.network},
            but=[original.writer],
            repost_of=original,
            link=original.link,
        )


def _tellable(stage: Stage) -> list[Staged]:
    """Return the posts that others might pass on: invented, of the themes, and not staged as copies or flood."""
    return [
        post
        for post in stage.posts
        if post.line.origin == INVENTED
        and post.line.theme in "pwcr"
        and not post.reply_to
        and not post.repost_of
        and post.week not in (_LAST, X_REFUSED)
    ]
