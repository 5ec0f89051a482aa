"""Tables: by the names that exporters give, or by a mapping; what spreadsheets destroyed is refused, not guessed."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.archive import csv_table, load
from corpus.exchange import to_row
from corpus.export.columns import COLUMNS
from corpus.export.formats import write_csv, write_csv_fi
from corpus.post import Author, Counts
from corpus.store import Corpus
from programme.errors import MisuseError
from programme.types import Programme
from tests.collector.archives import Bring, bring_into, posts_of, reasons_of, rejects_of
from tests.collector.payloads import payload

HEADER = "network,id,text,created_at"
AT = "2026-11-16T08:00:00Z"


@pytest.fixture
def bring(one_corpus: Corpus, watched: Programme, tmp_path: Path) -> Bring:
    """Import a content into the corpus."""
    return bring_into(one_corpus, watched, tmp_path)


def _table(rows: Sequence[Sequence[str]], **dialect: str) -> str:
    written = io.StringIO()
    csv.writer(written, **dialect).writerows(rows)  # type: ignore[arg-type]  # a dialect's fields
    return written.getvalue()


_ROWS = [
    ["network", "id", "text", "created_at", "author", "url"],
    ["x", "1990000000000000501", 'Hän sanoi: "hyvä, näin"\nja lähti; #Kylät\t|', AT, "@koivuranta", ""],
    ["Twitter", "1990000000000000502", "-tyhjä- åäö Åbo", AT, "", "https://example.org/muu"],
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_dialect_gives_the_same_posts(bring: Bring, one_corpus: Corpus, delimiter: str, encoding: str) -> None:
    """Whatever stands between cells, and in whichever usual encoding, the same two posts come out."""
    found = bring(_table(_ROWS, delimiter=delimiter).encode(encoding))
    assert (found.read, found.inserted, found.rejected) == (2, 2, 0)
    posts = posts_of(one_corpus)
    first, second = posts["1990000000000000501"], posts["1990000000000000502"]
    assert (first.text, second.text) == (_ROWS[1][2], _ROWS[2][2])
    assert first.hashtags == ("kylät",)
    assert first.author == Author(native_id="koivuranta", handle="koivuranta", name=None)
    assert (first.url, second.url) == (
        "https://x.com/koivuranta/status/1990000000000000501",
        "https://x.com/i/web/status/1990000000000000502",
    )
    assert {first.network, second.network} == {"x"}


def test_excels_hint_stands_before_the_header(bring: Bring) -> None:
    """A first line ``sep=;`` names the delimiter."""
    assert bring("sep=;\n" + _table(_ROWS, delimiter=";")).inserted == 2
    assert bring("sep=;\r\n" + _table(_ROWS, delimiter=";").replace("x;199", "x;198")).inserted == 1


@pytest.mark.parametrize("write", [write_csv, write_csv_fi], ids=["csv", "csv-fi"])
def test_our_own_csv_comes_back(
    bring: Bring, one_corpus: Corpus, watched: Programme, tmp_path: Path, write: object
) -> None:
    """What ``export --format csv`` writes is read back as the same posts, tombstones included."""
    for content in ("archives/search_v1.json", "archives/outbox.json", "archives/search_posts.json"):
        bring(payload(content))
    rows = [to_row(post) for post in one_corpus.posts.all_classified()]
    path = tmp_path / "export.csv"
    write(path, rows, COLUMNS)  # type: ignore[operator]  # one of two functions
    with Corpus.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        found = bring_into(other, watched, tmp_path)(path.read_bytes())
        assert (found.inserted, found.rejected) == (8, 0)
        again = {row["native_id"]: row for row in map(to_row, other.posts.all_classified())}
    for row in rows:
        told = again[row["native_id"]]
        same = told.keys() - {"collected_at", "source"}
        assert {key: told[key] for key in same} == {key: row[key] for key in same}


_OF_4CAT = (
    "id,thread_id,timestamp,unix_timestamp,link,subject,body,author,author_fullname,author_id,language_guess,"
    "retweet_count,reply_count,like_count,impression_count,hashtags,urls\n"
    "1990000000000000501,1990000000000000500,2026-11-16 08:00:00,1794816000,"
    'https://x.com/koivuranta/status/1990000000000000501,,"Asukasilta, #Kylät",koivuranta,Koivurannan kunta,77,fi,'
    '1,2,3,4,"TulevaisuudenKunta,Kylät","https://a.example/1,2,https://b.example"\n'
)


def test_csv_of_4cat(bring: Bring, one_corpus: Corpus) -> None:
    """4CAT's columns are known, its network is told by the address, and its times are UTC."""
    assert bring(_OF_4CAT).inserted == 1
    post = posts_of(one_corpus)["1990000000000000501"]
    assert post.author == Author(native_id="77", handle="koivuranta", name="Koivurannan kunta")
    assert post.created_at == datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert (post.hashtags, post.links) == (
        ("tulevaisuudenkunta", "kylät"),
        ("https://a.example/1,2", "https://b.example"),
    )
    assert post.counts == Counts(replies=2, reposts=1, likes=3, views=4)
    assert (post.discussion, post.lang) == ("1990000000000000500", "fi")
    assert bring(_OF_4CAT.replace("unix_timestamp", "other")).skipped == 1


def test_bluesky_csv_of_4cat(bring: Bring, one_corpus: Corpus) -> None:
    """4CAT's Bluesky columns are known; the id says the network."""
    header = "collected_at,id,thread_id,created_at,author,author_id,body,link,tags,languages,timestamp"
    uri = "at://did:plc:a/app.bsky.feed.post/1"
    assert bring(f"{header}\nx,{uri},{uri},{AT},a.example,did:plc:a,Moi,,kylät,fi,1794816000.0\n").inserted == 1
    post = posts_of(one_corpus)[uri]
    assert (post.network, post.hashtags, post.discussion) == ("bluesky", ("kylät",), uri)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        pytest.param(
            "id,time,created_at,from_user_name,text,filter_level,from_user_id,from_user_realname",
            "501,1794816000,2026-11-16 08:00:00,koivuranta,Moi,low,77,Kunta",
            id="dmi-tcat",
        ),
        pytest.param(
            "id,conversation_id,author.username,author.id,author.name,created_at,text,entities.hashtags,"
            "public_metrics.like_count",
            '501,501,koivuranta,77,Kunta,2026-11-16T08:00:00.000Z,Moi,"[{""tag"": ""Kylät""}]",3',
            id="twarc2-csv",
        ),
        pytest.param(
            "user_id,status_id,created_at,screen_name,text,name",
            "x77,x501,2026-11-16T08:00:00Z,koivuranta,Moi,Kunta",
            id="rtweet",
        ),
        pytest.param(
            '"tweet_id","in_reply_to_status_id","timestamp","source","text"',
            '"501","","2026-11-16 08:00:00 +0000","web","Moi"',
            id="tweets-csv-of-x",
        ),
        pytest.param("Teksti;Julkaistu;Tweet Id;Käyttäjä", "Moi;16.11.2026 klo 8.00 UTC;501;a", id="hand-made"),
    ],
)
def test_tables_of_other_tools(bring: Bring, one_corpus: Corpus, header: str, row: str) -> None:
    """The usual exporters' names are known; the network stands in the mapping where no address tells it."""
    found = bring(f"{header}\n{row}\n", mapping='network = "x"\ntime_zone = "UTC"')
    expected = 0 if "klo" in row else 1  # a Nordic time with a zone behind it is no usual form
    assert found.inserted == expected
    if expected:
        post = posts_of(one_corpus)["501"]
        assert (post.text, post.created_at) == ("Moi", datetime(2026, 11, 16, 8, tzinfo=UTC))


def test_mapping_says_what_the_header_does_not(bring: Bring, one_corpus: Corpus) -> None:
    """Network, time zone, encoding, delimiter and columns can be named beside the file."""
    mapping = """
        network = "forum"
        time_zone = "Europe/Helsinki"
        encoding = "cp850"
        delimiter = "~"
        [columns]
        native_id = "Nro"
        text = "Sisältö"
        created_at = "Milloin"
        author_handle = "Nimimerkki"
    """
    content = "Nro~Sisältö~Milloin~Nimimerkki~text\nA-7~Hyvää päivää~16.11.2026 klo 10.15~kyläläinen~muuta\n"
    assert bring(content.encode("cp850"), mapping=mapping).inserted == 1
    post = posts_of(one_corpus)["A-7"]
    assert (post.network, post.text) == ("forum", "Hyvää päivää")
    assert post.created_at == datetime(2026, 11, 16, 8, 15, tzinfo=UTC)
    assert post.author == Author(native_id="kyläläinen", handle="kyläläinen", name=None)


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        pytest.param("network = 5", "network", id="type"),
        pytest.param("network", "archive.map.toml", id="no-toml"),
        pytest.param('colour = "red"', "colour", id="key"),
        pytest.param('[columns]\ntheme = "a"', "no field 'theme'", id="field"),
        pytest.param('time_zone = "Mars/Utopia"', "no time zone", id="zone"),
        pytest.param('encoding = "rot13"', "no encoding", id="no-text-encoding"),
        pytest.param('encoding = "klingon"', "no encoding", id="unknown-encoding"),
        pytest.param('delimiter = "::"', "one character", id="delimiter"),
    ],
)
def test_wrong_mapping_is_misuse_before_anything_is_read(bring: Bring, mapping: str, problem: str) -> None:
    """A mapping that cannot mean what it says is misuse with its remedy."""
    with pytest.raises(MisuseError, match=problem):
        bring(f"{HEADER}\n", mapping=mapping)


@pytest.mark.parametrize(
    ("content", "mapping", "reason"),
    [
        pytest.param("id,text\n1,a\n", None, "hold the time: name it in FILE.map.toml", id="no-time"),
        pytest.param("text,created_at\n1,a\n", None, "the id or the address", id="no-id"),
        pytest.param("id,text,created_at\n", '[columns]\ntext = "x"', "lacks: 'x'", id="column-not-there"),
        pytest.param("id,text,created_at\n1,\u0416\u0416,a\n".encode("cp1251"), "", "no encoding", id="cyrillic"),
        pytest.param(b"id,t\0ext", "", "no encoding", id="binary"),
        pytest.param("", "", "the file is empty", id="empty"),
        pytest.param(b"\x1f\x8b\x08 no gzip", "", "cannot be unpacked", id="no-gzip"),
        pytest.param('"id,text\n', "", "no header", id="no-header"),
    ],
)
def test_table_that_cannot_be_read_is_one_rejection(
    bring: Bring, content: str | bytes, mapping: str | None, reason: str
) -> None:
    """A table whose columns or letters cannot be told is refused as a whole, with what to do."""
    found = bring(content, mapping=mapping)
    assert (found.read, found.rejected) == (1, 1)
    assert reason in reasons_of(found)[0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(f"x,1.99E+18,a,{AT}", "a spreadsheet has destroyed the id: 1.99E+18", id="excel"),
        pytest.param(f'x,"1,99E+18",a,{AT}', "a spreadsheet has destroyed the id", id="excel-in-finnish"),
        pytest.param(f"forum,1.99E+18,a,{AT}", "a spreadsheet has destroyed the id", id="excel-elsewhere"),
        pytest.param(f"x,abc,a,{AT}", "no number of X: 'abc'", id="no-number"),
        pytest.param(f"x,,a,{AT}", "id is missing", id="no-id-of-x"),
        pytest.param(f"forum,NaN,a,{AT}", "id is missing", id="no-id"),
        pytest.param(f"forum,{'9' * 700},a,{AT}", "id can be none", id="endless-id"),
        pytest.param(f"mastodon,115,a,{AT}", "good on one server only", id="local-id"),
        pytest.param(f"bluesky,3abc,a,{AT}", "author's DID", id="key-alone"),
        pytest.param(f",1,a,{AT}", "network is not told", id="no-network"),
        pytest.param(f"a b,1,a,{AT}", "network is no name", id="odd-network"),
        pytest.param("x,1,a,", "created_at is missing", id="no-time"),
        pytest.param("x,1,a,2026-11-16 08:00", "names no time zone: '2026-11-16 08:00'; say in FILE", id="no-zone"),
        pytest.param("x,1,a,11/16/2026 08:00", "which is the day", id="american"),
        pytest.param("x,1,a,eilen", "no time: 'eilen'", id="word"),
        pytest.param("x,1,a,2036-01-01T00:00:00Z", "a day ahead", id="future"),
        pytest.param("x,1,a", "3 cells where the header has 4", id="short"),
        pytest.param(f"x,1,a,{AT},b", "5 cells where the header has 4", id="long"),
    ],
)
def test_row_that_is_no_post_is_kept_aside(bring: Bring, row: str, reason: str) -> None:
    """One row is refused with its line and reason; its neighbours are stored."""
    found = bring(f"{HEADER}\nx,7,a,{AT}\n{row}\nx,8,b,{AT},,\n")
    assert (found.inserted, found.rejected) == (2, 1)
    assert reason in reasons_of(found)[0]
    assert rejects_of(found)[0]["line"] == 3
    assert rejects_of(found)[0]["record"]


def test_ids_cut_to_fifteen_digits_are_refused(bring: Bring) -> None:
    """A table in which every long id ends in zeros went through a spreadsheet; one such id among others is chance."""
    rows = [f"x,{n}0000,a,{AT}\n" for n in (199000000000123, 199000000000456)]
    found = bring(f"{HEADER}\n{''.join(rows)}")
    assert (found.inserted, found.rejected) == (0, 2)
    assert "destroyed" in reasons_of(found)[0]
    assert bring(f"{HEADER}\n{rows[0]}x,1990000000001234567,a,{AT}\n").inserted == 2


def test_address_tells_what_a_spreadsheet_destroyed(bring: Bring, one_corpus: Corpus) -> None:
    """Where the post's own address stands in the row, its id is taken from there."""
    address = "https://twitter.com/a/status/1990000000000000501"
    rows = [f"{written},a,{AT},{address}\n" for written in ("1.99E+18", "1990000000000000000", "")]
    assert bring("id,text,created_at,url\n" + "".join(rows)).read == 3
    assert list(posts_of(one_corpus)) == ["1990000000000000501"]


@pytest.mark.parametrize(
    ("header", "row", "native_id"),
    [
        ("network,id,url", "mastodon,115,https://kylat.example/@a/115", "https://kylat.example/@a/115"),
        ("network,id,uri", "mastodon,115,https://kylat.example/users/a/statuses/115", None),
        ("id,url", "3abc,https://bsky.app/profile/did:plc:a/post/3abc", "at://did:plc:a/app.bsky.feed.post/3abc"),
        ("network,id,author_did", "bsky,3abc,did:plc:a", "at://did:plc:a/app.bsky.feed.post/3abc"),
        ("network,url", "blog,https://blogi.example/1", "https://blogi.example/1"),
        ("network,id,author_id", "x,501.0,77.0", "501"),
        ("network,id,author_id", "x,'501,1.2E+18", "501"),
    ],
    ids=["mastodon-url", "mastodon-uri", "bsky-url", "bsky-did", "address", "float", "apostrophe"],
)
def test_identity_is_the_networks_own(
    bring: Bring, one_corpus: Corpus, header: str, row: str, native_id: str | None
) -> None:
    """A row becomes the post that the live sources would store, so that both are one."""
    assert bring(f"{header},text,created_at\n{row},a,{AT}\n").inserted == 1
    assert list(posts_of(one_corpus)) == [native_id or row.rpartition(",")[2]]


def test_cells_are_read_leniently(bring: Bring, one_corpus: Corpus) -> None:
    """HTML of Mastodon becomes text, lists come in many shapes, and what cannot be read costs no post."""
    header = "network,id,text,created_at,edited_at,hashtags,links,likes,reposts,reply_to,quote_of"
    rows = [
        [
            "mastodon",
            "https://a.example/1",
            "<p>Moi &amp; hei</p>",
            AT,
            "eilen",
            "['Yksi', 'kaksi']",
            "[]",
            "5.0",
            "x",
            "",
            "",
        ],
        ["x", "2", "moi #kolme", AT, AT, '{"a"', '[{"url": "https://a.example"}, 5]', "-1", "", "x501", "1.9E+18"],
        ["x", "3", "x" * 30_000, AT, "", '["neljä"]', "", "9" * 25, "", "", ""],
    ]
    assert bring(_table([header.split(","), *rows])).inserted == 3
    posts = posts_of(one_corpus)
    assert (posts["https://a.example/1"].text, posts["https://a.example/1"].hashtags) == (
        "Moi & hei",
        ("yksi", "kaksi"),
    )
    assert posts["https://a.example/1"].counts == Counts(likes=5)
    assert (posts["2"].links, posts["2"].reply_to, posts["2"].quote_of) == (("https://a.example",), "501", None)
    assert posts["2"].edited_at == datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert (posts["3"].cut_from, posts["3"].hashtags, posts["3"].counts) == (30_000, ("neljä",), Counts())


def test_stray_quotation_mark_costs_its_own_row(bring: Bring) -> None:
    """A row that opens a quotation and never closes it is refused alone; what it swallowed is read again."""
    texts = {2: '"auki', 4: '"auki'}
    rows = [f"x,{n},{texts.get(n, 'moi')},{AT}" for n in range(1, 7)]
    found = bring("\n".join([HEADER, *rows]))
    assert (found.inserted, found.rejected) == (4, 2)
    assert [(one["line"], "quotation mark" in one["reason"]) for one in rejects_of(found)] == [(3, True), (5, True)]


def test_hostile_quotation_marks_cost_no_quadratic_time(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of broken rows, what they swallowed is not read again."""
    monkeypatch.setattr(csv_table, "_REWINDS", 3)
    found = bring("\n".join([HEADER, *(f'x,{n},"auki,{AT}' for n in range(1, 50))]))
    assert found.inserted == 0
    assert 4 <= found.rejected < 49


def test_one_wrong_byte_costs_its_own_row(bring: Bring) -> None:
    """In a table of UTF-8 a row that is not is refused alone."""
    rows = [f"x,1,åäö,{AT}".encode(), f"x,2,a,{AT}".encode().replace(b"a", b"\xff", 1), f"x,3,ö,{AT}".encode()]
    found = bring(b"\n".join([HEADER.encode(), *rows]))
    assert (found.inserted, found.rejected) == (2, 1)
    assert reasons_of(found) == ["not UTF-8"]


def test_endless_line_is_refused(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line without an end is never held as a whole."""
    monkeypatch.setattr(csv_table, "_LONGEST", 70_000)
    found = bring(f"{HEADER}\nx,1,{'a' * 400_000},{AT}\nx,2,b,{AT}\n")
    assert found.inserted == 1
    assert found.rejected >= 1


def test_table_that_is_cut_off_keeps_what_came_before(bring: Bring) -> None:
    """Of a packed table that ends too early everything before its end is stored, and the end reported."""
    import gzip

    packed = gzip.compress("\n".join([HEADER, *(f"x,{n},{n * 7919:x},{AT}" for n in range(1, 4000))]).encode())
    found = bring(packed[: len(packed) * 2 // 3])
    assert 0 < found.inserted < 3999
    assert "ends too early" in reasons_of(found)[-1]


def test_killed_import_goes_on_at_the_row(bring: Bring, one_corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed import of a table with rows of many lines goes on behind the last stored row."""
    monkeypatch.setattr(load, "_BATCH", 10)
    content = _table([HEADER.split(","), *(["x", str(n), f"moi\n{n}", AT] for n in range(1, 36))])
    told: list[int] = []

    def stop(progress: load.Progress) -> None:
        told.append(progress.records)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(content, progress=stop)
    assert one_corpus.posts.count() == 20
    found = bring(content)
    assert (found.read, found.inserted) == (15, 15)
    assert bring(content).skipped == 35
