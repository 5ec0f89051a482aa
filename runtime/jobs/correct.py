"""A correction of an issue that has gone out: drafted from what the corpus holds now, beside what was mailed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from programme.edition import Edition
from programme.errors import MisuseError
from programme.types import Localised
from programme.week import Week
from runtime.jobs.digest import draft_edition, stored_issue

if TYPE_CHECKING:
    from digest.issue import Issue
    from runtime.wiring import Program


def correct(program: "Program", week: Week, explanation: Localised, *, who: str) -> "Issue":
    """Draft a correction of the last issue of a week that went out, in place of an earlier draft of it.

    It is approved and sent like any issue, to those who were to get what it corrects. An approval of the correction of
    which nothing was sent yet is void by it.

    Args:
        program: the house.
        week: whose issue is corrected.
        explanation: what a person says of it, by language; may be empty.
        who: corrects it.

    Raises:
        MisuseError: nobody has drafted the issue, nothing of it was sent, or there is nothing to correct.
        IssueStateError: the correction was sent to somebody meanwhile.
    """
    from digest.issue import Issue

    stored = stored_issue(program, week)
    edition = Edition.named(stored.key)
    if stored.state in ("draft", "approved"):
        if not edition.correction:
            raise MisuseError(
                f"The issue {week} has not been sent; there is nothing to correct.",
                f"Draft it again: kuntakaiku digest draft --week {week}",
            )
        if stored.state == "approved":
            program.corpus.issues.void_approval(stored.key, who=who, now=program.clock())
        edition = replace(edition, correction=edition.correction - 1)
    mailed = program.corpus.issues.get(str(edition))
    if mailed is None:
        raise MisuseError(f"There is no issue {edition}, which would be corrected.", "Restore it from a backup.")
    corrects = Issue.from_json(mailed.numbers)
    return draft_edition(
        program,
        week,
        who=who,
        what="drafted a correction",
        corrects=corrects,
        explanation=explanation,
        look=lambda issue: _differs(issue, corrects),
    )


def _differs(issue: "Issue", corrects: "Issue") -> None:
    from digest.recompute import numbers

    as_printed = replace(issue, correction=corrects.correction, corrected=corrects.corrected)
    if not issue.explanation and numbers(as_printed) == numbers(corrects):
        raise MisuseError(
            f"No number of the issue {corrects.key} is another one today.",
            'Say what is corrected: --note "fi=…" --note "sv=…"',
        )
