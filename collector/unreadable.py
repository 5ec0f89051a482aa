"""Records that cannot be read: why, what is kept of them, and the one fault of JSON that can be mended."""

import re

import msgspec

from collector.source import Rejected
from language.text import clean

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for a document that it cannot read: the last for brackets nested without end."""
RECORD_LIMIT = 2_000
"""Characters of a rejected record that are kept aside."""
_LARGEST_COUNT = (1 << 63) - 1
_ESCAPED = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def reason_of(error: Exception) -> str:
    """Return why a record cannot be read, in words for the list of rejects."""
    if isinstance(error, msgspec.ValidationError):
        return f"not as it should be: {error}"
    if isinstance(error, RecursionError):
        return "not JSON that can be read: nested without end"
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else f"not JSON: {error}"


def rejection(position: int, reason: str, record: bytes) -> Rejected:
    """Return a rejected record, cut and readable as text."""
    kept = record[: 4 * RECORD_LIMIT].decode("utf-8", "replace")[:RECORD_LIMIT]
    return Rejected(position=position, reason=reason, record=clean(kept))


def without_lone_surrogates(payload: bytes) -> bytes:
    r"""Return JSON of the same length in which ``\ud800`` without its other half is U+FFFD: msgspec refuses it."""
    return _ESCAPED.sub(_mended, payload)


def _mended(found: re.Match[bytes]) -> bytes:
    return found[0] if found[0] == b"\\\\" or found[1] else b"\\ufffd"


def as_count(written: int | None) -> int | None:
    """Return a count as it can be stored, None where no such count can be: a post is not lost for it."""
    return written if written is None or 0 <= written <= _LARGEST_COUNT else None
