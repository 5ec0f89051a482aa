"""The read-only views: what is declared, documented and made is one thing, and nobody's person is in it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import DBAPIError

from corpus.database import DatabaseUnavailableError
from corpus.post import Label, Post, Prediction
from corpus.schema import upgrade_within
from corpus.store import Corpus
from corpus.views import View, views

_VIEWS = views(sqlite=True)
_ZONE = ZoneInfo("Europe/Helsinki")
Fill = Callable[[Corpus], int]


@pytest.fixture
def fill(
    store: Callable[..., object],
    make_post: Callable[..., Post],
    make_prediction: Callable[..., Prediction],
    now: datetime,
) -> Fill:
    """Fill a corpus with a labelled, a predicted and a deleted post; return our id of the labelled one."""

    def build(corpus: Corpus) -> int:
        posts = [make_post(n, created_at=datetime(2026, 11, 15, 21 + n, 30, tzinfo=UTC)) for n in range(3)]
        store(corpus, posts)
        ids = {
            key: known.post_id for key, known in corpus.posts.known("mastodon", [p.native_id for p in posts]).items()
        }
        first, second = (ids[post.native_id] for post in posts[:2])
        corpus.judgements.save_predictions([(first, make_prediction()), (second, make_prediction())], now=now)
        by = Label(theme="roles", by="maija@kunta.example", at=now, blind=True)
        corpus.judgements.add_labels([(first, by)])
        store(corpus, [make_post(2, created_at=posts[2].created_at, text=None, gone="deleted")])
        assert corpus.weeks.keep(_ZONE) > 5_000
        assert corpus.weeks.keep(_ZONE) == 0
        return first

    return build


def test_documentation_and_declaration_agree() -> None:
    """The page has a section for each view with each of its columns in order, and no other."""
    page = (Path(__file__).parents[2] / "docs" / "views.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(v_\w+)`$", page, flags=re.MULTILINE)
    documented = {
        name: tuple(re.findall(r"^\| `(\w+)` \| \S", section, re.MULTILINE))
        for name, section in zip(sections[1::2], sections[2::2], strict=True)
    }
    assert documented == {view.name: view.columns for view in _VIEWS}
    assert [(view.name, view.columns) for view in views(sqlite=False)] == list(documented.items())


@pytest.mark.parametrize("view", _VIEWS, ids=lambda view: view.name)
def test_view_has_its_columns_and_cannot_be_written(corpus: Corpus, view: View) -> None:
    """Each database has the declared columns, and refuses to write through any view."""
    with corpus.database.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {view.name}")  # noqa: S608 - our own name
        assert tuple(found.keys()) == view.columns
    with pytest.raises((DBAPIError, DatabaseUnavailableError)), corpus.database.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM {view.name}")  # noqa: S608 - our own name


def test_values_are_the_same_on_each_database(corpus: Corpus, fill: Fill) -> None:
    """Instants, weeks across midnight in Helsinki, themes and scores read alike."""
    first = fill(corpus)
    query = corpus.database.query
    assert [tuple(row) for row in query("SELECT created_at, week, theme, theme_by, gone FROM v_posts ORDER BY 1")] == [
        ("2026-11-15T21:30:00Z", "2026-W46", "roles", "label", None),
        ("2026-11-15T22:30:00Z", "2026-W47", "services", "prediction", None),
        ("2026-11-15T23:30:00Z", "2026-W47", "unclassified", None, "deleted"),
    ]
    assert query("SELECT text FROM v_posts WHERE gone IS NOT NULL")[0][0] is None
    themes = query("SELECT theme, place, theme_by FROM v_post_themes ORDER BY theme_by, place")
    assert [tuple(row) for row in themes] == [
        ("roles", 1, "label"),
        ("services", 1, "prediction"),
        ("roles", 2, "prediction"),
    ]
    scores = query("SELECT theme, probability FROM v_scores WHERE post_id = ? ORDER BY probability DESC", (first,))
    assert [tuple(row) for row in scores] == [("services", 0.7), ("roles", 0.2), ("none", 0.1)]
    assert tuple(query("SELECT sum(posts), count(*) FROM v_weeks")[0]) == (2, 2)


def test_no_person_stands_in_a_view(corpus: Corpus, fill: Fill) -> None:
    """Neither who wrote nor who labelled can be read, but for what a post's own text says."""
    fill(corpus)
    said = repr(
        [
            [tuple(row) for row in corpus.database.query(f"SELECT * FROM {view.name}")]  # noqa: S608 - our own name
            for view in _VIEWS
        ]
    )
    assert "Lähikirjasto" in said
    assert not re.search(r"maija|koivu|Koivu", said)


def test_an_upgrade_makes_the_views_anew(corpus: Corpus) -> None:
    """A view that an older version made is replaced by the next upgrade."""
    database = corpus.database
    with database.writing() as connection:
        connection.exec_driver_sql("DROP VIEW v_runs")
        connection.exec_driver_sql("CREATE VIEW v_runs AS SELECT 1 AS old")
        upgrade_within(connection, "head")
    assert database.query("SELECT count(seconds) FROM v_runs")[0][0] == 0
