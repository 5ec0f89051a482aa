"""Projects and phenomena of a programme, recognised by their words, inflected or compounded."""

from collections.abc import Iterable, Sequence

from classifier.seeds import SeedMatcher, ThemeTexts
from programme.types import Programme, Project

_CERTAIN = 0.5
"""Weight of a match below which a word is only like the project's: another language's, or half a compound."""


class Facets:
    """Finds a programme's projects and cross-cutting phenomena in texts."""

    def __init__(self, programme: Programme) -> None:
        self._projects = _Finder((project.slug, _words_of(project)) for project in programme.projects)
        self._phenomena = _Finder((phenomenon.slug, dict(phenomenon.words)) for phenomenon in programme.phenomena)

    def projects(self, text: Sequence[str], language: str | None = None) -> tuple[str, ...]:
        """Return the slugs of the projects that the words of a text name, in the programme's order."""
        return self._projects.find(text, language)

    def phenomena(self, text: Sequence[str], language: str | None = None) -> tuple[str, ...]:
        """Return the slugs of the phenomena that the words of a text touch, in the programme's order."""
        return self._phenomena.find(text, language)


class _Finder:
    def __init__(self, named: Iterable[tuple[str, dict[str, tuple[str, ...]]]]) -> None:
        texts = [ThemeTexts(slug, words, {}, {}) for slug, words in named]
        self._slugs = [one.slug for one in texts]
        self._matcher = SeedMatcher(texts) if texts else None

    def find(self, text: Sequence[str], language: str | None = None) -> tuple[str, ...]:
        if self._matcher is None:
            return ()
        met = {theme for _, theme, weight in self._matcher.match(text, language).seeds if weight >= _CERTAIN}
        return tuple(slug for number, slug in enumerate(self._slugs) if number in met)


def _words_of(project: Project) -> dict[str, tuple[str, ...]]:
    names = {language: (name,) for language, name in project.name.by_language.items()}
    return {**names, "": project.words}
