"""A Dask cluster: one of this machine, or one at an address. The only module that knows the library.

A few more pieces are under way than there are hands; answers are taken in the order of the pieces, so that whoever
stores them does so in the order of a run without a cluster. Dask gives the pieces of a worker that dies to another;
only when a piece has taken four workers with it, it is given up.
"""

import asyncio
import logging
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from programme.errors import KuntakaikuError, MisuseError
from runtime.cluster.work import Answer, Parcel, Versions, about, answer, same

PATIENCE = timedelta(minutes=2)
"""How long a cluster may be without any worker."""
CONNECT = timedelta(seconds=20)
"""How long a scheduler may take to answer."""
_LOOK = 2.0
"""Seconds between two looks at the workers."""
_BYTES = 128 << 20
"""Of pieces under way, in the memory of whoever asks."""
_PIECES = 64
_LOGGERS = ("distributed", "distributed.client")
_PAGES = "127.0.0.1:0"
"""Where schedulers and workers of this machine serve pages; by default they do so to the whole network."""


class ClusterError(KuntakaikuError):
    """The cluster did not do its work; what was stored before stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Which cluster is wanted."""

    scheduler: str | None = None
    """Address of its scheduler; None for workers on this machine."""
    workers: int | None = None
    """On this machine; None for as many as it has cores."""


@contextmanager
def opened(
    engine: Engine, warn: Callable[[str], None], *, patience: timedelta = PATIENCE, connect: timedelta = CONNECT
) -> Iterator["Cluster"]:
    """Give the cluster, with workers of the same version.

    Args:
        engine: which.
        warn: told in a sentence what does not stop the work.
        patience: how long it may be without any worker.
        connect: how long its scheduler may take to answer.

    Raises:
        MisuseError: the library is not installed, the address is of no use, or a worker has another version.
        ClusterError: it does not answer, or has no workers.
    """
    try:
        import dask
        import distributed
    except ModuleNotFoundError as error:
        raise MisuseError(
            "The library for clusters is not installed.",
            "Install it with: pip install 'distributed>=2026.1' 'cryptography>=43'",
        ) from error
    with ExitStack() as stack:
        for name in _LOGGERS:
            # Their lines, with stacks, come beside the sentence in which we say what happened.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # Pieces hold what they are about, since workers reach nothing else.
        stack.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}))
        client = stack.enter_context(
            _connected(distributed, engine.scheduler, connect.total_seconds())
            if engine.scheduler
            else _local(distributed, engine.workers, stack)
        )
        cluster = Cluster(client, patience)
        cluster.greet(warn, own=about())
        yield cluster


def _connected(distributed: Any, address: str, seconds: float) -> Any:  # noqa: ANN401 - the library has no types
    """Return the client of a scheduler.

    It is asked first what it is: the library's client waits for ever for what is no scheduler.
    """
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address, seconds), seconds))
        if kind == "Scheduler":
            return distributed.Client(address, timeout=seconds, set_as_default=False)
    except (ValueError, TypeError) as error:
        raise _no_scheduler(address) from error
    except (OSError, RuntimeError, CancelledError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address}.",
            "Look whether it runs, its port can be reached from here, and both sides use TLS or none.",
        ) from error
    raise _no_scheduler(address)


def _no_scheduler(address: str) -> MisuseError:
    return MisuseError(
        f"{address} is no address of a Dask scheduler.",
        "Write it like tcp://host:8786, or tls://host:8786 with Dask's own settings of TLS.",
    )


async def _kind(address: str, seconds: float) -> str:
    """Return what answers at an address: ``Scheduler``, ``Worker`` or ``Nanny``."""
    from distributed.core import rpc
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    async with rpc(address, connection_args=arguments, timeout=seconds) as asked:
        return str((await asked.identity())["type"])


def _local(distributed: Any, workers: int | None, stack: ExitStack) -> Any:  # noqa: ANN401 - the library has no types
    """Return the client of processes on this machine.

    They speak TLS with keys made for the occasion: who reaches a scheduler can run code as its user, and other users
    of this machine reach its loopback.
    """
    import dask

    # No pages, and no look at the stacks a hundred times a second, which nobody asks for.
    settings: dict[str, object] = {f"distributed.{one}.http.routes": [] for one in ("scheduler", "worker")}
    stack.enter_context(dask.config.set(settings | {"distributed.worker.profile.enabled": False}))
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="kuntakaiku-"))
    try:
        cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,
            protocol="tls",
            dashboard_address=_PAGES,
            worker_dashboard_address=_PAGES,
            silence_logs=logging.CRITICAL,
            local_directory=directory,
        )
    except (OSError, RuntimeError, ImportError) as error:
        raise ClusterError(
            f"No workers could be started on this machine ({type(error).__name__}).",
            "Look at memory and limits of processes, or leave --engine out.",
        ) from error
    stack.enter_context(cluster)
    return distributed.Client(cluster, set_as_default=False)


class Cluster:
    """A cluster that answered."""

    def __init__(self, client: Any, patience: timedelta) -> None:  # noqa: ANN401 - the library has no types
        self._client = client
        self._patience = patience.total_seconds()
        self._run = uuid4().hex[:12]
        self._asked = 0

    def greet(self, warn: Callable[[str], None], *, own: Versions) -> None:
        """Wait for the first worker and compare versions.

        Args:
            warn: told of differences that are let pass.
            own: versions of whoever asks.

        Raises:
            ClusterError: no worker came.
            MisuseError: a worker lacks the program or has another version of it.
        """
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except TimeoutError as error:
            raise self._alone() from error
        told = self._client.run(about, on_error="return")
        lacking = [str(where) for where, said in told.items() if not isinstance(said, tuple)]
        if lacking:
            raise MisuseError(
                f"{len(lacking)} of {len(told)} workers have no Kuntakaiku ({lacking[0]}).",
                f"Install Kuntakaiku {own[0]} where they run.",
            )
        others = sorted({said for said in told.values() if said != own})
        if found := [said[0] for said in others if said[0] != own[0]]:
            raise MisuseError(
                f"Workers have Kuntakaiku {', '.join(found)}, this command {own[0]}.",
                "Install the same version everywhere: another one may answer otherwise.",
            )
        for said in others:
            names = zip(("Kuntakaiku", "Python", "numpy", "Dask"), own, said, strict=True)
            listed = ", ".join(f"{name} {theirs} (here {ours})" for name, ours, theirs in names if ours != theirs)
            warn(f"Workers have {listed}; answers may differ in the last digit.")

    def spread(self, do: Callable[..., bytes], pieces: Iterable[bytes], *shared: Parcel) -> Iterator[bytes]:
        """Have a function answer each piece on some worker, and yield the answers in the order of the pieces.

        Args:
            do: a function of a module that workers have; it gets the piece and what is shared.
            pieces: read as they are needed.
            shared: sent once, held by the workers.

        Raises:
            ClusterError: workers or the scheduler were lost for good, or a worker could not do it.
        """
        self._asked += 1
        key = f"kuntakaiku-{do.__name__}-{self._run}-{self._asked}"
        held = [self._client.submit(same, one, key=f"{key}-shared-{n}") for n, one in enumerate(shared)]
        under_way: deque[tuple[Any, int]] = deque()
        heavy, most = 0, min(_PIECES, 2 * max(1, sum(self._client.nthreads().values())) + 2)
        for number, piece in enumerate(pieces):
            while under_way and (len(under_way) >= most or heavy + len(piece) > _BYTES):
                future, weight = under_way.popleft()
                heavy -= weight
                yield self._result(future)
            future = self._client.submit(answer, do, piece, *held, key=f"{key}-{number}", pure=False)
            under_way.append((future, len(piece)))
            heavy += len(piece)
        while under_way:
            yield self._result(under_way.popleft()[0])

    def _result(self, future: Any) -> bytes:  # noqa: ANN401 - the library has no types
        state, content, fault = self._answer(future)
        if state != "done":
            raise ClusterError(*fault)
        return content

    def _answer(self, future: Any) -> Answer:  # noqa: ANN401 - the library has no types
        from distributed import KilledWorker

        alone = 0.0
        while True:
            try:
                found: Answer = future.result(timeout=_LOOK)
            except TimeoutError:
                alone = 0.0 if self._workers() else alone + _LOOK
                if alone >= self._patience:
                    raise self._alone() from None
            except KilledWorker as error:
                raise ClusterError(
                    "One piece of the work took four workers with it.",
                    "Give the workers more memory. What was stored stays; run the command again.",
                ) from error
            except (CancelledError, OSError) as error:
                raise self._lost() from error
            else:
                return found

    def _workers(self) -> int:
        try:
            return len(self._client.nthreads())
        except (OSError, RuntimeError, CancelledError) as error:
            raise self._lost() from error

    def _alone(self) -> ClusterError:
        return ClusterError(
            f"The cluster had no worker for {self._patience:.0f} seconds.",
            "Start workers for its scheduler; what was stored stays, and the command goes on where it was.",
        )

    def _lost(self) -> ClusterError:
        return ClusterError(
            "The scheduler of the cluster was lost.",
            "What was stored stays. Run the command again when it is back: it goes on where it was.",
        )
