# ruff: noqa: INP001 - a hook of mkdocs, not a package
"""Lets one set of pages serve both the repository and the site: links keep to where files lie in the repository.

README becomes the first page, CONTRIBUTING and CHANGELOG join the others, the decisions get a list of themselves, and
whatever else a page points to is copied beside the site.
"""

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files, InclusionLevel

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

HOUSE = Path(__file__).parents[1]
OUTSIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages that lie beside ``docs/``, and their names on the site."""
_LINK = re.compile(r"(!?\[(?:[^\]\[]|\[[^\]]*\])*\])\(([^)\s]+)\)")
_DECISIONS = "decisions/index.md"


def on_files(files: Files, config: "MkDocsConfig") -> Files:
    """Add the pages from outside, the list of decisions, and files that pages point to."""
    for origin, name in OUTSIDE.items():
        files.append(File.generated(config, name, content=(HOUSE / origin).read_text("utf-8")))
    files.append(File.generated(config, _DECISIONS, content=_decisions()))
    for path in sorted(_pointed_to(files)):
        source = str(HOUSE / path)
        files.append(
            File.generated(config, f"repository/{path}", abs_src_path=source, inclusion=InclusionLevel.NOT_IN_NAV)
        )
    return files


def on_page_markdown(markdown: str, page: "Page", config: "MkDocsConfig", files: Files) -> str:
    """Turn links between places of the repository into links between places of the site."""
    del config
    origin = _origin(page.file.src_uri)

    def turned(found: re.Match[str]) -> str:
        label, target = found[1], found[2]
        path, hash_, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:") or not path:
            return found[0]
        place = _on_site(_resolved(origin, path))
        if files.get_file_from_path(place) is None:
            return label.lstrip("!")[1:-1]  # a directory of the repository: its name stands in the text
        return f"{label}({os.path.relpath(place, Path(page.file.src_uri).parent)}{hash_}{anchor})"

    return _LINK.sub(turned, markdown)


def _pointed_to(files: Files) -> set[str]:
    found = set()
    for file in files.documentation_pages():
        origin = _origin(file.src_uri)
        for _, target in _LINK.findall(file.content_string):
            path = _resolved(origin, target.partition("#")[0])
            if "://" not in target and not path.startswith("docs/") and (HOUSE / path).is_file():
                found.add(path)
    return found - set(OUTSIDE)


def _origin(name: str) -> str:
    """Return where in the repository a page lies, as a path."""
    return next((origin for origin, page in OUTSIDE.items() if page == name), f"docs/{name}")


def _resolved(origin: str, target: str) -> str:
    return os.path.normpath(PurePosixPath(origin).parent / target)


def _on_site(path: str) -> str:
    if path in OUTSIDE:
        return OUTSIDE[path]
    if path == "docs/decisions":
        return _DECISIONS
    return path.removeprefix("docs/") if path.startswith("docs/") else f"repository/{path}"


def _decisions() -> str:
    pages = sorted((HOUSE / "docs/decisions").glob("0*.md"))
    lines = [f"- [{page.read_text('utf-8').splitlines()[0].removeprefix('# ')}]({page.name})" for page in pages]
    return "\n".join(
        ["# Decisions", "", "Choices that a newcomer would question, each with its reason.", "", *lines, ""]
    )
