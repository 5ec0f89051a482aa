"""What of a row may leave the house: as stored for display, or with pseudonyms for research.

A research row is pseudonymised, never anonymous: who holds the key, or finds the post, knows its writer.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
"""The contract's JSON object of ``corpus.exchange.to_row``."""
Projection = Callable[[Row], Row | None]
"""Returns the row as it may leave, or None where it may not."""

# Each begins where a run of its characters begins: linear on any text.
_EMAIL = re.compile(r"(?<![\w.+@\uff20-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")
_URL = re.compile(r"\b(?:https?|ftp)://\S++|\bwww\.\S++|(?<![\w.-])[\w-]++(?:\.[\w-]++)++/\S*+", re.IGNORECASE)
_HANDLE = re.compile(r"[@\uff20][\w.-]++(?:@[\w.-]++)?")
_SHOWN = 20
"""Hexadecimal digits of a pseudonym: 80 bits, so that two writers never share one."""


def display(row: Row) -> Row:
    """Return the row as stored."""
    return row


class Research:
    """The research projection of one plan: two plans' pseudonyms cannot be joined."""

    def __init__(self, key: bytes, plan: str, *, without_text: bool = False) -> None:
        self._without_text = without_text
        self._key = hmac.new(key, f"plan\0{plan}".encode(), hashlib.sha256).digest()

    def __call__(self, row: Row) -> Row | None:
        """Return the row with pseudonyms and masks, or None for a tombstone."""
        if row["gone"] is not None:
            return None
        network, author = row["network"], row["author"]
        ids = {
            name: self.post(network, row[name])
            for name in ("native_id", "reply_to", "quote_of", "repost_of", "discussion", "cluster")
        }
        pseudonym = author and {
            "native_id": self.pseudonym("author", network, author["native_id"]),
            "handle": None,
            "name": None,
        }
        labels = [{**label, "by": self.pseudonym("reviewer", "", label["by"])} for label in row["labels"]]
        # The classifier's reasons are words of the text, unmasked.
        reasons = [{**reason, "text": ""} for reason in row["reasons"] if reason["kind"] in ("off_topic", "unsure")]
        return {
            **row,
            **ids,
            "url": None,
            "author": pseudonym,
            "text": None if self._without_text else masked(row["text"]),
            "links": [],
            "joined_discussion": self._named(row["joined_discussion"]),
            "labels": labels,
            "reasons": reasons,
        }

    def pseudonym(self, kind: str, network: str, name: str) -> str:
        """Return what stands for a name in this plan's data."""
        return hmac.new(self._key, f"{kind}\0{network}\0{name}".encode(), hashlib.sha256).hexdigest()[:_SHOWN]

    def post(self, network: str, native_id: str | None) -> str | None:
        """Return what stands for a post's id: the id itself would join two plans, and lead to the writer."""
        return None if native_id is None else self.pseudonym("post", network, native_id)

    def _named(self, key: str | None) -> str | None:
        """Return a discussion's name, its first post's id as that post's own row has it."""
        if key is None:
            return None
        network, _, native_id = key.partition(":")
        return f"{network}:{self.post(network, native_id)}"


def masked(text: str | None) -> str | None:
    """Return the text with addresses, links and handles masked; hashtags stay."""
    if text is None:
        return None
    return _HANDLE.sub("@[user]", _URL.sub("[link]", _EMAIL.sub("[address]", text)))
