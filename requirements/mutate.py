"""Sets mutmut up for one module in a copy of the house, and tells what share of the changes its tests noticed.

``mutate.py HOUSE MODULE TESTS`` sets up; ``mutate.py --tell MODULE LEAST``, run in the copy, tells: exit 1 below LEAST.
"""

import json
import sys
from collections import Counter
from pathlib import Path

ROOMS = ("programme", "language", "corpus", "collector", "classifier", "trends", "digest", "console", "runtime")
_SURVIVED, _NO_TESTS, _LEFT_OUT = 0, 33, (34, None)


def set_up(house: Path, module: str, tests: str) -> None:
    """Write mutmut's configuration into the copy's pyproject.toml."""
    lines = [
        "",
        "[tool.mutmut]",
        f"source_paths = {json.dumps(ROOMS)}",
        f"only_mutate = {json.dumps([module])}",
        f"pytest_add_cli_args_test_selection = {json.dumps(tests.split())}",
        'pytest_add_cli_args = ["-q", "-x", "-p", "no:cacheprovider", "--import-mode=importlib"]',
        'also_copy = ["tests", "config", "requirements"]',
        "",
    ]
    with (house / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines))


def tell(module: str, least: float) -> int:
    """Print the share of changes that were noticed, and those that were not; return 1 where the share is too small."""
    told = json.loads(Path("mutants", f"{module}.meta").read_text("utf-8"))["exit_code_by_key"]
    ends = Counter(told.values())
    left_out = sum(ends[one] for one in _LEFT_OUT)
    counted = len(told) - left_out
    unnoticed = [key for key, end in told.items() if end in (_SURVIVED, _NO_TESTS)]
    share = 100 * (counted - len(unnoticed)) / counted if counted else 0.0
    print(f"{module}: {share:.1f} % of {counted} changes noticed ({left_out} not tried)")
    print(*(f"  not noticed: {key}" for key in unnoticed), sep="\n")
    return int(share < least)


if __name__ == "__main__":
    if sys.argv[1] == "--tell":
        sys.exit(tell(sys.argv[2], float(sys.argv[3])))
    set_up(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
