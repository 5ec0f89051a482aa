"""What we stand on may be stood on: every locked package's licence is listed and goes together with ours."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.everything
HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("licences", HOUSE / "requirements/licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_of_licences_is_that_of_the_locks(licences: ModuleType) -> None:
    """Each locked package has a row with its licence, and no other has; `make licences` writes them."""
    page = (HOUSE / "docs/licences.md").read_text("utf-8")
    rows = licences.rows()
    assert len(rows) > 100
    assert [name for name, (licence, by) in rows.items() if f"| {name} | {licence} | {by} |" not in page] == []
    assert page.count("\n| ") == len(rows) + 1


def test_every_licence_goes_together_with_ours(licences: ModuleType) -> None:
    """No package is under terms that ours cannot keep; the same look refuses those that it should."""
    assert [name for name, (licence, _) in licences.rows().items() if not licences.is_compatible(licence or "?")] == []
    for refused in ("GPL-3.0-only", "AGPL-3.0", "Proprietary", "MIT AND GPL-3.0", "?"):
        assert not licences.is_compatible(refused)
    for allowed in ("MIT", "LGPL-3.0-only", "GPL-2.0 OR Artistic-1.0", "BSD-3-Clause AND Zlib", "Apache 2.0"):
        assert licences.is_compatible(allowed)
