"""Which topics stood out in a week, and whether a theme's change is more than chance. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from corpus.post import ClassifiedPost
from programme.types import UNSURE, Programme
from programme.week import Week
from trends.across import Across, Vocabulary
from trends.calibrate import CALIBRATED_WEEKS, Calibration, calibrate_window, detectable
from trends.count import PostKey, Utterance
from trends.decided import NOTHING, Decided, Settled, named, settle
from trends.follow import followed_weeks
from trends.note import copies_in, trend_of
from trends.record import fates
from trends.report import Earlier, Quiet, Raised, Trend, TrendReport
from trends.surprise import binomial_tail, dispersion, negative_binomial_tail
from trends.terms import Lemmatise, Reader
from trends.topics import Topic, fading_topics, stands_without_loudest, topics_of
from trends.window import LEAST_VOICES, TrendSettings, Window, open_window

NOTES = (
    "trends.not_covered",
    "trends.no_posts",
    "trends.no_history",
    "trends.too_little_history",
    "trends.no_words",
    "trends.too_few_writers",
)
"""Message keys of the reasons why nothing can be said of a week."""
_COUNTED = frozenset({"trends.no_posts", "trends.no_words", "trends.too_few_writers"})
"""Of these, the reasons that leave the week comparable: that nobody wrote is a count, too."""
WEEKS_NEEDED = 54
"""Weeks before the week whose posts are worth handing over: 52 to compare with, two more to know what is yearly."""
MEASURED_SETTINGS = TrendSettings()
MOST_CALIBRATED = 100_000
"""Posts on which a calibration is measured: as many cost about a minute and 600 MB."""
_USUAL_WEEKS = 8


def find_trends(
    posts: Iterable[ClassifiedPost],
    *,
    week: Week,
    programme: Programme,
    covered: Callable[[Week], bool],
    lemmatise: Lemmatise | None,
    settings: TrendSettings = MEASURED_SETTINGS,
    calibration: Calibration | None = None,
    earlier: Sequence[Earlier] = (),
    decided: Decided = NOTHING,
    raised: Sequence[Raised] = (),
) -> TrendReport:
    """Return what stood out in a week.

    Args:
        posts: those of the week and of up to ``WEEKS_NEEDED`` weeks before it, in any order; others are ignored.
        week: the week that is asked about.
        programme: gives the time zone of the weeks, and the hashtags, which never are terms.
        covered: whether enough was collected in a week to compare with it.
        lemmatise: word and language to lemma; without it words are cut to a stem.
        settings: how careful the notes are.
        calibration: what ``calibrate`` measured on the project's own stream; without it ``settings.alpha`` holds.
        earlier: topics of the last issues, newest first: their keys carry over, and they are told of when they fade,
            after what rose and within the five.
        decided: what coordinators decided on topics, and what they follow.
        raised: topics that earlier issues raised, for the track record.
    """
    reader = reader_for(programme, lemmatise)
    window = open_window(utterances_of(posts, week=week, programme=programme, reader=reader), week, covered, settings)
    return trends_in(
        window,
        programme=programme,
        reader=reader,
        covered=covered,
        calibration=calibration,
        earlier=earlier,
        decided=decided,
        raised=raised,
    )


def trends_in(
    window: Window,
    *,
    programme: Programme,
    reader: Reader,
    covered: Callable[[Week], bool],
    calibration: Calibration | None = None,
    earlier: Sequence[Earlier] = (),
    decided: Decided = NOTHING,
    raised: Sequence[Raised] = (),
) -> TrendReport:
    """Return what stood out in the week of a window; arguments as ``find_trends`` has them."""
    week, settings = window.now.week, window.settings
    note = _why_silent(window, covered)
    alpha = calibration.alpha if calibration else settings.alpha
    notes, watched = ([], []) if note else notes_and_watched(window, alpha)
    across = Across(window=window, reader=reader, vocabulary=vocabulary_of(programme, reader), apart=decided.apart)
    notes, watched = across.joined(notes, watched)
    told = settle(notes, window, earlier, decided)
    watch = settle(watched, window, earlier, decided).besides(told)
    threshold = alpha / window.looked_at
    risen = _trends(told, window, reader, decided, threshold)
    return TrendReport(
        week=week,
        trends=(*risen, *([] if note else _fading(window, reader, earlier, risen, decided))),
        watch_list=_trends(watch, window, reader, decided, threshold * settings.watch_factor),
        dismissed=told.dismissed,
        copies=copies_in(window.now, settings.least_copies),
        followed=followed_weeks(window, reader, programme.languages, decided, comparable=not note or note in _COUNTED),
        record=fates(raised, window, decided, collected=covered(week)),
        quiet=Quiet(
            detectable_in_nine_of_ten=None if note else detectable(window, alpha),
            chance_notes_per_quiet_week=calibration.chance_notes if calibration else None,
        ),
        history_weeks=len(window.history),
        posts=len(window.now.utterances),
        voices=window.now.voices,
        note=note,
    )


def calibrate(
    posts: Iterable[ClassifiedPost],
    *,
    week: Week,
    programme: Programme,
    covered: Callable[[Week], bool],
    lemmatise: Lemmatise | None,
    seed: int,
    settings: TrendSettings = MEASURED_SETTINGS,
    most: int = MOST_CALIBRATED,
) -> Calibration | None:
    """Return how careful to be in a week, by up to 26 weeks before it; None where these are too few.

    Worth repeating monthly, and to be stored between: it costs some seconds. Arguments as ``find_trends`` has them;
    equal posts and ``seed`` give an equal answer. Of more than ``most`` posts those of some writers are taken.
    """
    reader = reader_for(programme, lemmatise)
    shorter = replace(settings, weeks=min(settings.weeks, CALIBRATED_WEEKS))
    # Older posts would teach parts of compounds: who hands over the whole history and who does not get one answer.
    since = week.plus(-shorter.weeks).start_at(programme.zone)
    recent = thinned((each for each in posts if each.stored.post.created_at >= since), most)
    utterances = utterances_of(recent, week=week, programme=programme, reader=reader)
    return calibrate_window(open_window(utterances, week, covered, shorter), seed=seed)


def thinned(posts: Iterable[ClassifiedPost], most: int) -> list[ClassifiedPost]:
    """Return the posts of as many writers as have at most so many: of all, of a half, of a quarter and so on.

    Who is taken follows from the writer alone, so that the order of the posts makes no difference.
    """
    share, held = 1 << 64, []
    for each in posts:
        post = each.stored.post
        writer = post.author.native_id if post.author and not post.repost_of else f"post {post.native_id}"
        place = int.from_bytes(blake2b(f"{post.network} {writer}".encode(), digest_size=8).digest())
        if place < share:
            held.append((place, each))
        while len(held) > most:
            share //= 2
            held = [(place, each) for place, each in held if place < share]
    return [each for _, each in held]


def reader_for(programme: Programme, lemmatise: Lemmatise | None) -> Reader:
    """Return the reader of the programme's texts."""
    return Reader(own=frozenset(programme.hashtags), lemmatise=lemmatise)


def vocabulary_of(programme: Programme, reader: Reader) -> Vocabulary:
    """Return what the programme's own words mean in any language: a phenomenon's words, a project's words and names."""
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for phenomenon in programme.phenomena:
        for language, words in phenomenon.words.items():
            for word in words:
                meant[" ".join(reader.lemmas(word, language))].add(phenomenon.slug)
    for project in programme.projects:
        for language, name in project.name.by_language.items():
            for word in (name, *project.words):
                meant[" ".join(reader.lemmas(word, language))].add(project.slug)
    return {term: frozenset(slugs) for term, slugs in meant.items() if term}


def utterances_of(
    posts: Iterable[ClassifiedPost],
    *,
    week: Week,
    programme: Programme,
    reader: Reader,
    originals: Mapping[PostKey, str] | None = None,
) -> Iterator[Utterance]:
    """Yield the posts of the week and its history as the counts see them.

    Those whose text may not be kept are as if they had never been; a repost without a text says its original's, which
    is one of the posts or of the texts ``originals``.
    """
    weeks = [*week.before(WEEKS_NEEDED), week]
    ends_at = [each.end_at(programme.zone) for each in weeks]
    start_at = weeks[0].start_at(programme.zone)
    kept = [each for each in posts if each.stored.post.text is not None and not each.stored.post.gone]
    texts = {
        **(originals or {}),
        **{(each.stored.post.network, each.stored.post.native_id): each.stored.post.text or "" for each in kept},
    }
    for each in kept:
        post = each.stored.post
        if not start_at <= post.created_at < ends_at[-1]:
            continue
        original: PostKey | None = (post.network, post.repost_of) if post.repost_of else None
        text = post.text or (texts.get(original, "") if original else "")
        lang = each.stored.lang or primary(post.lang)
        yield Utterance(
            key=(post.network, post.native_id),
            week=weeks[bisect_right(ends_at, post.created_at)],
            created_at=post.created_at,
            account=(post.network, post.author.native_id) if post.author else None,
            repost_of=original,
            text=text,
            terms=reader.terms(text, lang),
            lang=lang,
            theme=each.theme,
            links=post.links,
            discussion=each.stored.discussion,
        )


def primary(tag: str | None) -> str:
    """Return the language of a tag like ``sv-FI``; ``unsure`` where there is none."""
    return (tag or UNSURE).replace("_", "-").split("-")[0].casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A theme's posts of a week beside its usual range."""

    low: int | None
    """Fewest posts of a covered week among the last eight; None without history."""
    high: int | None
    """Most posts."""
    is_news: bool
    """Whether the change is more than chance."""
    p: float
    """Probability that chance alone brings so large a change, up or down."""


def theme_change(this: int, history: Sequence[int], alpha: float = 0.05, *, themes: int = 1) -> Change:
    """Return how a theme's week compares with the covered weeks before it, oldest first.

    The same exact test as for topics, in both directions, by the theme's own dispersion; ``alpha`` is the chance that
    any of ``themes`` themes is called news in a week in which nothing happens.
    """
    weekly = list(history[-_USUAL_WEEKS:])
    if len(weekly) < 2:  # noqa: PLR2004 -- one week shows no range
        return Change(low=min(weekly, default=None), high=max(weekly, default=None), is_news=False, p=1.0)
    total, share = sum(weekly), 1 / (1 + len(weekly))
    more = binomial_tail(this, this + total, share)
    fewer = binomial_tail(total, this + total, 1 - share)
    excess = dispersion(weekly)
    if excess:
        mean = total / len(weekly)
        more = max(more, negative_binomial_tail(this, mean, excess))
        fewer = max(fewer, 1 - negative_binomial_tail(this + 1, mean, excess))
    p = min(1.0, 2 * min(more, fewer))
    return Change(low=min(weekly), high=max(weekly), is_news=p <= alpha / max(1, themes), p=p)


def _why_silent(window: Window, covered: Callable[[Week], bool]) -> str | None:
    now, history = window.now, window.history
    reasons = (
        not covered(now.week),
        not now.utterances,
        not history,
        len(history) < window.settings.least_weeks,
        not now.voices_by_term,
        now.voices < LEAST_VOICES,
    )
    return next((note for note, holds in zip(NOTES, reasons, strict=True) if holds), None)


def notes_and_watched(window: Window, alpha: float) -> tuple[list[Topic], list[Topic]]:
    """Return all topics that pass the test, strongest first, and the weaker ones that speak of other posts."""
    threshold, settings = alpha / window.looked_at, window.settings
    found = list(window.tested(settings.watch_factor * threshold))
    passing = topics_of(window, [term for term in found if term.weighed <= threshold])
    notes = [topic for topic in passing if stands_without_loudest(window, topic, threshold)]
    one_accounts = [topic for topic in passing if topic not in notes]
    told = {i for topic in notes for i in topic.positions}
    weaker = [*one_accounts, *topics_of(window, [term for term in found if term.weighed > threshold])]
    watched = [topic for topic in weaker if 2 * len(told.intersection(topic.positions)) < len(topic.positions)]
    return notes, watched


def _trends(settled: Settled, window: Window, reader: Reader, decided: Decided, threshold: float) -> tuple[Trend, ...]:
    shown = settled.topics[: window.settings.most]
    return tuple(named(trend_of(topic, window, reader, key=key, threshold=threshold), decided) for key, topic in shown)


def _fading(
    window: Window, reader: Reader, earlier: Sequence[Earlier], risen: Sequence[Trend], decided: Decided
) -> list[Trend]:
    """Return the earlier topics that fade, as far as the notes leave room."""
    told = {trend.key for trend in risen}
    asked = [topic for topic in earlier if decided.head(topic.key) not in told and not decided.is_none(topic.key)]
    terms = {decided.head(topic.key): topic.terms for topic in reversed(asked)}
    keys = {words: key for key, words in terms.items()}
    topics = fading_topics(window, terms.values())[: window.settings.most - len(risen)]
    return [named(trend_of(topic, window, reader, key=keys[topic.terms]), decided) for topic in topics]
