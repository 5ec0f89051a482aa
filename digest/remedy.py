"""What can be done about hours that were not collected, in words: the same in the digest and on the command line."""

from datetime import datetime
from math import ceil

from digest.speech import Speaker


def remedy(
    speak: Speaker, way: str, until: datetime | None, *, posts: int, usd: float | None, command: str | None
) -> str:
    """Return a sentence without its stop.

    Args:
        speak: the reader's language.
        way: of ``collector.recall``.
        until: the network gives the whole of it up to then.
        posts: what is probably missing.
        usd: the most that they cost.
        command: what fills it from the network's archive.
    """
    if way == "backfill":
        price = f"${ceil(round((usd or 0) * 1000) / 10) / 100:.2f}"  # never less than it may cost
        return speak.text(
            "digest.remedy.backfill", count=posts, n=speak.number(posts), price=price, command=command or ""
        )
    said = speak.text(f"digest.remedy.{way}")
    return said if until is None else said + speak.text("digest.remedy.until", when=speak.moment(until))
