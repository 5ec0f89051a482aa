"""An explanation and the notes are one computation."""

from programme.types import Programme
from tests.trends.invented import WEEK, burst, everyday_talk
from trends.explain import explain
from trends.find import MEASURED_SETTINGS, reader_for, utterances_of
from trends.window import Window, open_window


def opened(village: Programme) -> Window:
    """Return a week with a burst after twelve in which nothing happens."""
    posts = [*everyday_talk([*WEEK.before(12), WEEK]), *burst(writers=9)]
    reader = reader_for(village, None)
    utterances = utterances_of(posts, week=WEEK, programme=village, reader=reader)
    return open_window(utterances, WEEK, lambda _: True, MEASURED_SETTINGS)


def test_every_term_is_explained_as_it_was_tested(village: Programme) -> None:
    """Counts, surprise and weight of each tested term are those by which it became a note."""
    window = opened(village)
    tested = list(window.tested(1.0))
    told = explain(window, [one.term for one in tested], 0.3)
    assert [(one.term, one.y, sum(one.weekly), one.p, one.weighed) for one in told.terms] == [
        (one.term, one.y, one.total, one.p, one.weighed) for one in tested
    ]
    assert told.passes == any(one.weighed <= told.threshold for one in tested)
    assert told.passes


def test_everyday_speech_is_called_so(village: Programme) -> None:
    """A word of every week has its counts, and no test."""
    window = opened(village)
    term = min(window.everyday)
    told = explain(window, [term], 0.3)
    assert (told.terms[0].everyday, told.terms[0].p, told.passes) == (True, None, False)
    assert told.terms[0].y == window.now.voices_by_term.get(term, 0)
