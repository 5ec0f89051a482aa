"""What headers say of waiting, and where requests may go."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from collector.errors import CREDIT_PAUSE
from collector.wire import Wire, exhausted_until, named_time

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
IN_15 = NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("headers", "resume_at"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"retry-after": "900"}, IN_15, id="seconds"),
        pytest.param({"retry-after": "Fri, 20 Nov 2026 08:15:00 GMT"}, IN_15, id="date"),
        pytest.param({"x-rate-limit-reset": str(EPOCH + 900)}, IN_15, id="epoch"),
        pytest.param({"x-ratelimit-reset": "2026-11-20T08:15:00.000Z"}, IN_15, id="iso"),
        pytest.param({"x-ratelimit-reset": "2026-11-20T08:15:00"}, IN_15, id="iso-naive-is-utc"),
        pytest.param({"ratelimit-reset": "900"}, IN_15, id="draft-standard"),
        pytest.param({"retry-after": "60", "x-rate-limit-reset": str(EPOCH + 900)}, IN_15, id="the-later-counts"),
        pytest.param({"x-rate-limit-reset": str(EPOCH - 5)}, None, id="past"),
        pytest.param({"x-rate-limit-reset": str(EPOCH * 1000)}, None, id="milliseconds-are-nonsense"),
        pytest.param({"x-rate-limit-reset": "9" * 400}, None, id="endless"),
        pytest.param({"retry-after": "soon"}, None, id="words"),
        pytest.param({"retry-after": "-1"}, None, id="negative"),
        pytest.param({"retry-after": "nan"}, None, id="no-number"),
        pytest.param(
            {"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": str(EPOCH + 900)}, IN_15, id="day-quota"
        ),
        pytest.param(
            {"x-app-limit-24hour-remaining": "7", "x-app-limit-24hour-reset": str(EPOCH + 900)}, None, id="quota-left"
        ),
        pytest.param(
            {"date": "Fri, 20 Nov 2026 07:50:00 GMT", "x-rate-limit-reset": str(EPOCH + 300)},
            IN_15,
            id="their-clock-is-behind",
        ),
        pytest.param(
            {"date": "Fri, 20 Nov 2026 08:10:00 GMT", "x-rate-limit-reset": str(EPOCH + 900)},
            IN_15,
            id="their-clock-is-ahead",
        ),
        pytest.param(
            {"date": "Fri, 20 Nov 2026 07:50:00 GMT", "retry-after": "900"}, IN_15, id="seconds-need-no-clock"
        ),
    ],
)
def test_named_time(headers: dict[str, str], resume_at: datetime | None) -> None:
    """The time that a network names is read in every form; nonsense names none."""
    assert named_time(headers, NOW) == resume_at


def test_exhausted_only_when_nothing_remains() -> None:
    """A reset in the headers of a good answer binds us only when no requests remain."""
    headers = {"x-rate-limit-reset": str(EPOCH + 900), "x-rate-limit-remaining": "1"}
    assert exhausted_until(headers, NOW) is None
    assert exhausted_until({**headers, "x-rate-limit-remaining": "0"}, NOW) == IN_15


@pytest.mark.parametrize(
    "url",
    ["https://elsewhere.example/", "http://127.0.0.1:1@elsewhere.example/", "http://127.0.0.1:12/"],
)
def test_no_request_leaves_the_configured_address(url: str) -> None:
    """An address other than the configured one is refused before a connection is made."""
    with Wire("http://127.0.0.1:1", timeout=0.2).session() as session, pytest.raises(requests.RequestException) as told:
        session.get(url)
    assert "redirected away" in str(told.value)


def test_proxies_are_used_except_for_loopback() -> None:
    """The system's proxy settings are respected, but not for a server on this machine."""
    assert Wire("https://api.x.com", timeout=1).session().trust_env is True
    assert Wire("http://localhost:8080", timeout=1).session().trust_env is False


def test_pause_is_not_shortened_by_a_clock_set_back() -> None:
    """A clock set back during a pause gives the first pause again, never a negative one."""
    assert CREDIT_PAUSE.after(NOW, NOW - timedelta(hours=5)) == timedelta(hours=1)
