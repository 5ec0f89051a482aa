"""The classifier in use, and predictions for posts that lack one."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError

if TYPE_CHECKING:
    from classifier.example import Text
    from classifier.predict import Classifier
    from corpus.judgements import ModelRecord
    from corpus.post import Prediction, StoredPost
    from digest.issue import ClassifierFacts
    from runtime.cluster.dask import Cluster
    from runtime.wiring import Program

_BATCH = 1_000
CURRENT = "current"
"""Directory of the model in use among the models; training replaces it whole."""


def open_classifier(program: "Program", *, with_vectors: bool = False) -> "Classifier":
    """Return the trained classifier in use, else one that knows only the themes' own texts.

    Raises:
        ModelUnusableError: the model in use is damaged, or was trained for other themes.
        UntrainableError: without a model, the themes do not say enough of themselves.
    """
    from classifier.coldstart import cold_classifier
    from classifier.predict import Classifier

    vectors = program.vectors if with_vectors else None
    directory = model_in_use(program.models)
    if directory is None:
        return cold_classifier(program.configuration.programme, vectors=vectors)
    return Classifier.load(directory, program.configuration.programme, vectors=vectors)


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
    from classifier.model_file import read_manifest, theme_hash
    from corpus.judgements import ModelRecord

    directory = model_in_use(program.models)
    manifest = read_manifest(directory) if directory else {}
    trained = manifest.get("trained_at")
    report = manifest.get("report")
    return ModelRecord(
        version=classifier.version,
        trained_at=datetime.fromisoformat(trained) if isinstance(trained, str) else program.clock(),
        data_hash=str(manifest.get("data_hash") or ""),
        theme_hash=theme_hash(classifier.model.themes),
        report=report if isinstance(report, dict) else {},
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


def classify(program: "Program", *, again: bool = False, cluster: "Cluster | None" = None) -> dict[str, object]:
    """Predict posts that lack a prediction by the classifier in use, and return the contract's counts.

    Killed half-way, it goes on where it was: a batch's predictions carry their version and are saved together.

    Args:
        program: the house.
        again: predict every post, also those that this version has predicted.
        cluster: whose workers predict; this process alone reads and writes the database.
    """
    began = program.clock()
    classifier = program.classifier
    judgements = program.corpus.judgements
    active = judgements.active_model()
    if active is None or active.version != classifier.version:
        judgements.activate(record(program, classifier), now=began)
    themes: Counter[str] = Counter()
    classified = 0
    batches = _every_post(program) if again else program.corpus.posts.unclassified(classifier.version)
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
    return {
        "classified": classified,
        "by_theme": {slug: themes[slug] for slug in program.configuration.programme.slugs},
        "unclassified": classified - sum(themes.values()),
        "seconds": round((program.clock() - began).total_seconds(), 3),
        "model": classifier.version,
    }


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


def classifier_facts(program: "Program") -> "ClassifierFacts":
    """Return what an issue tells of the classifier that counted it."""
    from digest.issue import ClassifierFacts

    active = program.corpus.judgements.active_model()
    directory = model_in_use(program.models)
    return ClassifierFacts(
        version=active.version if active else None,
        trained_at=active.trained_at if active and directory else None,
        trained_on=_learnt_from(directory) if active and directory else 0,
    )


def _learnt_from(directory: Path) -> int:
    """Return how many posts checked by people a model learnt from."""
    from classifier.model_file import read_manifest

    labels = read_manifest(directory).get("labels")
    return sum(int(count) for count in labels.values()) if isinstance(labels, dict) else 0
