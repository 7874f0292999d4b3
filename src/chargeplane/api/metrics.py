"""What a monitor asks: whether the process lives, whether it can work, and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client import Counter as Count
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from chargeplane.api.keys import WholeReader
from chargeplane.api.native import schemas
from chargeplane.api.native.parts import CentralDep, answer
from chargeplane.csms.central import Central
from chargeplane.domain.events import Event
from chargeplane.storage import writer
from chargeplane.storage.repositories import events

SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

open_router = APIRouter(tags=["monitoring"])
router = APIRouter(tags=["monitoring"])


class Metrics:
    """The figures of a central system; `run` counts what is published."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self.registry = CollectorRegistry()
        self.registry.register(_Now(central))
        self._events = Count(
            "chargeplane_events", "Events by kind.", ("kind",), registry=self.registry
        )
        self._calls = Count(
            "chargeplane_calls",
            "Calls to stations by action and result.",
            ("action", "result"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "chargeplane_call_seconds",
            "Time that stations took to answer.",
            ("action",),
            buckets=SECONDS,
            registry=self.registry,
        )

    async def run(self) -> None:
        """Count until cancelled."""
        with self._central.bus.subscribe() as news:
            async for event in news:
                self.count(event)

    def count(self, event: Event) -> None:
        """Count an event."""
        self._events.labels(event.kind).inc()
        if event.kind == "command.finished":
            action = str(event.data["action"])
            error = event.data.get("error")
            result = "answered" if error is None else str(error).partition(":")[0]
            self._calls.labels(action, result).inc()
            self._seconds.labels(action).observe(float(event.data.get("seconds", 0.0)))

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self.registry)


class _Now(Collector):
    """What is read when it is asked for."""

    def __init__(self, central: Central) -> None:
        self._central = central

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        database = self._central.database
        yield self._connections()
        yield self._queues()
        yield self._calls()
        yield GaugeMetricFamily(
            "chargeplane_commit_queue", "Writes that wait for their commit.", database.waiting
        )
        done = database.statistics
        yield _histogram("chargeplane_commit_group_size", "Writes of a commit.", done.group_size)
        yield _histogram("chargeplane_commit_seconds", "Time of a commit.", done.group_seconds)
        yield CounterMetricFamily(
            "chargeplane_failed_writes", "Writes that failed.", done.works_failed
        )
        yield CounterMetricFamily(
            "chargeplane_storage_outages", "Failures of the data store.", done.outages
        )

    def _connections(self) -> Metric:
        versions = Counter(each.dialect.version for each in self._central.stations)
        family = GaugeMetricFamily(
            "chargeplane_connections", "Connected stations by OCPP version.", labels=("version",)
        )
        for version, number in versions.items():
            family.add_metric((version,), number)
        return family

    def _queues(self) -> Metric:
        family = GaugeMetricFamily(
            "chargeplane_call_queue",
            "Calls to a station that wait for their turn or their answer.",
            labels=("station",),
        )
        for station in self._central.stations:
            family.add_metric((station.id,), station.peer.waiting)
        return family

    def _calls(self) -> Metric:
        family = CounterMetricFamily(
            "chargeplane_station_calls",
            "Calls of stations by action and result.",
            labels=("action", "result"),
        )
        for labels, number in self._central.stations.calls.items():
            family.add_metric(labels, number)
        return family


def _histogram(name: str, about: str, counted: writer.Histogram) -> Metric:
    """A histogram of ours as one of Prometheus, whose counts add up."""
    total, buckets = 0, []
    for bound, number in zip([*counted.bounds, "+Inf"], counted.counts, strict=True):
        total += number
        buckets.append((str(bound), total))
    return HistogramMetricFamily(name, about, buckets=buckets, sum_value=counted.total)


@open_router.get("/healthz", **schemas.documented())
async def healthz() -> Response:
    """Whether the process lives."""
    return answer({"status": "ok"})


@open_router.get("/readyz", **schemas.documented())
async def readyz(central: CentralDep) -> Response:
    """Whether the process can work: 503 while the data store cannot be reached."""
    await central.database.read(_look)
    return answer({"status": "ready"})


def _look(connection: Connection) -> int:
    return events.last_number(connection)


@router.get(
    "/metrics",
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        "default": schemas.PROBLEM,
    },
)
async def metrics(request: Request, _caller: WholeReader) -> Response:
    """Figures for Prometheus."""
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=MEDIA_TYPE)
