"""A week beside its history, of which only what changed is counted anew."""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from programme.types import UNSURE
from programme.week import Week

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from corpus.counted_weeks import Said, Span
    from runtime.wiring import Program
    from trends.count import Utterance
    from trends.terms import Reader
    from trends.window import TrendSettings, Window


def counted_window(
    program: "Program",
    week: Week,
    covered: Callable[[Week], bool],
    settings: "TrendSettings",
    *,
    asked: Collection[str] = (),
) -> "tuple[Window, Reader]":
    """Return a week beside its history, and what reads its texts.

    Args:
        program: the house.
        week: the week.
        covered: which weeks were collected well enough to be compared.
        settings: how far back the history reaches.
        asked: terms that are asked for by name.
    """
    from trends.find import reader_for, utterances_of
    from trends.kept import open_kept
    from trends.window import weeks_before

    programme = program.configuration.programme
    zone, reader = programme.zone, reader_for(programme, program.lemmatiser.lemma)
    before = weeks_before(week, settings)
    originals = _span(program, before[0], week)
    kept = {each: content for each in before if (content := _counted(program, each, originals, reader)) is not None}
    posts = program.corpus.posts.classified_between(week.start_at(zone), week.end_at(zone))
    texts = _originals(program.corpus.counted_weeks.said(_span(program, week, week), originals))

    def fetch(post_ids: Sequence[int]) -> "list[Utterance]":
        return _fetched(program, post_ids, originals, reader)

    now = utterances_of(posts, week=week, programme=programme, reader=reader, originals=texts)
    with _uncollected():
        return open_kept(now, week, kept, covered, settings, asked=asked, fetch=fetch), reader


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: of a million posts' terms none is in one, and looking takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _span(program: "Program", first: Week, last: Week) -> "Span":
    from corpus.counted_weeks import Span

    zone = program.configuration.programme.zone
    return Span(start_at=first.start_at(zone), end_at=last.end_at(zone))


def _counted(program: "Program", week: Week, originals: "Span", reader: "Reader") -> bytes | None:
    """Return what is counted of a week, by now kept; None where it has no post."""
    from corpus.counted_weeks import fingerprint
    from trends.count import count_week
    from trends.packed import pack

    store, span, rules = program.corpus.counted_weeks, _span(program, week, week), rules_of(program)
    said = store.said(span, originals)
    if not said:
        return None
    found = fingerprint(said, rules)
    kept = store.get(span.start_at, found)
    if kept is None:
        counts = count_week(week, (_utterance(one, week, reader) for one in said))
        kept = pack(counts, [one.post_id for one in said], [one.created_at for one in said])
        store.put(span, originals, rules, found, kept)
    return kept


def rules_of(program: "Program") -> str:
    """Return a name of the rules by which a week's texts are counted: another name, and every week is counted anew."""
    from trends.packed import RULES

    programme = program.configuration.programme
    return repr((RULES, program.lemmatiser.version, sorted(programme.languages), sorted(programme.hashtags)))


def _utterance(said: "Said", week: Week, reader: "Reader") -> "Utterance":
    from corpus.instants import to_instant
    from trends.count import Utterance
    from trends.find import primary

    text, lang = said.text or said.original or "", said.lang or primary(said.network_lang)
    return Utterance(
        key=(said.network, said.native_id),
        week=week,
        created_at=to_instant(said.created_at),
        account=(said.network, said.account) if said.account is not None else None,
        repost_of=(said.network, said.repost_of) if said.repost_of else None,
        text=text,
        terms=reader.terms(text, lang),
        lang=lang,
        theme=None,
    )


def _originals(said: "Iterable[Said]") -> dict[tuple[str, str], str]:
    return {(one.network, one.repost_of): one.original for one in said if one.repost_of and one.original is not None}


def _fetched(program: "Program", post_ids: "Sequence[int]", originals: "Span", reader: "Reader") -> "list[Utterance]":
    """Return posts of the history by our ids; one that was deleted in the meantime says nothing."""
    from dataclasses import replace

    said = {one.post_id: one for one in program.corpus.counted_weeks.said_of(post_ids, originals)}
    stored = {one.post_id: one for one in program.corpus.posts.stored_of(list(said))}
    zone = program.configuration.programme.zone
    found = []
    for post_id in post_ids:
        if post_id not in said or post_id not in stored:
            found.append(_silent(post_id, originals, zone))
            continue
        one, post = said[post_id], stored[post_id]
        spoken = _utterance(one, Week.of(post.post.created_at, zone), reader)
        found.append(replace(spoken, links=post.post.links, discussion=post.discussion))
    return found


def _silent(post_id: int, originals: "Span", zone: "ZoneInfo") -> "Utterance":
    from trends.count import Utterance

    return Utterance(
        key=("", str(post_id)),
        week=Week.of(originals.start_at, zone),
        created_at=originals.start_at,
        account=None,
        repost_of=None,
        text="",
        terms=(),
        lang=UNSURE,
        theme=None,
    )
