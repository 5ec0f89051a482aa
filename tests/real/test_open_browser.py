"""The pages that need no login in a real browser: no barriers, one column on a phone, buttons that do what they say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from runtime.wiring import Program
from tests.console.conftest import write_configuration
from tests.console.open.conftest import EDITOR, KEY, READER, furnish, hand_over, leave_address, theme_addresses
from tests.real.console_browser import barriers, served, too_wide, watched
from tests.runtime.conftest import dictionaries  # noqa: F401 - a fixture

pytestmark = pytest.mark.everything
LANGUAGES = ("fi", "sv", "en")


@pytest.fixture(scope="module")
def open_console(tmp_path_factory: pytest.TempPathFactory, dictionaries: Path) -> Iterator[tuple[str, Program]]:  # noqa: F811 - the fixture
    """A running console after an issue has gone out."""
    house = tmp_path_factory.mktemp("open")
    config = write_configuration(house, dictionaries)

    def fill(program: Program) -> None:
        furnish(program)
        hand_over(program)

    with served(house, config, fill) as found:
        yield found


@pytest.mark.parametrize("language", LANGUAGES)
def test_open_page_has_no_barrier(language: str, open_console: tuple[str, Program], browser: Browser) -> None:
    """Axe finds nothing, light and dark, wide and at 320 px, without scrolling sideways; words of others on a phone."""
    address, program = open_console
    leave = leave_address(program, READER).partition("?")[0]
    themes = [theme_addresses(program, one)[0].partition("?")[0] for one in (EDITOR, READER)]
    for path in (leave, *themes, "/leave/forged", "/archive/", f"/archive/{KEY}"):
        for scheme, width in (("light", 1280), ("dark", 320)) if language == "fi" else (("dark", 320),):
            context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
            seen = watched(context)
            seen.page.goto(f"{address}{path}?lang={language}")
            assert barriers(seen.page) == [], f"{path}, {scheme}, {width} px"
            assert too_wide(seen.page) == [], f"{path}, {scheme}, {width} px"
            assert [one for one in seen.asked if not one.startswith((address, "data:"))] == []
            context.close()


def test_person_leaves_and_corrects_with_the_mouse(open_console: tuple[str, Program], browser: Browser) -> None:
    """Whoever opens the links of a mail and presses the buttons has left, and has changed a theme."""
    address, program = open_console
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + theme_addresses(program, EDITOR)[0])
    page.get_by_label("Bussit").check()
    page.get_by_role("button", name="Vaihda teema").click()
    assert "Teema on vaihdettu" in page.inner_text("main")
    page.goto(address + leave_address(program, READER))
    page.get_by_role("button", name="Avsluta prenumerationen").click()
    assert "Prenumerationen är avslutad" in page.inner_text("main")
    assert set(program.corpus.addresses.left()) == {READER}
    context.close()
