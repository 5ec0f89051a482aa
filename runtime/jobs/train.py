"""Training from the corpus or from a file, what follows from it in the corpus, and when it is due by itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.jobs.classify import CURRENT, Classified, change_as_json, classify
from runtime.jobs.drift import has_drifted, note
from runtime.jobs.watched import watched

if TYPE_CHECKING:
    from classifier.evaluate import Report
    from corpus.ledger import RunState
    from programme.types import Programme
    from runtime.cli.speak import Progress
    from runtime.wiring import Program

SEED = 2021
FACT = "training"
"""The fact that tells of the last training: up to which label, by which theme texts, from the corpus or a file."""
ENOUGH_NEW = 20
"""New labels after which the classifier is trained again at once, not at night."""
_POOL = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What came of a training."""

    report: "Report"
    rejected: tuple[str, ...]
    """Lines of the file that were left aside, and why."""
    classified: Classified | None
    """The corpus judged again; None where the model before stays in use."""

    def as_json(self) -> dict[str, object]:
        """Return it as ``train`` prints it."""
        done = self.classified
        return self.report.as_json() | {
            "rejected": list(self.rejected),
            "classified": done.posts if done else 0,
            "change": change_as_json(done.change) if done and done.change else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What has happened since the classifier was trained last."""

    new_labels: int
    is_edited: bool
    """Whether the themes' texts are other ones."""
    trained_at: datetime | None
    """None: never."""
    has_drifted: bool = False
    """Whether people write in other languages, or of other things, than then."""


def train_corpus(
    program: "Program",
    *,
    labels: Path | None = None,
    force: bool = False,
    show: "Callable[[str], AbstractContextManager[Progress]] | None" = None,
) -> Trained:
    """Train the classifier; where it is put in use, the corpus is judged again by it.

    Args:
        program: the house.
        labels: JSONL to learn from; by default the corpus' labels.
        force: put the new model in use also where it is worse than the one before.
        show: opens a bar for the posts that are judged again.

    Raises:
        UntrainableError: there is nothing to be learnt; the model before stays in use.
        MisuseError: the file cannot be read, or holds no usable line.
    """
    from classifier.train import train
    from runtime.jobs.card import write_cards
    from runtime.jobs.labelled import corpus_examples, read_labelled

    found = read_labelled(labels) if labels else None
    learnt_to = program.corpus.judgements.last_label()
    report = train(
        program.configuration.programme,
        found.examples if found else corpus_examples(program, up_to=learnt_to),
        (text for _, text, _ in program.corpus.posts.texts(limit=_POOL)),
        into=program.models / CURRENT,
        seed=SEED,
        now=program.clock(),
        vectors=watched(program.vectors, show),
        force=force,
        told={"source": "file" if found else "corpus", "learnt_to": learnt_to},
    )
    _remember(program, learnt_to, from_file=found is not None, in_use=report.in_use)
    rejected = found.rejected if found else ()
    if not report.in_use:
        note(program, trained=True)
        return Trained(report=report, rejected=rejected, classified=None)
    with show("posts") if show else nullcontext(None) as progress:
        classified = classify(program, progress=progress)
    note(program, trained=True)
    write_cards(program)
    return Trained(report=report, rejected=rejected, classified=classified)


def retrain(program: "Program") -> "tuple[RunState, dict[str, int], str | None]":
    """Train by itself, and return state, counts and problem for the run ledger."""
    from classifier.errors import UntrainableError

    try:
        done = train_corpus(program)
    except UntrainableError as error:
        # Asked for again when there are new labels or other texts: until then it would end the same way.
        _remember(program, program.corpus.judgements.last_label(), from_file=False, in_use=False)
        note(program, trained=True)
        return "done", {"in_use": 0}, str(error)
    counts = {"labels": done.report.n, "in_use": int(done.report.in_use)}
    change = done.classified.change if done.classified else None
    if change is not None:
        counts |= {"compared": change.compared, "changed": change.changed}
    return "done", counts, None if done.report.in_use else comparison_line(done.report)


def comparison_line(report: "Report") -> str:
    """Return in a sentence how the new model compares with the one before."""
    found = report.comparison
    if found is None:
        return "There was no classifier trained on labels to compare it with."
    if not found["n"]:
        return (
            f"The new classifier has too few labels to be measured, the one in use, {found['previous']}, was measured."
        )
    return (
        f"On the same {found['n']} labels macro-F1 {found['after']:.3f}, before {found['before']:.3f}"
        f" (difference 95 % {found['low']:+.3f} to {found['high']:+.3f}; {found['previous']})."
    )


def standing(program: "Program") -> Standing | None:
    """Return what has happened since the last training; None where nothing is to be learnt from the corpus."""
    fact = program.corpus.facts.get(FACT)
    judgements = program.corpus.judgements
    if fact is None:
        return Standing(new_labels=judgements.labels_after(0), is_edited=False, trained_at=None)
    if fact["from_file"]:
        return None  # what the file taught would be lost
    return Standing(
        new_labels=judgements.labels_after(fact["learnt_to"]),
        is_edited=fact["themes"] != themes_hash(program.configuration.programme),
        trained_at=datetime.fromisoformat(fact["at"]),
        has_drifted=has_drifted(program),
    )


def _remember(program: "Program", learnt_to: int, *, from_file: bool, in_use: bool) -> None:
    before = program.corpus.facts.get(FACT) or {}
    now = program.clock()
    fact = {
        "at": now.isoformat(),
        "learnt_to": learnt_to,
        "themes": themes_hash(program.configuration.programme),
        "from_file": from_file if in_use else bool(before.get("from_file")),
    }
    program.corpus.facts.put(FACT, fact, now=now)


def themes_hash(programme: "Programme") -> str:
    """Return what changes when a theme's texts change, without opening the classifier."""
    told = [
        (theme.slug, theme.name, theme.tag, theme.description, sorted(theme.seed_words.items()))
        for theme in programme.themes
    ]
    return sha256(repr((told, programme.projects)).encode()).hexdigest()[:16]
