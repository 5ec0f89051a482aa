"""`export` as its user meets it: what is refused, and what is handed over on which terms."""

from pathlib import Path

import pytest

from tests.runtime.conftest import Command

PLAN = ("--for", "Tutkija", "--plan", "kuntakieli")


def test_an_unknown_theme_is_refused_with_the_known(kuntakaiku: Command, configured: Path, house: Path) -> None:
    """A theme that the programme does not have is no empty file, but exit 2 with the slugs."""
    assert configured.is_dir()
    done = kuntakaiku("export", "--format", "csv", "--out", str(house / "a.csv"), "--theme", "nonsense")
    assert (done.exit, "'nonsense'" in done.err, "unclassified" in done.err) == (2, True, True)
    assert not (house / "a.csv").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--for", "Tutkija", "--accept-terms"), "--plan", id="without a plan"),
        pytest.param(PLAN, "X: at most 500 posts", id="terms not accepted"),
    ],
)
def test_nothing_is_handed_over_without_plan_and_terms(
    kuntakaiku: Command, configured: Path, house: Path, options: tuple[str, ...], words: str
) -> None:
    """A hand-over needs a plan and accepted terms: exit 2 tells them, no file is made and nothing recorded."""
    assert configured.is_dir()
    done = kuntakaiku("export", "--format", "csv", "--out", str(house / "a.csv"), *options)
    assert (done.exit, words in done.err) == (2, True)
    assert not (house / "a.csv").exists()
    assert kuntakaiku("exports", "--json").json == {"exports": []}


def test_terms_accepted_hand_over(kuntakaiku: Command, configured: Path, house: Path) -> None:
    """With plan and terms a package is handed over, and listed with how much of it is still available."""
    assert configured.is_dir()
    out = house / "p.zip"
    options = ("--format", "package", "--projection", "display", "--out", str(out), *PLAN, "--accept-terms")
    assert kuntakaiku("export", *options).exit == 0
    assert out.is_file()
    (listed,) = kuntakaiku("exports", "--json").json["exports"]
    assert (listed["person"], listed["plan"], listed["held"], listed["available"]) == ("Tutkija", "kuntakieli", 0, 0)
