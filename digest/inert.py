"""Strangers' words made harmless to print: posts, names and addresses are hostile until they have been here.

Stored text is never changed; this is the door to the page. Escaping for HTML is the template's (autoescape); here go
the characters that escaping does not know: controls, overrides of the writing direction, marks of our own.
"""

import re
from urllib.parse import urlsplit

_REPLACED = "\ufffd"
# Embeddings, overrides and isolates turn the words around them; replaced visibly, since somebody put them there.
# U+FFF9 to U+FFFB annotate, U+FFFE and U+FFFF are no characters, lone surrogates cannot be encoded.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NEW_LINES = re.compile("\r\n|[\r\x85\u2028\u2029]")
# The outbox fills these slots for each recipient: a post must not name them.
_SLOT = re.compile(r"%%(?=[A-Z_]+(?::[0-9]+)?%%)")
# Hebrew, Arabic and the scripts between and beyond them, and the marks that stand for their direction.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def inert(text: str) -> str:
    """Return a stranger's text, of several lines, with nothing left that acts."""
    text = _NEW_LINES.sub("\n", text)
    text = _CONTROLS.sub("", text)
    text = _TURNING.sub(_REPLACED, text)
    return _SLOT.sub("%\u2060%", text)


def one_line(text: str) -> str:
    """Return a stranger's text on one line, fit for a subject, a name or a list."""
    return " ".join(inert(text).split())


def shorten(text: str, limit: int) -> str:
    """Return a text of at most so many characters, cut at a word and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = max(head.rfind(" "), head.rfind("\n"))
    return head[: at if at > limit // 2 else len(head)].rstrip(" \n,;:–-") + "…"


def web_address(url: str | None) -> str | None:
    """Return an address that may stand behind a link, or None: only http and https, with a host, without blanks."""
    if not url or len(url) > 2000 or any(character.isspace() or character in '<>"\\`' for character in url):  # noqa: PLR2004 - longer ones are cut by mail programs
        return None
    if url != inert(url) or "%%" in url:
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme.lower() in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def isolate(text: str) -> str:
    """Return a text that, in a plain-text mail, cannot turn the words beside it."""
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text
