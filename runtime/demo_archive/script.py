"""What is said in the demonstration: the lines of ``texts/``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.demo_archive import HERE

TEXTS = HERE / "texts"
INVENTED = "invented"
ORIGINS = {
    "omastadi_fi": "omastadi_fi, MIT",
    "kunta_strategiat": "kunta_strategiat, MIT",
    "vkk_ministry_fi": "vkk_ministry_fi, CC BY 4.0",
    "yso_municipal_themes": "yso_municipal_themes, CC0",
}
"""The open set's name to the mark that each of its texts carries."""
THEMES = {
    "p": "participation-and-services",
    "w": "operating-models",
    "c": "municipality-and-region",
    "r": "roles-and-preconditions",
    "n": "none",
    "u": "unsure",
}
"""The letter in the texts to the theme that was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One text with what its writer must be."""

    text: str
    lang: str
    theme: str
    """A letter of ``THEMES``."""
    kind: str
    """Who speaks: o municipality, g wellbeing services county, l regional council, y employment area, h and j networks,
    s staff, c councillor, r resident, e expert, m medium."""
    origin: str = INVENTED
    place: str = ""
    """Where in its open set the text stands."""
    answers: int | None = None
    """Number of the post of its thread or group that it answers, from 1."""
    bare: bool = False
    """Found by a watched word: has no hashtag."""
    late: bool = False
    """Fits the season of the last weeks only."""
    placeless: bool = False
    """Names no place, so it can answer anybody's call for ideas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A discussion: its first line and what came after."""

    lang: str
    theme: str
    network: str
    lines: tuple[Line, ...]

    @property
    def is_call(self) -> bool:
        """Whether it is a call for ideas, which real proposals answer."""
        return self.lang == "call"


def real() -> list[Line]:
    """Return the openly licensed texts, in the file's order."""
    return [_real(row) for row in _rows(TEXTS / "real.txt")]


def singles(language: str) -> list[Line]:
    """Return the invented posts of a language that stand alone."""
    found, theme = [], ""
    for row in _rows(TEXTS / f"{language}.txt"):
        if row.startswith("["):
            theme = row.strip("[]")
        else:
            kind, text = row.split(" ", 1)
            found.append(Line(text=text, lang=language, theme=theme, kind=kind[0], late=kind.endswith("*")))
    return found


def threads() -> list[Thread]:
    """Return the invented discussions and calls for ideas."""
    found: list[Thread] = []
    for row in _rows(TEXTS / "threads.txt"):
        if row.startswith("@"):
            _, lang, theme, network = row.split()
            found.append(Thread(lang=lang, theme=theme, network=network, lines=()))
            continue
        thread = found.pop()
        speaker, text = row.split(" ", 1)
        kind, _, number = speaker.partition(">")
        line = Line(
            text=text,
            lang=_language_of_call(text) if thread.is_call else thread.lang,
            theme=thread.theme,
            kind=kind,
            answers=int(number or 1) if thread.lines else None,
        )
        found.append(Thread(lang=thread.lang, theme=thread.theme, network=thread.network, lines=(*thread.lines, line)))
    return found


def scenes() -> dict[str, list[Line]]:
    """Return the groups of lines with which the last weeks are staged, by name."""
    found: dict[str, list[Line]] = {}
    theme = name = ""
    for row in _rows(TEXTS / "scenes.txt"):
        if row.startswith("="):
            _, name, theme = row.split()
            found[name] = []
            continue
        lang, kind, text = row.split(" ", 2)
        answers, bare = None, False
        if text.startswith(">"):
            number, text = text[1:].split(" ", 1)
            answers = int(number)
        if text.startswith("~ "):
            bare, text = True, text[2:]
        found[name].append(Line(text=text, lang=lang, theme=theme, kind=kind, answers=answers, bare=bare))
    return found


def _real(row: str) -> Line:
    where, theme, lang, text = row.split(" | ", 3)
    name, place = where.split(" ", 1)
    return Line(
        text=text,
        lang=lang,
        theme=theme[0],
        kind="r" if name == "omastadi_fi" else "",
        origin=ORIGINS[name],
        place=place,
        placeless=theme.endswith("+"),
    )


def _language_of_call(text: str) -> str:
    return "en" if " would " in text else "fi"


def _rows(path: Path) -> Iterator[str]:
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.strip() and not row.startswith("# "):
            yield row
