"""When posts are written, and the ids and addresses that the networks give them."""

from datetime import UTC, datetime, timedelta
from random import Random

from programme.week import Week, zone_named
from runtime.demo_archive import LAST_WEEK
from runtime.demo_archive.cast import Writer

ZONE = zone_named("Europe/Helsinki")
WEEKS = (*Week.named(LAST_WEEK).before(13), Week.named(LAST_WEEK))
X_REFUSED = Week.named("2026-W39")
"""The week in which X refused access: no post from X."""
BLUESKY_DOWN = (datetime(2026, 11, 21, 3, tzinfo=ZONE), datetime(2026, 11, 21, 10, tzinfo=ZONE))
_DAYS = (1.0, 1.05, 1.05, 0.95, 0.8, 0.45, 0.5)
"""How busy the days are from Monday on."""
_OFFICE = {7: 1, 8: 4, 9: 5, 10: 5, 11: 4, 12: 4, 13: 5, 14: 5, 15: 4, 16: 2, 18: 0.5, 20: 0.5}
_EVENING = dict(enumerate((1, 3, 3, 2, 2, 2, 3, 2, 0, 2, 3, 4, 5, 6, 7, 5, 2, 1), start=6))
"""Local hours in which people write at work and at home."""
_X_EPOCH = 1_288_834_974_657
"""Milliseconds of the first instant that an id of X can tell."""
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


def moment(chance: Random, week: Week, kind: str, *, days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)) -> datetime:
    """Return an instant of a week at which such a writer would write."""
    at_work = kind != "r" and (kind not in "ce" or chance.random() < 0.5)  # noqa: PLR2004 -- half of it at work
    hours = _OFFICE if at_work else _EVENING
    busy = [_DAYS[day] * (0.15 if at_work and day > 4 else 1) for day in days]  # noqa: PLR2004 -- 4 is Friday
    day = chance.choices(days, busy)[0]
    hour = chance.choices(list(hours), list(hours.values()))[0]
    noon = datetime.combine(week.monday + timedelta(days=day), datetime.min.time(), ZONE)
    return noon.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60)).astimezone(UTC)


def later(chance: Random, at: datetime, minutes: float) -> datetime:
    """Return an instant after another, some minutes in the mean, by day; never after the last week."""
    then = (at + timedelta(minutes=1 + chance.expovariate(1 / minutes))).replace(microsecond=0)
    local = then.astimezone(ZONE)
    if local.hour < 6:  # noqa: PLR2004 -- people sleep until six
        then = local.replace(hour=7, minute=chance.randrange(60)).astimezone(UTC)
    return min(then, WEEKS[-1].end_at(ZONE) - timedelta(minutes=chance.randrange(30, 300)))


def collectable(at: datetime, network: str) -> datetime:
    """Return an instant at which the network could be collected: after the gap, where it falls into one."""
    refused = (X_REFUSED.start_at(ZONE), X_REFUSED.end_at(ZONE))
    start_at, end_at = {"x": refused, "bluesky": BLUESKY_DOWN}.get(network, (at, at))
    return at + (end_at - start_at) if start_at <= at < end_at else at


def native_id(chance: Random, writer: Writer, at: datetime) -> str:
    """Return a post's id in its network's form."""
    noise = chance.randrange(1 << 16)
    milliseconds = round(at.timestamp() * 1000) + noise % 1000
    if writer.network == "x":
        return str((milliseconds - _X_EPOCH) << 22 | noise)
    if writer.network == "mastodon":
        return f"{writer.native_id}/statuses/{milliseconds << 16 | noise}"
    if writer.network == "bluesky":
        number, digits = (milliseconds * 1000 + noise % 1000) << 10 | noise % 1024, ""
        for _ in range(13):
            number, digit = divmod(number, 32)
            digits = _SORTABLE[digit] + digits
        return f"at://{writer.native_id}/app.bsky.feed.post/{digits}"
    return f"https://{writer.host}/{at:%Y/%m/%d}/{noise:05}"


def address(writer: Writer, post_id: str) -> str:
    """Return where a post would be read, on a domain that exists only as an example."""
    last = post_id.rsplit("/", 1)[-1]
    if writer.network == "x":
        return f"https://x.example/{writer.handle}/status/{last}"
    if writer.network == "mastodon":
        return f"https://{writer.host}/@{writer.handle.partition('@')[0]}/{last}"
    if writer.network == "bluesky":
        return f"https://bsky.example/profile/{writer.handle}/post/{last}"
    return post_id
