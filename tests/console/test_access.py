"""The administrators' page, the statement on accessibility, and what people say there."""

import re

import pytest
from starlette.testclient import TestClient

from console.views.accessibility import PATHS
from runtime.wiring import Program
from tests.console.conftest import OWN, signed, words_of


def send(browser: TestClient, path: str, page: str, **fields: str) -> int:
    """Send a page's form and return the status of the answer."""
    form = {"csrftoken": signed(browser.get(page).text), **fields}
    return browser.post(path, data=form, headers=OWN).status_code


def test_people_are_let_in_and_out(browser: TestClient, program: Program) -> None:
    """The page does what `users` does; what cannot be is told, and the log says who did it."""
    assert send(browser, "/access", "/access", act="add", address="AK@kunta.example", role="editor", name="AK") == 303
    (person,) = program.corpus.people.all()
    assert (person.address, person.name, person.role) == ("ak@kunta.example", "AK", "editor")
    assert "ak@kunta.example AK Editor" in words_of(browser.get("/access?lang=en").text)
    assert send(browser, "/access", "/access", act="add", address="b@kunta.example", role="king") == 400
    assert send(browser, "/access", "/access", act="dance") == 400
    assert send(browser, "/access", "/access", act="remove", address="ak@kunta.example") == 303
    assert program.corpus.people.all() == []
    assert [one.what for one in program.corpus.ledger.audits(limit=2)] == ["let in no longer", "let in as editor"]


def test_key_is_shown_once(browser: TestClient, program: Program) -> None:
    """A key's token stands in the answer that made it, and nowhere later; ending it holds at once."""
    page = browser.get("/access?lang=en").text
    form = {"csrftoken": signed(page), "act": "key", "name": "a script", "scope-read": "yes"}
    made = browser.post("/access?lang=en", data=form, headers=OWN)
    found = re.search(r"kk_[\w-]{43}", made.text)
    assert found is not None
    assert browser.get("/api/v1/stats", headers={"Authorization": f"Bearer {found[0]}"}).status_code == 200
    assert "kk_" not in browser.get("/access").text
    (stored,) = program.corpus.api_keys.all()
    assert stored.scopes == ("read",)
    assert send(browser, "/access", "/access", act="key", name="no scope") == 400
    assert send(browser, "/access", "/access", act="end", number=str(stored.key_id)) == 303
    assert browser.get("/api/v1/stats", headers={"Authorization": f"Bearer {found[0]}"}).status_code == 401


@pytest.mark.parametrize(("language", "path"), PATHS.items())
def test_feedback_reaches_administrators(language: str, path: str, browser: TestClient, program: Program) -> None:
    """The statement stands at each language's own address; what is said is read, and settled without whose it was."""
    page = browser.get(path)
    assert f'<html lang="{language}">' in page.text
    assert "Esimerkkikunta" in page.text
    said = "Nappi <b>ei</b> kuulu"
    assert send(browser, "/accessibility/feedback", path, said=said, reply_to="x@kunta.example") == 303
    assert send(browser, "/accessibility/feedback", path, said=" ") == 400
    assert send(browser, "/accessibility/feedback", path, said="a" * 5_001) == 400
    form = {"csrftoken": signed(browser.get(path).text), "said": "b" * 5_001, "reply_to": "y@kunta.example"}
    refused = browser.post("/accessibility/feedback", data=form, headers=OWN).text
    assert "b" * 5_001 in refused
    assert "y@kunta.example" in refused
    (stored,) = program.corpus.feedback.all()
    shown = browser.get("/access").text
    assert "Nappi &lt;b&gt;ei&lt;/b&gt; kuulu" in shown
    assert "x@kunta.example" in shown
    assert send(browser, "/access", "/access", act="settle", number=str(stored.feedback_id)) == 303
    assert "x@kunta.example" not in browser.get("/access").text
