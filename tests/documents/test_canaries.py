"""The look for secrets in all that tests leave, and that it notices."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import PLANTED, shown_in, written_under

HOUSE = Path(__file__).parents[2]
SECRET = "canary-smtp-password-5e1d9a"  # noqa: S105 - a planted one
LEAKS = {
    "printed": "print(os.environ['KUNTAKAIKU_SMTP_PASSWORD'])",
    "read back": "print(os.environ['KUNTAKAIKU_SMTP_PASSWORD']); capfd.readouterr()",
    "logged": "logging.getLogger('x').warning(os.environ['KUNTAKAIKU_SMTP_PASSWORD'])",
    "written": "(tmp_path / 'a.db').write_text('x' + os.environ['KUNTAKAIKU_SMTP_PASSWORD'])",
}


def test_secrets_are_planted_and_found(tmp_path: Path) -> None:
    """Whoever runs the suite has the planted secrets around, and the look knows each of them."""
    assert os.environ["KUNTAKAIKU_SMTP_PASSWORD"] == PLANTED["KUNTAKAIKU_SMTP_PASSWORD"] == SECRET
    assert shown_in(f"a line with {SECRET} in it") == ["KUNTAKAIKU_SMTP_PASSWORD"]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/mail.eml").write_text(SECRET)
    assert written_under(tmp_path) == ["KUNTAKAIKU_SMTP_PASSWORD in mail.eml"]
    (tmp_path / "deep/mail.eml").write_text("nothing")


@pytest.mark.everything
@pytest.mark.control("F17")
def test_leaking_tests_fail(tmp_path: Path) -> None:
    """Tests that print, log or write a secret fail, whatever they promise; one that keeps it passes."""
    (tmp_path / "conftest.py").write_text("from tests.canaries import *  # noqa: F403\n")
    bodies = "".join(
        f"def test_{number}(capfd, tmp_path):\n    {body}\n" for number, body in enumerate([*LEAKS.values(), "pass"])
    )
    (tmp_path / "test_leaks.py").write_text(f"import logging, os\n{bodies}")
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(HOUSE), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 failed, 1 passed" in told.stdout, told.stdout.replace(SECRET, "…")
