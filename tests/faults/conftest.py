"""What the fault figures share."""

from pathlib import Path

import pytest

from corpus.store import Corpus


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty corpus: migrating it once is enough."""
    path = tmp_path_factory.mktemp("empty") / "kuntakaiku.db"
    Corpus.open(f"sqlite:///{path}").close()
    return path
