"""What the audit reads: the last word on each drawn post, beside a guess that could not know it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from corpus.judgements import ModelRecord
from corpus.post import Label, Post, Prediction
from corpus.posts import Applied
from corpus.store import Corpus

Build = Callable[..., Post]
Store = Callable[..., Applied]
Predict = Callable[..., Prediction]
DAY = timedelta(days=1)


def model(version: str, at: datetime, learnt_to: int | None) -> ModelRecord:
    """Return a version that has learnt up to a label."""
    return ModelRecord(version=version, trained_at=at, data_hash="", theme_hash="", learnt_to=learnt_to)


def drawn(theme: str | None, at: datetime) -> Label:
    """Return a label that was given for the audit."""
    return Label(theme=theme, by="MK", at=at, blind=True, audit=True)


def ids_of(corpus: Corpus, now: datetime) -> list[int]:
    """Return our ids, oldest post first."""
    return [stored.post_id for stored in corpus.posts.between(now - 9 * DAY, now + 9 * DAY)]


def test_a_post_is_judged_by_the_latest_that_had_not_learnt_from_it(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """Who may have seen the label is passed over, also where nobody knows what it saw, or it never was in use."""
    store(corpus, [make_post(1)])
    [post_id] = ids_of(corpus, now)
    for version, theme in (("m0", "a"), ("m1", "b"), ("m2", "c"), ("m3", "d"), ("m4", "e")):
        corpus.judgements.save_predictions([(post_id, make_prediction(model=version, theme=theme))], now=now)
    corpus.judgements.activate(model("m0", now, 0), now=now)
    corpus.judgements.activate(model("m1", now, 0), now=now + DAY)
    corpus.judgements.add_labels([(post_id, drawn("b", now))])
    last = corpus.judgements.last_label()
    corpus.judgements.activate(model("m2", now, last), now=now + 2 * DAY)
    corpus.judgements.activate(model("m3", now, None), now=now + 3 * DAY)
    [found] = corpus.audits.between(now - 9 * DAY, now)
    assert (found.right, found.guessed, found.model) == ("b", "b", "m1")
    assert corpus.judgements.models()[0].learnt_to == 0


def test_the_last_word_counts_and_chosen_posts_do_not(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """Labels that were not given for the audit are passed over; of several the newest decides; unsure is told apart."""
    store(corpus, [make_post(number) for number in range(1, 5)])
    ids = ids_of(corpus, now)
    corpus.judgements.add_labels(
        [
            (ids[0], drawn("a", now)),
            (ids[0], drawn(None, now + DAY)),
            (ids[0], Label(theme="b", by="MK", at=now + 2 * DAY)),
            (ids[1], Label(theme="a", by="MK", at=now)),
            (ids[2], drawn("unsure", now)),
        ]
    )
    found = corpus.audits.between(now - 9 * DAY, now)
    assert [(one.post_id, one.right, one.guessed) for one in found] == [
        (ids[0], "none", None),
        (ids[2], "unsure", None),
    ]
    assert corpus.audits.labelled() == 1
    assert corpus.audits.last_at() == found[-1].created_at
    assert corpus.audits.between(now, now + DAY) == []


def test_texts_that_can_be_drawn_are_counted_once(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """Copies are one text; reposts and tombstones are none."""
    assert corpus.audits.last_at() is None
    store(corpus, [make_post(1), make_post(2), make_post(3), make_post(4, gone="deleted"), make_post(5, repost_of="1")])
    ids = ids_of(corpus, now)
    corpus.posts.set_clusters({ids[0]: "c", ids[1]: "c"})
    assert corpus.audits.texts([(now - 9 * DAY, now), (now, now + DAY)]) == [2, 0]
