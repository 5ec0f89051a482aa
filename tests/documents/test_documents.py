"""The documents tell everything, and the house keeps its own measures."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from runtime.cli import VERBS

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = ("programme", "language", "corpus", "collector", "classifier", "trends", "digest", "console", "runtime")
MODULES = sorted(path for room in ROOMS for path in (HOUSE / room).rglob("*.py"))
TRACKED = [
    HOUSE / name
    for name in subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git as the developer has it
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\0")
    if name
]


def _read(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_is_documented_with_an_example(verb: str) -> None:
    """The page of commands has a heading for each verb and an example that calls it."""
    page = _read("docs/commands.md")
    assert f"## `{verb}" in page
    assert re.search(rf"^ *kuntakaiku\b.*\b{re.escape(verb)}\b", page, re.MULTILINE)


def test_every_setting_is_documented() -> None:
    """The page of the configuration names every key that the configuration may hold."""
    import programme.schema

    page = _read("docs/configuration.md")
    keys = set()
    for value in vars(programme.schema).values():
        if isinstance(value, type) and hasattr(value, "model_fields"):
            keys |= set(value.model_fields)
    assert len(keys) > 30
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_every_environment_variable_is_documented() -> None:
    """What the program reads from the environment stands on the page of the configuration."""
    page = _read("docs/configuration.md")
    names = (
        "CONFIG",
        "DATABASE",
        "DATA",
        "NOW",
        "X_BEARER_TOKEN",
        "SMTP_PASSWORD",
        "IMAP_PASSWORD",
        "TOKEN_",
        "PSEUDONYM_KEY",
        "SECRET_KEY",
        "METRICS_TOKEN",
    )
    assert [name for name in names if f"KUNTAKAIKU_{name}" not in page] == []


def test_readme_has_the_two_commands_and_a_picture_of_the_mail() -> None:
    """A stranger finds `make demo`, `make test` and a picture that exists."""
    page = _read("README.md")
    assert "make demo" in page
    assert "make test" in page
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", page)
    assert pictures
    assert all((HOUSE / picture).is_file() for picture in pictures)


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link of README, CONTRIBUTING and docs names a file that exists."""
    dead = []
    for page in [HOUSE / "README.md", HOUSE / "CONTRIBUTING.md", *sorted((HOUSE / "docs").rglob("*.md"))]:
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        dead += [f"{page.name}: {to}" for to in targets if "://" not in to and not (page.parent / to).exists()]
    assert dead == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_files_and_functions_fit_in_the_head(module: Path) -> None:
    """No file is over 400 lines, no function over 60."""
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 60] == []


def test_files_of_tests_fit_in_the_head_too() -> None:
    """No file of tests or benchmarks is over 400 lines either."""
    files = [path for room in ("tests", "benchmarks", "requirements", "docs") for path in (HOUSE / room).rglob("*.py")]
    files = [path for path in files if "node_modules" not in path.parts]
    assert [str(path) for path in files if path.read_text(encoding="utf-8").count("\n") > 400] == []


def test_only_the_ci_knows_where_data_may_lie() -> None:
    """No tracked file but .ci/run names the directory of test data, and none a machine's own path."""
    own = re.compile(r"\.\./shared|(?<![\w./])/(?:work|farm)/\w")
    found = []
    for path in TRACKED:
        if path.suffix in {".gz", ".zst", ".png", ".npz", ".lock"} or not path.is_file() or path == Path(__file__):
            continue
        if path.relative_to(HOUSE) != Path(".ci/run") and own.search(path.read_text(encoding="utf-8", errors="ignore")):
            found.append(str(path.relative_to(HOUSE)))
    assert found == []


def test_pure_modules_are_named_where_they_are() -> None:
    """The list of modules that need full branch coverage names files that exist."""
    names = _read("tests/pure_modules.txt").split()
    assert len(names) >= 5
    assert [name for name in names if not (HOUSE / name).is_file()] == []


def test_catalogues_hold_no_word_that_readers_would_misread() -> None:
    """Words that the style guide rules out for people stand in no catalogue."""
    banned = {
        "fi": r"\bohjelma ei osannut|\bjulkaisu(?:a|t|ja)?\b",
        "sv": r"\bsysselsättningen\b",
        "en": r"\bmaterial\b",
    }
    for language, words in banned.items():
        assert re.search(words, _read(f"config/locales/{language}.toml"), re.IGNORECASE) is None
