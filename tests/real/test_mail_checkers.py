"""What mail programs make of the mails: three checkers find nothing but what stands on the list of what is known."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from digest.render import render
from digest.slots import Links, in_html
from programme.messages import Messages
from programme.types import Localised, Role
from programme.week import Week
from runtime.jobs.digest import render_issue, stored_issue
from runtime.jobs.note_life import draft_note, note_mails, stored_note
from tests.digest.conftest import LOCALES, SHOWN, invented
from tests.real.demonstration import LATER, Demonstration
from tests.real.mail_checkers.allowed import HERE, allowed

pytestmark = [pytest.mark.everything, pytest.mark.xdist_group("mails")]
LANGUAGES = ("fi", "sv", "en")
ROLES: tuple[Role, ...] = ("editor", "reader")
LINKS = Links(unsubscribe_url="https://kunta.example/leave/right?lang=fi", ticket=lambda place: f"right{place}")
"""Mails are looked at as they arrive, with a recipient's own links."""


def of_demonstration(demonstration: Demonstration) -> Iterator[tuple[str, str]]:
    """Yield the demonstration's digest and a trend note of its weeks, each with its name."""
    with demonstration.program() as program:
        for (language, role), mail in render_issue(program, stored_issue(program, Week.named(LATER))).items():
            yield f"digest {language} {role}", mail.html
        draft_note(program, Week.named("2026-W40"), Week.named(LATER), who="test")
        for (language, _), mail in note_mails(program, stored_note(program, None)).items():
            yield f"trend note {language}", mail.html


def of_correction() -> Iterator[tuple[str, str]]:
    """Yield a correction of an invented week, which differs from what was mailed."""
    week, words = invented(), Messages.load(LOCALES)
    said = Localised({"fi": "Korjattu.", "sv": "Rättat.", "en": "Corrected."})
    corrected = replace(week, correction=1, corrected=week.corrections, explanation=said)
    for language in LANGUAGES:
        for role in ROLES:
            mail = render(corrected, SHOWN, language=language, role=role, messages=words)
            yield f"correction {language} {role}", mail.html


@pytest.fixture(scope="module")
def findings(demonstration: Demonstration) -> list[dict[str, Any]]:
    """What the checkers tell of every mail."""
    if not (HERE / "node_modules").is_dir():
        pytest.fail("the checkers need `npm ci` in tests/real/mail_checkers: run tests/everything.sh")
    mails = dict(of_demonstration(demonstration)) | dict(of_correction())
    asked = json.dumps([{"name": name, "html": in_html(html, LINKS, "")} for name, html in mails.items()])
    told = subprocess.run(
        ["node", "check.mjs"],  # noqa: S607 - whichever npm belongs to
        cwd=HERE,
        input=asked,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(told.stdout)
    assert {one["mail"] for one in found} == set(mails)
    assert {one["tool"] for one in found} == {"doiuse-email", "caniemail", "emailens"}
    return found


def test_nothing_is_found_but_what_is_known(findings: list[dict[str, Any]]) -> None:
    """Each finding in Outlook, Gmail or Apple Mail stands on the list, with what its reader sees instead."""
    known = {finding for one in allowed() for finding in one.findings}
    new = {(one["finding"], one["family"]): one for one in findings if (one["finding"], one["family"]) not in known}
    assert not new, "mend the template, or tell in allowed.toml why it may stay"


def test_nothing_is_known_that_is_not_found(findings: list[dict[str, Any]]) -> None:
    """What no mail has any more leaves the list."""
    found = {(one["finding"], one["family"]) for one in findings}
    stale = {finding for one in allowed() for finding in one.findings if finding not in found}
    assert not stale, "take it out of allowed.toml"
