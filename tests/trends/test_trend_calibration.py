"""How careful to be, measured on shuffled weeks."""

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from corpus.post import ClassifiedPost
from programme.types import Programme
from tests.trends.invented import WEEK, burst, everyday_talk
from trends.calibrate import ALPHAS, MOST_CHANCE_NOTES, Calibration, detectable
from trends.find import calibrate, find_trends, reader_for, thinned, utterances_of
from trends.window import TrendSettings, Window, open_window


def measured(posts: list[ClassifiedPost], programme: Programme, *, seed: int = 1) -> Calibration | None:
    """Return the calibration of the week, every week covered, without a lemmatiser."""
    return calibrate(posts, week=WEEK, programme=programme, covered=lambda _: True, lemmatise=None, seed=seed)


def window(posts: list[ClassifiedPost], programme: Programme, settings: TrendSettings) -> Window:
    """Return the window of the week."""
    reader = reader_for(programme, None)
    utterances = utterances_of(posts, week=WEEK, programme=programme, reader=reader)
    return open_window(utterances, WEEK, lambda _: True, settings)


def test_chance_stays_below_the_promise(village: Programme) -> None:
    """The largest alpha is taken whose chance notes stay at or below one in ten weeks."""
    found = measured(list(everyday_talk(WEEK.before(12), posts=30)), village)
    assert found is not None
    assert found.alpha in ALPHAS
    assert found.chance_notes <= MOST_CHANCE_NOTES
    assert found.weeks == 12 * 50


def test_equal_seed_equal_answer_in_any_order(village: Programme) -> None:
    """Chance comes in by the seed only."""
    posts = list(everyday_talk(WEEK.before(10), posts=25))
    assert measured(posts, village) == measured(Random(4).sample(posts, len(posts)), village)


def test_too_little_history_is_not_calibrated(village: Programme) -> None:
    """With four weeks nothing is measured."""
    assert measured(list(everyday_talk(WEEK.before(4))), village) is None


def test_calibration_survives_storage() -> None:
    """What is stored comes back equal."""
    found = Calibration(alpha=0.3, chance_notes=0.08, weeks=1300)
    assert Calibration.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_report_prints_the_measured_rate(village: Programme) -> None:
    """A calibrated report tells how often chance alone is printed."""
    posts = [*everyday_talk([*WEEK.before(12), WEEK]), *burst(writers=6)]
    found = Calibration(alpha=0.2, chance_notes=0.07, weeks=600)
    report = find_trends(posts, week=WEEK, programme=village, covered=lambda _: True, lemmatise=None, calibration=found)
    assert report.quiet.chance_notes_per_quiet_week == 0.07


def test_more_care_needs_larger_topics(village: Programme) -> None:
    """The smaller alpha, the more writers a topic needs to be found."""
    opened = window([*everyday_talk([*WEEK.before(12), WEEK])], village, TrendSettings())
    sizes = [detectable(opened, alpha) or 0 for alpha in (1.0, 0.05, 1e-6)]
    assert sizes == sorted(sizes)
    assert sizes[0] >= 3


def test_where_three_hundred_writers_do_not_suffice_none_is_promised(village: Programme) -> None:
    """A size that no topic here could have is not promised."""
    opened = window([*everyday_talk([*WEEK.before(4), WEEK])], village, TrendSettings())
    assert detectable(opened, 0.0) is None


def test_printed_rate_holds_in_fresh_quiet_weeks(village: Programme) -> None:
    """Ten new weeks in which nothing happens print about as many notes as was promised: three at most."""
    history = list(everyday_talk(WEEK.before(10), posts=25))
    calibration = measured(history, village)
    notes = 0
    for seed in range(10):
        report = find_trends(
            [*history, *everyday_talk([WEEK], posts=25, seed=50 + seed)],
            week=WEEK,
            programme=village,
            covered=lambda _: True,
            lemmatise=None,
            calibration=calibration,
        )
        notes += len(report.trends)
    assert notes <= 3


@given(order=st.randoms(use_true_random=False), most=st.integers(1, 80))
def test_large_streams_are_calibrated_on_whole_writers(order: Random, most: int) -> None:
    """Of too many posts those of some writers are taken, all of theirs, whatever the order; of few all."""
    posts = list(everyday_talk([WEEK], posts=60))
    mixed = order.sample(posts, len(posts))
    taken = {post.stored.post.native_id for post in thinned(mixed, most)}
    assert taken == {post.stored.post.native_id for post in thinned(posts, most)}
    assert len(taken) <= most
    if most >= 60:
        assert len(taken) == 60
    writers = {post.stored.post.author for post in posts if post.stored.post.native_id in taken}
    assert taken == {post.stored.post.native_id for post in posts if post.stored.post.author in writers}
