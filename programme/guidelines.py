"""What belongs to each theme, for people who label: pages of a directory ``guidelines`` beside the programme.

``guidelines/<theme>.toml`` has a table for each language with the lists ``inclusion``, ``exclusion`` and ``borderline``
(each ``text``, ``theme``, ``why``). The version is a hash over all files: whatever is edited makes another one, and
labels keep the one that was in force.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from programme.faults import ConfigurationError, Fault, correction, did_you_mean
from programme.toml_file import read_toml
from programme.types import NONE, Programme

DIRECTORY = "guidelines"
_LISTS = ("inclusion", "exclusion", "borderline")
_SLIP = 0.85
"""How near a name must be to a theme's to be a slip of the pen."""
_EXAMPLE = ("text", "theme", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Borderline:
    """An invented post near the edge of a theme."""

    text: str
    theme: str
    """A slug or ``none``."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One theme's guideline in one language."""

    inclusion: tuple[str, ...]
    exclusion: tuple[str, ...]
    borderline: tuple[Borderline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidelines:
    """The guidelines of a programme."""

    version: str
    """Empty where there are none."""
    pages: Mapping[str, Mapping[str, Page]]
    """By theme in the programme's order, then by language."""
    unused: tuple[str, ...] = ()
    """Names of pages on themes that the programme does not have: they are passed over."""

    def missing(self, programme: Programme) -> dict[str, list[str]]:
        """Return the reading languages that each theme's guideline lacks; nothing where there are no guidelines."""
        lacking = {
            theme.slug: [code for code in programme.languages if code not in self.pages.get(theme.slug, {})]
            for theme in programme.themes
        }
        return {slug: codes for slug, codes in lacking.items() if codes} if self.pages else {}

    def page(self, theme: str, language: str) -> Page | None:
        """Return a theme's page in a language, else in the first that it has; None where it has none."""
        pages = self.pages.get(theme, {})
        return pages.get(language) or next(iter(pages.values()), None)


def read_guidelines(directory: Path, programme: Programme) -> tuple[Guidelines, list[Fault]]:
    """Return the guidelines of a configuration directory, with every fault of their files."""
    faults: list[Fault] = []
    pages: dict[str, dict[str, Page]] = {}
    unused: list[str] = []
    digest = sha256()
    found = {path.stem: path for path in sorted((directory / DIRECTORY).glob("*.toml"))}
    for slug, path in found.items():
        name = f"{DIRECTORY}/{path.name}"
        document, broken = read_toml(path, name)
        faults += broken
        if slug not in programme.slugs:
            # A slip of the pen where the right page is absent; else another programme's page, as `init` leaves four.
            near = did_you_mean(slug, [one for one in programme.slugs if one not in found], cutoff=_SLIP)
            if near:
                problem, remedy = "the programme has no such theme", f"did you mean {near}?"
                faults.append(Fault(file=name, key="", problem=problem, remedy=remedy))
            else:
                unused.append(slug)
        if document is None or slug not in programme.slugs:
            continue
        wrong = list(_faults(name, document, (*programme.slugs, NONE)))
        faults += wrong
        if not wrong:
            digest.update(slug.encode() + b"\0" + path.read_bytes())
            pages[slug] = {language: _page(table) for language, table in document.items()}
    ordered = {slug: pages[slug] for slug in programme.slugs if slug in pages}
    return Guidelines(version=digest.hexdigest()[:8] if ordered else "", pages=ordered, unused=tuple(unused)), faults


def guidelines_or_raise(directory: Path, programme: Programme) -> Guidelines:
    """Return the guidelines of a configuration directory.

    Raises:
        ConfigurationError: a file has faults; each is listed.
    """
    found, faults = read_guidelines(directory, programme)
    if faults:
        raise ConfigurationError(faults)
    return found


def _faults(name: str, document: Mapping[str, object], themes: Sequence[str]) -> Iterator[Fault]:
    for language, table in document.items():
        if not isinstance(table, dict):
            yield _fault(name, language, "it is no table", f"write [{language}] and lists under it")
            continue
        for key, value in table.items():
            place = f"{language}.{key}"
            if key not in _LISTS:
                yield _fault(name, place, "there is no such list", correction(key, _LISTS))
            elif not isinstance(value, list):
                yield _fault(name, place, "it is no list", "write it in square brackets")
            elif key == "borderline":
                for number, example in enumerate(value, 1):
                    yield from _example_faults(name, f"{place}[{number}]", example, themes)
            elif not all(isinstance(one, str) and one.strip() for one in value):
                yield _fault(name, place, "it holds something else than sentences", "write each in quotes")


def _example_faults(name: str, place: str, example: object, themes: Sequence[str]) -> Iterator[Fault]:
    if not isinstance(example, dict) or set(example) != set(_EXAMPLE):
        yield _fault(name, place, "it is no example", "write { text = …, theme = …, why = … }")
    elif not all(isinstance(one, str) and one.strip() for one in example.values()):
        yield _fault(name, place, "it holds something else than texts", "write each in quotes")
    elif example["theme"] not in themes:
        yield _fault(name, f"{place}.theme", "the programme has no such theme", correction(example["theme"], themes))


def _fault(name: str, key: str, problem: str, remedy: str) -> Fault:
    return Fault(file=name, key=key, problem=problem, remedy=remedy)


def _page(table: object) -> Page:
    lists = table if isinstance(table, dict) else {}
    return Page(
        inclusion=tuple(lists.get("inclusion", ())),
        exclusion=tuple(lists.get("exclusion", ())),
        borderline=tuple(Borderline(**example) for example in lists.get("borderline", ())),
    )
