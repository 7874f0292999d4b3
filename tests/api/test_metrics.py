from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chargeplane.api.metrics import Metrics
from chargeplane.csms.central import Central, utc_now
from chargeplane.domain.events import Event
from chargeplane.domain.station import Heartbeat, Reset, ResetAnswer
from chargeplane.errors import StorageError
from chargeplane.ocpp.errors import OcppError
from tests.api.faces import face
from tests.csms.conftest import ConnectStation


async def test_health_needs_no_key(central: Central) -> None:
    async with face(central, "") as api:
        assert (await api.get("/healthz")).json() == {"status": "ok"}
        assert (await api.get("/readyz")).json() == {"status": "ready"}
        assert (await api.get("/metrics")).status_code == 401


async def test_without_a_data_store_it_is_not_ready(central: Central) -> None:
    async def fail(*_args: Any) -> Any:
        raise StorageError("the disk is full")

    central.database.read = fail  # type: ignore[method-assign, assignment]
    async with face(central, "") as api:
        response = await api.get("/readyz")
    assert (response.status_code, response.json()["title"]) == (503, "StorageError")


async def test_figures(central: Central, connect_station: ConnectStation) -> None:
    await connect_station("1.6")
    async with face(central) as api:
        text = (await api.get("/metrics")).text
    assert 'chargeplane_connections{version="1.6"} 1.0' in text
    assert "chargeplane_commit_queue " in text
    assert 'chargeplane_commit_group_size_bucket{le="+Inf"}' in text


async def test_the_calls_of_stations_are_counted_by_action_and_result(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    for _ in range(2):
        await station.say(Heartbeat())
    for action, payload in (("Nonsense1", {}), ("Nonsense2", {}), ("MeterValues", {"x": 1})):
        with pytest.raises(OcppError):
            await station.peer.call(action, payload)
    text = Metrics(central).text().decode()
    assert 'chargeplane_station_calls_total{action="Heartbeat",result="answered"} 2.0' in text
    assert 'action="unknown",result="NotImplemented"} 2.0' in text
    assert 'action="MeterValues",result="ProtocolError"} 1.0' in text


async def test_calls_that_wait_are_counted_for_each_station(
    central: Central, connect_station: ConnectStation
) -> None:
    station, _ = await connect_station("1.6"), await connect_station("1.6", "CP2")
    answered = asyncio.get_running_loop().create_future()
    station.on(Reset, answered)
    asked = [asyncio.create_task(station.here.ask(Reset(type="OnIdle"))) for _ in range(3)]
    await station.was_asked()
    figures = Metrics(central)
    assert 'chargeplane_call_queue{station="CP1"} 3.0' in figures.text().decode()
    assert 'chargeplane_call_queue{station="CP2"} 0.0' in figures.text().decode()
    answered.set_result(ResetAnswer(status="Accepted"))
    await asyncio.gather(*asked)
    assert 'chargeplane_call_queue{station="CP1"} 0.0' in figures.text().decode()


async def test_calls_are_counted_by_action_and_result(central: Central) -> None:
    figures = Metrics(central)
    for error in (None, "AnswerTimeout: too late"):
        data = {"action": "Reset", "error": error, "seconds": 0.2}
        figures.count(Event(kind="command.finished", at=utc_now(), data=data))
    text = figures.text().decode()
    assert 'chargeplane_calls_total{action="Reset",result="answered"} 1.0' in text
    assert 'chargeplane_calls_total{action="Reset",result="AnswerTimeout"} 1.0' in text
    assert 'chargeplane_call_seconds_count{action="Reset"} 2.0' in text
    assert 'chargeplane_events_total{kind="command.finished"} 2.0' in text
