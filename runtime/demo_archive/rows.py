"""From staged posts to lines of ``corpus`` JSONL, with counts, labels, edits, tombstones and gaps."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from runtime.demo_archive.cast import cast
from runtime.demo_archive.scenes import play
from runtime.demo_archive.script import INVENTED, THEMES
from runtime.demo_archive.stage import Staged
from runtime.demo_archive.timing import BLUESKY_DOWN, WEEKS, X_REFUSED, ZONE, address

Row = dict[str, object]
SOURCES = {"x": "x", "mastodon": "mastodon", "bluesky": "bluesky", "feed": "feeds"}
"""Network to the name of the source that brought its posts."""
X_LIMIT = 280
_TAGS = ("#tulevaisuudenkunta",) * 7 + ("#TulevaisuudenKunta",) * 3
_MORE_TAGS = {
    ("fi", "p"): ("#osallisuus", "#palvelumuotoilu"),
    ("fi", "w"): ("#elinvoima", "#johtaminen", "#hyvinvointi"),
    ("fi", "c"): ("#hyvinvointialue", "#yhdyspinta"),
    ("fi", "r"): ("#kuntatalous", "#kunnat"),
    ("sv", "p"): ("#delaktighet", "#framtidenskommun"),
    ("sv", "w"): ("#bildning", "#framtidenskommun"),
    ("sv", "c"): ("#välfärdsområde", "#framtidenskommun"),
    ("sv", "r"): ("#kommunekonomi", "#framtidenskommun"),
}
_LABELLED = {"p": 12, "w": 14, "c": 12, "r": 12, "n": 7, "u": 3}
"""How many posts of each theme people have labelled."""
_EDITED, _DELETED = 10, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """What becomes of single posts after they were written."""

    edited: frozenset[Staged]
    deleted: frozenset[Staged]
    labelled: frozenset[Staged]


def rows(seed: int) -> Iterator[Row]:
    """Yield the archive's lines, oldest post first."""
    chance = Random(seed)  # noqa: S311 -- a demonstration that anybody can make again, not a secret
    posts = play(chance, cast(chance))
    fates = _fates(chance, posts)
    answered = Counter(id(post.reply_to) for post in posts if post.reply_to)
    repeated = Counter(id(post.repost_of or post.quote_of) for post in posts if post.repost_of or post.quote_of)
    for post in posts:
        yield _row(chance, post, fates, answered[id(post)], repeated[id(post)])


def coverage() -> list[dict[str, str]]:
    """Return what was not collected."""
    down = "HTTP 502 from the server; asked again every quarter of an hour"
    refused = "HTTP 401: the access token was no longer valid; a new one was put in place on the next Monday"
    return [
        _gap("x", X_REFUSED.start_at(ZONE), X_REFUSED.end_at(ZONE), "refused", refused),
        _gap("bluesky", *BLUESKY_DOWN, "failed", down),
    ]


def _gap(source: str, from_at: datetime, to_at: datetime, state: str, problem: str) -> dict[str, str]:
    return {"source": source, "from": _instant(from_at), "to": _instant(to_at), "state": state, "problem": problem}


def _fates(chance: Random, posts: Sequence[Staged]) -> Fates:
    needed = {id(other) for post in posts for other in (post.reply_to, post.quote_of, post.repost_of) if other}
    plain = [
        post
        for post in posts
        if id(post) not in needed and not post.repost_of and not post.reply_to and post.line.origin == INVENTED
    ]
    edited = chance.sample([post for post in plain if post.writer.network in ("x", "mastodon")], _EDITED)
    late = [post for post in plain if post.week in WEEKS[-4:-1] and post.writer.kind == "r" and post not in edited]
    labelled: list[Staged] = []
    for theme, how_many in _LABELLED.items():
        able = [post for post in posts if post.line.theme == theme and post.week in WEEKS[2:12] and not post.repost_of]
        labelled += chance.sample(able, how_many)
    deleted = chance.sample([post for post in late if post not in labelled], _DELETED)
    return Fates(edited=frozenset(edited), deleted=frozenset(deleted), labelled=frozenset(labelled))


def _row(chance: Random, post: Staged, fates: Fates, replies: int, reposts: int) -> Row:
    if post in fates.deleted:
        return _tombstone(post)
    text = _text(chance, post)
    edited_at = post.at + timedelta(minutes=chance.randrange(3, 50)) if post in fates.edited else None
    row: Row = {
        "network": post.writer.network,
        "native_id": post.native_id,
        "url": address(post.writer, post.native_id),
        "author": {"native_id": post.writer.native_id, "handle": post.writer.handle, "name": post.writer.name},
        "text": text,
        "lang": None if post.writer.network == "feed" else post.line.lang,
        "created_at": _instant(post.at),
        "edited_at": edited_at and _instant(edited_at),
        "collected_at": _instant(_collected_at(chance, edited_at or post.at)),
        "source": SOURCES[post.writer.network],
        "via": _via(post),
        "reply_to": post.reply_to and post.reply_to.native_id,
        "quote_of": post.quote_of and post.quote_of.native_id,
        "repost_of": post.repost_of and post.repost_of.native_id,
        "discussion": _discussion(post, replies),
        "hashtags": list(dict.fromkeys(tag.casefold() for tag in re.findall(r"#(\w+)", text))),
        "links": re.findall(r"https?://\S+", text),
        "counts": _counts(chance, post, replies, reposts),
    }
    if post in fates.labelled:
        row["labels"] = _labels(chance, post)
    return row | {"origin": post.line.origin, "staged_theme": THEMES[post.line.theme]}


def _tombstone(post: Staged) -> Row:
    return {
        "network": post.writer.network,
        "native_id": post.native_id,
        "text": None,
        "created_at": _instant(post.at),
        "collected_at": _instant(post.at + timedelta(days=2)),
        "source": SOURCES[post.writer.network],
        "via": _via(post),
        "gone": "deleted",
        "origin": post.line.origin,
        "staged_theme": THEMES[post.line.theme],
    }


def _text(chance: Random, post: Staged) -> str:
    parts = [post.line.text]
    if post.link:
        parts.append(post.link)
    tags = [chance.choice(_TAGS)] if post.hashtag and "#tulevaisuudenkunta" not in post.line.text else []
    if tags and post.line.origin == INVENTED and chance.random() < 0.3:  # noqa: PLR2004 -- three in ten add a tag
        tags += [chance.choice(more)] if (more := _MORE_TAGS.get((post.line.lang, post.line.theme))) else []
    text = " ".join(parts + tags)
    return " ".join(parts + tags[:1]) if post.writer.network == "x" and len(text) > X_LIMIT else text


def _via(post: Staged) -> str:
    if post.hashtag or "#tulevaisuudenkunta" in post.line.text:
        return "hashtag"
    return "thread" if post.reply_to else "word"


def _discussion(post: Staged, replies: int) -> str | None:
    if post.root:
        return post.root.native_id
    return post.native_id if replies or post.writer.network == "x" else None


def _counts(chance: Random, post: Staged, replies: int, reposts: int) -> dict[str, int | None]:
    if post.writer.network == "feed" or post.repost_of:
        return dict.fromkeys(("replies", "reposts", "likes", "views"))
    liked = int((chance.paretovariate(1.1) - 1) * (4 if post.writer.kind in "oc" else 2))
    liked = min(liked, 400)
    views = 40 + liked * chance.randrange(20, 60) + chance.randrange(200) if post.writer.network == "x" else None
    return {"replies": replies, "reposts": reposts + liked // 7, "likes": liked, "views": views}


def _labels(chance: Random, post: Staged) -> list[Row]:
    staged = THEMES[post.line.theme]
    theme = None if staged == "none" else staged
    by = "EK" if chance.random() < 0.6 else "ML"  # noqa: PLR2004 -- EK labels most
    at = post.at + timedelta(days=chance.randrange(1, 6), minutes=chance.randrange(600))
    label: Row = {"theme": theme, "by": by, "at": _instant(at), "guideline": "1", "blind": chance.random() < 0.35}  # noqa: PLR2004 -- a third blind
    return [label]


def _collected_at(chance: Random, at: datetime) -> datetime:
    quarter = 15 * 60
    seconds = at.timestamp() + chance.randrange(quarter)
    return datetime.fromtimestamp((seconds // quarter + 1) * quarter, UTC)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
