"""Judges of what we print: nothing in it acts."""

import csv
import json
import re
import zipfile
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import digest

HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Help",
    "List-Owner",
    "List-Post",
    "Auto-Submitted",
    "Precedence",
    "X-Kuntakaiku-Issue",
    "Content-Language",
    "Content-Type",
    "MIME-Version",
}
"""Exactly what a mail carries; a post can add none."""
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2067\ud800-\udfff]")
"""What turns a text or obeys: none of it may reach a page, a mail or a terminal. Isolates of our own stay."""
TEMPLATES = Path(digest.__file__).parent / "templates" / "compiled"
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%\t\r]")


class Shapes(HTMLParser):
    """The tags of a page with the names of their attributes, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shapes: set[tuple[str, tuple[str, ...]]] = set()
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.shapes.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "background")]


def assert_page_is_inert(html: str) -> None:
    """Fail where a page has a tag, an attribute or a comment that the templates do not write, or a link that acts."""
    templates = "".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.j2"))
    page = Shapes(html)
    assert {tag for tag, _ in page.shapes} <= set(re.findall(r"<([a-z][a-z0-9:]*)", templates))
    names = {name for _, attributes in page.shapes for name in attributes}
    assert names <= set(re.findall(r"\s([a-z][a-z:-]*)=\"", templates))
    assert set(re.findall(r"<![^>]*>", html)) <= set(re.findall(r"<![^>]*>", templates))
    assert all(
        link.startswith(("https://", "http://", "cid:", "mailto:", "data:image/png", "#")) for link in page.links
    )
    assert not ACTING.search(html)


def read_mail(path: Path) -> EmailMessage:
    """Return a mail, read as strictly as Python reads; fails at the least defect."""
    content = path.read_bytes()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", content)
    strict: policy.EmailPolicy[EmailMessage] = policy.SMTP.clone(raise_on_defect=True)
    mail = message_from_bytes(content, policy=strict)
    assert set(mail.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == HEADERS
    assert len(mail.keys()) == len(set(mail.keys()))
    for part in mail.walk():
        assert not part.defects
        assert not any(header.defects for header in part.values())
    return mail


def assert_csv_is_inert(path: Path, delimiter: str) -> int:
    """Fail where a spreadsheet would see a formula, or would cut a number; return the number of rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter, strict=True))
    for row in rows:
        assert len(row) == len(rows[0])
        for cell in row:
            assert not _FORMULA.match(cell) or re.fullmatch(r"-?\d+(,\d+)?", cell)
            assert not re.fullmatch(r"\d{16,}", cell)
            assert not ACTING.search(cell.replace("\n", ""))
    return len(rows) - 1


def assert_xlsx_is_inert(path: Path) -> int:
    """Fail where a workbook is no sound XML, or holds a formula or a link; return the number of rows."""
    rows = 0
    with zipfile.ZipFile(path) as workbook:
        assert not [name for name in workbook.namelist() if "external" in name.lower() or "vba" in name.lower()]
        for name in workbook.namelist():
            # Our own file: nothing in it can name an entity.
            tree = ET.fromstring(workbook.read(name))  # noqa: S314  # see above
            tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
            assert not tags & {"f", "hyperlink", "ddeLink", "oleLink"}
            rows += sum(element.tag.endswith("}row") for element in tree.iter())
    return rows - 1


def texts_of(path: Path) -> dict[tuple[str, str], str]:
    """Return the texts of our own JSONL by network and id."""
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    return {(row["network"], row["native_id"]): row["text"] for row in rows}
