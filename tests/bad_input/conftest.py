"""A house that hostile input is carried through, by the command alone."""

from pathlib import Path

import pytest

from tests.runtime.conftest import configured as configured_small
from tests.runtime.conftest import dictionaries, house, kuntakaiku, vectors

__all__ = ["configured_small", "dictionaries", "house", "kuntakaiku", "vectors"]


@pytest.fixture
def configured(configured_small: Path) -> Path:
    """The small programme, which quotes everybody: as much as may ever be shown of a stranger's words."""
    (configured_small / "delivery.toml").write_text('quote_private = "text"\n')
    return configured_small
