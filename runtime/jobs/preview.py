"""An issue's mails as pages that a browser shows: pictures inside, no address slots."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.render import RenderedIssue


def write_pages(mails: "Mapping[tuple[str, str], RenderedIssue]", directory: Path) -> list[Path]:
    """Write each mail as an HTML page and its plain-text twin, and return the pages' paths."""
    from digest.slots import without_slots

    directory.mkdir(parents=True, exist_ok=True)
    pages = []
    for (language, role), mail in mails.items():
        name = f"{mail.issue}-{language}-{role}"
        page = directory / f"{name}.html"
        page.write_text(with_pictures(mail.html, mail.charts), encoding="utf-8")
        (directory / f"{name}.txt").write_text(f"{mail.subject}\n\n{without_slots(mail.text)}", encoding="utf-8")
        pages.append(page)
    return pages


def rewrite_pages(mails: "Mapping[tuple[str, str], RenderedIssue]", directory: Path, issue: str) -> None:
    """Write those pages of an issue anew that are there, and remove those that cannot be."""
    kept = {key: mail for key, mail in mails.items() if (directory / f"{issue}-{key[0]}-{key[1]}.html").exists()}
    for path in directory.glob(f"{issue}-*"):
        if path.suffix in (".html", ".txt"):
            path.unlink()
    if kept:
        write_pages(kept, directory)


def with_pictures(html: str, charts: Mapping[str, bytes]) -> str:
    """Return a mail's HTML with its pictures inside instead of attached, and slots that lead nowhere."""
    from digest import charts as pictures
    from digest.slots import without_slots

    return without_slots(pictures.with_pictures(html, charts))
