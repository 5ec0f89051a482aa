"""Themes judged by the links of mails: editors change, readers propose, each link answers once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from corpus.changes import decide
from runtime.jobs import review
from runtime.wiring import Program
from tests.console.conftest import post, words_of
from tests.console.open.conftest import EDITOR, READER, Moved, theme_addresses


def labels(program: Program, native_id: str = "1") -> list[str | None]:
    """Return the themes that people gave a post."""
    found = program.corpus.posts.by_native_id("mastodon", native_id)
    assert found is not None
    return [label.theme for label in found.labels]


def test_editor_changes_a_theme(mailed: Program, stranger: TestClient) -> None:
    """Each quoted and each unclear post has a link of its own; opening it changes nothing, choosing a theme does."""
    shown, unclear = theme_addresses(mailed, EDITOR)
    page = stranger.get(shown)
    assert page.status_code == 200
    assert "Vaihda viestin teema" in words_of(page.text)
    assert labels(mailed) == []
    assert stranger.post(shown, data={"theme": "buses"}).status_code == 303
    assert labels(mailed) == ["buses"]
    assert stranger.post(unclear, data={"theme": "none"}).status_code == 303
    assert labels(mailed, "2") == [None]
    assert "Bussit" in words_of(stranger.get(shown).text)


@pytest.mark.everything
def test_answer_is_on_record_without_an_address(mailed: Program, stranger: TestClient) -> None:
    """The label says who gave it by a name that is no address; the list of recipients tells whose it is."""
    from runtime.jobs.recipients import listed

    stranger.post(theme_addresses(mailed, EDITOR)[0], data={"theme": "buses"})
    found = mailed.corpus.posts.by_native_id("mastodon", "1")
    assert found is not None
    name = {one.address: one.name for one in listed(mailed)}[EDITOR]
    assert found.labels[-1].by == name
    assert "@" not in found.labels[-1].by
    assert any(audit.who == name and audit.what == "theme by mail" for audit in mailed.corpus.ledger.audits())


def test_link_answers_once(mailed: Program, stranger: TestClient) -> None:
    """A replayed link says what was answered, and changes nothing more."""
    address = theme_addresses(mailed, EDITOR)[0]
    stranger.post(address, data={"theme": "buses"})
    again = stranger.post(address, data={"theme": "parks"})
    assert again.status_code == 409
    assert "Linkki on käytetty" in words_of(again.text)
    assert labels(mailed) == ["buses"]


def test_expired_and_forged_links_change_nothing(mailed: Program, stranger: TestClient, clock: Moved) -> None:
    """After sixty days a link says that its time is over; a changed one that it is not valid."""
    address = theme_addresses(mailed, EDITOR)[0]
    forged = address.replace("?", "x?")
    assert stranger.post(forged, data={"theme": "buses"}).status_code == 404
    clock.by = timedelta(days=60)
    expired = stranger.post(address, data={"theme": "buses"})
    assert expired.status_code == 410
    assert "Linkki on vanhentunut" in words_of(expired.text)
    assert labels(mailed) == []


@pytest.mark.everything
def test_unknown_theme_is_asked_for_again(mailed: Program, stranger: TestClient) -> None:
    """A form without a theme, or with one that the programme has not, comes back with a word on it."""
    address = theme_addresses(mailed, EDITOR)[0]
    for form in ({}, {"theme": "moon"}, {"theme": "unsure"}):
        answer = stranger.post(address, data=form)
        assert answer.status_code == 400
        assert "Valitse ensin teema." in words_of(answer.text)
    assert labels(mailed) == []


@pytest.mark.everything
def test_who_is_no_editor_any_more_changes_nothing(mailed: Program, stranger: TestClient) -> None:
    """The right ends with the role, before its time is over."""
    address = theme_addresses(mailed, EDITOR)[0]
    people = tuple(replace(one, role="reader") for one in mailed.configuration.recipients)
    mailed.__dict__["configuration"] = replace(mailed.configuration, recipients=people)
    assert stranger.post(address, data={"theme": "buses"}).status_code == 404
    assert labels(mailed) == []


@pytest.mark.everything
def test_reader_proposes(mailed: Program, stranger: TestClient) -> None:
    """A reader's link changes no theme: the proposal comes first in the review, where a person decides."""
    (address,) = theme_addresses(mailed, READER)
    assert "Föreslå ett tema" in words_of(stranger.get(address).text)
    assert stranger.post(address, data={"theme": "buses"}).status_code == 303
    assert labels(mailed) == []
    assert "Tack för förslaget" in words_of(stranger.get(address).text)
    ahead = review.ahead(mailed, set())
    assert ahead is not None
    assert (ahead.post.stored.post.native_id, ahead.proposed, ahead.is_blind) == ("1", "buses", False)
    page = stranger.get("/review?lang=fi")
    assert "Koosteen lukija ehdotti teemaksi: Bussit." in words_of(page.text)


@pytest.mark.everything
def test_proposal_joins_a_round_that_is_on(mailed: Program, stranger: TestClient) -> None:
    """A proposal that comes in during a round is asked about next, not tomorrow."""
    before = review.ahead(mailed, set())
    assert before is not None
    assert before.proposed is None
    stranger.post(theme_addresses(mailed, READER)[0], data={"theme": "buses"})
    after = review.ahead(mailed, set())
    assert after is not None
    assert after.proposed == "buses"


@pytest.mark.everything
def test_proposal_on_what_a_person_judged_is_left_aside(mailed: Program, stranger: TestClient) -> None:
    """Where an editor has decided, the reader is told so."""
    stranger.post(theme_addresses(mailed, EDITOR)[0], data={"theme": "parks"})
    (address,) = theme_addresses(mailed, READER)
    assert "Temat är redan granskat" in words_of(stranger.get(address).text)
    assert stranger.post(address, data={"theme": "buses"}).status_code == 409
    assert mailed.corpus.mail_answers.proposed(10) == []


def test_deleted_post_is_not_judged(mailed: Program, stranger: TestClient) -> None:
    """A post that was taken back since is not shown and not judged."""
    known = mailed.corpus.posts.known("mastodon", ["1"])
    now = mailed.clock()
    mailed.corpus.posts.apply(decide([post(1, None, gone="deleted")], known, now), source="masto", now=now)
    address = theme_addresses(mailed, EDITOR)[0]
    answer = stranger.get(address)
    assert answer.status_code == 410
    assert "Viesti on poistettu" in words_of(answer.text)
    assert stranger.post(address, data={"theme": "buses"}).status_code == 409
