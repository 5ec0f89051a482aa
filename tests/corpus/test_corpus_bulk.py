"""Many rows at once, on both databases."""

import pytest

from corpus.bulk import insert
from corpus.store import Corpus

_INTO = "checkpoints (name, value)"
_KEEP = "ON CONFLICT (name) DO NOTHING"
_REPLACE = "ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def _stored(corpus: Corpus) -> list[tuple[str, str]]:
    return [tuple(row) for row in corpus.database.query("SELECT name, value FROM checkpoints ORDER BY name")]


def _insert_and_fail(corpus: Corpus, rows: list[tuple[str, str]]) -> None:
    with corpus.database.writing() as connection:
        insert(corpus.database, connection, _INTO, rows)
        raise ZeroDivisionError


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 199, 200, 457])
def test_every_row_is_inserted_and_counted(corpus: Corpus, count: int) -> None:
    """Whatever their number, all rows come in as they are, and are counted."""
    rows = [(f"{n:04}", f'{n} \t \\ "ä"\n') for n in range(count)]
    with corpus.database.writing() as connection:
        assert insert(corpus.database, connection, _INTO, rows) == count
    assert _stored(corpus) == rows


@pytest.mark.parametrize("count", [60, 260])
def test_rows_that_are_there_are_kept_or_replaced(corpus: Corpus, count: int) -> None:
    """A conflict is settled as told, row by row, and only what changed the table is counted."""
    with corpus.database.writing() as connection:
        insert(corpus.database, connection, _INTO, [(f"{n:04}", "old") for n in range(10)])
        rows = [(f"{n:04}", "new") for n in range(count)]
        assert insert(corpus.database, connection, _INTO, rows, _KEEP) == count - 10
        # Twice in one transaction: nothing is left from the first time.
        assert insert(corpus.database, connection, _INTO, rows[:-1], _REPLACE) == count - 1
    assert [value for _, value in _stored(corpus)] == ["new"] * count


@pytest.mark.parametrize("count", [60, 260])
def test_rows_of_a_failed_transaction_are_gone(corpus: Corpus, count: int) -> None:
    """Rows that were inserted together leave with the transaction, and the next one begins afresh."""
    rows = [(f"{n:04}", "x") for n in range(count)]
    with pytest.raises(ZeroDivisionError):
        _insert_and_fail(corpus, rows)
    assert _stored(corpus) == []
    with corpus.database.writing() as connection:
        assert insert(corpus.database, connection, _INTO, rows) == count


def test_missing_values_and_bytes_come_in_exactly(corpus: Corpus) -> None:
    """None stays None, and bytes stay what they are, a null byte among them."""
    rows = [(n, bytes(range(256)) * (n % 3)) for n in range(1, 301)]
    with corpus.database.writing() as connection:
        insert(corpus.database, connection, "payloads (payload_id, lines)", rows)
        authors = [(n, "x", str(n), None, None, n) for n in range(1, 301)]
        insert(corpus.database, connection, "authors (author_id, network, native_id, handle, name, seen_at)", authors)
    found = corpus.database.query("SELECT payload_id, lines FROM payloads ORDER BY payload_id")
    assert [(row[0], bytes(row[1])) for row in found] == rows
    assert corpus.database.query("SELECT count(*) FROM authors WHERE handle IS NULL AND name IS NULL")[0][0] == 300
