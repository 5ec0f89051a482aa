"""Classification and export on a Dask cluster, its workers threads of the test."""

import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from classifier.coldstart import cold_classifier
from classifier.example import Text
from classifier.model_file import write_model
from corpus.post import Prediction
from corpus.store import Corpus
from programme.errors import KuntakaikuError, MisuseError
from programme.load import load_or_raise
from runtime.cluster import work
from runtime.cluster.dask import ClusterError, Engine, opened

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
SOON = timedelta(seconds=1)
PAGES = "127.0.0.1:0"
"""Of a scheduler: a port of its own."""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with two workers."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=PAGES
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def empty() -> Iterator[str]:
    """Address of a scheduler that has no workers."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=0, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=PAGES
    ) as cluster:
        yield cluster.scheduler_address


def nothing(_: str) -> None:
    """Hear no warning."""


def shouting(payload: bytes) -> bytes:
    """Return a piece in capitals."""
    return payload.upper()


def failing(payload: bytes) -> bytes:
    """Fail with a message that quotes what it was given."""
    raise ValueError(payload)


def knowing(_: bytes) -> bytes:
    """Fail in words."""
    raise KuntakaikuError("The disk is full.", "Make room.")


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_a_cluster_changes_nothing(
    kuntakaiku: Command, archive: Path, house: Path, scheduler: str, database_url: str
) -> None:
    """Predictions and exports of a cluster are those of a run in one process, byte for byte, on each database."""
    spread = ("--engine", "dask", "--scheduler", scheduler)
    files = {}
    told = archive.read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line) | {"collected_at": "2026-11-22T08:00:00Z"} for line in told]
    archive.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    if not database_url.startswith("sqlite"):
        Corpus.prepare(database_url)
    for name, database, how in (("serial", f"sqlite:///{house / 'serial.db'}", ()), ("dask", database_url, spread)):
        of = ("--database", database)
        kuntakaiku(*of, "import", str(archive), "--index")
        done = kuntakaiku(*of, "classify", *how, "--json")
        assert (done.exit, done.json["classified"]) == (0, 36), done.err
        assert kuntakaiku(*of, "classify", *how, "--json").json["classified"] == 0
        for format_ in ("jsonl", "csv-fi", "parquet"):
            out = house / f"{name}.{format_}"
            told = kuntakaiku(*of, "export", "--format", format_, "--out", str(out), *how, "--json")
            assert (told.exit, told.json["posts"]) == (0, 36), told.err
            files[name, format_] = out.read_bytes()
    for format_ in ("jsonl", "csv-fi", "parquet"):
        assert files["dask", format_] == files["serial", format_]
    assert b'"theme_by":"prediction"' in files["dask", "jsonl"]


def test_months_are_written_by_a_cluster(
    kuntakaiku: Command, configured: Path, archive: Path, house: Path, scheduler: str
) -> None:
    """`--partition month` makes the same directory with a cluster as without."""
    assert configured.is_dir()
    kuntakaiku("import", str(archive))
    made = {}
    for name, how in (("a", ()), ("b", ("--engine", "dask", "--scheduler", scheduler))):
        told = kuntakaiku(
            *("export", "--format", "parquet", "--partition", "month", "--out", str(house / name), "--json"), *how
        )
        assert told.exit == 0, told.err
        made[name] = (
            told.json["sha256"],
            sorted((str(one.relative_to(house / name)), one.read_bytes()) for one in (house / name).rglob("*.parquet")),
        )
    assert made["a"] == made["b"]
    assert [name for name, _ in made["a"][1]] == ["month=2026-11/part-00000.parquet"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--engine", "slurm"), "no engine"),
        (("--workers", "2"), "engine dask"),
        (("--scheduler", "tcp://127.0.0.1:8786"), "engine dask"),
        (("--engine", "dask", "--workers", "2", "--scheduler", "tcp://127.0.0.1:8786"), "has the workers that it has"),
        (("--engine", "dask", "--scheduler", "http://127.0.0.1:8786"), "no address of a Dask scheduler"),
    ],
    ids=["engine", "workers alone", "scheduler alone", "both", "address"],
)
@pytest.mark.usefixtures("configured")
def test_options_that_contradict_are_refused(kuntakaiku: Command, asked: tuple[str, ...], said: str) -> None:
    """Options of a cluster that make no sense are told, with exit 2."""
    told = kuntakaiku("classify", *asked)
    assert (told.exit, said in told.err) == (2, True), told.err


@pytest.mark.usefixtures("configured")
def test_another_partition_is_refused(kuntakaiku: Command, house: Path) -> None:
    """There are months and nothing else."""
    told = kuntakaiku("export", "--format", "parquet", "--partition", "week", "--out", str(house / "x"))
    assert (told.exit, "no partition" in told.err) == (2, True)


@pytest.mark.usefixtures("configured")
def test_without_the_library_the_remedy_is_told(kuntakaiku: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library of clusters is not installed, the command says how to install it, with exit 2."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = kuntakaiku("classify", "--engine", "dask")
    assert (told.exit, "pip install 'distributed>=" in told.err) == (2, True)


@pytest.mark.everything
def test_answers_come_in_the_order_of_the_pieces(scheduler: str) -> None:
    """Hundreds of pieces are answered in their order, and read only as they are needed."""
    read = 0

    def asked() -> Iterator[bytes]:
        nonlocal read
        for n in range(300):
            read += 1
            yield f"piece {n}".encode()

    with opened(Engine(scheduler=scheduler), nothing) as cluster:
        answers = cluster.spread(shouting, asked())
        assert next(answers) == b"PIECE 0"
        assert read < 20
        assert [next(answers) for _ in range(299)] == [f"PIECE {n}".encode() for n in range(1, 300)]


@pytest.mark.parametrize(
    ("do", "said", "remedy"),
    [
        (failing, "ValueError in runtime/test_cluster.py", "report this line"),
        (knowing, "The disk is full.", "Make room."),
    ],
    ids=["unforeseen", "foreseen"],
)
def test_a_fault_of_a_worker_is_told_without_anybodys_words(
    scheduler: str, caplog: pytest.LogCaptureFixture, do: Callable[[bytes], bytes], said: str, remedy: str
) -> None:
    """What fails on a worker fails here with its reason; the text of a post stands in no message and no log."""
    with opened(Engine(scheduler=scheduler), nothing) as cluster, pytest.raises(ClusterError) as told:
        list(cluster.spread(do, [b"salaisuus"]))
    assert said in told.value.problem
    assert remedy in told.value.remedy
    assert "salaisuus" not in str(told.value) + caplog.text


@pytest.mark.everything
def test_a_scheduler_that_does_not_answer_is_told_in_time() -> None:
    """Where nobody listens, or somebody who is no scheduler, the command ends by itself."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ClusterError, match="No Dask scheduler answers"):
            enter(Engine(scheduler=f"tcp://127.0.0.1:{port}"))
    with pytest.raises(ClusterError, match="No Dask scheduler answers"):
        enter(Engine(scheduler=f"tcp://127.0.0.1:{port}"))


def enter(engine: Engine) -> None:
    """Open a cluster and close it."""
    with opened(engine, nothing, patience=SOON, connect=SOON):
        pass


@pytest.mark.everything
def test_a_cluster_without_workers_is_told_in_time(empty: str) -> None:
    """A scheduler whose workers do not come is waited for no longer than said."""
    with pytest.raises(ClusterError, match="no worker for 1 seconds"):
        enter(Engine(scheduler=empty))


def test_versions_are_compared(scheduler: str) -> None:
    """Workers with another Kuntakaiku are refused; another Python or numpy is told."""
    own = work.about()
    with opened(Engine(scheduler=scheduler), nothing) as cluster:
        heard: list[str] = []
        cluster.greet(heard.append, own=own)
        assert heard == []
        cluster.greet(heard.append, own=(own[0], "3.99.1", *own[2:]))
        assert f"Python {own[1]} (here 3.99.1)" in heard[0]
        with pytest.raises(MisuseError, match="this command 9"):
            cluster.greet(heard.append, own=("9", *own[1:]))


TEXTS = (("Puisto on vihreä ja nurmikko leikattu", None), ("ei ole", "Bussi tuli taas myöhässä pysäkille"), ("", None))


@pytest.fixture
def programme_toml(configured: Path) -> bytes:
    """Content of the small programme's file."""
    return (configured / "programme.toml").read_bytes()


@pytest.mark.parametrize("trained", [False, True], ids=["cold", "written"])
def test_a_worker_classifies_as_the_client_does(
    configured: Path, programme_toml: bytes, tmp_path: Path, *, trained: bool
) -> None:
    """From the programme, and a model directory where there is one, a worker makes the client's own predictions."""
    programme = load_or_raise(configured).programme
    classifier = cold_classifier(programme)
    directory = tmp_path / "model"
    write_model(classifier.model, None, directory)
    kit = work.pack_classifier(programme_toml, directory if trained else None)
    answer = work.classified(msgspec.msgpack.encode(TEXTS), kit)
    expected = classifier.predict([Text(text=text, context=context) for text, context in TEXTS])
    assert msgspec.msgpack.decode(answer, type=list[Prediction]) == expected


def test_a_worker_refuses_what_is_not_as_it_was_sent(programme_toml: bytes, tmp_path: Path, configured: Path) -> None:
    """A damaged parcel, a damaged model and another version of the program are refused."""
    texts = msgspec.msgpack.encode(TEXTS)
    digest, content = work.pack_classifier(programme_toml, None)
    with pytest.raises(KuntakaikuError, match="not as it was sent"):
        work.classified(texts, (digest[::-1], content))
    with pytest.raises(KuntakaikuError, match=r"this command 0\.0"):
        work.classified(texts, work.parcel(msgspec.msgpack.encode(("0.0", programme_toml, []))))
    directory = tmp_path / "model"
    write_model(cold_classifier(load_or_raise(configured).programme).model, None, directory)
    (directory / "weights.npz").write_bytes(b"another")
    with pytest.raises(KuntakaikuError, match="damaged"):
        work.classified(texts, work.pack_classifier(programme_toml, directory))
    shutil.rmtree(directory)
