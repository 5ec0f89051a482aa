"""The views in the hands of other programs: the documentation's notebook on both databases, and Datasette."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from corpus.store import Corpus
from corpus.views import views

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "corpus.ipynb"
Command = Callable[..., Any]
pytestmark = [pytest.mark.everything, pytest.mark.xdist_group("demonstration")]


@pytest.fixture(scope="module")
def made() -> list[Path]:
    """Where a demonstration was made already; each takes ten seconds, and nobody here changes it."""
    return []


@pytest.fixture
def demonstration(kuntakaiku: Command, house: Path, made: list[Path]) -> Path:
    """The directory of a demonstration after the index step."""
    if made:
        return made[0]
    place = house / "demo"
    assert kuntakaiku("demo", str(place)).exit == 0
    assert kuntakaiku("--config", str(place / "config"), "--data", str(place), "index").exit == 0
    made.append(place)
    return place


def told(address: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Carry the notebook out on a corpus and return what each cell printed."""
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("CORPUS", address)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    return {
        cell.id: "".join(output.text for output in cell.outputs if output.output_type == "stream")
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


def readable(database: Path) -> str:
    """Return the address by which the notebook only reads a file."""
    return f"sqlite:///file:{database}?mode=ro&uri=true"


def test_notebook_is_checked_in_without_outputs() -> None:
    """It holds no numbers of anybody's corpus."""
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in notebook.cells if "outputs" in cell)


def test_notebook_tells_of_the_demonstration(demonstration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell prints a table of the demonstration's corpus: twelve weeks, five sources of posts, people's labels."""
    cells = told(readable(demonstration / "kuntakaiku.db"), monkeypatch)
    assert cells.pop("open") == ""
    assert all(len(printed.splitlines()) > 1 for printed in cells.values()), cells
    weeks = [line.split()[0] for line in cells["weeks-asked"].splitlines()[1:]]
    assert (len(weeks), weeks[-1]) == (12, "2026-W47")
    assert {line.split()[1] for line in cells["coverage-asked"].splitlines()[1:]} == {
        "bluesky",
        "feeds",
        "mastodon",
        "x",
    }
    assert "label " in cells["sure-asked"]


def test_notebook_tells_the_same_on_postgresql(
    demonstration: Path, kuntakaiku: Command, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the demonstration exported and a PostgreSQL server took in gives the same tables, hours and models aside."""
    at = ("--config", str(demonstration / "config"), "--database", server)
    assert kuntakaiku(*at, "db", "upgrade").exit == 0
    assert kuntakaiku(*at, "import", str(demonstration / "export" / "corpus.jsonl"), "--index").exit == 0
    here = told(readable(demonstration / "kuntakaiku.db"), monkeypatch)
    there = told(server.replace("postgresql://", "postgresql+psycopg://"), monkeypatch)
    for cell in ("weeks-asked", "writers-asked", "via-asked", "discussions-asked", "places-asked"):
        assert there[cell] == here[cell], cell


def test_datasette_shows_what_the_database_holds(demonstration: Path) -> None:
    """Every view has its page with the declared columns, and a query through HTTP gives the rows that SQL gives."""
    from datasette.app import Datasette

    database = demonstration / "kuntakaiku.db"

    async def served() -> dict[str, tuple[list[str], list[list[object]]]]:
        # Each view is sorted by all its columns, which takes the longest of them a second on a busy machine.
        datasette = Datasette([], immutables=[str(database)], settings={"sql_time_limit_ms": 60_000})
        found = {}
        for view in views(sqlite=True):
            page = await datasette.client.get(f"/kuntakaiku/{view.name}.json?_size=1")
            assert page.status_code == 200, page.text
            query = urlencode({"sql": asked(view.name, len(view.columns)), "_shape": "arrays"})
            rows = await datasette.client.get(f"/kuntakaiku.json?{query}")
            assert rows.status_code == 200, rows.text
            found[view.name] = (page.json()["columns"], rows.json()["rows"])
        return found

    with Corpus.open(f"sqlite:///{database}") as corpus:
        wanted = {
            view.name: (
                list(view.columns),
                [list(row) for row in corpus.database.query(asked(view.name, len(view.columns)))],
            )
            for view in views(sqlite=True)
        }
    assert wanted["v_posts"][1]
    assert asyncio.run(served()) == wanted


def asked(view: str, columns: int) -> str:
    """Return a query of a view's first rows, in an order that is one."""
    return f"SELECT * FROM {view} ORDER BY {', '.join(map(str, range(1, columns + 1)))} LIMIT 500"  # noqa: S608 - our own names
