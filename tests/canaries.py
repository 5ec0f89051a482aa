"""Secrets that must never be seen again: planted for the whole suite, looked for in all that every test leaves.

Imported by ``conftest.py``. A test fails where a planted secret, or one that the fake networks ask for, stands in what
it printed or logged, or in a file that it wrote.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

PLANTED = {
    f"KUNTAKAIKU_{name}": f"canary-{name.lower().replace('_', '-')}-5e1d9a"
    for name in ("X_BEARER_TOKEN", "SMTP_PASSWORD", "IMAP_PASSWORD", "SECRET_KEY", "TOKEN_NOBODY")
}
"""In the environment of every test that brings none of its own. No key of pseudonyms: that would change exports."""
_LARGEST = 4_000_000
"""Bytes of a file that is looked into."""
_read: list[str] = []
"""What the test itself read of its output."""


@cache
def secrets() -> Mapping[str, str]:
    """Return every secret by its name: the planted ones, and those that the fake networks ask for."""
    from tests.collector.conftest import SECRETS

    return {**PLANTED, **SECRETS}


def shown_in(text: str) -> list[str]:
    """Return the names of the secrets that stand in a text."""
    return [name for name, secret in secrets().items() if secret in text]


def written_under(directory: Path) -> list[str]:
    """Return where under a directory a secret stands in a file, and which."""
    found = []
    for folder, _, files in os.walk(directory):
        for path in (Path(folder) / name for name in files):
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
                continue
            content = path.read_bytes()
            found += [f"{name} in {path.name}" for name, secret in secrets().items() if secret.encode() in content]
    return found


def pytest_configure() -> None:
    """Plant the secrets, and keep what tests read of their own output."""
    for name, secret in PLANTED.items():
        os.environ.setdefault(name, secret)
    read = pytest.CaptureFixture.readouterr

    def kept(self: pytest.CaptureFixture[str]) -> object:
        result = read(self)
        _read.extend(str(part) for part in result)
        return result

    pytest.CaptureFixture.readouterr = kept  # type: ignore[method-assign, assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail a test that showed a secret."""
    report: pytest.TestReport = yield  # type: ignore[misc]
    if report.when == "call" and report.passed:
        output = "".join([*_read, *(text for _, text in report.sections)])
        found = [f"{name} in its output" for name in shown_in(output)]
        if (directory := getattr(item, "funcargs", {}).get("tmp_path")) is not None:
            found += written_under(directory)
        if found:
            report.outcome = "failed"
            report.longrepr = f"a secret was shown: {', '.join(found)}"
    if report.when == "teardown":
        _read.clear()
    return report  # type: ignore[return-value]
