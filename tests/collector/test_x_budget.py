"""What X costs is never more than the month's budget."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.errors import SourceRefusedError, SourceUnavailableError
from collector.sources.x import XSource, open_source
from collector.x_account import XAccount
from collector.x_bill import Delivered, delivered_in, dollars, next_month, used_since
from tests.collector.conftest import Bench
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import FakeX

NEXT_MONTH = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """The network behind ``x_bench``."""
    assert isinstance(x_bench.network, FakeX)
    return x_bench.network


@pytest.fixture
def spend(x_bench: Bench) -> Callable[[float], None]:
    """Set the month's budget."""

    def budget(usd: float) -> None:
        x_bench.settings = replace(x_bench.settings, monthly_budget_usd=usd)

    return budget


def account(bench: Bench) -> XAccount:
    """Return the account that the corpus keeps."""
    return XAccount("x", bench.settings.monthly_budget_usd, bench.corpus.facts)


def test_account_is_what_x_bills(x_bench: Bench, fake: FakeX) -> None:
    """Posts and writers are booked at their price, each once a day, with or without a budget."""
    fake.publish(25)
    x_bench.collect()
    assert fake.billed == 25 * 5 + 3 * 10
    assert account(x_bench).spent(x_bench.clock()) == fake.billed
    x_bench.clock.pass_by(hours=1)
    fake.publish(2)
    x_bench.collect()
    x_bench.clock.pass_by(days=1)
    fake.publish(1)
    x_bench.collect()
    assert account(x_bench).spent(x_bench.clock()) == fake.billed == 155 + 10 + 15


def test_budget_is_never_exceeded(x_bench: Bench, fake: FakeX, spend: Callable[[float], None]) -> None:
    """Near the end fewer posts are asked for, then the source pauses until the month is over, and goes on by itself."""
    spend(0.50)
    fake.page = 100
    fake.publish(300)
    found = x_bench.collect()
    assert (found.state, found.complete, found.resume_at) == ("paused", False, NEXT_MONTH)
    assert 350 < fake.billed <= 500
    assert int(fake.asked[0].params["max_results"]) == 33
    assert int(fake.asked[-1].params["max_results"]) >= 10
    problem = found.problem or ""
    assert f"{dollars(fake.billed)} of this month's $0.50" in problem
    assert "2026-12-01" in problem
    asked = len(fake.asked)
    x_bench.clock.pass_by(days=1)
    assert x_bench.collect().state == "paused"
    assert len(fake.asked) == asked
    x_bench.clock.now = NEXT_MONTH
    before = fake.billed
    assert x_bench.collect().inserted > 0
    assert 0 < fake.billed - before <= 500


def test_raised_budget_ends_the_pause(x_bench: Bench, fake: FakeX, spend: Callable[[float], None]) -> None:
    """A pause for want of money is over as soon as somebody raises the budget."""
    spend(0.10)
    fake.publish(3)
    assert x_bench.collect().state == "paused"
    assert (fake.asked, fake.billed) == ([], 0)
    spend(5)
    assert x_bench.collect().inserted == 3


def test_missing_credits_are_no_missing_budget(x_bench: Bench, fake: FakeX, spend: Callable[[float], None]) -> None:
    """After a 402 the source rests for its hour, whatever the budget."""
    spend(5)
    x_bench.collect("402")
    asked = len(fake.asked)
    x_bench.clock.pass_by(minutes=30)
    assert x_bench.collect().state == "paused"
    assert len(fake.asked) == asked


@pytest.mark.parametrize("fault", ["503", "429", "402", "403"])
def test_refusal_costs_nothing(x_bench: Bench, fault: str) -> None:
    """A request that X refuses leaves the account as it was."""
    x_bench.network.publish(3)
    x_bench.collect(*[fault] * 3)
    assert account(x_bench).spent(x_bench.clock()) == 0


@pytest.mark.parametrize("fault", ["truncated", "broken", "rst"])
@pytest.mark.parametrize("then", ["503", "rst"])
def test_lost_answer_stays_spent_until_it_comes(x_bench: Bench, fake: FakeX, fault: str, then: str) -> None:
    """What may have been billed counts, once however often it is tried, until the answer tells what it was."""
    fake.publish(3)
    x_bench.collect(fault, fault, then)
    assert account(x_bench).spent(x_bench.clock()) == 100 * 15
    x_bench.collect()
    assert account(x_bench).spent(x_bench.clock()) == fake.billed == 45


def test_what_never_left_costs_nothing(x_bench: Bench, spend: Callable[[float], None]) -> None:
    """Where nobody answers the connection, nothing can have been billed."""
    spend(5)
    x_bench.settings = replace(x_bench.settings, base_url="http://127.0.0.1:1")
    assert x_bench.collect().state == "failing"
    assert account(x_bench).spent(x_bench.clock()) == 0


def test_x_is_believed_where_it_counts_more(x_bench: Bench, fake: FakeX, spend: Callable[[float], None]) -> None:
    """X's own count of the month's posts is asked for once a day, and the larger of both accounts stands."""
    spend(5)
    days = [("2026-10-31", "9000"), ("2026-11-01", "300"), ("2026-11-20", 100)]
    usage = [{"date": f"{day}T00:00:00.000Z", "usage": posts} for day, posts in days]
    fake.usage = json.dumps({"data": {"daily_project_usage": {"project_id": "1", "usage": usage}}}).encode()
    x_bench.collect()
    x_bench.collect()
    assert account(x_bench).spent(x_bench.clock()) == 400 * 5
    assert [asked.params["days"] for asked in fake.usage_asked] == ["20"]
    x_bench.clock.pass_by(days=1)
    fake.usage = b"[]"
    x_bench.collect()
    assert account(x_bench).spent(x_bench.clock()) == 400 * 5
    assert len(fake.usage_asked) == 2


def test_without_a_budget_usage_is_not_asked_for(x_bench: Bench, fake: FakeX) -> None:
    """Where nothing is limited X's account is not needed."""
    x_bench.collect()
    assert fake.usage_asked == []


def test_budget_without_an_account_asks_nothing(x_bench: Bench, fake: FakeX, spend: Callable[[float], None]) -> None:
    """A source with a budget that nobody gave an account refuses rather than spend unseen."""
    spend(5)
    with pytest.raises(SourceRefusedError, match="nobody keeps the account"):
        next(x_bench.source().fetch(None, x_bench.patience()))
    assert fake.asked == []


def test_counts_are_booked(x_bench: Bench, fake: FakeX) -> None:
    """A request for counts costs half a cent, and tells the posts of each hour."""
    source = counting(x_bench)
    fake.publish(3)
    x_bench.clock.pass_by(hours=2)
    fake.publish(1)
    hours = source.count_hours(x_bench.clock() - timedelta(days=30), x_bench.clock(), x_bench.patience())
    assert [(hour.hour, posts) for hour, posts in hours.items()] == [(8, 3)]  # the last is not over
    assert account(x_bench).spent(x_bench.clock()) == fake.billed == 5
    asked = fake.asked[-1].params
    assert (asked["granularity"], asked["start_time"]) == ("hour", "2026-11-13T10:01:00Z")


def test_counts_come_in_pages(x_bench: Bench, fake: FakeX) -> None:
    """Counts of a long time come in several answers, each paid for; the hours of all are told."""
    pages = [
        b'{"data": [{"start": "2026-11-19T08:00:00Z", "post_count": 2}], "meta": {"next_token": "n"}}',
        b'{"data": [{"start": "2026-11-18T08:00:00Z", "tweet_count": 3}], "meta": {}}',
    ]
    fake.right_answer = lambda _: (200, {}, pages.pop(0))  # type: ignore[method-assign]  # the wire's answer
    hours = counting(x_bench).count_hours(x_bench.clock() - timedelta(days=3), x_bench.clock(), x_bench.patience())
    assert sorted(hours.values()) == [2, 3]
    assert "next_token" in fake.asked[-1].params
    assert account(x_bench).spent(x_bench.clock()) == 10


def test_strange_counts_are_no_counts(x_bench: Bench, fake: FakeX) -> None:
    """An answer that is none is a failure and not an hour without posts."""
    fake.right_answer = lambda _: (200, {}, b'{"data": [{"start": "x"}]}')  # type: ignore[method-assign]  # the wire's
    with pytest.raises(SourceUnavailableError, match="not with counts"):
        counting(x_bench).count_hours(x_bench.clock() - timedelta(days=1), x_bench.clock(), x_bench.patience())


def counting(bench: Bench) -> XSource:
    """Return the source with its account."""
    source = open_source(bench.settings, bench.programme, bench.secrets.get)
    source.keep_account(bench.corpus.facts)
    return source


def test_two_at_once_share_one_budget(x_bench: Bench, clock: Clock) -> None:
    """Money that one process has set aside is not there for another."""
    one, other = (XAccount("x", 0.20, x_bench.corpus.facts) for _ in range(2))
    assert one.set_aside("a", 15, most=100, least=10, now=clock())[0] == 13
    with pytest.raises(SourceUnavailableError, match="next request may cost"):
        other.set_aside("b", 15, most=100, least=10, now=clock())


def test_without_memory_or_budget_x_is_read_all_the_same(x_bench: Bench, fake: FakeX) -> None:
    """Where nothing is limited nobody need keep an account."""
    fake.publish(2)
    assert len(next(x_bench.source().fetch(None, x_bench.patience())).posts) == 2


def test_months_are_accounts_of_their_own(x_bench: Bench, clock: Clock) -> None:
    """December begins with nothing spent, at midnight UTC."""
    one = XAccount("x", 0.20, x_bench.corpus.facts)
    _, name = one.set_aside("a", 5, most=10, least=1, now=clock())
    one.settle(name, Delivered(posts=frozenset({"p1", "p2"}), users=frozenset()), clock())
    assert (one.left(clock()), one.left(next_month(clock()))) == (190, 200)
    assert next_month(clock()) == NEXT_MONTH


@pytest.mark.parametrize(
    ("body", "expected"), [(b"<html>", None), (b"[]", None), (b'{"data": [{"id": "1"}, {"id": "1"}]}', 1)]
)
def test_delivered_things_are_counted_once(body: bytes, expected: int | None) -> None:
    """What an answer holds is told by ids; an answer that cannot be read tells nothing."""
    found = delivered_in(body)
    assert (found and len(found.posts)) == expected


def test_unreadable_usage_is_none() -> None:
    """A day that is none makes the whole unreadable."""
    body = b'{"data": {"daily_project_usage": {"usage": [{"date": "soon", "usage": "1"}]}}}'
    assert used_since(body, NEXT_MONTH) is None


def test_amounts_are_read_as_dollars() -> None:
    """Cents, and thousandths only where there are some."""
    assert (dollars(500), dollars(15), dollars(12_340)) == ("$0.50", "$0.015", "$12.34")
