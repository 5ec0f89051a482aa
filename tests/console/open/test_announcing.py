"""Services are told once of an issue that goes out; their failure is an alert and no fault of the mails."""

from collections.abc import Callable, Iterator

import pytest

from runtime.jobs import alerts, digest
from runtime.jobs.webhooks import announce_issue, problems
from runtime.settings import Secrets
from runtime.wiring import Program
from tests.console.open.conftest import KEY, SITE, WEEK
from tests.digest.delivery.test_webhook import Service


@pytest.fixture
def told() -> Iterator[Service]:
    """A service that takes what it is told."""
    with Service(200) as service:
        yield service


def configure(program: Program, *addresses: str) -> None:
    """Set the services' addresses."""
    secrets = {"KUNTAKAIKU_SECRET_KEY": "a key of the test", "KUNTAKAIKU_WEBHOOKS": "\n".join(addresses)}
    program.secrets = Secrets(secrets)


@pytest.mark.everything
def test_service_is_told_once(sited: Program, send: Callable[..., None], told: Service) -> None:
    """With the first mails a service gets subject and share link in the first language; sending again tells nothing."""
    configure(sited, told.address)
    send()
    digest.send(sited, WEEK)
    assert [one["message"] for one in told.told] == [f"{SITE}/archive/{KEY}?lang=fi"]
    assert told.told[0]["title"] == sited.corpus.archive.listed("fi")[0].subject
    assert [problem for _, problem in problems(sited).values()] == [None]


@pytest.mark.everything
def test_failing_service_is_an_alert(sited: Program, send: Callable[..., None], told: Service) -> None:
    """Everybody has the mail; administrators hear of the service until somebody has told it."""
    configure(sited, "json://127.0.0.1:9/x")
    send()  # which asserts that every delivery is sent
    troubles, _ = alerts._standing(sited)
    assert [(one.kind, one.subject) for one in troubles] == [("webhook", KEY)]
    configure(sited, told.address)
    issue = sited.corpus.issues.get(KEY)
    assert issue is not None
    assert announce_issue(sited, issue, again=True) is None
    troubles, well = alerts._standing(sited)
    assert troubles == []
    assert ("webhook", KEY) in well
