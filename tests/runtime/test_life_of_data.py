"""`forget`, `retain` and redaction as their user meets them."""

import base64
import gzip
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from corpus.custody import LEDGER, Custody
from corpus.marks import Keys
from corpus.store import Corpus
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import BEARER, FakeX
from tests.runtime.conftest import Command, corpus_line
from tests.runtime.test_taken_back import WEEK, bury, shown

LATER = "2026-11-24T08:00:00Z"
MUCH_LATER = "2029-01-05T08:00:00Z"
pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def sent(kuntakaiku: Command, archive: Path, configured: Path) -> str:
    """An issue was sent whose mails quote private persons; returns the id of a post that they show."""
    (configured / "delivery.toml").write_text('sender = "Kooste <k@example.org>"\nquote_private = "text"\n')
    posts = [json.loads(line) for line in archive.read_text("utf-8").splitlines()]
    own = [
        json.dumps(post | {"text": f"{post['text']}, nro {post['native_id']}"}, ensure_ascii=False) for post in posts
    ]
    archive.write_text("\n".join(own) + "\n", encoding="utf-8")
    kuntakaiku("import", str(archive))
    kuntakaiku("digest", "draft", *WEEK)
    kuntakaiku("digest", "approve", *WEEK)
    assert kuntakaiku("digest", "send", *WEEK).exit == 0
    network, native_id = shown(archive.parent)[0]
    assert network == "mastodon"
    return native_id


def mails(house: Path) -> str:
    """Return the bodies of all mails in the data directory, and their headers."""
    from email import message_from_bytes, policy

    told = []
    for path in sorted((house / "mail").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        told += [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
        told.append(f"{mail['To']} {mail['Message-ID']} {mail['Date']}")
    return "\n".join(told)


def renderings(house: Path) -> list[tuple[str, ...]]:
    """Return the kept mails of the database."""
    with sqlite3.connect(house / "kuntakaiku.db") as connection:
        rows = connection.execute("SELECT subject, text, html, sha256, approved_sha256 FROM renderings").fetchall()
    connection.close()
    return rows


def text_of(house: Path, native_id: str) -> str:
    """Return a post's text."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        return corpus.posts.texts_of("mastodon", [native_id])[native_id]


def test_person_is_erased_with_everything_in_the_data_directory(kuntakaiku: Command, sent: str, house: Path) -> None:
    """Corpus, sent issue, mails and rejected records are rid of the person; numbers and headers stay."""
    said = text_of(house, sent)
    before, printed = mails(house), renderings(house)
    assert said in before.replace("\n", " ")
    (house / "rejects").mkdir(exist_ok=True)
    reject = json.dumps({"record": f'{{"account": {{"acct": "kirjoittaja{sent}"}}}}'})
    (house / "rejects" / "masto.jsonl").write_text(f'{reject}\n{{"record": "muu"}}\n')
    rehearsed = kuntakaiku("forget", f"@kirjoittaja{sent}", "--dry-run", "--json", now=LATER)
    assert (rehearsed.exit, mails(house) == before) == (0, True)
    done = kuntakaiku("forget", f"@kirjoittaja{sent}", "--json", now=LATER)
    told = done.json
    assert {key: rehearsed.json[key] for key in ("posts", "issues")} == {key: told[key] for key in ("posts", "issues")}
    assert (told["posts"], told["issues"], told["redacted"], told["rejects"], told["again"]) == (1, 1, 1, 1, False)
    assert done.exit == 3
    assert told["files"] == [str(house / "archive.jsonl")]
    (house / "archive.jsonl").unlink()
    after = mails(house)
    assert said not in after.replace("\n", " ")
    assert "Viesti on poistettu." in after
    assert "Inlägget har raderats." in after
    assert [line for line in before.splitlines() if "@example.org <" in line] == [
        line for line in after.splitlines() if "@example.org <" in line
    ]
    assert {row[4] for row in renderings(house)} == {row[3] for row in printed}
    assert not [row for row in renderings(house) if said in " ".join(row)]
    assert [row[0] for row in renderings(house)] == [row[0] for row in printed]
    assert kuntakaiku("digest", "show", *WEEK, now=LATER).exit == 0
    for path in house.rglob("*"):
        if path.is_file() and path.parts[-2] not in ("lemmas", "vectors", "config"):
            content = path.read_bytes()
            for trace in (said, f"kirjoittaja{sent}", f"Kirjoittaja {sent}"):
                assert trace.encode() not in content, (path, trace)
    again = kuntakaiku("forget", f"mastodon:@kirjoittaja{sent}", "--json", now=LATER)
    assert (again.exit, again.json["again"], again.json["posts"]) == (0, True, 0)
    assert (house / LEDGER).stat().st_mode & 0o077 == 0
    assert kuntakaiku("db", "verify").exit == 0


def test_erased_person_is_not_imported_again(kuntakaiku: Command, sent: str, archive: Path) -> None:
    """The same archive, and a later one, bring nothing of the person."""
    kuntakaiku("forget", f"mastodon:a{sent}", now=LATER)
    later = corpus_line(int(sent), "Puisto taas", "2026-11-24T07:00:00Z").replace(
        f'"native_id": "{sent}"', '"native_id": "1x"'
    )
    archive.write_text(archive.read_text("utf-8") + later + "\n")
    told = kuntakaiku("import", str(archive), "--json", now=LATER).json
    assert (told["inserted"], told["updated"], told["skipped"]) == (0, 0, 37)


def test_account_may_be_named_loosely(kuntakaiku: Command, archive: Path) -> None:
    """Several, none, or no account at all is exit 2 with what to do; an unknown id is barred in advance."""
    twin = json.loads(archive.read_text("utf-8").splitlines()[0])
    twin |= {"network": "bluesky"}
    archive.write_text(archive.read_text("utf-8") + json.dumps(twin) + "\n")
    kuntakaiku("import", str(archive))
    handle = twin["author"]["handle"]
    several = kuntakaiku("forget", f"@{handle}")
    assert (several.exit, "bluesky:a" in several.err, "mastodon:a" in several.err) == (2, True, True)
    assert "1 posts" in several.err
    assert kuntakaiku("forget", "@eikukaan").exit == 2
    assert kuntakaiku("forget", "eikukaan").exit == 2
    barred = kuntakaiku("forget", "x:123456", "--json")
    assert (barred.exit, barred.json["posts"]) == (0, 0)
    told = kuntakaiku("forget", "https://mastodon.example/@kirjoittaja101/", "--dry-run")
    assert (told.exit, "Would erase: 1 posts" in told.out) == (0, True)


def test_sent_issue_is_rid_of_what_was_taken_back(kuntakaiku: Command, sent: str, house: Path) -> None:
    """After a sweep neither the archived mails nor those in the data directory show a post that its network deleted."""
    said = text_of(house, sent)
    bury(house, "mastodon", sent, "2026-11-23T09:00:00Z")
    assert said in " ".join(row[2] for row in renderings(house))
    told = kuntakaiku("sweep", "--json", now=LATER)
    assert told.json["redacted"] == 1
    assert said not in " ".join(" ".join(row[:3]) for row in renderings(house))
    assert said not in mails(house).replace("\n", " ")
    assert kuntakaiku("sweep", "--json", now=LATER).json["redacted"] == 0
    hashes = [row[3] for row in renderings(house)]
    assert len(set(hashes)) == len(hashes)


def test_redaction_that_was_cut_short_is_done_later(kuntakaiku: Command, sent: str, house: Path) -> None:
    """Where the program died between the erasure and the mails, naming the person again, or a sweep, finishes it."""
    said = text_of(house, sent)
    custody = Custody(keys=Keys(house / "erasure.key"), ledger=house / LEDGER)
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}", custody=custody) as corpus:
        (person,) = corpus.erasures.find(f"@kirjoittaja{sent}")
        corpus.erasures.erase(person, who="tester", now=datetime.fromisoformat(LATER))
    assert said in mails(house).replace("\n", " ")
    told = kuntakaiku("forget", f"@kirjoittaja{sent}", now=LATER)
    assert (told.exit, "was erased before" in told.out, "1 issues written anew" in told.out) == (0, True, True)
    assert said not in mails(house).replace("\n", " ")


def test_issue_that_is_being_sent_goes_on_without_the_post(kuntakaiku: Command, sent: str, house: Path) -> None:
    """Of an issue that some have got already the kept mails are written anew; one nobody got is a draft again."""
    said = text_of(house, sent)
    with sqlite3.connect(house / "kuntakaiku.db") as connection:
        connection.execute("UPDATE issues SET state = 'approved', sent_at = NULL")
    connection.close()
    bury(house, "mastodon", sent, "2026-11-23T09:00:00Z")
    assert kuntakaiku("sweep", "--json", now=LATER).json["redacted"] == 1
    assert said not in " ".join(" ".join(row[:3]) for row in renderings(house))
    with sqlite3.connect(house / "kuntakaiku.db") as connection:
        connection.execute("UPDATE deliveries SET attempts = 0")
        connection.execute("UPDATE renderings SET stale = 1")
    connection.close()
    assert kuntakaiku("sweep", "--json", now=LATER).json["redacted"] == 1
    assert renderings(house) == []


@pytest.mark.parametrize("kind", ["gz", "xlsx", "eml", "parquet", "torn.gz", "json"])
def test_files_are_looked_into(kuntakaiku: Command, sent: str, house: Path, kind: str) -> None:
    """Packed, zipped, mailed and escaped files that hold the person are listed, and those nobody can look into."""
    out, said = house / "exports" / f"vanha.{kind}", text_of(house, sent)
    out.parent.mkdir()
    content = said.encode()
    if kind.endswith("gz"):
        content = gzip.compress(content)[: 20 if kind == "torn.gz" else None]
    elif kind == "json":
        content = (
            json.dumps({"url": f"https://mastodon.example/@kirjoittaja{sent}/{sent}"}).replace("/", "\\/").encode()
        )
    elif kind == "eml":
        content = b"Subject: s\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
        content += base64.encodebytes(said.encode())
    if kind == "xlsx":
        with ZipFile(out, "w", ZIP_DEFLATED) as parts:
            parts.writestr("xl/sharedStrings.xml", said)
    else:
        out.write_bytes(content)
    told = kuntakaiku("forget", f"@kirjoittaja{sent}", now=LATER)
    assert told.exit == 3
    assert str(out) in told.out


def test_pages_of_the_preview_are_written_anew(kuntakaiku: Command, sent: str, house: Path) -> None:
    """Pages that somebody looked at before do not keep what was erased; those of other weeks are left alone."""
    said = text_of(house, sent)
    kuntakaiku("digest", "preview", *WEEK)
    (house / "preview" / "2026-W46-fi-reader.html").write_text("toinen")
    pages = sorted(path.name for path in (house / "preview").iterdir())
    assert any(said in path.read_text("utf-8") for path in (house / "preview").iterdir())
    kuntakaiku("forget", f"@kirjoittaja{sent}", now=LATER)
    assert sorted(path.name for path in (house / "preview").iterdir()) == pages
    assert not any(said in path.read_text("utf-8") for path in (house / "preview").iterdir())


def test_rounds_of_a_network_store_nothing_of_the_erased(
    kuntakaiku: Command, configured: Path, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an erasure a network's answers bring others' posts as before, and none of the person's, old or new."""
    monkeypatch.setenv("KUNTAKAIKU_X_BEARER_TOKEN", BEARER)
    with FakeX(Clock(datetime(2026, 11, 20, 8, tzinfo=UTC))) as network:
        network.publish(1, hashtag="pieniohjelma", author_id="770077007700")
        network.publish(1, hashtag="pieniohjelma", author_id="101")
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "x"\nnetwork = "x"\nenabled = true\nbase_url = "{network.url}"\n'
            "government_use_attested = true\ntimeout = 2\n"
        )
        assert kuntakaiku("collect", "--json", now="2026-11-20T08:00:00Z").json["runs"][0]["inserted"] == 2
        assert kuntakaiku("forget", "x:770077007700", "--json", now="2026-11-20T08:05:00Z").json["posts"] == 1
        network.clock.pass_by(hours=1)
        for _ in range(2):
            network.publish(1, hashtag="pieniohjelma", author_id="770077007700")
        network.publish(1, hashtag="pieniohjelma", author_id="102")
        (run,) = kuntakaiku("collect", "--json", now="2026-11-20T09:30:00Z").json["runs"]
        assert (run["inserted"], run["updated"]) == (1, 0)
        assert run["skipped"] >= 2
    assert b"770077007700" not in (house / "kuntakaiku.db").read_bytes()
    with sqlite3.connect(house / "kuntakaiku.db") as connection:
        assert connection.execute("SELECT sum(refused) FROM erasures").fetchone()[0] >= 2
    connection.close()


def test_issue_that_cannot_be_written_anew_is_emptied(kuntakaiku: Command, sent: str, house: Path) -> None:
    """Where the numbers are of a form that is no longer read, an erased person's words go with all the others."""
    with sqlite3.connect(house / "kuntakaiku.db") as connection:
        connection.execute("UPDATE issues SET numbers = '{\"old\": 1}'")
    connection.close()
    kuntakaiku("forget", f"mastodon:a{sent}", now=LATER)
    assert {row[1] for row in renderings(house)} >= {"2026-W47\n\nViesti on poistettu.\n"}


def test_texts_past_their_time_go_daily(kuntakaiku: Command, sent: str, house: Path) -> None:
    """A dry run tells counts by network and month; the daily job takes the texts out, also of issues, once."""
    said = text_of(house, sent)
    told = kuntakaiku("retain", "--dry-run", now=MUCH_LATER)
    assert "mastodon  2026-11     36" in told.out
    assert kuntakaiku("retain", "--dry-run", "--json").json["found"] == []
    jobs = kuntakaiku("run", "--once", "--json", now=MUCH_LATER).json["jobs"]
    (job,) = [one for one in jobs if one["job"] == "retain"]
    assert (job["state"], job["counts"]) == ("done", {"expired": 36, "redacted": 1})
    assert said not in mails(house).replace("\n", " ")
    assert kuntakaiku("stats", "--json", now=MUCH_LATER).json["posts"] == 36
    assert "0 texts are older than 24 months" in kuntakaiku("retain", now=MUCH_LATER).out
    again = kuntakaiku("run", "--once", "--json", now=MUCH_LATER).json["jobs"]
    assert "retain" not in {one["job"] for one in again}
    next_day = kuntakaiku("run", "--once", "--json", now="2029-01-06T08:00:00Z").json["jobs"]
    assert "retain" not in {one["job"] for one in next_day}  # it found nothing to do, which the run ledger tells
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        assert [run.state for run in corpus.ledger.runs(job="retain")] == ["done", "done"]


def test_without_a_limit_nothing_expires(kuntakaiku: Command, archive: Path, configured: Path) -> None:
    """Where no months are configured, `retain` says so and takes out nothing."""
    (configured / "site.toml").write_text('login = "none"\n')
    kuntakaiku("import", str(archive))
    told = kuntakaiku("retain", now=MUCH_LATER)
    assert (told.exit, "No limit is set" in told.out) == (0, True)
    assert kuntakaiku("retain", "--json", now=MUCH_LATER).json["expired"] == 0


def test_papers_on_privacy_are_written(kuntakaiku: Command, configured: Path, house: Path) -> None:
    """To standard output or a file, in a language of the catalogues; what is missing is told, and a fault is exit 2."""
    told = kuntakaiku("privacy", "notice")
    assert told.out.startswith("# Tietosuojaseloste: Pieni ohjelma\n")
    assert "Esimerkkikunta" in told.out
    page = house / "seloste.html"
    assert kuntakaiku("privacy", "record", "--language", "sv", "--out", str(page)).exit == 0
    assert page.read_text("utf-8").startswith('<!doctype html>\n<html lang="sv">')
    (configured / "site.toml").write_text('login = "none"\n')
    bare = kuntakaiku("privacy", "record", "--json")
    assert (bare.exit, "controller" in bare.json["missing"], bare.json["kind"]) == (0, True, "record")
    assert "Missing in site.toml" in kuntakaiku("privacy", "notice", "--out", str(house / "n.md")).out
    assert "<h1>" in kuntakaiku("privacy", "notice", "--format", "html").out
    assert kuntakaiku("privacy", "notice", "--language", "et").exit == 2
    assert kuntakaiku("privacy", "notice", "--out", str(house / "none" / "n.md")).exit == 2


def test_receivers_of_exports_are_told_by_the_names_that_they_know(
    kuntakaiku: Command, archive: Path, tmp_path: Path
) -> None:
    """Erasing a person tells which exports hold their posts, by the posts' own names, and for whom each was made."""
    kuntakaiku("import", str(archive))
    out = tmp_path / "handed-over.csv"
    kuntakaiku(
        "export", "--out", str(out), "--format", "csv", "--for", "Tutkija", "--plan", "Suunnitelma 7", "--accept-terms"
    )
    out.unlink()
    rehearsed = kuntakaiku("forget", "mastodon:a101", "--dry-run", "--json").json
    told = kuntakaiku("forget", "mastodon:a101", "--json").json
    assert told["recalls"] == rehearsed["recalls"]
    (recall,) = told["recalls"]
    assert recall["person"] == "Tutkija"
    assert recall["posts"] == [{"network": "mastodon", "native_id": "101", "why": "erased"}]
    assert kuntakaiku("forget", "mastodon:a101", "--json").json["recalls"] == []
