"""The classifier in use, and predictions for posts that lack one."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError
from programme.week import Week
from runtime.jobs.watched import watched

if TYPE_CHECKING:
    from classifier.errors import ModelUnusableError
    from classifier.example import Text
    from classifier.predict import Classifier
    from corpus.judgements import ModelRecord, Moves
    from corpus.post import Prediction, StoredPost
    from digest.issue import ClassifierFacts
    from runtime.cli.speak import Progress
    from runtime.cluster.dask import Cluster
    from runtime.wiring import Program

_BATCH = 1_000
CURRENT = "current"
"""Directory of the model in use among the models; training replaces it whole."""
TAKE_OVER = "new classifier"
"""In the run ledger: a classifier came into use, and what it says otherwise than the one before."""


def open_classifier(
    program: "Program",
    *,
    with_vectors: bool = False,
    show: "Callable[[str], AbstractContextManager[Progress]] | None" = None,
) -> "Classifier":
    """Return the trained classifier in use, else one that knows only the themes' own texts.

    ``show`` opens a bar for its sentence vectors.

    Where the model in use cannot be read and the one before it can, that one answers, and a warning says so.

    Raises:
        ModelUnusableError: the model in use is damaged, or was trained for other themes, and so is the one before it.
        UntrainableError: without a model, the themes do not say enough of themselves.
    """
    from classifier.coldstart import cold_classifier
    from classifier.errors import ModelUnusableError
    from classifier.predict import Classifier
    from runtime.cli.speak import tell_warning

    programme = program.configuration.programme
    vectors = watched(program.vectors, show) if with_vectors else None
    directory = model_in_use(program.models)
    if directory is None:
        return cold_classifier(programme, vectors=vectors)
    previous = program.models / f"{CURRENT}.previous"
    try:
        return Classifier.load(directory, programme, vectors=vectors)
    except ModelUnusableError as error:
        try:
            earlier = Classifier.load(previous, programme, vectors=vectors)
        except ModelUnusableError:
            raise error from None
        if not program.quiet:
            tell_warning(f"{error.problem} The model before it, {earlier.version}, is used instead. {error.remedy}")
        return earlier


def fault_of_model(program: "Program") -> "ModelUnusableError | None":
    """Return what is wrong with the model that should be in use; None where nothing is, or there is none."""
    from classifier.errors import ModelUnusableError
    from classifier.model_file import read_model

    directory = model_in_use(program.models)
    try:
        if directory is not None:
            read_model(directory, program.configuration.programme)
    except ModelUnusableError as error:
        return error
    return None


def model_in_use(models: Path) -> Path | None:
    """Return the directory of the trained model in use, or None before any training."""
    directory = models / CURRENT
    previous = models / f"{CURRENT}.previous"  # alone where writing the new one was cut short; it is read instead
    return directory if directory.is_dir() or previous.is_dir() else None


def model_stamp(models: Path) -> object:
    """Return what changes whenever another model is put in use; None before any training."""
    directory = model_in_use(models)
    try:
        found = (directory / "manifest.json").stat() if directory else None
    except FileNotFoundError:  # damaged, or just being replaced: opening it says so
        return directory
    return (found.st_ino, found.st_mtime_ns) if found else None


def record(program: "Program", classifier: "Classifier") -> "ModelRecord":
    """Return the corpus' record of a classifier version."""
    from classifier.model_file import theme_hash
    from corpus.judgements import ModelRecord

    manifest = classifier.model.manifest
    trained, report = manifest.get("trained_at"), manifest.get("report")
    learnt_to = manifest.get("learnt_to", 0 if not manifest.get("labels") else None)
    return ModelRecord(
        version=classifier.version,
        trained_at=datetime.fromisoformat(trained) if isinstance(trained, str) else program.clock(),
        data_hash=str(manifest.get("data_hash") or ""),
        theme_hash=theme_hash(classifier.model.themes),
        report=report if isinstance(report, dict) else {},
        learnt_to=learnt_to if isinstance(learnt_to, int) else None,
    )


def catch_up(program: "Program", do: Callable[[], object]) -> None:
    """Have posts classified where any waits for it; told without opening the classifier."""
    active, stamp = program.corpus.judgements.active_model(), (model_stamp(program.models),)
    if active is not None and program.classified_with == stamp:
        if not any(program.corpus.posts.unclassified(active.version)):
            return
    elif not program.corpus.posts.count():
        return
    do()
    program.classified_with = stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What came of a classification."""

    model: str
    posts: int
    """That were predicted just now."""
    by_theme: Mapping[str, int]
    """Of these, every theme of the programme in order."""
    seconds: float
    change: "Moves | None"
    """What a classifier that has just come into use says otherwise than the one before; None where none has."""

    def as_json(self) -> dict[str, object]:
        """Return it as ``classify`` prints it."""
        return {
            "classified": self.posts,
            "by_theme": dict(self.by_theme),
            "unclassified": self.posts - sum(self.by_theme.values()),
            "seconds": self.seconds,
            "model": self.model,
            "change": None if self.change is None else change_as_json(self.change),
        }


def classify(
    program: "Program", *, again: bool = False, cluster: "Cluster | None" = None, progress: "Progress | None" = None
) -> Classified:
    """Predict posts that lack a prediction by the classifier in use.

    A classifier that is new comes into use, whole, when it has judged every post: until then the one before it counts,
    so that no number mixes the two. Killed half-way, it goes on where it was: a batch's predictions carry their version
    and are saved together. Labels are never touched.

    Args:
        program: the house.
        again: predict every post, also those that this version has predicted.
        cluster: whose workers predict; this process alone reads and writes the database.
        progress: told how many posts are done, and of how many.
    """
    began = program.clock()
    classifier, judgements, posts = program.classifier, program.corpus.judgements, program.corpus.posts
    themes: Counter[str] = Counter()
    classified = 0
    total = (posts.count() if again else posts.waiting(classifier.version)) if progress else None
    batches = _every_post(program) if again else posts.unclassified(classifier.version)
    predicted: Iterator[tuple[list[StoredPost], list[Prediction]]]
    if cluster is None:
        predicted = ((batch, classifier.predict(_texts(program, batch))) for batch in batches)
    else:
        predicted = _predicted_by(cluster, program, batches)
    for batch, predictions in predicted:
        pairs = [(stored.post_id, prediction) for stored, prediction in zip(batch, predictions, strict=True)]
        judgements.save_predictions(pairs, now=program.clock())
        classified += len(batch)
        themes.update(prediction.theme for prediction in predictions if prediction.theme)
        if progress:
            progress(classified, total)
    return Classified(
        model=classifier.version,
        posts=classified,
        by_theme={slug: themes[slug] for slug in program.configuration.programme.slugs},
        seconds=round((program.clock() - began).total_seconds(), 3),
        change=_take_over(program, classifier, classified),
    )


def _take_over(program: "Program", classifier: "Classifier", predicted: int) -> "Moves | None":
    """Let a classifier that is new count from now on, and note in the run ledger what it says otherwise."""
    judgements, now = program.corpus.judgements, program.clock()
    before = judgements.active_model()
    if before is not None and before.version == classifier.version:
        return None
    change = judgements.moves(before.version, classifier.version) if before else None
    judgements.activate(record(program, classifier), now=now)
    if change is not None:
        ledger = program.corpus.ledger
        counts = {"predicted": predicted, "compared": change.compared, "changed": change.changed}
        moves = {f"{old} → {new}": posts for (old, new), posts in change.moved.items()}
        ledger.finish(ledger.start(TAKE_OVER, now=now), state="done", now=now, counts=counts | moves)
    return change


def change_as_json(change: "Moves") -> dict[str, object]:
    """Return what a new classifier says otherwise, as JSON."""
    return {
        "from": change.before,
        "to": change.after,
        "compared": change.compared,
        "changed": change.changed,
        "moves": [{"from": old, "to": new, "posts": posts} for (old, new), posts in change.moved.items()],
    }


def change_line(change: "Moves") -> str:
    """Return in a sentence what a new classifier says otherwise."""
    if not change.changed:
        return f"The new classifier {change.after} moved none of {change.compared} posts that nobody has labelled."
    (old, new), posts = next(iter(change.moved.items()))
    return (
        f"{change.changed} of {change.compared} posts that nobody has labelled changed theme by the new classifier"
        f" {change.after}, most from {old} to {new} ({posts})."
    )


def _predicted_by(
    cluster: "Cluster", program: "Program", batches: "Iterator[list[StoredPost]]"
) -> "Iterator[tuple[list[StoredPost], list[Prediction]]]":
    """Yield batches with their predictions, in order, the texts sent to workers some batches ahead."""
    import msgspec

    from corpus.post import Prediction
    from runtime.cluster.work import classified, pack_classifier

    decode = msgspec.msgpack.Decoder(list[Prediction]).decode
    sent: deque[list[StoredPost]] = deque()

    def payloads() -> Iterator[bytes]:
        for batch in batches:
            sent.append(batch)
            yield msgspec.msgpack.encode([(item.text, item.context) for item in _texts(program, batch)])

    programme = (program.settings.config / "programme.toml").read_bytes()
    version = program.classifier.version
    for content in cluster.spread(classified, payloads(), pack_classifier(programme, model_in_use(program.models))):
        predictions = decode(content)
        if {prediction.model for prediction in predictions} - {version}:
            raise KuntakaikuError("Another classifier was put in use meanwhile.", "Run the command again.")
        yield sent.popleft(), predictions


def _texts(program: "Program", batch: "Sequence[StoredPost]") -> "list[Text]":
    """Return what is classified: a reply brings the text of the post that it answers."""
    from classifier.example import Text

    answered: dict[str, set[str]] = {}
    for stored in batch:
        if stored.post.reply_to:
            answered.setdefault(stored.post.network, set()).add(stored.post.reply_to)
    texts = {network: program.corpus.posts.texts_of(network, sorted(ids)) for network, ids in answered.items()}
    return [
        Text(
            text=stored.post.text or "",
            context=texts.get(stored.post.network, {}).get(stored.post.reply_to or ""),
        )
        for stored in batch
    ]


def _every_post(program: "Program") -> "Iterator[list[StoredPost]]":
    begin, end = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
    posts = (stored for stored in program.corpus.posts.between(begin, end) if stored.post.text is not None)
    while batch := list(islice(posts, _BATCH)):
        yield batch


def classifier_facts(program: "Program", week: Week) -> "ClassifierFacts":
    """Return what an issue of a week tells of the classifier that counted it."""
    from digest.issue import ClassifierFacts
    from runtime.jobs.audit import accuracy_facts

    active = program.corpus.judgements.active_model()
    manifest = program.classifier.model.manifest
    labels = manifest.get("labels")
    learnt = sum(int(count) for count in labels.values()) if isinstance(labels, dict) else 0
    return ClassifierFacts(
        version=active.version if active else None,
        trained_at=active.trained_at if active and "trained_at" in manifest else None,
        trained_on=learnt if active else 0,
        accuracy=accuracy_facts(program, week),
    )
