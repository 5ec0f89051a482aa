"""Which column of a table means what: by the names of many exporters, or by a ``FILE.map.toml`` beside the table.

Known are our own ``csv``, 4CAT (https://github.com/digitalmethodsinitiative/4cat), DMI-TCAT, ``twarc2 csv``,
``rtweet``, X's former ``tweets.csv``, and names that people give columns.
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from programme.errors import MisuseError

_NAMES = {
    "network": "network platform",
    "native_id": "native_id uri id_str tweet_id status_id post_id id tweetid statusid",
    "url": "url link permalink tweet_url status_url post_url tweet_permanent_link",
    "text": "text full_text body content tweet tweet_text message post_text viesti teksti inlagg",
    "created_at": (
        "unix_timestamp created_at created_utc timestamp_utc published_at created timestamp time published"
        " created_time datetime date_time post_date julkaistu aika publicerad tid date"
    ),
    "author_id": "author_id author_did user_id user_id_str from_user_id userid",
    "author_handle": (
        "author_handle author_username screen_name user_screen_name from_user_name username handle author"
        " kirjoittaja skribent user_username"
    ),
    "author_name": "author_name author_fullname author_display_name display_name from_user_realname user_name name",
    "lang": "lang language language_guess languages kieli sprak",
    "edited_at": "edited_at",
    "reply_to": (
        "reply_to in_reply_to_status_id_str in_reply_to_status_id in_reply_to_id reply_to_status_id"
        " referenced_tweets_replied_to_id"
    ),
    "quote_of": "quote_of quoted_status_id_str quoted_status_id quote_id referenced_tweets_quoted_id",
    "repost_of": (
        "repost_of retweeted_status_id_str retweeted_status_id retweet_status_id retweet_id"
        " referenced_tweets_retweeted_id"
    ),
    "discussion": "discussion conversation_id_str conversation_id thread_id",
    "hashtags": "hashtags tags entities_hashtags",
    "links": "links urls entities_urls urls_expanded_url",
    "replies": "replies reply_count replies_count public_metrics_reply_count",
    "reposts": "reposts repost_count retweet_count reblogs_count retweets public_metrics_retweet_count",
    "likes": "likes like_count favorite_count favourites_count favorites public_metrics_like_count",
    "views": "views view_count impression_count public_metrics_impression_count",
    "via": "via",
    "gone": "gone",
}
FIELDS = frozenset(_NAMES)
_CANDIDATES = {field: names.split() for field, names in _NAMES.items()}
_KNOWN = frozenset(name for names in _CANDIDATES.values() for name in names)
_UTC_NAMES = frozenset({"created_utc", "timestamp_utc"})
_OF_4CAT = frozenset({"id", "thread_id", "body", "author", "timestamp"})
"""What every CSV of 4CAT has; its times are UTC: ``map_item`` in its data sources."""
_OF_TCAT = frozenset({"from_user_name", "time", "created_at", "filter_level"})
_OURS = frozenset({"network", "native_id", "theme_by"})
_APART = re.compile(r"[^\w]+")
_ACCENTS = str.maketrans("åäöé", "aaoe")
_ROUNDED = re.compile(r"\d{15}0{2,4}")
"""Excel keeps 15 digits of a number and writes zeros for the rest."""
_NEEDED = {"text": "the text", "created_at": "the time"}


class Mapping(msgspec.Struct, forbid_unknown_fields=True):
    """What ``FILE.map.toml`` says."""

    network: str | None = None
    """Of every row, where no column names it."""
    time_zone: str | None = None
    """What times without a zone are meant in: ``UTC``, ``Europe/Helsinki``."""
    encoding: str | None = None
    delimiter: str | None = None
    columns: dict[str, str] = {}
    """Our field to the table's column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which cell of a row means what."""

    places: dict[str, tuple[int, ...]]
    """Field to the columns that may hold it, the best first."""
    network: str | None
    zone: tzinfo | None
    zones: dict[int, tzinfo]
    """Columns whose own times have a zone."""
    is_ours: bool
    is_inert: bool
    """Our own ``csv-fi``: an apostrophe stands before what a spreadsheet would take for a formula or a number."""
    is_rounded: bool
    """A spreadsheet has cut the ids to 15 digits."""


def mapping_of(path: Path) -> Mapping | None:
    """Return the mapping beside a table; None where there is none.

    Raises:
        MisuseError: it cannot be read or cannot mean what it says.
    """
    beside = path.with_name(f"{path.name}.map.toml")
    if not beside.is_file():
        return None
    try:
        mapping = msgspec.toml.decode(beside.read_bytes(), type=Mapping)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise MisuseError(f"{beside}: {error}.", "See docs/archives.md for what a mapping may say.") from error
    if unknown := sorted(mapping.columns.keys() - FIELDS):
        raise MisuseError(f"{beside}: there is no field {unknown[0]!r}.", f"Choose from {', '.join(sorted(FIELDS))}.")
    if mapping.time_zone and zone_of(mapping.time_zone) is None:
        raise MisuseError(f"{beside}: there is no time zone {mapping.time_zone!r}.", "Write UTC or Europe/Helsinki.")
    if mapping.encoding and not _is_encoding(mapping.encoding):
        raise MisuseError(f"{beside}: there is no encoding {mapping.encoding!r}.", "Write utf-8, cp1252 or utf-16.")
    if mapping.delimiter is not None and len(mapping.delimiter) != 1:
        raise MisuseError(f"{beside}: a delimiter is one character.", 'Write ",", ";" or "\\t".')
    return mapping


def zone_of(name: str) -> tzinfo | None:
    """Return a time zone; None where there is none of that name."""
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # noqa: SLF001  # the only way to tell rot13 and base64
    except LookupError:
        return False


def recognised_in(header: Iterable[str]) -> set[str]:
    """Return the names of a header that are known."""
    return {_folded(name) for name in header} & _KNOWN


def plan_of(header: Sequence[str], sample: Sequence[Sequence[str]], delimiter: str, mapping: Mapping) -> Plan | str:
    """Return which column means what, or why the table cannot be read."""
    if missing := [column for column in mapping.columns.values() if column not in header]:
        return f"FILE.map.toml names a column that the table lacks: {missing[0]!r:.60}"
    folded = [_folded(name) for name in header]
    places = {field: _places(folded, names) for field, names in _CANDIDATES.items()}
    places |= {field: (header.index(column),) for field, column in mapping.columns.items()}
    lacking = [words for field, words in _NEEDED.items() if not places[field]]
    if not (places["native_id"] or places["url"]):
        lacking.append("the id or the address")
    if lacking:
        return f"no column is known to hold {' or '.join(lacking)}: name it in FILE.map.toml"
    known = set(folded)
    is_utc = known >= _OF_4CAT or known >= _OF_TCAT
    return Plan(
        places={field: found for field, found in places.items() if found},
        network=mapping.network,
        zone=zone_of(mapping.time_zone) if mapping.time_zone else UTC if is_utc else None,
        zones={n: UTC for n, name in enumerate(folded) if name in _UTC_NAMES},
        is_ours=known >= _OURS,
        is_inert=known >= _OURS and delimiter == ";",
        is_rounded=_is_rounded(sample, places["native_id"]),
    )


def _places(folded: Sequence[str], names: Iterable[str]) -> tuple[int, ...]:
    return tuple(folded.index(name) for name in names if name in folded)


def _folded(name: str) -> str:
    return _APART.sub("_", name.casefold().translate(_ACCENTS)).strip("_")


def _is_rounded(sample: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Return whether every long id of the sample ends as a spreadsheet leaves it: by chance, one in ten thousand is."""
    ids = [row[places[0]].strip() for row in sample if places and len(row) > places[0]]
    long = [one for one in ids if one.isdecimal() and 17 <= len(one) <= 19]  # noqa: PLR2004  # X's since 2010
    return len(long) > 1 and all(_ROUNDED.fullmatch(one) for one in long)
