"""The console in a real browser: no barriers, nothing that runs, and the keyboard alone."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from runtime.jobs import digest
from runtime.wiring import Program
from tests.bad_input.hostile import OWN, collected
from tests.console.conftest import collect, discussion, hostile_posts, post, troubled_week, write_configuration
from tests.console.test_review import GUIDELINE, predict
from tests.real.console_browser import barriers, served, too_wide, watched
from tests.runtime.conftest import dictionaries  # noqa: F401 - a fixture

pytestmark = pytest.mark.everything

PAGES = {
    "week": "/week",
    "text": "/week?shape=text&role=reader",
    "no draft": "/week?week=2026-W40",
    "review": "/review",
    "guidelines": "/guidelines",
    "learning": "/learning",
    "health": "/health",
    "list": "/discussions",
    "search": "/discussions?q=puistot&place=Narnia",
    "discussion": "/discussions/mastodon:1",
    "long": "/discussions/mastodon:600",
    "unknown": "/discussions/x:404",
    "privacy": "/privacy",
    "topics": "/topics",
    "explore": "/explore?weeks=52&area=municipality&q=puisto",
    "data": "/data",
    "access": "/access",
    "login": "/login",
    "accessibility": "/accessibility",
}
HOSTILE = 1_000
"""From which native id on posts are hostile."""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, dictionaries: Path) -> Iterator[str]:  # noqa: F811 - the fixture
    """A running console over a week with trouble, discussions, and hostile posts."""
    house = tmp_path_factory.mktemp("console")
    config = write_configuration(house, dictionaries)

    def fill(program: Program) -> None:
        discussion(program)
        troubled_week(program)
        collect(program, [post(600, "Alku")] + [post(n, f"Jatko {n}", reply_to=str(n - 1)) for n in range(601, 660)])
        collect(program, hostile_posts(list(OWN), HOSTILE))
        digest.draft(program, program.week(None), who="test")

    with served(house, config, fill) as (address, _):
        yield address


@pytest.fixture
def queue(tmp_path: Path, dictionaries: Path) -> Iterator[tuple[str, Program]]:  # noqa: F811 - the fixture
    """A running console over seventy posts that wait for a label, a guess of each, and a guideline."""
    config = write_configuration(tmp_path, dictionaries)
    (config / "guidelines").mkdir()
    (config / "guidelines" / "parks.toml").write_text(GUIDELINE, "utf-8")

    def fill(program: Program) -> None:
        collect(program, [post(n, f"Vanha bussi {n} ajoi puistoon") for n in range(1, 71)])
        predict(program)

    with served(tmp_path, config, fill) as found:
        yield found


@pytest.mark.parametrize(("page", "language"), product(PAGES, ("fi", "sv", "en")))
def test_page_has_no_barrier(page: str, language: str, console: str, browser: Browser) -> None:
    """Axe finds nothing, light and dark, wide and at 320 px, where nothing needs scrolling sideways; folds are open.

    In the first language every scheme has every width; words of the others are looked at in both schemes and widths.
    """
    joint = "&" if "?" in PAGES[page] else "?"
    every = product(("light", "dark"), (1280, 320))
    for scheme, width in every if language == "fi" else (("light", 1280), ("dark", 320)):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        seen = watched(context)
        seen.page.goto(f"{console}{PAGES[page]}{joint}lang={language}")
        seen.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert barriers(seen.page) == [], f"{scheme}, {width} px"
        assert too_wide(seen.page) == [], f"{scheme}, {width} px"
        assert not [line for line in seen.fired if "404" not in line]
        context.close()


def test_text_twice_as_large_loses_nothing(console: str, browser: Browser) -> None:
    """With text at 200 % on a narrow window nothing is cut off sideways."""
    context = browser.new_context(viewport={"width": 640, "height": 800})
    page = context.new_page()
    for path in PAGES.values():
        page.goto(console + path)
        page.evaluate("document.documentElement.setAttribute('data-large', '')")
        page.evaluate("document.styleSheets[0].insertRule('html[data-large] { font-size: 200% }')")
        assert too_wide(page) == [], path
    context.close()


def test_hostile_posts_run_nothing(console: str, browser: Browser) -> None:
    """No hostile post runs anything, trips the policy, or makes the browser ask elsewhere, in list or thread."""
    seen = watched(browser.new_context())
    for number in range(HOSTILE, HOSTILE + len(OWN), 7):
        seen.page.goto(f"{console}/discussions/mastodon:{number}?list=1")
        assert seen.page.locator("article").count() > 0
        assert seen.fired == []
    assert {address.split("/")[2] for address in seen.asked} == {console.removeprefix("http://")}


def test_collected_hostile_strings_run_nothing(
    console: str,
    browser: Browser,
    test_data: Path,
    tmp_path: Path,
    dictionaries: Path,  # noqa: F811 - the fixture
) -> None:
    """Thousands of collected ones, forty on a page, run nothing either."""
    del console
    posts = hostile_posts([one[:2_000] for one in collected(test_data)], HOSTILE, chain=40)

    def fill(program: Program) -> None:
        for start in range(0, len(posts), 500):
            collect(program, posts[start : start + 500])

    with served(tmp_path, write_configuration(tmp_path, dictionaries), fill) as (address, _):
        seen = watched(browser.new_context())
        for number in range(HOSTILE, HOSTILE + len(posts), 40):
            seen.page.goto(f"{address}/discussions/mastodon:{number}")
            assert seen.fired == []
        assert {one.split("/")[2] for one in seen.asked} == {address.removeprefix("http://")}


def test_keyboard_alone_reads_a_discussion(console: str, browser: Browser) -> None:
    """The first stop skips to the content; the slash goes to the search; Enter puts a discussion beside the list."""
    seen = watched(browser.new_context(viewport={"width": 1280, "height": 800}))
    page = seen.page
    page.goto(f"{console}/discussions?lang=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("puistot")
    page.keyboard.press("Enter")
    page.wait_for_url("**/discussions?q=puistot**")
    page.goto(f"{console}/discussions?lang=en&from=16.11.2026&to=16.11.2026")
    link = page.locator("ol.hits a").nth(1)
    title = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#h-thread:focus")
    assert page.locator("#h-thread").inner_text() == title
    assert "/discussions/" in page.url.partition("?")[0]
    assert page.title().startswith(title)
    assert barriers(page) == []
    assert seen.fired == []
    page.go_back()
    page.wait_for_url("**/discussions?**")


def test_digest_is_approved_by_the_button(console: str, browser: Browser) -> None:
    """The mail stands in its frame, from the server alone; the button approves it, and a second page is told so."""
    seen = watched(browser.new_context())
    seen.page.goto(f"{console}/week?lang=en")
    assert seen.page.frame_locator("iframe").locator("h1").count() == 1
    late = browser.new_context().new_page()
    late.goto(f"{console}/week?lang=en")
    seen.page.click("button.primary")
    assert "Approved. The mails are frozen" in seen.page.inner_text("main")
    assert barriers(seen.page) == []
    assert seen.fired == []
    assert {address.split("/")[2] for address in seen.asked if address.startswith("http")} == {
        console.removeprefix("http://")
    }
    late.click("button.primary")
    assert "Somebody approved this digest before you" in late.inner_text("main")


def test_barrier_is_told_by_the_keyboard_alone(console: str, browser: Browser) -> None:
    """The form of the accessibility statement is seen, filled in and sent without a mouse."""
    seen = watched(browser.new_context())
    seen.page.goto(f"{console}/accessibility?lang=en")
    seen.page.focus("textarea[name=said]")
    seen.page.keyboard.type("I could not hear the chart.")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**done=1**")
    assert "Thank you" in seen.page.inner_text("main")
    seen.page.goto(f"{console}/access?lang=en")
    assert "I could not hear the chart." in seen.page.inner_text("main")
    assert seen.fired == []


def test_words_are_followed_from_the_page(console: str, browser: Browser) -> None:
    """Words to follow are typed and sent by the keyboard; they stand on the page until they are followed no more."""
    seen = watched(browser.new_context())
    seen.page.goto(f"{console}/topics?lang=en")
    seen.page.focus("#follow-words")
    seen.page.keyboard.type("puisto")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**done=follow**")
    assert "puisto: told of from the next digest on." in seen.page.inner_text("main")
    assert barriers(seen.page) == []
    seen.page.get_by_role("button", name="Stop following").click()
    seen.page.wait_for_url("**done=unfollow**")
    assert "Nothing is followed yet" in seen.page.inner_text("main")
    assert seen.fired == []


def test_pages_work_without_scripts(console: str, browser: Browser) -> None:
    """With scripts switched off, the search and the links to discussions do the same."""
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{console}/discussions?lang=en")
    page.fill("#q", "puistot")
    page.click("button.primary")
    assert "q=puistot" in page.url
    title = page.locator("ol.hits a").first.inner_text()
    page.locator("ol.hits a").first.click()
    assert "/discussions/" in page.url.partition("?")[0]
    assert page.locator("#h-thread").inner_text() == title


def test_fifty_posts_are_labelled_by_keys(queue: tuple[str, Program], browser: Browser) -> None:
    """Each key stores one label and goes to the next post, whose heading has the focus and whose news is said."""
    address, program = queue
    seen = watched(browser.new_context())
    page = seen.page
    page.goto(f"{address}/review?lang=en")
    for number in range(50):
        before = page.input_value("input[name=post]")
        page.keyboard.press("120u"[number % 4])
        page.wait_for_selector(f"input[name=post]:not([value='{before}'])", state="attached")
        page.wait_for_selector("#h-post:focus")
        page.wait_for_selector("#said:has-text('Saved: ')")
    themes = Counter(label.theme for _, label in program.corpus.judgements.labels())
    assert themes == {"parks": 13, "buses": 13, None: 12, "unsure": 12}
    assert sum(label.blind for _, label in program.corpus.judgements.labels()) == 10
    assert "Labelled today: 50 / 50" in page.inner_text("main")
    page.keyboard.press("z")
    page.wait_for_selector("#said:has-text('undone')")
    assert sum(1 for _ in program.corpus.judgements.labels()) == 49
    page.keyboard.press("s")
    page.wait_for_selector("#said:has-text('skipped')")
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.id") == "h-keys"
    assert barriers(page) == []
    assert seen.fired == []


def test_keys_wait_while_somebody_writes_or_has_switched_them_off(queue: tuple[str, Program], browser: Browser) -> None:
    """With a modifier, and once switched off, a key answers nothing; the buttons still do, without scripts too."""
    address, program = queue
    page = browser.new_context().new_page()
    page.goto(f"{address}/review?lang=en")
    page.keyboard.press("Control+1")
    page.click("button[value=keys_off]")
    page.wait_for_selector("button[value=keys_on]")
    page.keyboard.press("1")
    assert not list(program.corpus.judgements.labels())
    page.click("button[value=parks]")
    page.wait_for_selector("#said:has-text('Saved')")
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(f"{address}/review?lang=en")
    bare.click("button[value=buses]")
    assert bare.inner_text("#said").startswith("Saved: 2, Buses.")
    assert [label.theme for _, label in program.corpus.judgements.labels()] == ["parks", "buses"]
    bare.click("button[value=undo]")
    assert [label.theme for _, label in program.corpus.judgements.labels()] == ["parks"]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_review_with_a_guess_has_no_barrier(language: str, queue: tuple[str, Program], browser: Browser) -> None:
    """Marks, buttons, words and guidelines of a post with a guess pass axe in light and dark, wide and narrow."""
    address, _ = queue
    for scheme, width in product(("light", "dark"), (1280, 320)):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        for path in ("/review", "/guidelines"):
            page.goto(f"{address}{path}?lang={language}")
            assert barriers(page) == [], f"{path}, {scheme}, {width} px"
            assert too_wide(page) == [], f"{path}, {scheme}, {width} px"
        assert page.goto(f"{address}/review")
        assert page.locator("mark").count() > 0
        context.close()
