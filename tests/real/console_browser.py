"""A real browser on a real console: what barriers axe finds, what runs, and what is asked of whom."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from uvicorn import Server

from runtime.jobs import serve
from runtime.settings import Options
from runtime.wiring import Program
from tests.console.conftest import NOW

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TRAP = """
window.fired = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = () => { window.fired.push(name); };
document.addEventListener("securitypolicyviolation", (event) => window.fired.push(event.violatedDirective));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser; without one the test fails, since `make test-all` installs it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None or not AXE.is_file():
        pytest.fail("the console's pages need chromium and `npm ci` in tests/real/axe: run tests/everything.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def served(house: Path, config: Path, fill: Callable[[Program], None]) -> Iterator[tuple[str, Program]]:
    """Fill a house, serve its console on a free port, and give the console's address and the house."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = Options(config=str(config), data=str(house), now=NOW, quiet=True)
    with Program(options, environment={}, working_directory=house) as program:
        fill(program)
        with listening(serve.server(program, "127.0.0.1", port), port) as address:
            yield address, program


@contextmanager
def listening(server: Server, port: int) -> Iterator[str]:
    """Run a server in a thread and give its address."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < limit, "the console did not start within 30 s"
        threading.Event().wait(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@dataclass(slots=True)
class Watched:
    """A page, and what happened on it."""

    page: Page
    asked: list[str] = field(default_factory=list)
    """Addresses that were asked for."""
    said: list[str] = field(default_factory=list)
    """Dialogs, faults and lines of the browser's console."""

    @property
    def fired(self) -> list[str]:
        """What ran that should not, and what the policy had to stop."""
        found: list[str] = self.page.evaluate("window.fired")
        return found + self.said


def watched(context: BrowserContext) -> Watched:
    """Return a new page with a trap for scripts."""
    context.add_init_script(_TRAP)
    seen = Watched(context.new_page())
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.on("dialog", lambda dialog: (seen.said.append(dialog.message), dialog.dismiss()))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    seen.page.on("console", lambda line: seen.said.append(line.text))
    return seen


def barriers(page: Page) -> list[str]:
    """Return what axe has against a page, each with the element."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations", STANDARDS
    )
    return [f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Return what makes a page scroll sideways, the innermost last; nothing where it does not."""
    found: list[str] = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            const wide = [...document.querySelectorAll("body *")].filter(
                (one) => one.getBoundingClientRect().right > width + 1 && !one.closest(".scroll *, .vh"));
            return wide.map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    return found
