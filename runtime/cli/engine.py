"""`--engine`, `--scheduler` and `--workers`, shared by the verbs that can work on a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.cli.speak import tell_warning

if TYPE_CHECKING:
    from runtime.cluster.dask import Cluster

Name = Annotated[str, typer.Option("--engine", help="serial, or dask: spread over workers, with the same output.")]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster; without it, workers of this machine."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="On this machine; default: as many as it has cores.")
]


@contextmanager
def cluster(name: str, scheduler: str | None, workers: int | None) -> Iterator["Cluster | None"]:
    """Give the cluster that is asked for, or None for a run in this process.

    Raises:
        MisuseError: the options contradict one another, or the cluster cannot be had.
        ClusterError: it does not answer.
    """
    if name not in ("serial", "dask"):
        raise MisuseError(f"There is no engine {name!r}.", "Use serial or dask.")
    if name == "serial":
        if scheduler is not None or workers is not None:
            raise MisuseError("--scheduler and --workers are of the engine dask.", "Add --engine dask.")
        yield None
        return
    if scheduler is not None and workers is not None:
        raise MisuseError(
            "A cluster at an address has the workers that it has.", "Leave --workers out, or --scheduler."
        )
    from runtime.cluster.dask import Engine, opened

    with opened(Engine(scheduler=scheduler, workers=workers), tell_warning) as found:
        yield found
