"""Which format a file is of, told by its content; its name tells nothing."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Raw

from collector.archive.csv_mapping import mapping_of
from collector.archive.csv_table import is_table
from collector.archive.json_archive import documents
from collector.archive.records import read_records
from collector.unreadable import UNREADABLE, without_lone_surrogates

_PROBE = 50
"""Records by which a file's format is told."""
_OURS = frozenset({"network", "native_id"})
_OF_X_V1 = frozenset(
    {"id_str", "full_text", "legacy", "tweet", "dmConversation", "delete", "screen_name", "search_metadata"}
)
_OF_MASTODON = frozenset(
    {"acct", "reblogs_count", "orderedItems", "@context", "ancestors", "spoiler_text", "actor", "attributedTo"}
)
_OF_BLUESKY = (b'"at://', b'"did:plc:', b'"did:web:', b'"app.bsky.')
_OF_X_V2 = frozenset(
    {"includes", "meta", "author_id", "edit_history_tweet_ids", "edit_history_post_ids", "public_metrics"}
)


def format_of(path: Path) -> str | None:
    """Return the name of a file's format; None where nothing in it tells.

    Raises:
        OSError: the file cannot be read.
        MisuseError: the mapping beside the file is wrong.
    """
    if mapping_of(path) is not None:
        return "csv"
    is_json = False
    for record, _ in islice(read_records(path), _PROBE):
        for fields, document in _objects(record.payload):
            is_json = True
            if name := _format_of(fields, document):
                return name
    return "csv" if not is_json and is_table(path) else None


def _objects(payload: bytes) -> Iterator[tuple[dict[str, Raw], bytes]]:
    for document in documents(without_lone_surrogates(payload)):
        try:
            yield msgspec.json.decode(document, type=dict[str, Raw]), document
        except UNREADABLE:
            continue


def _format_of(fields: dict[str, Raw], document: bytes) -> str | None:
    names = fields.keys()
    tests = (
        ("corpus", names >= _OURS),
        ("x-v2", names & _OF_X_V2),
        ("mastodon", "statuses" in names and (names & {"accounts", "hashtags"} or b'"acct"' in document)),
        ("x-v1", "statuses" in names),
        ("mastodon", names & _OF_MASTODON or ("content" in names and names & {"uri", "account"})),
        ("x-v1", names & _OF_X_V1 or ("data" in names and b'"legacy"' in bytes(fields["data"]))),
        ("bluesky", not names & {"text", "data"} and any(sign in document for sign in _OF_BLUESKY)),
        ("x-v2", names & {"data", "text", "errors"} and not names & _OURS),  # ours may lack its id in a broken line
    )
    return next((name for name, is_so in tests if is_so), None)
