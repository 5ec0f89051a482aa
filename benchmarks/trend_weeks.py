"""Notes of real weeks: how many are confirmed, which known events are found, and whether the intervals hold.

Run: KUNTAKAIKU_TEST_DATA=DIR python benchmarks/trend_weeks.py [--k 100] > weeks.jsonl

The stream is ``fi-news``. A note on ``k`` headlines of a week is confirmed where the headlines that were *not* drawn
show the same: one of its terms at least twice as often as in the 26 weeks before, by the exact test at one in a
thousand. The events are public knowledge, written down before looking at what was found; six whose week or name was
wrong were corrected afterwards. All that passes is looked at beside the five strongest.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.trend_rivals import RIVALS
from benchmarks.trends import (
    FALLBACK,
    HISTORY,
    RECALIBRATED,
    Row,
    Stream,
    by_week,
    lemmatiser,
    notes_of,
    rows_of,
    said,
    sampled,
    shuffled,
    tell,
    window,
    windows,
)
from programme.week import Week
from trends.calibrate import calibrate_window
from trends.compounds import with_parts
from trends.find import notes_and_watched
from trends.surprise import binomial_tail, rate_ratio, ratio_of_note
from trends.terms import Reader
from trends.window import LEAST_RATIO, LEAST_VOICES, Window

EVENTS = """
2019-W21 leijon kulta; 2019-W23 rinne hallitus; 2019-W30 johnson pääministeri; 2019-W32 epstein; 2019-W34 amazon
2019-W47 posti lakko; 2019-W49 rinne ero; 2019-W50 marin pääministeri; 2020-W01 iran soleimani; 2020-W02 iran kone
2020-W04 kobe bryant; 2020-W05 brexit ero; 2020-W12 poikkeustila valmiuslaki; 2020-W13 uusimaa; 2020-W14 uusimaa
2020-W22 floyd; 2020-W23 floyd; 2020-W32 beirut; 2020-W34 navalnyi; 2020-W43 vastaamo; 2020-W45 biden trump vaali
2020-W48 maradona; 2021-W01 capitol kongressi; 2021-W03 biden virkaanastujaiset; 2021-W12 suez laiva
2021-W15 philip prinssi; 2021-W23 eriksen; 2021-W23 huuhkaja; 2021-W23 kuntavaal; 2021-W30 olympialainen tokio
2021-W33 kabul afganistan; 2021-W48 omikron; 2022-W03 aluevaal hyvinvoin; 2022-W03 tonga; 2022-W05 olympialainen peking
2022-W08 ukraina venäjä; 2022-W13 smith oscar; 2022-W19 nato; 2022-W21 leijon kulta; 2022-W22 depp heard
2022-W27 abe; 2022-W33 marin video; 2022-W35 gorbatšov; 2022-W36 elisabet kuningatar; 2022-W38 liikekannallepano
2022-W39 nord stream; 2022-W40 krim silta; 2022-W46 qatar; 2022-W50 messi
"""
"""Week and beginnings of words, any of which names the event."""
RATIOS = (2.0, 3.0, 5.0, 8.0)


def measure_precision(k: int, weeks: dict[Week, list[Row]], reader: Reader) -> None:
    """Print how many of the five strongest notes of real weeks are confirmed by the headlines that were not drawn."""
    drawn = sampled(weeks, k, 120, Random(k))
    stream = {week: said(rows, week, reader, "fi") for week, rows in drawn.items()}
    chosen = {row.key for rows in drawn.values() for row in rows}
    rest = {week: said([r for r in weeks[week] if r.key not in chosen], week, reader, "fi") for week in drawn}
    aside = counts_of(rest)
    order = sorted(stream)
    notes: Counter[str] = Counter()
    right: Counter[str] = Counter()
    alpha = FALLBACK.alpha
    for i in range(HISTORY, len(order)):
        opened = window(stream, order, i)
        if (i - HISTORY) % RECALIBRATED == 0:
            alpha = (calibrate_window(opened, seed=1) or FALLBACK).alpha
        for rule in ("kuntakaiku", *RIVALS):
            for posts in notes_of(opened, rule, alpha)[:5]:
                notes[rule] += 1
                right[rule] += confirmed(opened, posts, [aside[week] for week in order[i - HISTORY : i + 1]])
    n = len(order) - HISTORY
    for rule in ("kuntakaiku", *RIVALS):
        line = {"measure": "precision of the top five", "k": k, "weeks": n, "rule": rule, "notes": notes[rule]}
        precision = round(right[rule] / max(1, notes[rule]), 3)
        tell({**line, "notes_a_week": round(notes[rule] / n, 2), "value": precision})


def counts_of(stream: Stream) -> dict[Week, Counter[str]]:
    """Return in how many texts each term stands, by week."""
    flat = with_parts([post for week in sorted(stream) for post in stream[week]])
    found: dict[Week, Counter[str]] = {week: Counter() for week in stream}
    for post in flat:
        found[post.week].update(post.terms)
    return found


def confirmed(opened: Window, posts: Sequence[int], aside: Sequence[Counter[str]]) -> bool:
    """Return whether a term that most of a note's posts share rose among the headlines that were not drawn."""
    shared = Counter(term for i in posts for term in opened.now.utterances[i].terms)
    *before, now = aside
    for term in (term for term, n in shared.items() if 2 * n >= len(posts) and term not in opened.everyday):
        y, total = now[term], sum(week[term] for week in before)
        if y * len(before) >= 2 * total and y and binomial_tail(y, y + total, 1 / (1 + len(before))) <= 0.001:
            return True
    return False


def measure_events(weeks: dict[Week, list[Row]], reader: Reader, texts: int) -> None:
    """Print how many known events are found among the five strongest notes of their week or the next."""
    chance = Random(1)
    full = {w: rows if len(rows) <= texts else chance.sample(rows, texts) for w, rows in weeks.items()}
    stream = {week: said(rows, week, reader, "fi") for week, rows in full.items()}
    order = sorted(stream)
    alpha = 0.3
    found, at_all, asked = [], 0, 0
    for event in EVENTS.replace("\n", ";").split(";"):
        if not event.strip():
            continue
        name, *words = event.split()
        asked += 1
        at = order.index(Week.named(name))
        opened = [window(stream, order, i) for i in (at, at + 1) if HISTORY <= i < len(order)]
        at_all += any(names(each, words, alpha, len(each.now.utterances)) for each in opened)
        if any(names(each, words, alpha, 5) for each in opened):
            found.append(event.strip())
        else:
            tell({"missed": event.strip()})
    line = {"measure": "known events found", "texts a week": texts, "events": asked}
    tell({**line, "value": round(len(found) / asked, 3), "among all that passes": round(at_all / asked, 3)})


def names(opened: Window, words: Sequence[str], alpha: float, most: int) -> bool:
    """Return whether one of the strongest notes speaks of an event in half of its posts."""
    for topic in notes_and_watched(opened, alpha)[0][:most]:
        texts = [opened.now.utterances[i].text.casefold() for i in topic.positions]
        if any(2 * sum(word in text for text in texts) >= len(texts) for word in words):
            return True
    return False


def measure_intervals(k: int, weeks: dict[Week, list[Row]], reader: Reader) -> None:
    """Print how often the true ratio lies inside the printed interval, of all terms and of those that become notes."""
    chance = Random(k)
    drawn = sampled(weeks, k, 120, Random(k))
    stream = shuffled({week: said(rows, week, reader, "fi") for week, rows in drawn.items()}, chance)
    everything = counts_of(stream)
    rates = {t: n / len(stream) for t, n in sum(everything.values(), Counter[str]()).items() if n >= 30}
    held: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for opened in list(windows(stream))[::8]:
        for term, rate in rates.items():
            total = opened.totals.get(term, 0)
            if not total or term in opened.everyday:
                continue
            for true in RATIOS:
                y = poisson(true * rate, chance)
                p = opened.test(y, opened.weekly(term))
                kinds = ["all", *(["notes"] if p is not None and p <= 0.3 / opened.looked_at else [])]
                share, level = 1 / (1 + len(opened.history)), 0.3 / opened.looked_at
                for kind in kinds:
                    interval = (
                        rate_ratio(y, total, len(opened.history))
                        if kind == "all"
                        else ratio_of_note(y, total, len(opened.history), passes=passing(y + total, share, level))
                    )
                    asked[kind] += 1
                    held[kind] += interval.low <= true <= (interval.high or float("inf"))
    for kind, n in asked.items():
        share = round(held[kind] / n, 3)
        tell({"measure": "true ratio inside the interval", "k": k, "of": kind, "n": n, "value": share})


def passing(n: int, share: float, level: float) -> Callable[[int], bool]:
    """Return whether a count of ``n`` would have made a note."""

    def passes(count: int) -> bool:
        doubled = count * (1 - share) >= LEAST_RATIO * (n - count) * share
        return count >= LEAST_VOICES and doubled and binomial_tail(count, n, share) <= level

    return passes


def poisson(mean: float, chance: Random) -> int:
    """Draw from Poisson's law, by waiting times."""
    n, at = 0, chance.expovariate(1.0)
    while at < mean:
        n, at = n + 1, at + chance.expovariate(1.0)
    return n


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--k", type=int, default=100)
    options.add_argument("--part", choices=("precision", "intervals", "events"))
    options.add_argument("--texts", type=int, default=1_200, help="headlines a week among which events are looked for")
    options.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "kuntakaiku-benchmarks")
    given = options.parse_args()
    reader = Reader(own=(), lemmatise=lemmatiser(given.cache))
    weeks = by_week(rows_of(Path(os.environ["KUNTAKAIKU_TEST_DATA"]), "fi-news"))
    if given.part in (None, "precision"):
        measure_precision(given.k, weeks, reader)
    if given.part in (None, "intervals"):
        measure_intervals(given.k, weeks, reader)
    if given.part in (None, "events"):
        measure_events(weeks, reader, given.texts)


if __name__ == "__main__":
    main()
