"""Single values of the configuration: each function returns one in its final form, or says what is wrong with it."""

import re
import unicodedata
from datetime import timedelta
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from programme.faults import Wrong, correction
from programme.networks import NETWORKS
from programme.types import NONE, UNSURE

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RESERVED_SLUGS = frozenset({NONE, UNSURE, "unclassified"})
"""What stands for posts without a theme, and so can be no theme's name."""
BASE_URLS = {"x": "https://api.x.com"}
"""Addresses of networks that have only one."""
FIREHOSE = "/xrpc/com.atproto.sync.subscribeRepos"
JETSTREAM = "/subscribe"
"""Paths by which a stream of Bluesky tells its kind."""
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DURATION = re.compile(r"(\d{1,6}) ?(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=7)
_TIME = re.compile(r"([a-z]+) ((?:[01]\d|2[0-3]):[0-5]\d)")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"localhost|(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]+\]?")
_ACCOUNT = re.compile(r"(?:(?P<network>[a-z]+):)?@?(?P<handle>[\w.-]+(?:@[\w.-]+)?|did:[a-z]+:[\w.:%-]+)")
_MUNICIPALITY = re.compile(r"\d{3}")
_SENDER = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s]+)>")
_LOCAL_PART_LIMIT, _ADDRESS_LIMIT = 64, 254  # RFC 5321, 4.5.3.1
_SHOWN = 60


def shown(value: str) -> str:
    """Return a value as a fault quotes it: short, and without control characters."""
    quoted = repr(value[:_SHOWN])
    return f"{quoted[:-1]}…{quoted[-1]}" if len(value) > _SHOWN else quoted


def slugify(text: str) -> str:
    """Return a slug made of a text's Latin letters and digits; empty where it has none."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "-".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))[:64].strip("-")


def line(text: str) -> str:
    """Return a text of one line, stripped.

    Raises:
        Wrong: it is empty, or holds line breaks or other control characters.
    """
    if not text.strip():
        problem = "it is empty"
        raise Wrong(problem, "write some text or remove the key")
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text.strip()):
        problem = "it holds a line break or another control character"
        raise Wrong(problem, "write it on one line")
    return text.strip()


def prose(text: str) -> str:
    """Return a text, its white space folded to single spaces.

    Raises:
        Wrong: it is empty or holds control characters.
    """
    return line(" ".join(text.split()))


def slug(text: str) -> str:
    """Return a slug.

    Raises:
        Wrong: it is not lower-case letters a to z, digits and hyphens.
    """
    if not _SLUG.fullmatch(text):
        suggested = slugify(text)
        problem = f"{shown(text)} is not a slug of lower-case letters a to z, digits and hyphens"
        raise Wrong(problem, f'write "{suggested}"' if suggested else "choose one of these characters")
    return text


def theme_slug(text: str) -> str:
    """Return a theme's slug.

    Raises:
        Wrong: it is no slug, or reserved for posts without a theme.
    """
    if text in RESERVED_SLUGS:
        problem = f"{shown(text)} is reserved for posts without a theme"
        raise Wrong(problem, "choose another slug")
    return slug(text)


def language(code: str) -> str:
    """Return a language code.

    Raises:
        Wrong: it does not look like one.
    """
    if not _LANGUAGE.fullmatch(code):
        problem = f"{shown(code)} is not a language code"
        raise Wrong(problem, "write codes like fi, sv or en")
    return code


def time_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        Wrong: there is none of that name.
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        problem = f"no time zone is called {shown(name)}"
        near = correction(name, _zones())
        raise Wrong(problem, near if near.startswith("did") else "write a name like Europe/Helsinki") from None
    return name


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def hashtag(tag: str) -> str:
    """Return a hashtag casefolded and without its leading ``#``.

    Raises:
        Wrong: networks would not read it as one tag.
    """
    bare = unicodedata.normalize("NFKC", tag.strip()).removeprefix("#")  # full-width signs too
    if not bare or not all(c == "_" or unicodedata.category(c)[0] in "LMN" for c in bare) or bare.isdigit():
        problem = f"{shown(tag)} is not a hashtag"
        raise Wrong(problem, "write letters, digits and underscores only, and not digits alone")
    return bare.casefold()


def duration(text: str) -> timedelta:
    """Return a duration.

    Raises:
        Wrong: it is not a number with its unit, or none that makes sense between two rounds of collection.
    """
    found = _DURATION.fullmatch(text.strip())
    if not found:
        problem = f"{shown(text)} is not a duration"
        raise Wrong(problem, 'write a whole number and s, min, h or d, like "15 min" or "1 h"')
    length = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if not timedelta() < length <= _LONGEST:
        problem = f"{shown(text)} is no time to wait between two rounds"
        raise Wrong(problem, 'write more than none and at most "7 d"')
    return length


def weekday_time(text: str) -> str:
    """Return a weekday and local time in the form ``mon 07:00``.

    Raises:
        Wrong: it is not of that form.
    """
    found = _TIME.fullmatch(text.strip().casefold())
    if not found or found[1] not in WEEKDAYS:
        # Numbers for weekdays are not taken: cron's Monday and Python's Monday differ.
        problem = f"{shown(text)} is not a weekday and a time"
        raise Wrong(problem, f'write it like "mon 07:00"; the weekdays are {", ".join(WEEKDAYS)}')
    return found[0]


def address(text: str) -> str:
    """Return a mail address.

    Raises:
        Wrong: it is none that every mail server takes. The address itself is not quoted.
    """
    local, at, domain = text.strip().rpartition("@")
    fits = len(local) <= _LOCAL_PART_LIMIT and len(text) <= _ADDRESS_LIMIT
    if not (at and fits and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        problem = "it is not a mail address"
        raise Wrong(problem, "write one like name@kunta.example, with the letters of ASCII only")
    return text.strip()


def split_sender(text: str) -> tuple[str, str]:
    """Return the name, which may be empty, and the address of a sender."""
    found = _SENDER.fullmatch(text.strip())
    return (found["name"].strip().strip('"').strip(), found["address"]) if found else ("", text.strip())


def sender(text: str) -> str:
    """Return a sender as ``Name <address>`` or a bare address.

    Raises:
        Wrong: it is neither.
    """
    name, bare = split_sender(line(text))
    try:
        address(bare)
    except Wrong:
        problem = f"{shown(text)} is not a sender"
        raise Wrong(problem, 'write "Name <name@kunta.example>" or an address alone') from None
    return f"{name} <{bare}>" if name else bare


def web_address(text: str) -> str:
    """Return the address of a web server or page.

    Raises:
        Wrong: it is not an http or https address, or carries a password.
    """
    if _address_parts(text, "https", "http") is None:
        problem = f"{shown(text)} is not a web address" if "@" not in text else "it is not a web address"
        raise Wrong(problem, "write one that begins with https:// or http:// and names a server")
    return text


def stream_address(text: str) -> str:
    """Return the address of a stream of Bluesky, whose path tells the kind.

    Raises:
        Wrong: it is not a websocket's address, carries a password, or has neither path.
    """
    parts = _address_parts(text, "wss", "ws")
    if parts is None:
        problem = f"{shown(text)} is not a stream's address" if "@" not in text else "it is not a stream's address"
        raise Wrong(problem, "write one that begins with wss:// or ws:// and names a server")
    if parts.path not in (FIREHOSE, JETSTREAM) or parts.query or parts.fragment:
        problem = f"{shown(text)} is neither a firehose nor a Jetstream"
        raise Wrong(problem, f"let it end with {FIREHOSE} or {JETSTREAM}, and with nothing after it")
    return text


def _address_parts(text: str, *schemes: str) -> SplitResult | None:
    """Return an address in its parts; None where it is none of these schemes.

    Raises:
        Wrong: it carries a password.
    """
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    broken = any(c.isspace() or unicodedata.category(c)[0] == "C" for c in text)
    if broken or parts.scheme not in schemes or not parts.hostname:
        return None
    if parts.username is not None or parts.password is not None:
        problem = "the address carries a user's name or password"
        raise Wrong(problem, "remove them; secrets come from the environment only")
    return parts


def source_name(text: str) -> str:
    """Return the name of a source.

    Raises:
        Wrong: it cannot stand in the name of an environment variable, or is ours already.
    """
    if text == "import":
        problem = "'import' is what imported posts are filed under"
        raise Wrong(problem, "choose another name")
    if not _SOURCE_NAME.fullmatch(text):
        problem = f"{shown(text)} is not a name of letters a to z, digits, dots, hyphens and underscores"
        raise Wrong(problem, f'write "{slugify(text) or "source"}"')
    return text


def secret_name(source: str) -> str:
    """Return how a source is called within ``KUNTAKAIKU_TOKEN_…``."""
    return re.sub(r"[^A-Z0-9]", "_", source.upper())


def account(text: str) -> str:
    """Return an account casefolded, ``network:handle`` or ``handle``, without a leading ``@``.

    Raises:
        Wrong: it is neither.
    """
    found = _ACCOUNT.fullmatch(text.strip().casefold())
    if not found:
        problem = f"{shown(text)} is not an account"
        raise Wrong(problem, 'write "network:handle", like "mastodon:koivuranta@kunta.example"')
    return f"{found['network']}:{found['handle']}" if found["network"] else found["handle"]


def listed_account(text: str) -> str:
    """Return an account with its network.

    Raises:
        Wrong: it is no account, or does not name its network.
    """
    if text.strip().casefold().partition(":")[0] not in NETWORKS:
        problem = f"{shown(text)} does not say on which network"
        raise Wrong(problem, 'write "network:handle", like "mastodon:koivuranta@kunta.example"')
    return account(text)


def municipality(code: str) -> str:
    """Return a municipality's code.

    Raises:
        Wrong: it is not three digits.
    """
    if not _MUNICIPALITY.fullmatch(code):
        problem = f"{shown(code)} is not a municipality's code"
        raise Wrong(problem, 'write its three digits as text, like "091"')
    return code


def host(name: str) -> str:
    """Return the name or address of a server.

    Raises:
        Wrong: it is none.
    """
    if not _HOST.fullmatch(name):
        problem = f"{shown(name)} is not a server's name"
        raise Wrong(problem, 'write the name alone, like "smtp.kunta.example", without http:// and port')
    return name


def is_short(text: str) -> bool:
    """Return whether a text can be quoted whole in a remedy."""
    return len(text) <= _SHOWN and shown(text)[1:-1] == text and '"' not in text
