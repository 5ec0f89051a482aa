"""The command that opens the console: where it may stand, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from runtime.jobs.serve import is_loopback
from tests.runtime.conftest import Command


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "kaiku.kunta.example", ""])  # noqa: S104 - refused
def test_without_login_it_opens_on_this_machine_only(host: str, kuntakaiku: Command, configured: Path) -> None:
    """`login = "none"` beyond loopback is refused with what to do."""
    del configured
    told = kuntakaiku("serve", "--host", host)
    assert told.exit == 2
    assert 'login = "none"' in told.err
    assert "--host 127.0.0.1" in told.err


def test_beyond_this_machine_privacy_comes_first(kuntakaiku: Command, configured: Path) -> None:
    """Without the privacy keys nothing is served to others, however one logs in."""
    (configured / "site.toml").write_text('login = "magic-link"\n')
    told = kuntakaiku("serve", "--host", "0.0.0.0", "--json")  # noqa: S104 - refused
    assert told.exit == 2
    assert "[privacy] lacks controller" in told.json["error"]["problem"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('login = "magic-link"', "lacks public_url"),
        ('login = "magic-link"\npublic_url = "http://kaiku.kunta.example"', "must not travel in the clear"),
    ],
)
def test_logins_need_an_encrypted_address(lines: str, told: str, kuntakaiku: Command, configured: Path) -> None:
    """Where others can reach the console, links begin with a configured address, and it is encrypted."""
    site = configured / "site.toml"
    site.write_text(site.read_text().replace('login = "none"', lines))
    refused = kuntakaiku("serve", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert refused.exit == 2
    assert told in refused.err


def test_people_are_let_in_by_command(kuntakaiku: Command, configured: Path) -> None:
    """`users add` lets somebody in, changes role and name, and refuses what cannot be; `remove` ends it."""
    del configured
    assert "users add ADDRESS --role administrator" in kuntakaiku("users").out
    told = kuntakaiku("users", "add", "Anna@Kunta.example", "--role", "administrator", "--json")
    assert (told.exit, told.json["address"], told.json["name"]) == (0, "anna@kunta.example", "Anna")
    assert kuntakaiku("users", "add", "anna@kunta.example", "--role", "editor", "--name", "AK").exit == 0
    listed = kuntakaiku("users", "list", "--json").json["users"]
    assert [(one["address"], one["name"], one["role"]) for one in listed] == [("anna@kunta.example", "AK", "editor")]
    for wrong in (
        ("b@kunta.example", "--role", "king"),
        ("nowhere", "--role", "reader"),
        ("b@kunta.example", "--role", "reader", "--name", "AK"),
        ("console@kunta.example", "--role", "reader"),
    ):
        assert kuntakaiku("users", "add", *wrong).exit == 2
    assert kuntakaiku("users", "remove", "ANNA@kunta.example").exit == 0
    assert kuntakaiku("users", "remove", "anna@kunta.example").exit == 2


def test_taken_port_is_told(kuntakaiku: Command, configured: Path) -> None:
    """Where something else listens, the console says so and exits 1."""
    del configured
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = kuntakaiku("serve", "--port", str(taken.getsockname()[1]))
    assert told.exit == 1
    assert "is taken" in told.err


def test_loopback_is_known_by_any_of_its_names() -> None:
    """Names and addresses of this machine alone, and nothing else."""
    assert all(is_loopback(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]"))
    assert not any(is_loopback(host) for host in ("", "0.0.0.0", "::", "10.0.0.1", "localhost.example"))  # noqa: S104 - said not to be


def test_it_serves_until_it_is_asked_to_end(house: Path, configured: Path) -> None:
    """A real server answers in pages, sees what another process collects, and ends by itself within seconds."""
    del configured
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    call = [
        sys.executable,
        "-c",
        "from runtime.cli import main; main()",
        "--data",
        str(house),
        "serve",
        "--port",
        str(port),
    ]
    environment = {**os.environ, "KUNTAKAIKU_CONFIG": str(house / "config")}
    server = subprocess.Popen(call, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        page = _read(f"http://127.0.0.1:{port}/health?lang=sv", server)
        assert "Driftläget" in page
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        told = server.stderr.read() if server.stderr else ""
        assert f"http://127.0.0.1:{port}/" in told
        assert "Traceback" not in told
    finally:
        server.kill()
        server.wait()
        if server.stderr:
            server.stderr.close()


def _read(address: str, server: "subprocess.Popen[str]") -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
                return str(answer.read().decode())
        except urllib.error.URLError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_asking_for_help_loads_no_server() -> None:
    """The list of verbs, and the scheduler's module, bring neither the web framework nor its server in."""
    code = (
        "import json, sys; from runtime.cli import run; run(['--help']); import runtime.schedule, runtime.cli.run_;"
        "names = ('starlette', 'uvicorn', 'asgi_csrf', 'console');"
        "sys.stderr.write(json.dumps([name for name in names if name in sys.modules]))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert json.loads(told.stderr) == []
