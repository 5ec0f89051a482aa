"""What monitoring asks: whether the process lives, whether it can answer, and figures that Prometheus reads.

No answer holds a text, an author or an address, and none needs a cookie.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from console.house import Door, House
from programme.errors import KuntakaikuError

METRICS: Mapping[str, str] = {
    "kuntakaiku_build_info": "1, with the version of the program and of the tables as labels",
    "kuntakaiku_posts": "Posts in the corpus, tombstones included",
    "kuntakaiku_source_well": "1 where a source or stream that is switched on is ok or empty, else 0",
    "kuntakaiku_source_last_success_timestamp_seconds": "When a source last came to the end of a round",
    "kuntakaiku_source_hours_missing": "Hours of the last seven days that were not collected, by source",
    "kuntakaiku_job_well": "1 where the last run of a job was done or partly done, 0 where it failed or was abandoned",
    "kuntakaiku_job_last_end_timestamp_seconds": "When a job last came to an end",
    "kuntakaiku_deliveries": "Mails of the three latest issues, by state",
    "kuntakaiku_alerts_undelivered": "Alerts that did not reach an administrator",
    "kuntakaiku_backup_last_timestamp_seconds": "When the last backup was made",
    "kuntakaiku_disk_free_bytes": "Free on the disk of the data directory",
    "kuntakaiku_database_bytes": "Size of the database's file; absent on PostgreSQL",
}
"""Every figure that is told; all are gauges."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FORM = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One figure at this moment."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def routes(house: House, door: Door) -> list[Route]:
    """Return where monitoring asks; whoever adds a login leaves these three open."""
    desk = _Desk(house, door)
    return [
        Route("/healthz", lambda _: PlainTextResponse("ok\n")),
        Route("/readyz", desk.ready),
        Route("/metrics", desk.metrics),
    ]


def exposition(samples: Iterable[Sample]) -> bytes:
    """Return figures in Prometheus' text format.

    See https://prometheus.io/docs/instrumenting/exposition_formats/

    Raises:
        KeyError: a figure is not one of ``METRICS``.
    """
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.registry import Collector

    families: dict[str, GaugeMetricFamily] = {}
    for sample in samples:
        family = families.get(sample.name)
        if family is None:
            family = GaugeMetricFamily(sample.name, METRICS[sample.name], labels=list(sample.labels))
            families[sample.name] = family
        family.add_metric(list(sample.labels.values()), sample.value)

    class Told(Collector):
        def collect(self) -> Iterable[GaugeMetricFamily]:
            return families.values()

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Told())
    return generate_latest(registry)


class _Desk:
    def __init__(self, house: House, door: Door) -> None:
        self._house, self._door = house, door

    async def ready(self, request: Request) -> Response:
        """Say whether the database answers: 200, else 503."""
        del request
        try:
            await run_in_threadpool(self._house.corpus.ledger.source_states)
        except KuntakaikuError:
            return PlainTextResponse("the database does not answer\n", status_code=503)
        return PlainTextResponse("ready\n")

    async def metrics(self, request: Request) -> Response:
        """Tell the figures to a scraper on this machine, or to one that knows the token; to others there is nothing."""
        if not self._may_read(request):
            raise HTTPException(404)
        samples = await run_in_threadpool(self._house.vitals)
        return Response(exposition(samples), headers={"Content-Type": _FORM})

    def _may_read(self, request: Request) -> bool:
        token = self._door.metrics_token
        if token is None:
            return request.url.hostname in _LOOPBACK and "x-forwarded-for" not in request.headers
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return compare_digest(given.encode(), token.encode())
