"""No text stalls a regular expression of the code: each is tried, as the code applies it, on strings made to do so."""

import re
from collections.abc import Callable

import pytest

from tests.faults.expressions import Expression, expressions, stalls

pytestmark = pytest.mark.everything


@pytest.mark.fault(
    "F16", how="20,000 letters of those that an expression knows, one by one and in pairs, with an odd end"
)
def test_every_expression_is_linear(record_property: Callable[[str, object], None]) -> None:
    """Found in the code itself, none takes more than a moment of processor time on a long hostile string."""
    found = expressions()
    record_property("runs", len(found))
    assert len(found) > 100
    stalled = {name: text for name, one in found.items() if (text := stalls(one)) is not None}
    assert stalled == {}


@pytest.mark.control("F16")
@pytest.mark.parametrize(
    ("pattern", "way"),
    [(r"(a+)+$", "match"), (r"\s+$", "sub"), (r"(\w+\s?)*:", "search"), (r"[,;]+(?=http)", "split")],
    ids=["exponential", "spaces at the end", "words", "before an address"],
)
def test_expressions_that_stall_are_noticed(pattern: str, way: str) -> None:
    """Known bad ones, exponential and quadratic, do not pass."""
    assert stalls(Expression(pattern=re.compile(pattern), ways=frozenset({way}))) is not None
