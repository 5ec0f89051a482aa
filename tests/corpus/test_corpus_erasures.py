"""An erased person is nowhere and does not come in again; what a restored backup brings back is erased again."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text as sql

from corpus.changes import Bury
from corpus.custody import LEDGER, Custody, read_ledger
from corpus.exchange import ImportedRow, apply_rows
from corpus.marks import MARKED, Keys
from corpus.post import Label
from corpus.store import Corpus
from tests.corpus.village import (
    NOW,
    VILLAGES,
    WORDS,
    Village,
    _text,
    everything,
    fill,
    others_posts,
    own_posts,
    seen,
    tables,
    traces,
)


def test_erased_person_is_nowhere(kept: Corpus, village: Village, tmp_path: Path, forgotten: list[str]) -> None:
    """Texts, name, handles, ids and copies of the words are in no table, file or export; what others said stays."""
    fill(kept, village)
    assert len(traces(village, everything(kept, tmp_path))) > 4
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    erased = kept.erasures.erase(person, who="tester", now=NOW)
    assert (erased.posts, erased.copies, erased.mentions, erased.issues) == (2, 1, 2, 1)
    assert erased.payloads == 2
    left = everything(kept, tmp_path)
    assert traces(village, left) == []
    for words in ("Katsokaa", "Hyvin sanottu @…!", "Aivan muuta", "https://kunta.example/"):
        assert words in left.encode("latin-1", "replace").decode("utf-8", "replace") + left
    assert f"{WORDS} 1 #kanarikylä" in forgotten
    assert kept.verify() == []


def test_numbers_and_relations_stay(kept: Corpus, village: Village) -> None:
    """Tombstones keep time and theme under their marks, by which answers, issues and facts go on naming them."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"@{village.author.handle}")
    kept.erasures.erase(person, who="tester", now=NOW)
    answer = kept.posts.by_native_id(village.network, "answer-9")
    assert answer is not None
    mark = answer.stored.post.reply_to
    assert mark is not None
    assert mark.startswith(MARKED)
    tombstone = kept.posts.by_native_id(village.network, mark)
    assert tombstone is not None
    assert (tombstone.stored.post.gone, tombstone.theme) == ("erased", "services")
    issue = kept.issues.get("2026-W47")
    assert issue is not None
    assert issue.numbers["counted"][0]["post"] == f"{village.network}:{mark}"
    assert kept.posts.count() == 6
    (audit,) = [one for one in kept.ledger.audits() if one.what == "erased a person"]
    assert json.loads(audit.subject)["posts"] == 2


def test_their_posts_do_not_come_in_again(kept: Corpus, village: Village, tmp_path: Path) -> None:
    """Neither a round nor an archive stores them, each sighting is counted, and others' posts come in cleaned."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"{village.network}:@{village.author.handle}")
    kept.erasures.erase(person, who="tester", now=NOW)
    before = kept.posts.count()
    later = NOW + timedelta(hours=1)
    new = replace(own_posts(village)[0], native_id=f"{village.ids[0]}77", text="Uusi kanari")
    assert seen(kept, [*own_posts(village), new], now=later).skipped == 3
    renamed = replace(new, author=msgspec.structs.replace(village.author, native_id="someone-else-77"))
    assert seen(kept, [renamed], now=later).inserted == 0  # an archive may know the account by its handle only
    row = ImportedRow(
        post=new, source="s", collected_at=later, labels=(Label(theme="x", by="MK", at=NOW),), prediction=None,
        municipalities=(), cluster=None,
    )  # fmt: skip
    assert apply_rows(kept, [row], now=later).inserted == 0
    again = [replace(post, native_id=f"{post.native_id}2") for post in others_posts(village)]
    assert seen(kept, again, now=later).inserted == 3
    seen(kept, others_posts(village), now=later)
    assert traces(village, everything(kept, tmp_path)) == []
    assert kept.posts.count() == before + 3
    assert sum(row[0] for row in kept.database.query("SELECT refused FROM erasures")) >= 5


def test_erasing_twice_is_erasing_once(kept: Corpus, village: Village) -> None:
    """Nobody is found any more, and it is known why, by every name the account had; nobody else is taken for it."""
    fill(kept, village)
    account = f"{village.network}:{village.author.native_id}"
    (person,) = kept.erasures.find(account)
    assert not kept.erasures.is_erased(account)
    kept.erasures.erase(person, who="tester", now=NOW)
    assert kept.erasures.find(account) == []
    for name in (account, f"@{village.author.handle}", f"@{village.old_handle}"):
        assert kept.erasures.is_erased(name), name
    assert not kept.erasures.is_erased("@joku.muu")
    again = kept.erasures.erase(person, who="tester", now=NOW)
    assert (again.posts, again.copies, again.mentions, again.payloads) == (0, 0, 0, 0)


def test_rehearsal_counts_and_changes_nothing(kept: Corpus, village: Village, tmp_path: Path) -> None:
    """A dry run tells what an erasure would come to, and leaves tables, ledger and vectors alone."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    before = tables(kept)
    told = kept.erasures.erase(person, who="tester", now=NOW, dry_run=True)
    assert not (tmp_path / LEDGER).exists()
    assert tables(kept) == before
    assert told == kept.erasures.erase(person, who="tester", now=NOW)


def test_erasure_that_is_cut_short_did_not_happen(kept: Corpus, database_url: str, tmp_path: Path) -> None:
    """Whatever stops it in the middle, nothing is half erased, and it can be done again."""
    village = VILLAGES["x"]
    fill(kept, village)

    class Stopped(Exception):  # noqa: N818 - a kill, as far as the transaction is concerned
        pass

    def stop(texts: Sequence[str]) -> None:
        if any("sanottu" in text for text in texts):
            raise Stopped

    account = f"x:{village.author.native_id}"
    custody = Custody(keys=Keys(tmp_path / "erasure.key"), ledger=tmp_path / LEDGER, forget_texts=stop)
    with Corpus.open(database_url, custody=custody) as other:
        (person,) = other.erasures.find(account)
        with pytest.raises(Stopped):
            other.erasures.erase(person, who="tester", now=NOW)
    assert kept.erasures.find(account) == [person]
    assert kept.erasures.erase(person, who="tester", now=NOW).posts == 2


@pytest.mark.parametrize("by", ["the database", "the ledger"])
def test_restored_backup_is_erased_again(kept: Corpus, village: Village, custody: Custody, by: str) -> None:
    """What was erased and deleted since a backup is erased and deleted in it again, by database or ledger alone."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    erased = kept.erasures.erase(person, who="tester", now=NOW + timedelta(hours=1))
    kept.posts.apply([Bury(village.network, "other-9", "deleted", NOW + timedelta(hours=2))], source="kylä", now=NOW)
    told = list(kept.erasures.since(NOW)) if by == "the database" else list(read_ledger(custody.ledger or Path()))
    assert {one.kind for one in told} == {"account", "handle", "post"}
    with Corpus.open("sqlite://", custody=custody) as restored:
        fill(restored, village)
        done = restored.erasures.reapply(told, who="restore", now=NOW + timedelta(hours=3))
        assert done.posts == erased.posts + 1
        assert restored.posts.count() == 6
        assert [one for one in ("other-9", "copy-9") if _text(restored, village.network, one)] == []
        assert _text(restored, village.network, "quote-9")
        with restored.database.reading() as connection:
            assert not list(connection.execute(sql("SELECT 1 FROM posts WHERE text LIKE '%kanari%'")))
        assert seen(restored, own_posts(village)).inserted == 0
        assert restored.erasures.reapply(told, who="restore", now=NOW).posts == 0


def test_old_handles_and_versions_are_found(kept: Corpus, tmp_path: Path) -> None:
    """A handle that only an old payload tells is erased, too, out of earlier versions and odd payloads of others."""
    village = VILLAGES["x"]
    (mine, *_) = own_posts(village)
    author = village.author
    raw = {"id": mine.native_id, "users": [{"id": author.native_id, "username": "VanhaKanari"}, {"id": "1"}]}
    seen(kept, [replace(mine, raw=json.dumps(raw).encode(), url="https://x.com/i/status/1")])
    other = replace(others_posts(village)[3], text="Kuten @VanhaKanari sanoi", raw=b'not JSON: "@VanhaKanari"')
    seen(kept, [other], now=NOW + timedelta(hours=1))
    seen(kept, [replace(other, text="Muokattu", edited_at=NOW, raw=b'{"id": "other-9"}')], now=NOW + timedelta(hours=2))
    (person,) = kept.erasures.find(f"x:{author.native_id}")
    traces_ = kept.erasures.traces(person)
    assert {"VanhaKanari", author.handle, author.native_id, mine.native_id} <= traces_.names
    assert kept.erasures.erase(person, who="tester", now=NOW).handles == 2
    assert "kanari" not in everything(kept, tmp_path).casefold()
    assert _text(kept, "x", "other-9") == "Muokattu"
    assert kept.verify() == []
