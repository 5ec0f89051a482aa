"""The fault matrix is whole: each line has tests and a negative control, and the page tells them."""

import ast
from pathlib import Path

from tests.matrix import MATRIX, PAGE

TESTS = Path(__file__).parents[1]


def marked(kind: str) -> dict[str, list[str]]:
    """Return by fault the files with a test that carries a mark of a kind."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if f"mark.{kind}(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == kind:
                argument = node.args[0]
                assert isinstance(argument, ast.Constant)
                found.setdefault(str(argument.value), []).append(path.name)
    return found


def test_each_fault_has_tests_and_a_control() -> None:
    """No line of the matrix rests on words alone, and no mark names a line that is not there."""
    assert set(marked("fault")) == set(MATRIX)
    assert set(marked("control")) == set(MATRIX)


def test_page_tells_a_whole_run() -> None:
    """The page names each fault and its invariant, and the run that wrote it left none out and found none broken."""
    page = PAGE.read_text("utf-8")
    for name, row in MATRIX.items():
        assert f"| {name} | {row.fault} | {row.invariant} |" in page
    assert "not run" not in page
    assert "**" not in page
