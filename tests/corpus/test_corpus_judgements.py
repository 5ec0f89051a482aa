"""What people and the classifier say of posts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from corpus.judgements import ModelRecord
from corpus.post import ClassifiedPost, Label, Post, Prediction, Reason
from corpus.posts import Applied
from corpus.store import Corpus

HOUR = timedelta(hours=1)
FOREVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Build = Callable[..., Post]
Store = Callable[..., Applied]
Predict = Callable[..., Prediction]


def ids_of(corpus: Corpus) -> list[int]:
    """Return our ids, oldest post first."""
    return [stored.post_id for stored in corpus.posts.between(*FOREVER)]


def model(version: str, now: datetime) -> ModelRecord:
    """Return the record of a classifier version."""
    return ModelRecord(version=version, trained_at=now, data_hash="d", theme_hash="t", report={"macro_f1": 0.5})


def test_label_given_twice_is_one(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """The same judgement stored again is the same judgement; the newest decides."""
    store(corpus, [make_post()])
    [post_id] = ids_of(corpus)
    first = Label(theme="roles", by="MK", at=now, guideline="2", blind=True)
    second = Label(theme=None, by="TV", at=now + HOUR)
    assert corpus.judgements.add_labels([(post_id, second), (post_id, first)]) == 2
    assert corpus.judgements.add_labels([(post_id, first)]) == 0
    [classified] = corpus.posts.all_classified()
    assert classified.labels == (first, second)
    assert (classified.theme, classified.standing, classified.theme_by) == (None, "none", "label")
    assert [(stored.post_id, label) for stored, label in corpus.judgements.labels()] == [
        (post_id, second),
        (post_id, first),
    ]


def test_many_labels_are_read_in_order(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Labels are read in the order they were given, however many."""
    store(corpus, [make_post()])
    [post_id] = ids_of(corpus)
    given = [(post_id, Label(theme="roles", by="MK", at=now + HOUR * number)) for number in range(1200)]
    assert corpus.judgements.add_labels(given) == 1200
    assert [label.at for _, label in corpus.judgements.labels()] == [label.at for _, label in given]


def test_prediction_comes_back_as_it_went_in(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """A prediction is stored exactly and sets the post's language; a later one of the same model replaces it."""
    store(corpus, [make_post()])
    [post_id] = ids_of(corpus)
    prediction = make_prediction(confidence=1 / 3, scores={"b": 0.1 + 0.2, "a": 1e-17, "none": 0.7}, lang="sv")
    assert corpus.judgements.save_predictions([(post_id, prediction)], now=now) == 1
    [classified] = corpus.posts.classified_between(*FOREVER)
    assert classified.prediction == prediction
    assert list(classified.prediction.scores) == ["b", "a", "none"]
    assert classified.stored.lang == "sv"
    again = replace(prediction, theme=None, reasons=(Reason(kind="off_topic", text=""),))
    corpus.judgements.save_predictions([(post_id, again)], now=now)
    [classified] = corpus.posts.classified_between(*FOREVER)
    assert (classified.prediction, classified.standing) == (again, "none")


def test_models_stand_side_by_side(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """Counting uses one version's predictions; an export falls back on another's where that one has none."""
    store(corpus, [make_post(1), make_post(2)])
    first, second = ids_of(corpus)
    old, new = make_prediction(model="m1", theme="roles"), make_prediction(model="m2", theme="services")

    def themes(posts: list[ClassifiedPost]) -> list[str | None]:
        return [post.theme for post in posts]

    corpus.judgements.save_predictions([(first, old), (second, old)], now=now)
    corpus.judgements.save_predictions([(first, new)], now=now + HOUR)
    assert corpus.judgements.active_model() is None
    assert themes(list(corpus.posts.classified_between(*FOREVER))) == ["services", "roles"]
    corpus.judgements.activate(model("m2", now), now=now)
    assert themes(list(corpus.posts.classified_between(*FOREVER))) == ["services", None]
    assert themes(list(corpus.posts.classified_between(*FOREVER, model="m1"))) == ["roles", "roles"]
    assert themes(list(corpus.posts.all_classified())) == ["services", "roles"]
    corpus.judgements.activate(model("m1", now - HOUR), now=now + HOUR)
    assert themes(list(corpus.posts.all_classified())) == ["roles", "roles"]
    assert corpus.judgements.active_model() == model("m1", now - HOUR)
    assert corpus.judgements.models() == [model("m1", now - HOUR), model("m2", now)]


def test_no_sum_mixes_two_versions(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """Once a version is active, statistics count its predictions alone; what it has not judged is unclassified."""
    store(corpus, [make_post(1), make_post(2)])
    first, second = ids_of(corpus)
    old, new = make_prediction(model="m1", theme="roles"), make_prediction(model="m2", theme="services")
    corpus.judgements.save_predictions([(first, old), (second, old)], now=now)
    assert corpus.posts.statistics().by_theme == {"roles": 2}
    corpus.judgements.activate(model("m1", now), now=now)
    corpus.judgements.save_predictions([(first, new)], now=now)
    assert corpus.posts.statistics().by_theme == {"roles": 2}
    corpus.judgements.activate(model("m2", now), now=now - HOUR)  # a clock that was set back
    assert corpus.posts.statistics().by_theme == {"services": 1, "unclassified": 1}
    counted = [post.theme for post in corpus.posts.all_classified(counted=True)]
    assert counted == ["services", None]
    assert (corpus.posts.waiting("m1"), corpus.posts.waiting("m2")) == (0, 1)


def test_projects_and_phenomena_are_counted(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """Each slug of a facet is counted once a post, by the active classifier alone."""
    store(corpus, [make_post(1), make_post(2), make_post(3)])
    first, second, third = ids_of(corpus)
    named = make_prediction(model="m1", projects=("library", "node"), phenomena=())
    corpus.judgements.save_predictions(
        [(first, named), (second, make_prediction(model="m1")), (third, make_prediction(model="m0"))], now=now
    )
    corpus.judgements.activate(model("m1", now), now=now)
    found = corpus.posts.statistics()
    assert found.by_project == {"library": 2, "node": 1}
    assert found.by_phenomenon == {"climate": 1}


def test_moves_leave_labelled_posts_aside(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """What a new version says otherwise is counted by standing, most first, without the posts that people judged."""
    store(corpus, [make_post(number) for number in range(5)])
    ids = ids_of(corpus)
    off_topic = make_prediction(model="m2", theme=None, reasons=(Reason(kind="off_topic", text=""),))
    old = make_prediction(model="m1", theme="roles")
    new = replace(old, model="m2", theme="services")
    corpus.judgements.save_predictions([(post_id, old) for post_id in ids], now=now)
    corpus.judgements.save_predictions(
        [(ids[0], new), (ids[1], off_topic), (ids[2], new), (ids[3], new), (ids[4], replace(old, model="m2"))], now=now
    )
    corpus.judgements.add_labels([(ids[3], Label(theme="roles", by="MK", at=now))])
    found = corpus.judgements.moves("m1", "m2")
    assert found.compared == 4
    assert found.changed == 3
    assert list(found.moved.items()) == [(("roles", "services"), 2), (("roles", "none"), 1)]


def test_labels_are_numbered_and_remember_the_audit(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """A label keeps that its post was drawn at random, and labels after a number can be counted and left out."""
    store(corpus, [make_post(1)])
    [post_id] = ids_of(corpus)
    assert corpus.judgements.last_label() == 0
    corpus.judgements.add_labels([(post_id, Label(theme="roles", by="MK", at=now))])
    first = corpus.judgements.last_label()
    drawn = Label(theme=None, by="MK", at=now + HOUR, blind=True, audit=True)
    corpus.judgements.add_labels([(post_id, drawn)])
    assert [label for _, label in corpus.judgements.labels()][1] == drawn
    assert [label.audit for _, label in corpus.judgements.labels(up_to=first)] == [False]
    assert corpus.judgements.labels_after(first) == 1


def test_selection_knows_what_the_carrier_says(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime
) -> None:
    """Selecting by theme finds exactly the posts whose carrier stands there; language and time select too."""
    store(corpus, [make_post(number, lang="sv" if number == 5 else "fi") for number in range(6)])
    ids = ids_of(corpus)
    off_topic = make_prediction(theme=None, reasons=(Reason(kind="off_topic", text=""),))
    unsure = make_prediction(theme=None, reasons=(Reason(kind="unsure", text=""),), lang="unsure")
    corpus.judgements.save_predictions(
        [(ids[0], make_prediction()), (ids[1], off_topic), (ids[2], unsure), (ids[3], make_prediction())], now=now
    )
    corpus.judgements.add_labels(
        [(ids[3], Label(theme="roles", by="MK", at=now)), (ids[4], Label(theme="unsure", by="MK", at=now))]
    )
    everything = list(corpus.posts.all_classified())
    for standing in ("services", "roles", "none", "unsure", "unclassified"):
        wanted = [post for post in everything if post.standing == standing]
        assert list(corpus.posts.all_classified(theme=standing)) == wanted
        assert wanted
    assert [post.stored.post_id for post in corpus.posts.all_classified(lang="sv")] == ids[5:]
    assert [post.stored.post_id for post in corpus.posts.all_classified(lang="unsure")] == [ids[2]]
    since, until = everything[1].stored.post.created_at, everything[3].stored.post.created_at
    assert [post.stored.post_id for post in corpus.posts.all_classified(since=since, until=until)] == ids[1:3]
    assert corpus.posts.by_native_id("mastodon", "0") is None
