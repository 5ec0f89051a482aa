"""Damaged bytes for every parser of what comes from outside: the first of the inputs of ``make fuzz``."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

import pytest

from tests.faults.fuzz import SlowError, Target, attempt, damaged, targets

pytestmark = pytest.mark.everything
_INPUTS = 120


@pytest.fixture(scope="module")
def parsers() -> Iterator[Mapping[str, Target]]:
    """Every parser."""
    with targets() as found:
        yield found


@pytest.mark.fault("F15", how="damaged bytes from seeds for eight parsers; `make fuzz` for an hour")
@pytest.mark.parametrize(
    "name", ["archive", "feed", "firehose", "jetstream", "bounce", "backup", "markup", "configuration"]
)
def test_parser_answers_or_refuses(
    name: str, parsers: Mapping[str, Target], record_property: Callable[[str, object], None]
) -> None:
    """Whatever comes, a parser answers or refuses in its own words, within a moment."""
    for seed in range(_INPUTS):
        attempt(parsers[name], damaged(parsers[name].seeds, Random(seed)))
    record_property("runs", _INPUTS)


def test_every_parser_is_tried(parsers: Mapping[str, Target]) -> None:
    """The parsers that are tried are all there are, and each knows its own seeds."""
    assert len(parsers) == 8
    for target in parsers.values():
        for seed in target.seeds:
            attempt(target, seed)


@pytest.mark.control("F15")
def test_parser_that_breaks_or_stalls_is_noticed() -> None:
    """One that raises what it may not, and one that does not come to an end, do not pass."""
    with pytest.raises(IndexError):
        attempt(Target(parse=lambda content: content[10**6], seeds=(b"a",), refuses=(ValueError,)), b"a")

    def endless(_: bytes) -> None:
        while True:
            pass

    with pytest.raises(SlowError):
        attempt(Target(parse=endless, seeds=(b"a",)), b"a")
