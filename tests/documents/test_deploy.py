"""What is deployed: hardened units, an image of what is needed, secrets from credentials."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runtime.settings import Secrets

HOUSE = Path(__file__).parents[2]
UNITS = sorted((HOUSE / "deploy/systemd").glob("*.service"))
MOST_EXPOSED = 2.5


@pytest.mark.everything
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_unit_is_hardened(unit: Path) -> None:
    """Systemd's own rating of the unit, of 10 for a service without any shield, stays below the limit."""
    told = subprocess.run(  # noqa: S603 - systemd's own tool
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],  # noqa: S607 - as the machine has it
        capture_output=True,
        text=True,
        check=False,
    )
    rated = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert rated is not None, told.stderr
    assert float(rated[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_unit_takes_secrets_from_credentials_alone(unit: Path) -> None:
    """No secret stands in a unit's environment; each is a file that systemd hands over."""
    text = unit.read_text("utf-8")
    assert re.findall(r"(?m)^LoadCredential=(KUNTAKAIKU_\w+):/etc/kuntakaiku/secrets/\w+$", text)
    assert set(re.findall(r"(KUNTAKAIKU_\w+)=", text)) == {"KUNTAKAIKU_CONFIG", "KUNTAKAIKU_DATA"}
    assert "EnvironmentFile" not in text


def test_credentials_are_read_where_the_environment_has_none(tmp_path: Path) -> None:
    """A file under $CREDENTIALS_DIRECTORY is the secret; the environment goes before it."""
    (tmp_path / "KUNTAKAIKU_SMTP_PASSWORD").write_text("from systemd\n")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert Secrets(given)("SMTP_PASSWORD") == "from systemd"
    assert Secrets(given | {"KUNTAKAIKU_SMTP_PASSWORD": "from outside"})("SMTP_PASSWORD") == "from outside"
    assert Secrets(given)("SECRET_KEY") is None


def test_image_holds_every_room_and_nothing_else() -> None:
    """The image is made of the packages that are installed, named one by one, and runs as nobody's superuser."""
    text = (HOUSE / "deploy/Containerfile").read_text("utf-8")
    project = (HOUSE / "pyproject.toml").read_text("utf-8")
    rooms = re.findall(r'"(\w+)"', re.search(r"(?m)^packages = \[(.+)\]$", project)[1])  # type: ignore[index]
    copied = [*re.findall(r"(?m)^COPY (\w+) /src/\1$", text)]
    assert sorted(copied) == sorted([*rooms, "config"])
    assert "COPY ." not in text
    assert "--require-hashes" in text
    assert re.search(r"(?m)^USER 10001$", text)
