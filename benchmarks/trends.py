"""False notes, recall and speed of the trends beside the common rules, on shuffled and planted real streams.

Run: KUNTAKAIKU_TEST_DATA=DIR python benchmarks/trends.py [--quick | --part fi-news/100] > trends.jsonl

One JSON object a line. The streams are Finnish headlines (``fi-news``; authors drawn by Zipf's law, since it has none)
and Hacker News titles (``hn-posts``), ``k`` posts a week with 26 weeks of history. Planted are posts of real events:
headlines of the week in which a word suddenly rose at full volume, and crisis tweets (``crisislex-t6``).
"""

import argparse
import csv
import gzip
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import fmean

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.trend_rivals import RIVALS, rival_notes
from programme.week import Week, zone_named
from trends.calibrate import CALIBRATED_WEEKS, Calibration, calibrate_window
from trends.count import Utterance
from trends.find import MEASURED_SETTINGS, notes_and_watched
from trends.note import copies_in
from trends.terms import Reader
from trends.window import Window, open_window

HISTORY = CALIBRATED_WEEKS
SETTINGS = replace(MEASURED_SETTINGS, weeks=HISTORY)
SHUFFLES, RECALIBRATED = 3, 8
FALLBACK = Calibration(alpha=MEASURED_SETTINGS.alpha, chance_notes=0.0, weeks=0)
SIZES = {"fi-news": (30, 100, 300), "hn-posts": (30, 100)}
"""Posts a week that are drawn of each stream."""
ZONE = zone_named("Europe/Helsinki")
Stream = dict[Week, list[Utterance]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A text of a data set."""

    key: str
    at: datetime
    author: str | None
    text: str
    event: str = ""


def rows_of(directory: Path, name: str) -> list[Row]:
    """Return the texts of a set."""
    with gzip.open(directory / name / "posts.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return [
            Row(
                key=row["id"],
                at=datetime.fromisoformat(row["ts"]).replace(tzinfo=UTC),
                author=row.get("author"),
                text=row["text"],
                event=row["event"] if row.get("on") in {"1", "1.0"} else "",
            )
            for row in csv.DictReader(file)
            if row.get("ts")
        ]


def by_week(rows: Sequence[Row]) -> dict[Week, list[Row]]:
    """Return the texts by week."""
    weeks: defaultdict[Week, list[Row]] = defaultdict(list)
    for row in rows:
        weeks[Week.of(row.at, ZONE)].append(row)
    return dict(weeks)


def said(rows: Sequence[Row], week: Week, reader: Reader, language: str) -> list[Utterance]:
    """Return the texts as posts of a week."""
    return [
        Utterance(
            key=("x", row.key),
            week=week,
            created_at=row.at,
            account=("x", row.author) if row.author else None,
            repost_of=None,
            text=row.text,
            terms=reader.terms(row.text, language),
            lang=language,
            theme=None,
        )
        for row in rows
    ]


def sampled(weeks: dict[Week, list[Row]], k: int, most: int, chance: Random) -> dict[Week, list[Row]]:
    """Return ``k`` texts of each of the first weeks, by authors after Zipf's law where the set has none."""
    full = [week for week in sorted(weeks) if len(weeks[week]) >= k][:most]
    weights = [1 / rank**0.9 for rank in range(1, 601)]
    drawn = {}
    for week in full:
        rows, authors = chance.sample(weeks[week], k), chance.choices(range(600), weights, k=k)
        drawn[week] = [replace(row, author=row.author or f"z{a}") for row, a in zip(rows, authors, strict=True)]
    return drawn


def shuffled(stream: Stream, chance: Random) -> Stream:
    """Return the stream with its posts dealt anew to the weeks: whatever stands out is chance."""
    posts = [post for week in sorted(stream) for post in stream[week]]
    chance.shuffle(posts)
    dealt = iter(posts)
    return {week: [replace(next(dealt), week=week) for _ in stream[week]] for week in sorted(stream)}


def windows(stream: Stream) -> Iterator[Window]:
    """Yield each week that has the whole history behind it."""
    order = sorted(stream)
    for i in range(HISTORY, len(order)):
        yield window(stream, order, i)


def window(stream: Stream, order: Sequence[Week], i: int, planted: Sequence[Utterance] = ()) -> Window:
    """Return one week with its history, and with what is planted in it."""
    posts = [post for week in order[i - HISTORY : i + 1] for post in stream[week]]
    within = frozenset(order)
    return open_window([*posts, *planted], order[i], within.__contains__, SETTINGS)


def notes_of(opened: Window, rule: str, alpha: float) -> list[list[int]]:
    """Return the posts of each note of ours or of a rival."""
    if rule == "kuntakaiku":
        notes, _ = notes_and_watched(opened, alpha)
        return [list(topic.positions) for topic in notes[: opened.settings.most]]
    return rival_notes(opened, rule)


def headline_events(weeks: dict[Week, list[Row]]) -> list[list[Row]]:
    """Return the headlines of events: of each week's steepest word, and those that share two other words of them."""
    order = sorted(weeks)
    seen = [Counter(word for row in weeks[week] for word in stems(row.text)) for week in order]
    events = []
    for i in range(HISTORY, len(order)):
        before = Counter(
            {word: sum(week[word] for week in seen[i - HISTORY : i]) for word, n in seen[i].items() if n >= 12}
        )
        steep = [word for word in before if before[word] <= seen[i][word] / 2]
        if steep:
            word = max(steep, key=lambda word: (seen[i][word] / (1 + before[word]), word))
            core = [row for row in weeks[order[i]] if word in stems(row.text)]
            beside = Counter(other for row in core for other in stems(row.text) if len(other) > 4)
            others = {other for other, n in beside.items() if other != word and n >= 3 and 2 * n > seen[i][other]}
            events.append(
                core + [row for row in weeks[order[i]] if row not in core and len(others & stems(row.text)) >= 2]
            )
    return events


def stems(text: str) -> set[str]:
    """Return the words cut to seven letters, for finding events only."""
    return {word.strip('.,:;!?"”–()')[:7] for word in text.casefold().split()}


def planted(
    stream: Stream, bursts: Sequence[list[Utterance]], weeks: Sequence[int]
) -> Iterator[tuple[Window, set[int]]]:
    """Yield weeks with a burst planted in each, and where its posts stand."""
    order = sorted(stream)
    for burst, i in zip(bursts, weeks, strict=True):
        opened = window(stream, order, i, [replace(post, week=order[i]) for post in burst])
        keys = {post.key for post in burst}
        yield opened, {at for at, post in enumerate(opened.now.utterances) if post.key in keys}


def measure_null(name: str, k: int, stream: Stream, chance: Random) -> Calibration:
    """Print false notes a shuffled week, calibrated anew every eighth week, and return the median calibration."""
    notes: Counter[str] = Counter()
    calibrations: list[Calibration] = []
    weeks, seconds = 0, 0.0
    for _ in range(SHUFFLES if k < max(SIZES[name]) else 1):
        for i, opened in enumerate(windows(shuffled(stream, chance))):
            if i % RECALIBRATED == 0:
                start = time.process_time()
                calibrations.append(calibrate_window(opened, seed=1) or FALLBACK)
                seconds += time.process_time() - start
            weeks += 1
            for rule in ("kuntakaiku", *RIVALS):
                notes[rule] += len(notes_of(opened, rule, calibrations[-1].alpha))
    line = {"measure": "false notes a shuffled week", "stream": name, "k": k, "weeks": weeks}
    more = {
        "printed": round(fmean(each.chance_notes for each in calibrations), 3),
        "calibration_cpu_s": round(seconds / len(calibrations), 2),
    }
    for rule in ("kuntakaiku", *RIVALS):
        tell({**line, "rule": rule, "value": round(notes[rule] / weeks, 3), **(more if rule == "kuntakaiku" else {})})
    return sorted(calibrations, key=lambda each: each.alpha)[len(calibrations) // 2]


def measure_recall(name: str, k: int, stream: Stream, pools: list[list[Utterance]], n: int, alpha: float) -> None:
    """Print the share of planted bursts of ``n`` voices that are found in their week among the notes."""
    chance = Random(n)
    pools = [pool for pool in pools if len(pool) >= n]
    bursts = [
        [replace(post, account=("p", str(i))) for i, post in enumerate(chance.sample(chance.choice(pools), n))]
        for _ in range(40)
    ]
    weeks = [chance.randrange(HISTORY, len(stream)) for _ in bursts]
    plants = list(planted(stream, bursts, weeks))
    for rule in ("kuntakaiku", *RIVALS):
        found = sum(
            any(2 * len(set(posts) & at) >= len(posts) for posts in notes_of(opened, rule, alpha))
            for opened, at in plants
        )
        tell(
            {
                "measure": "recall",
                "stream": name,
                "k": k,
                "voices": n,
                "plants": len(bursts),
                "rule": rule,
                "value": found / len(bursts),
            }
        )


def measure_floods(name: str, k: int, stream: Stream, alpha: float) -> None:
    """Print the share of floods (one author; copies; a template) that make a note."""
    donor = stream[min(stream)]
    for kind in ("author", "copies", "template"):
        for size in (10, 30, 100):
            flood = [_flooding(kind, i, donor, name) for i in range(size)]
            ((opened, at),) = planted(stream, [flood], [HISTORY])
            if kind != "author":
                told = max((copies.posts for copies in copies_in(opened.now, 3)), default=0)
                tell(
                    {
                        "measure": "flood told as one text",
                        "stream": name,
                        "k": k,
                        "kind": kind,
                        "posts": size,
                        "of": told,
                    }
                )
            for rule in ("kuntakaiku", *RIVALS):
                hit = any(2 * len(set(posts) & at) >= len(posts) for posts in notes_of(opened, rule, alpha))
                tell(
                    {
                        "measure": "flood noted",
                        "stream": name,
                        "k": k,
                        "kind": kind,
                        "posts": size,
                        "rule": rule,
                        "value": int(hit),
                    }
                )


def _flooding(kind: str, i: int, donor: Sequence[Utterance], name: str) -> Utterance:
    template = (
        "allekirjoita",
        "adressi",
        "tuulivoimala",
        "allekirjoita adressi",
        "adressi tuulivoimala",
        "puhdas",
        "sähkö",
        "puhdas sähkö",
    )
    own = donor[i % len(donor)]
    terms = {
        "author": ("tuulivoimala", *own.terms),
        "copies": template,
        "template": (*template, f"kunta{i}", f"sähkö kunta{i}"),
    }[kind]
    account = ("p", "loud" if kind == "author" else f"copy{i}")
    return replace(own, key=("flood", f"{name}{i}"), account=account, terms=terms)


def tell(line: dict[str, object]) -> None:
    """Print one result."""
    print(json.dumps(line, ensure_ascii=False), flush=True)


def lemmatiser(cache: Path) -> Callable[[str, str], str]:
    """Return the house's lemmatiser."""
    from language.lemma import Lemmatiser

    return Lemmatiser(cache, ["fi", "en"]).lemma


def sizes(name: str, given: argparse.Namespace) -> Iterator[int]:
    """Yield the posts a week that are asked for of a stream."""
    for k in SIZES[name]:
        if given.part in (None, f"{name}/{k}") and not (given.quick and k > min(SIZES[name])):
            yield k


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="k = 30 only, fewer weeks")
    options.add_argument("--part", help="one stream and size, like fi-news/100")
    options.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "kuntakaiku-benchmarks")
    given = options.parse_args()
    directory = Path(os.environ["KUNTAKAIKU_TEST_DATA"])
    reader = Reader(own=(), lemmatise=lemmatiser(given.cache))
    for name, language, events_of in (("fi-news", "fi", headline_pools), ("hn-posts", "en", tweet_pools)):
        wanted = list(sizes(name, given))
        if not wanted:
            continue
        weeks = by_week(rows_of(directory, name))
        pools = [said(event, Week(year=2000, number=1), reader, language) for event in events_of(directory)]
        for k in wanted:
            drawn = sampled(weeks, k, 80 if given.quick else 120, Random(k))
            stream = {week: said(each, week, reader, language) for week, each in drawn.items()}
            alpha = measure_null(name, k, stream, Random(k)).alpha
            for n in (5, 8):
                measure_recall(name, k, stream, pools, n, alpha)
            measure_floods(name, k, stream, alpha)


def headline_pools(directory: Path) -> list[list[Row]]:
    """Return the headlines of events."""
    return headline_events(by_week(rows_of(directory, "fi-news")))


def tweet_pools(directory: Path) -> list[list[Row]]:
    """Return thirty crisis tweets of each day that has so many."""
    days: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows_of(directory, "crisislex-t6"):
        if row.event:
            days[row.event, str(row.at.date())].append(row)
    chance = Random(1)
    return [chance.sample(day, 30) for day in days.values() if len(day) >= 30]


if __name__ == "__main__":
    main()
