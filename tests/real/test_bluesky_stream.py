"""The firehose of the real Bluesky network: heard by `run`, caught up by `collect`, resumed after a kill."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corpus.post import Post
from corpus.store import Corpus
from tests.real.bluesky_network import HASHTAG, Network, until
from tests.runtime.test_scheduler_process import ROOT, START

pytestmark = [pytest.mark.everything, pytest.mark.xdist_group("bluesky")]
Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
Configure = Callable[..., None]
SHOUTED = HASHTAG.capitalize()
"""The network's search minds letter case here: what is written so is found by the stream only."""


class Heard:
    """What the corpus of a house holds while somebody else writes it."""

    def __init__(self, house: Path) -> None:
        self._address = f"sqlite:///{house / 'kuntakaiku.db'}"

    def posts(self) -> dict[str, Post]:
        """Return the posts by native id."""
        with Corpus.open(self._address) as corpus:
            return {found.stored.post.native_id: found.stored.post for found in corpus.posts.all_classified()}

    def cursor(self) -> bool:
        """Return whether the stream has named a place where to go on."""
        with Corpus.open(self._address) as corpus:
            found = corpus.ledger.checkpoint("stream of bluesky")
        return found is not None and '\\"cursor\\":null' not in found.value

    def has(self, *uris: str) -> bool:
        """Return whether posts are there with their texts."""
        found = self.posts()
        return all(uri in found and found[uri].gone is None for uri in uris)

    def lacks(self, *uris: str) -> bool:
        """Return whether posts are buried."""
        found = self.posts()
        return all(found[uri].gone == "deleted" for uri in uris)


@contextmanager
def listening(house: Path, network: Network) -> Iterator[subprocess.Popen[str]]:
    """Run `kuntakaiku run` until the stream is open, and end it whatever happens."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KUNTAKAIKU_TOKEN_BLUESKY": network.reader.password}
    command = [*START, "--config", str(house / "config"), "--data", str(house), "run"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            # Whoever writes before the stream is open the first time is not heard: write until it names a place.
            writer = network.person("avaaja")
            until(lambda: writer.post("Avaus") and Heard(house).cursor(), "the stream is open")
            yield process
        finally:
            process.kill()


def test_stream_tells_what_happens_as_it_happens(
    network: Network, house: Path, kuntakaiku: Command, configure: Configure
) -> None:
    """New posts, answers, edits, deletions, new handles and closed accounts are stored at once; `run` ends in time."""
    configure(stream=True)
    kuntakaiku("collect")
    heard, writer, leaver = Heard(house), network.person("gunnar"), network.person("helmi")
    shy = network.person("ilona")
    shy.ask_not_to_be_shown()
    with listening(house, network) as process:
        kept = writer.post(f"Öinen 🌲 puisto #{SHOUTED}")
        answer = leaver.post("Vastaus ilman tunnistetta 👩‍🌾", answers=kept)
        deleted = writer.post(f"Poistuva #{SHOUTED}")
        hidden = shy.post(f"Ei julkisuuteen #{SHOUTED}")
        other = writer.post("Muuta asiaa")
        until(lambda: heard.has(kept, answer, deleted) and hidden in heard.posts(), "posts are heard")
        found = heard.posts()
        assert other not in found
        assert (found[kept].via, found[answer].via, found[answer].discussion) == ("hashtag", "thread", kept)
        assert found[kept].text == f"Öinen 🌲 puisto #{SHOUTED}"
        assert found[kept].author is not None
        assert found[kept].author.handle == writer.handle
        assert (found[hidden].gone, found[hidden].text) == ("opted_out", None)
        writer.edit(kept, f"Öinen 🌳 puisto, korjattu #{SHOUTED}")
        writer.delete(deleted)
        until(lambda: "korjattu" in str(heard.posts()[kept].text), "the edit is heard")
        until(lambda: heard.lacks(deleted), "the deletion is heard")
        writer.rename("gunnar-uusi.test")
        until(lambda: _handle(heard, kept) == "gunnar-uusi.test", "the new handle is heard")
        leaver.deactivate()
        until(lambda: heard.lacks(answer), "the closed account is heard")
        asked_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
        assert time.monotonic() - asked_at < 5
    assert process.returncode == 0
    assert 'job="stream bluesky"' in err
    assert "Traceback" not in err
    assert writer.did not in err


def _handle(heard: Heard, uri: str) -> str | None:
    author = heard.posts()[uri].author
    return author.handle if author is not None else None


def test_stream_goes_on_where_it_was_killed(
    network: Network, house: Path, kuntakaiku: Command, configure: Configure
) -> None:
    """Killed in the middle: what happened meanwhile is heard once, by `run` or by `collect`, and nothing doubles."""
    configure(stream=True)
    kuntakaiku("collect")
    heard, writer = Heard(house), network.person("jalmari")
    with listening(house, network) as process:
        before = [writer.post(f"Ennen katkoa {n} #{SHOUTED}") for n in range(3)]
        until(lambda: heard.has(*before), "posts are heard")
        process.kill()
        process.wait()
    meanwhile = [writer.post(f"Katkon aikana {n} 🌲 #{SHOUTED}") for n in range(5)]
    writer.delete(before[0])
    with listening(house, network) as process:
        until(lambda: heard.has(*meanwhile), "what came meanwhile is heard")
        until(lambda: heard.lacks(before[0]), "what was deleted meanwhile is heard")
        process.kill()
        process.wait()
    after = [writer.post(f"Toisen katkon aikana {n} #{name}") for n, name in enumerate((SHOUTED, HASHTAG))]
    network.until_shown(*after)
    told = kuntakaiku("collect", "--json").json["runs"][0]
    assert (told["inserted"], told["stream"]["inserted"], told["stream"]["complete"]) == (1, 1, True)
    again = kuntakaiku("collect", "--json").json["runs"][0]
    assert (again["inserted"], again["stream"]["inserted"], again["stream"]["problem"]) == (0, 0, None)
    texts = [post.text for post in heard.posts().values() if post.author and post.author.native_id == writer.did]
    assert len(texts) == len(set(texts)) == 9
