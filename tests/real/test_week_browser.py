"""The week's digest in a real browser: edited, approved and sent to a mail server, by keyboard and without scripts."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from runtime.jobs import digest
from runtime.wiring import Program
from tests.console.conftest import discussion, troubled_week, write_configuration
from tests.real.console_browser import barriers, served, too_wide, watched
from tests.runtime.conftest import dictionaries  # noqa: F401 - a fixture
from tests.runtime.mail_server import MailServer

pytestmark = pytest.mark.everything

WORDS = {"fi": "Hyvää huomenta! Viikolla puhuttiin penkeistä.", "sv": "God morgon! Veckan handlade om bänkar."}


@pytest.fixture
def desk(tmp_path: Path, dictionaries: Path) -> Iterator[tuple[str, Program, MailServer]]:  # noqa: F811 - the fixture
    """A console over a draft for an editor and a reader, and the mail server that it would be handed to."""
    config = write_configuration(tmp_path, dictionaries)

    def fill(program: Program) -> None:
        discussion(program)
        troubled_week(program)
        digest.draft(program, program.week("2026-W47"), who="test")

    with MailServer() as server:
        smtp = f'smtp = {{ host = "127.0.0.1", port = {server.port}, security = "none", auth = "none" }}'
        (config / "delivery.toml").write_text(f'sender = "Kooste <kooste@example.org>"\n{smtp}\n', encoding="utf-8")
        with served(tmp_path, config, fill) as (address, program):
            yield f"{address}/week?week=2026-W47", program, server


def press(page: Page, selector: str) -> None:
    """Press a button by the keyboard, and wait for what it did to be said."""
    page.focus(selector)
    page.keyboard.press("Enter")
    page.wait_for_selector("#told:not(:empty)")


def test_digest_is_edited_approved_and_sent(desk: tuple[str, Program, MailServer], browser: Browser) -> None:
    """By the keyboard alone: words above it, a post left out, approved, sent; the mails that arrive hold both."""
    address, program, server = desk
    seen = watched(browser.new_context(viewport={"width": 1280, "height": 900}))
    page = seen.page
    page.goto(f"{address}&lang=en")
    for language, words in WORDS.items():
        page.focus(f"#introduction-{language}")
        page.keyboard.type(words)
    press(page, "button[value=introduce]")
    assert page.inner_text("#told") == "The introduction was saved."
    assert page.evaluate("document.activeElement.id") == "introduction"
    press(page, "button[value=hide]")
    assert page.inner_text("#told") == "Left out. It still counts in every number."
    assert page.evaluate("document.activeElement.contains(document.getElementById('told'))")
    assert barriers(page) == []
    assert too_wide(page) == []
    page.goto(f"{address}&mail=fi&lang=en")
    assert WORDS["fi"] in page.frame_locator("iframe").locator("body").inner_text()
    press(page, "form[action='/week/approve'] button")
    assert "Approved." in page.inner_text("#told")
    assert server.mails == []
    page.focus("form[action='/week/send'] input[type=checkbox]")
    page.keyboard.press("Space")
    press(page, "form[action='/week/send'] button")
    assert "Sending has begun." in page.inner_text("#told")
    assert barriers(page) == []
    page.wait_for_function(
        "async () => { const page = await fetch(location.href); return !(await page.text()).includes('/week/send'); }"
    )
    assert {one.recipient: one.state for one in program.corpus.issues.deliveries("2026-W47")} == {
        "editor@example.org": "sent",
        "reader@example.org": "sent",
    }
    told = {"fi": "Toimitus on jättänyt pois yhden", "sv": "Redaktionen har utelämnat e"}
    for content in server.mails:
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        language = str(mail["Content-Language"])
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            assert WORDS[language] in " ".join(body.get_content().split())
            assert told[language] in " ".join(body.get_content().split())
    assert len(server.mails) == 2
    assert seen.fired == []


def test_digest_is_edited_without_scripts(desk: tuple[str, Program, MailServer], browser: Browser) -> None:
    """With scripts switched off every form does the same; a page that came too late keeps what was written on it."""
    address, program, _ = desk
    pages = [browser.new_context(java_script_enabled=False).new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"{address}&lang=en")
        page.fill("#introduction-fi", f"Sivu {pages.index(page)}")
    pages[0].click("button[value=introduce]")
    assert pages[0].inner_text("#told") == "The introduction was saved."
    pages[1].click("button[value=introduce]")
    assert "Your words stand in the form" in pages[1].inner_text("#told")
    assert pages[1].input_value("#introduction-fi") == "Sivu 1"
    assert program.corpus.editing.get("2026-W47").edits.introduction == {"fi": "Sivu 0"}
    pages[1].click("button[value=introduce]")
    assert program.corpus.editing.get("2026-W47").edits.introduction == {"fi": "Sivu 1"}
