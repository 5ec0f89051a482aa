"""A browser with a trap for scripts."""

import shutil
import subprocess
from pathlib import Path

import pytest

TRAP = """<script>
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = () => document.documentElement.setAttribute("data-fired", name);
</script>"""


def fires(house: Path, markup: str) -> bool:
    """Return whether a browser that shows the markup runs any of it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs chromium")
    page = house / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{TRAP}{markup}", encoding="utf-8")
    shown = subprocess.run(  # noqa: S603  # a browser that was found, on a file of our own
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={house / 'browser'}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    ).stdout.decode("utf-8", "replace")
    assert "</html>" in shown
    return "data-fired=" in shown
