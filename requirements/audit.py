"""Looks every locked package up among known weaknesses; what could not be looked up is said, never passed over.

Exit 0: all were looked up and none is known to be weak; 1: some are; 3: some could not be looked up.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

LOCKS = ("base", "dev", "tools")
_HERE = Path(__file__).parent


def main() -> int:
    """Audit each lock and return the exit code."""
    codes = {0}
    for name in LOCKS:
        weak, unknown, audited = audit(_HERE / f"{name}.lock")
        print(f"{name}.lock: {audited} packages looked up, {len(weak)} weak, {sum(unknown.values())} not looked up")
        print(*(f"  {line}" for line in weak), sep="\n", end="\n" if weak else "")
        for reason, count in unknown.items():
            print(f"  not looked up: {count} packages: {reason}")
        codes |= {1} if weak else {3} if unknown else set()
    return 1 if 1 in codes else max(codes)


def audit(lock: Path) -> tuple[list[str], Counter[str], int]:
    """Return weaknesses in words, reasons for which packages were not looked up, and how many were."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    done = subprocess.run(
        [*command, "--format", "json", "--requirement", str(lock)], capture_output=True, text=True, check=False
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        return [], Counter({f"pip-audit did not end well: {last}": 1}), 0
    weak = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or '?'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    skipped = Counter(str(package["skip_reason"]).partition(":")[0] for package in packages if "skip_reason" in package)
    return weak, skipped, len(packages) - sum(skipped.values())


if __name__ == "__main__":
    sys.exit(main())
