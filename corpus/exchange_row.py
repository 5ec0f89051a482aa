"""A line of our own JSONL as carriers: what is wrong with it is said in one plain sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

import msgspec

from corpus.post import Author, Counts, Gone, Label, Post, Prediction, Reason, Via
from corpus.posts import IMPORT
from language.text import clean

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
"""How far a clock may be ahead of ours."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_LONGEST_KEY = 600
"""Characters of an id: of up to four bytes each, and with a network's name, they fit a row of PostgreSQL's index."""
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Key = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_KEY)]
_Network = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_OptionalName = Annotated[str, msgspec.Meta(max_length=200)] | None
_OptionalKey = Annotated[str, msgspec.Meta(max_length=_LONGEST_KEY)] | None
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


Places = tuple[tuple[str, str], ...]
"""Municipalities as code and basis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """A line of our own JSONL, checked and typed."""

    post: Post
    source: str | None
    collected_at: datetime | None
    labels: tuple[Label, ...]
    prediction: Prediction | None
    municipalities: Places
    cluster: str | None


class _Author(msgspec.Struct):
    native_id: _Key | None = None
    handle: str | None = None
    name: str | None = None


class _Counts(msgspec.Struct):
    replies: _Count | None = None
    reposts: _Count | None = None
    likes: _Count | None = None
    views: _Count | None = None


class _Label(msgspec.Struct):
    by: _Name
    at: _Instant
    theme: _OptionalName = None
    guideline: str | None = None
    blind: bool = False
    audit: bool = False


class _Place(msgspec.Struct):
    code: _Name
    basis: _Name = "text"


class _Reason(msgspec.Struct):
    kind: str
    text: str = ""
    weight: float = 0.0


class _Row(msgspec.Struct):
    network: _Network
    native_id: _Key
    text: str | None
    created_at: _Instant
    url: str | None = None
    author: _Author | None = None
    lang: str | None = None
    edited_at: _Instant | None = None
    collected_at: _Instant | None = None
    source: str | None = None
    via: str | None = None
    reply_to: _OptionalKey = None
    quote_of: _OptionalKey = None
    repost_of: _OptionalKey = None
    discussion: _OptionalKey = None
    hashtags: list[str] | None = None
    links: list[str] | None = None
    counts: _Counts | None = None
    theme: str | None = None
    themes: list[str] | None = None
    theme_by: str | None = None
    confidence: _Share | None = None
    scores: dict[str, _Share] | None = None
    model: _OptionalKey = None
    labels: list[_Label] | None = None
    projects: list[str] | None = None
    phenomena: list[str] | None = None
    municipalities: list[_Place] | None = None
    cluster: _OptionalKey = None
    gone: str | None = None
    cut_from: _Count | None = None
    predicted: str | msgspec.UnsetType | None = msgspec.UNSET
    reasons: list[_Reason] | None = None


def from_row(row: Mapping[str, Any], *, now: datetime | None = None) -> ImportedRow:
    """Return a decoded line as carriers; keys that we do not know are left alone.

    Args:
        row: the decoded JSON object.
        now: where given, dates more than a day ahead of it are refused.

    Raises:
        ValueError: the record cannot be a post; its text says why.
    """
    try:
        wire = msgspec.convert(row, _Row)
    except msgspec.ValidationError as error:
        raise ValueError(_plain(str(error))) from error
    for name in ("created_at", "edited_at", "collected_at"):
        _check_date(name, getattr(wire, name), now)
    for label in wire.labels or ():
        _check_date("labels.at", label.at, now)
    return ImportedRow(
        post=_post(wire),
        source=_cleaned(wire.source),
        collected_at=None if wire.collected_at is None else wire.collected_at.astimezone(UTC),
        labels=_labels(wire),
        prediction=_prediction(wire),
        municipalities=_places(wire),
        cluster=_cleaned(wire.cluster),
    )


def _check_date(name: str, instant: datetime | None, now: datetime | None) -> None:
    if instant is None:
        return
    try:
        utc = instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{name}: not a date that can be") from error
    if utc < _EARLIEST:
        raise ValueError(f"{name}: before 1990")
    if now is not None and utc > now + _AHEAD:
        raise ValueError(f"{name}: more than a day ahead")


def _post(wire: _Row) -> Post:
    if wire.gone is not None and wire.gone not in get_args(Gone):
        raise ValueError(f"gone: not one of {', '.join(get_args(Gone))}")
    if wire.gone is not None and wire.text is not None:
        raise ValueError("text: must be null where gone says why there is none")
    gone: Gone | None = wire.gone if wire.text is None else None  # type: ignore[assignment]  # checked above
    via: Via = wire.via if wire.via in get_args(Via) else "import"  # type: ignore[assignment]  # checked here
    _check_keys(wire)
    counts = wire.counts or _Counts()
    return Post(
        network=clean(wire.network),
        native_id=clean(wire.native_id),
        author=_author(wire.author),
        text=None if wire.text is None else clean(wire.text),
        created_at=wire.created_at.astimezone(UTC),
        via=via,
        url=_cleaned(wire.url),
        lang=_cleaned(wire.lang),
        edited_at=None if wire.edited_at is None else wire.edited_at.astimezone(UTC),
        reply_to=_cleaned(wire.reply_to),
        quote_of=_cleaned(wire.quote_of),
        repost_of=_cleaned(wire.repost_of),
        discussion=_cleaned(wire.discussion),
        hashtags=tuple(dict.fromkeys(clean(tag).lstrip("#").casefold() for tag in wire.hashtags or ())),
        links=tuple(clean(link) for link in wire.links or ()),
        counts=Counts(replies=counts.replies, reposts=counts.reposts, likes=counts.likes, views=counts.views),
        cut_from=wire.cut_from,
        gone=gone or ("deleted" if wire.text is None else None),
    )


def _check_keys(wire: _Row) -> None:
    """Refuse what cannot be an id: one a line, as lists of ids are written."""
    for name, value in (("network", wire.network), ("native_id", wire.native_id)):
        if not value.isprintable() and _CONTROL.search(value):
            raise ValueError(f"{name}: holds a control character")


def _author(author: _Author | None) -> Author | None:
    native_id = author and (author.native_id or author.handle)
    if author is None or not native_id:
        return None
    if len(native_id) > _LONGEST_KEY:
        raise ValueError(f"author: its handle stands for its id, but is longer than {_LONGEST_KEY} characters")
    return Author(native_id=clean(native_id), handle=_cleaned(author.handle), name=_cleaned(author.name))


def _labels(wire: _Row) -> tuple[Label, ...]:
    labels = tuple(
        Label(
            theme=_theme(label.theme),
            by=clean(label.by),
            at=label.at.astimezone(UTC),
            guideline=_cleaned(label.guideline),
            blind=label.blind,
            audit=label.audit,
        )
        for label in wire.labels or ()
    )
    if not labels and wire.theme_by == "label":
        # Somebody judged, and the record does not say who: older than any judgement made here.
        at = (wire.collected_at or wire.created_at).astimezone(UTC)
        return (Label(theme=_theme(wire.theme), by=IMPORT, at=at),)
    return labels


def _theme(theme: str | None) -> str | None:
    return None if theme in (None, "", "none") else clean(theme or "")


def _prediction(wire: _Row) -> Prediction | None:
    by_label = wire.theme_by == "label" or bool(wire.labels)
    guessed = (
        wire.model,
        wire.scores,
        wire.themes,
        wire.projects,
        wire.phenomena,
        wire.theme if not by_label else None,
    )
    if not any(guessed) and wire.theme_by != "prediction":
        return None
    scores = wire.scores or {}
    themes = tuple(wire.themes or ())
    if wire.predicted is not msgspec.UNSET:
        theme = wire.predicted
    else:
        theme = next(iter(themes), None) if by_label else wire.theme
    theme = _theme(theme)
    confidence = wire.confidence if wire.confidence is not None else scores.get(theme or "none", 0.0)
    return Prediction(
        model=clean(wire.model or IMPORT),
        lang=_cleaned(wire.lang) or "unsure",
        theme=theme,
        themes=tuple(clean(slug) for slug in themes),
        confidence=confidence,
        scores={clean(slug): score for slug, score in scores.items()},
        reasons=_reasons(wire, theme, scores),
        projects=tuple(clean(slug) for slug in wire.projects or ()),
        phenomena=tuple(clean(slug) for slug in wire.phenomena or ()),
    )


def _reasons(wire: _Row, theme: str | None, scores: Mapping[str, float]) -> tuple[Reason, ...]:
    if wire.reasons is not None:
        return tuple(Reason(kind=clean(r.kind), text=clean(r.text), weight=r.weight) for r in wire.reasons)
    if theme is not None:
        return ()
    # A foreign record does not say why there is no theme; its scores do.
    off_topic = bool(scores) and scores.get("none", 0.0) == max(scores.values())
    return (Reason(kind="off_topic" if off_topic else "unsure", text=""),)


def _places(wire: _Row) -> Places:
    return tuple(dict.fromkeys((clean(place.code), clean(place.basis)) for place in wire.municipalities or ()))


def _cleaned(value: str | None) -> str | None:
    return clean(value) if value else None


def _plain(complaint: str) -> str:
    """Return msgspec's complaint with the key first: ``created_at: expected a date with a time zone, got text``."""
    what, _, where = complaint.partition(" - at `$")
    key = where.strip("`").lstrip(".")
    words = {
        "`datetime`": "a date like 2026-11-20T08:15:00Z",
        "`str | null`": "text or null",
        "`str`": "text",
        "`int`": "a whole number",
        "`float`": "a number",
        "`object`": "an object",
        "`array`": "a list",
        "`bool`": "true or false",
        "`null`": "nothing",
        "Object missing required field": "missing key",
        "Invalid RFC3339 encoded datetime": "expected a date like 2026-11-20T08:15:00Z",
        "with a timezone component": "with a time zone",
    }
    for sign, plain in words.items():
        what = what.replace(sign, plain)
    what = what[:1].lower() + what[1:]
    return f"{key}: {what}" if key else what
