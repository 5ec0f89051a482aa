"""The command line, one file per verb; only the asked verb is imported, so that ``--help`` answers at once."""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from programme.errors import KuntakaikuError

VERBS = {
    "init": "Write a commented configuration into a new directory.",
    "check": "Tell every fault of the configuration at once.",
    "doctor": "Find what is broken, each with its remedy.",
    "collect": "One round of each enabled source.",
    "backfill": "Older posts from a network's archive, the price told first.",
    "sweep": "Look known posts up again, for edits and deletions.",
    "rehydrate": "Posts fetched again by their ids, the price told first.",
    "forget": "Erase a person, and let none of their posts in again.",
    "retain": "Take out texts that are past their time.",
    "privacy": "The privacy notice and the record of processing.",
    "import": "Read archives of networks, tables and our own JSONL.",
    "index": "Do what import and collect left for later, the search index too.",
    "search": "Find posts by words in any inflected form, phrases and hashtags.",
    "coverage": "What was and what was not collected, and why.",
    "classify": "Predict themes for posts that lack a prediction.",
    "classify-text": "Classify JSONL texts without a database.",
    "train": "Train the classifier, with or without labels.",
    "evaluate": "Measure the classifier on labelled texts.",
    "labels": "Export and import people's labels.",
    "guidelines": "What belongs to each theme, for people who label.",
    "queue": "Posts to label next, most useful first; or a week's audit sample.",
    "model": "The classifier's card, and its accuracy in the audit sample.",
    "trends": "Emerging, growing, fading and recurring topics of a week.",
    "topics": "What coordinators decide on topics: names, merges, what is none, what is followed.",
    "digest": "The life of an issue: draft, show, preview, approve, send, settle, correct.",
    "recipients": "Who gets the digest and why, and who does not.",
    "bounces": "Read the mails that came back, and spare their addresses.",
    "recompute": "Compute every number of an issue again.",
    "export": "Write the classified corpus to a file.",
    "exports": "What was exported, for whom, and what must be removed from it.",
    "stats": "Count posts, writers, discussions and labels.",
    "db": "Upgrade, verify, back up or restore the database.",
    "serve": "The console in the browser: the week, discussions, health.",
    "users": "Who may log in to the console, and as what.",
    "keys": "Keys of the API, and what each may do.",
    "run": "The scheduler: collect, classify, draft and send when due.",
    "demo": "The whole road on a packaged archive, with mails as files.",
}
"""Each verb with its line of help; its module is ``runtime.cli.<verb>``, with ``_`` for ``-``."""

_VALUED = ("--config", "--database", "--data", "--now")
_FLAGS = ("--json", "--quiet", "--version")


def main() -> None:
    """Run the command of ``sys.argv`` and exit: 0 done, 1 failed, 2 misused or misconfigured, 3 partly done."""
    # Small matrices: numpy's threads would only wait for one another, and spin while they do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from runtime.cli import boundary

    boundary.install(as_json="--json" in sys.argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter gets its number
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    from runtime.cli.root import build
    from runtime.cli.speak import tell_fault

    arguments, rest = hoist(arguments)
    try:
        return build(verb_of(rest))([*arguments, *rest])
    except KuntakaikuError as error:
        tell_fault(error, as_json="--json" in arguments)
        return error.exit_code
    except OSError as error:
        from runtime.cli.boundary import machine_fault

        tell_fault(machine_fault(error), as_json="--json" in arguments)
        return KuntakaikuError.exit_code
    except KeyboardInterrupt:
        return 130


def verb_of(rest: Sequence[str]) -> str | None:
    """Return the verb of what is left without the global options, whose values may read like verbs."""
    return next((word for word in rest if not word.startswith("-")), None)


def hoist(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the global options with their values, and the rest: they are accepted before and after the verb."""
    hoisted: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _VALUED:
            hoisted += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word in _FLAGS or word.startswith(tuple(f"{name}=" for name in _VALUED)):
            hoisted.append(word)
        else:
            rest.append(word)
    return hoisted, rest
