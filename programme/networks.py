"""The networks that can be read: one line each, whose reader is the file of that name under ``collector/sources/``."""

from collections.abc import Mapping

NETWORKS: Mapping[str, str] = {
    "x": "",
    "mastodon": "https://mastodon.example",
    "bluesky": "https://bluesky.example",
    "feed": "https://kunta.example/feed.xml",
    "lemmy": "https://lemmy.example",
}
"""Network to what its address looks like; empty where it has one address of its own."""
