"""What `runtime.jobs.drift` promises: other posts than at the last training ask for a new one, once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from runtime.due import TRAIN, due_training
from runtime.jobs.classify import classify
from runtime.jobs.drift import has_drifted, note
from runtime.jobs.train import FACT, themes_hash
from runtime.settings import Options
from runtime.wiring import Program
from tests.runtime.conftest import corpus_line

THEN, NOW = "2026-10-05T06:00:00Z", "2026-11-09T06:00:00Z"
FINNISH = "Puisto numero {} saa uudet keinut ja nurmikon reunaan istutetaan pensaita keväällä."
SWEDISH = "Parken nummer {} får nya gungor och buskar planteras vid gräsmattans kant på våren."


def house_at(now: str, house: Path, configured: Path) -> Program:
    """Wire a house as a command would, without sentence vectors."""
    options = Options(config=str(configured), data=str(house), now=now, quiet=True)
    return Program(options, environment={}, working_directory=house)


def archive(house: Path, text: str, numbers: Sequence[int], day: str) -> str:
    """Write posts of one day."""
    path = house / f"{day}.jsonl"
    lines = [corpus_line(n, text.format(n), f"{day}T10:00:00Z") for n in numbers]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


@pytest.mark.everything
@pytest.mark.parametrize(("posts", "asked"), [(210, True), (190, False)], ids=["enough", "too few to tell"])
def test_another_language_asks_for_a_training(
    kuntakaiku: Callable[..., Any], house: Path, configured: Path, posts: int, *, asked: bool
) -> None:
    """Where most posts are in another language than then, one training is due at night, and none after it."""
    kuntakaiku("import", archive(house, FINNISH, range(posts), "2026-09-30"))
    with house_at(THEN, house, configured) as program:
        classify(program)
        themes = themes_hash(program.configuration.programme)
        fact = {"at": program.clock().isoformat(), "learnt_to": 0, "themes": themes, "from_file": False}
        note(program, trained=True)
        assert not has_drifted(program)
    kuntakaiku("import", archive(house, SWEDISH, range(1_000, 1_000 + posts), "2026-11-04"))
    with house_at(NOW, house, configured) as program:
        program.corpus.facts.put(FACT, fact, now=program.clock())
        classify(program)
        assert due_training(program) == []
        note(program, trained=False)
        assert [one.job for one in due_training(program)] == ([TRAIN] if asked else [])
        note(program, trained=True)
        assert due_training(program) == []


def test_a_share_that_stays_unclear_is_drift_too(house: Path, configured: Path) -> None:
    """The same languages, but a sixth more that stays unclear: that is another discussion."""
    with house_at(NOW, house, configured) as program:
        for abstained, moved in ((0.3, False), (0.37, True), (0.05, True)):
            sides = {"posts": 300, "languages": {"fi": 1.0}, "abstained": 0.21}
            program.corpus.facts.put(
                "drift", {"then": sides, "now": sides | {"abstained": abstained}}, now=program.clock()
            )
            assert has_drifted(program) is moved
