"""Who speaks in the demonstration: invented organisations and pseudonyms, each with its accounts."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from itertools import cycle
from random import Random

from runtime.demo_archive.script import TEXTS

NETWORKS = ("x", "mastodon", "bluesky")
_DEALT = ("x", "mastodon", "bluesky", "x", "mastodon", "x", "x", "mastodon", "bluesky", "x")
"""How each list of people is dealt to the networks, again and again."""
FLOODER = "Tuulimyllyseuranta"
"""The one account that writes far too much."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_X_LIMIT = 15
"""Characters of a handle on X."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Writer:
    """One invented account."""

    name: str
    lang: str
    kind: str
    network: str
    native_id: str
    handle: str
    host: str
    """Server of its address, which no network resolves."""


class Cast:
    """Chooses who says a line; some write often and most seldom."""

    def __init__(self, writers: list[Writer]) -> None:
        self.writers = writers

    def choose(
        self,
        chance: Random,
        *,
        lang: str,
        kind: str,
        networks: Collection[str],
        but: Collection[Writer] = (),
    ) -> Writer:
        """Return a writer of a language and kind on one of some networks, else anybody there who speaks it.

        Raises:
            LookupError: nobody is left.
        """
        for wanted in (kind, "r", "resc"):
            able = [
                writer
                for writer in self.writers
                if writer.lang == lang and writer.kind in wanted and writer.network in networks and writer not in but
            ]
            if able:
                return chance.choices(able, [1 / (2 + rank) ** 0.45 for rank in range(len(able))])[0]
        raise LookupError(f"The cast has nobody left who writes {lang} on {', '.join(sorted(networks))}.")

    def named(self, name: str) -> Writer:
        """Return the first account of a name."""
        return next(writer for writer in self.writers if writer.name == name)


def cast(chance: Random) -> Cast:
    """Return the cast of ``texts/cast.txt``."""
    writers: list[Writer] = []
    taken: set[str] = set()
    lang, kind, deal = "", "", cycle(_DEALT)
    for row in (TEXTS / "cast.txt").read_text(encoding="utf-8").splitlines():
        if not row or row.startswith("# "):
            continue
        if row.startswith("="):
            _, lang, kind = row.split()
            deal = cycle(_DEALT)
        elif "|" in row:
            name, slug, networks = (part.strip() for part in row.split("|"))
            writers += [_organisation(chance, name, slug, network, lang, kind) for network in networks.split()]
        else:
            for name in row.split(","):
                network = "x" if name.strip() == FLOODER else next(deal)
                writers.append(_person(chance, name.strip(), lang, kind, network, taken))
    order = {id(writer): chance.random() for writer in writers}
    return Cast(sorted(writers, key=lambda writer: order[id(writer)]))


def _organisation(chance: Random, name: str, slug: str, network: str, lang: str, kind: str) -> Writer:
    handle = {
        "x": f"{slug}_ex"[:_X_LIMIT],
        "mastodon": f"{slug}@kunta.example",
        "bluesky": f"{slug}.bsky.example",
        "feed": f"{slug}.example",
    }
    return Writer(
        name=name,
        lang=lang,
        kind=kind,
        network=network,
        native_id=_native_id(chance, network, slug, "kunta.example"),
        handle=handle[network],
        host=f"{slug}.example" if network == "feed" else "kunta.example",
    )


def _person(chance: Random, name: str, lang: str, kind: str, network: str, taken: set[str]) -> Writer:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    short = slug[:_X_LIMIT].strip("_")
    while short in taken:
        short = f"{short[: _X_LIMIT - 2]}{chance.randrange(10, 100)}"
    taken.add(short)
    handle = {"x": short, "mastodon": f"{slug}@mastodon.example", "bluesky": f"{slug.replace('_', '-')}.bsky.example"}
    return Writer(
        name=name,
        lang=lang,
        kind=kind,
        network=network,
        native_id=_native_id(chance, network, slug, "mastodon.example"),
        handle=handle[network],
        host="mastodon.example",
    )


def _native_id(chance: Random, network: str, slug: str, host: str) -> str:
    if network == "x":
        return str(chance.randrange(10**17, 10**18))
    if network == "mastodon":
        return f"https://{host}/users/{slug}"
    if network == "bluesky":
        return "did:plc:" + "".join(chance.choice(_LETTERS) for _ in range(24))
    return f"https://{slug}.example/syote.xml"
