"""The sample of texts with the places that they name; what is not committed is read from the test data."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("places_sample.txt")
_SETS = ("single_label", "multi_label")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One text of the sample."""

    part: str
    """``tune`` or ``held``."""
    lang: str
    places: frozenset[str]
    text: str


def sample(test_data: Path | None) -> Iterator[Marked]:
    """Yield the texts of the sample.

    Args:
        test_data: directory of the test data; without it, titles of which only the name is committed are left out.
    """
    titles = _titles(test_data) if test_data else {}
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        part, lang, _, marks, text = line.split("\t")
        if text.startswith("yso-"):
            if text not in titles:
                continue
            text = titles[text]
        yield Marked(part=part, lang=lang, places=frozenset(marks.split(", ")) - {"-"}, text=text)


def _titles(test_data: Path) -> dict[str, str]:
    found = {}
    for name in _SETS:
        with gzip.open(test_data / "yso_municipal_themes" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                found[record["id"]] = " ".join(record["text"].split())
    return found
