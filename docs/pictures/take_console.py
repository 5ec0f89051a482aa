"""The console's pictures, from a demonstration: each page in the three languages, and the README's of two of them.

    make pictures

Needs chromium. Every picture stays under 250 kB.
"""
# ruff: noqa: INP001 - a script, not a package

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
NOW = "2026-11-23T05:05:00Z"
"""The Monday after the demonstration's last week."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW, HEIGHT = 1280, 320, 1000
TALK = (
    "/discussions/mastodon:https:%2F%2Fmastodon.example%2Fusers%2Fosallisuuden_asiantuntija%2Fstatuses"
    "%2F117473083733568307?q=hyvinvointialue&list=1"
)
PAGES = {"week": "/week?week=2026-W47", "review": "/review?", "health": "/health?week=2026-W47", "discussions": TALK}
NOTE = {
    "fi": "Esittely: luonnos muokattavaksi.",
    "sv": "Demonstration: ett utkast att redigera.",
    "en": "Demonstration: a draft to edit.",
}
INTRODUCTION = {
    "fi": "Hyvää huomenta! Viikolla puhuttiin työllisyyspalveluista ja lähikirjastoista.",
    "sv": "God morgon! Veckan handlade om arbetskraftstjänster och närbibliotek.",
    "en": "Good morning! This week was about employment services and local libraries.",
}
_PASSED_OVER = 40
"""Posts of the review's queue at most, before one of which words have decided."""
_COLOURS = 256
_LARGEST = 250_000


def main() -> None:
    """Take them all."""
    with _served(Path(sys.argv[1])) as address, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        for page, path in PAGES.items():
            for language in ("fi", "sv", "en"):
                url = f"{address}{path}&lang={language}"
                _keep(f"console-{page}-{language}", _shot(browser, url, WIDE))
            _keep(f"console-{page}-fi-narrow", _shot(browser, f"{address}{path}&lang=fi", NARROW))
            _keep(f"console-{page}-sv-dark", _shot(browser, f"{address}{path}&lang=sv", WIDE, dark=True))
        left = _shot(browser, f"{address}{PAGES['health']}&lang=fi", WIDE)
        right = _shot(browser, f"{address}{TALK}&lang=sv", WIDE, dark=True)
        both = Image.new("RGB", (2 * WIDE + 32, HEIGHT), "white")
        both.paste(left.crop((0, 0, WIDE, HEIGHT)), (0, 0))
        both.paste(right.crop((0, 0, WIDE, HEIGHT)), (WIDE + 32, 0))
        _keep("console", both.resize((both.width * 3 // 4, both.height * 3 // 4), Image.Resampling.LANCZOS))
        browser.close()
    with TemporaryDirectory() as directory:
        _take_edited(Path(shutil.copytree(sys.argv[1], Path(directory) / "demo")))


def _take_edited(demonstration: Path) -> None:
    """Take the page of a draft that was edited: the digest has gone out, so that it is a correction of it."""
    for arguments in (
        ("correct", *(part for code, said in NOTE.items() for part in ("--note", f"{code}={said}"))),
        ("edit", "introduction", *(f"{code}={said}" for code, said in INTRODUCTION.items())),
        ("edit", "pin", "lähikirjasto"),
    ):
        call = [*_command(demonstration), "digest", *arguments, "--week", "2026-W47"]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    with _served(demonstration) as address, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        page = browser.new_page()
        page.goto(f"{address}{PAGES['week']}")
        page.click("button[value=hide]")
        for language in ("fi", "sv", "en"):
            _keep(f"console-edit-{language}", _shot(browser, f"{address}{PAGES['week']}&lang={language}", WIDE))
        browser.close()


def _shot(browser: Browser, url: str, width: int, *, dark: bool = False) -> Image.Image:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url)
    for _ in range(_PASSED_OVER):
        if "/review" not in url or page.locator("mark").count():
            break
        page.click("button[value=skip]")
    picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    context.close()
    return picture


def _keep(name: str, picture: Image.Image) -> None:
    path = HERE / f"{name}.png"
    tall = picture.crop((0, 0, picture.width, min(picture.height, 2 * HEIGHT)))
    tall.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    sys.stdout.write(f"{path.name}: {size // 1000} kB\n")
    if size > _LARGEST:
        sys.exit(f"{path.name} is larger than {_LARGEST} bytes")


def _command(demonstration: Path) -> list[str]:
    """Return the command line on a demonstration."""
    where = ["--config", str(demonstration / "config"), "--data", str(demonstration), "--now", NOW]
    return [sys.executable, "-c", "from runtime.cli import main; main()", *where, "--quiet"]


@contextmanager
def _served(demonstration: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([*_command(demonstration), "serve", "--port", str(port)])  # noqa: S603 - our own command
    address = f"http://127.0.0.1:{port}"
    try:
        while server.poll() is None:
            try:
                with urlopen(f"{address}/health", timeout=10):  # noqa: S310 - our own address
                    break
            except URLError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
