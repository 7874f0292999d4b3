"""Periodic event streams: values of a monitor, sent together and not answered (2.1 N11 to N14)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog
from msgspec.structs import replace

from chargeplane.errors import ChargeplaneError, NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import monitors
from chargeplane.station.monitors import Monitor
from chargeplane.station.station import Station

KEPT: Final = 1000  # values that wait; the oldest go first
MOST: Final = "MonitoringCtrlr/MaxPeriodicEventStreams"

logger = structlog.get_logger()


@dataclass(slots=True)
class OpenStream:
    """A stream that the central system has accepted; its number is that of its monitor."""

    monitor_id: int
    params: monitors.Stream
    values: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=KEPT))


# Opening and closing


def open_all(station: Station, wanted: Iterable[Monitor]) -> None:
    """Open the streams that are not open, as after a start."""
    for monitor in wanted:
        if monitor.stream is not None:
            open_soon(station, monitor)


def open_soon(station: Station, monitor: Monitor) -> None:
    """Ask for a stream once what is being answered is on its way (N11.FR.02)."""
    if station.is_online and monitor.id not in station.streams:
        station.spawn(_open(station, monitor), "stream")


async def _open(station: Station, monitor: Monitor) -> None:
    if len(station.streams) >= station.model.number(MOST) or monitor.stream is None:
        return
    request = wire.OpenPeriodicEventStream(
        constant_stream_data=_constant(monitor.id, monitor.stream)
    )
    try:
        answer = await station.ask(request)
    except (NoAnswer, OcppError, Untranslatable) as error:
        logger.info("no event stream", station=station.id, reason=str(error))
        return
    still = monitors.store(station).get(str(monitor.id))
    if answer.status == "Accepted" and still is not None and still.stream is not None:
        station.streams[monitor.id] = OpenStream(monitor.id, still.stream)


def _constant(number: int, params: monitors.Stream) -> wire.ConstantStreamData:
    return wire.ConstantStreamData(
        id=number,
        variable_monitoring_id=number,
        params=wire.PeriodicEventStreamParams(interval=params.interval_s, values=params.values),
    )


def close(station: Station, monitor: Monitor) -> None:
    """Send what waits and end the stream of a monitor, if it has one (N13)."""
    stream = station.streams.pop(monitor.id, None)
    if stream is None:
        return
    station.silence(f"stream {monitor.id}")
    station.spawn(_close(station, stream), "stream")


async def _close(station: Station, stream: OpenStream) -> None:
    await _send(station, stream)  # N13.FR.03
    try:
        await station.ask(wire.ClosePeriodicEventStream(id=stream.monitor_id))
    except (NoAnswer, OcppError, Untranslatable) as error:
        logger.info("event stream not closed", station=station.id, reason=str(error))


# Values


def take(station: Station, monitor: Monitor, value: str) -> bool:
    """Add a value to the stream of a monitor; whether it has one."""
    stream = station.streams.get(monitor.id)
    if stream is None:
        return False
    stream.values.append((station.now(), value))
    name, params = f"stream {monitor.id}", stream.params
    if len(stream.values) >= (params.values or (KEPT if params.interval_s else 1)):
        station.silence(name)
        station.spawn(_send(station, stream), "stream")
    elif params.interval_s and not station.has_alarm(name):
        station.alarm(name, params.interval_s, partial(_flush, stream))
    return True


def _flush(stream: OpenStream, station: Station) -> None:
    station.spawn(_send(station, stream), "stream")


async def _send(station: Station, stream: OpenStream) -> None:
    """Send all values that wait; without a connection they go on waiting."""
    peer = station.peer
    if not stream.values or peer is None or not station.is_online:
        return
    values = list(stream.values)
    stream.values.clear()
    base = values[0][0]
    message = wire.NotifyPeriodicEventStream(
        id=stream.monitor_id,
        pending=0,
        basetime=base,
        data=[
            wire.StreamDataElement(t=round((when - base).total_seconds(), 3), v=value[:2500])
            for when, value in values
        ],
    )
    try:
        await peer.tell(message)
    except ChargeplaneError as error:
        logger.info("values of a stream not sent", station=station.id, reason=str(error))
        stream.values.extendleft(reversed(values))


# Being asked


async def on_get(
    station: Station, request: wire.GetPeriodicEventStream
) -> wire.GetPeriodicEventStreamResponse:
    """The streams that are open (N12)."""
    del request
    found = [_constant(each.monitor_id, each.params) for each in station.streams.values()]
    return wire.GetPeriodicEventStreamResponse(constant_stream_data=found or None)


async def on_adjust(
    station: Station, request: wire.AdjustPeriodicEventStream
) -> wire.AdjustPeriodicEventStreamResponse:
    """Send the values of a stream more or less often (N14)."""
    stream, asked = station.streams.get(request.id), request.params
    reason = "NotFound" if stream is None else None
    if not asked.interval and not asked.values:
        reason = "MissingParam"
    if reason is not None or stream is None:
        info = wire.StatusInfo(reason_code=reason or "NotFound")
        return wire.AdjustPeriodicEventStreamResponse(status="Rejected", status_info=info)
    stream.params = monitors.Stream(asked.interval, asked.values)
    kept = monitors.store(station)
    kept[str(request.id)] = replace(kept[str(request.id)], stream=stream.params)
    station.silence(f"stream {request.id}")
    station.spawn(_send(station, stream), "stream")
    return wire.AdjustPeriodicEventStreamResponse(status="Accepted")


HANDLERS: dict[type, Any] = {
    wire.GetPeriodicEventStream: on_get,
    wire.AdjustPeriodicEventStream: on_adjust,
}
