"""Resident memory of `kuntakaiku run` at rest, with a source of every network, before and after it had posts.

    python benchmarks/memory.py

The networks are the tests' own on loopback. Prints one JSON object a line: ``{"what", "rss_mb", "peak_mb"}``. "At
rest" is five seconds after every source has ended its first round and what it brought is classified.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from corpus.store import Corpus  # noqa: E402 - found by the line above
from tests.collector.conftest import FAKES, HANDLE, SECRETS, Network  # noqa: E402
from tests.collector.fake_wire import Clock  # noqa: E402

NOW = "2026-11-23T08:00:00Z"
COMMAND = Path(sys.executable).parent / "kuntakaiku"
PRIVACY = """
[privacy]
controller = "Keksitty kunta"
contact = "a@example.org"
dpo = "b@example.org"
legal_basis = "public interest"
special_categories_basis = "manifestly public"
retention_months = 24
recipients = "the programme team"
transfers = "none"
thresholds = "none"
"""


def main() -> None:
    """Measure a scheduler that finds nothing, and one that finds 50 posts."""
    for what, posts in (("nothing new", 0), ("50 posts collected and classified", 10)):
        print(json.dumps({"what": f"run at rest, five networks, {what}"} | measured(posts)), flush=True)


def measured(posts: int) -> dict[str, float]:
    """Return resident memory at rest and its peak, in MB.

    Args:
        posts: that each network holds.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        networks = {kind: stack.enter_context(fake(Clock())) for kind, fake in FAKES.items()}
        for network in networks.values():
            network.publish(posts)
        configure(directory / "config", networks)
        Corpus.open(f"sqlite:///{directory / 'kuntakaiku.db'}").close()  # its tables are made once in its life
        environment = os.environ | {f"KUNTAKAIKU_{key}": value for key, value in SECRETS.items()}
        with (directory / "log").open("wb") as log:
            process = subprocess.Popen(
                [COMMAND, "--config", directory / "config", "--data", directory, "--now", NOW, "run"],
                env=environment,
                stdout=log,
                stderr=log,
            )
            try:
                wait(directory, set(networks), posts * len(networks), process)
                return memory(process.pid)
            finally:
                process.terminate()
                process.wait(10)


def configure(directory: Path, networks: dict[str, Network]) -> None:
    """Write a configuration with one source of each network."""
    subprocess.run([COMMAND, "init", directory], check=True, capture_output=True)
    (directory / "sources.toml").write_text("".join(source(kind, network) for kind, network in networks.items()))
    site = directory / "site.toml"
    site.write_text(site.read_text().partition("[privacy]")[0] + PRIVACY)


def source(kind: str, network: Network) -> str:
    """Return a source's lines of ``sources.toml``."""
    more = f'options = {{ handle = "{HANDLE}" }}\n' if kind == "bluesky" else ""
    more += "government_use_attested = true\nmonthly_budget_usd = 50\n" if kind == "x" else ""
    return f'[[source]]\nname = "{kind}"\nnetwork = "{kind}"\nenabled = true\nbase_url = "{network.url}"\n{more}\n'


def wait(directory: Path, names: set[str], posts: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when every source has ended a round, what they brought is classified, and five seconds have passed."""
    limit = time.monotonic() + timedelta(minutes=3).total_seconds()
    with Corpus.open(f"sqlite:///{directory / 'kuntakaiku.db'}") as corpus:
        while True:
            if process.poll() is not None or time.monotonic() > limit:
                sys.exit((directory / "log").read_text())
            ended = {run.source for run in corpus.ledger.runs() if run.state != "running"}
            found = corpus.posts.statistics().posts
            model = corpus.judgements.active_model()
            left = model is None or any(corpus.posts.unclassified(model.version))
            if names <= ended and (not posts or (found >= posts and not left)):
                break
            time.sleep(0.2)
    time.sleep(5)


def memory(pid: int) -> dict[str, float]:
    """Return resident memory and its peak as Linux tells them, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    rss, peak = (int(found[1]) / 1024 for key in ("VmRSS", "VmHWM") if (found := re.search(rf"{key}:\s+(\d+)", status)))
    return {"rss_mb": round(rss, 1), "peak_mb": round(peak, 1)}


if __name__ == "__main__":
    main()
