"""In which language a reader is answered: as the address asks, else as chosen before, else as the browser asks."""

import re
from collections.abc import Sequence

COOKIE = "lang"
_ASKED = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([0-9.]{1,5})\s*)?")
_MOST = 20
"""Languages of a header that are looked at."""
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def choose(languages: Sequence[str], *, asked: str | None, cookie: str | None, header: str) -> str:
    """Return one of the languages, of which the first is the default.

    Args:
        languages: those that the console speaks.
        asked: of the address, ``?lang=sv``.
        cookie: of an earlier choice.
        header: ``Accept-Language`` of the browser.
    """
    for wish in (asked, cookie):
        if wish in languages:
            return str(wish)
    for tag in _preferred(header):
        for language in languages:
            if tag == language or tag.partition("-")[0] == language.partition("-")[0]:
                return language
    return languages[0]


def _preferred(header: str) -> list[str]:
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:_MOST]):
        match = _ASKED.fullmatch(part)
        if match is None:
            continue
        try:
            weight = float(match[2]) if match[2] else 1.0
        except ValueError:
            continue
        if weight > 0:
            wishes.append((-weight, place, match[1].lower()))
    return [tag for _, _, tag in sorted(wishes)]


def language_tag(code: str | None) -> str:
    """Return a post's language as a page may say it; ``und`` where it is unclear: networks send anything."""
    return code if code and code not in ("other", "unsure") and _TAG.fullmatch(code) else "und"
