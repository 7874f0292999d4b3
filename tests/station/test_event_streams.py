"""Periodic event streams of 2.1 (N11 to N14)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chargeplane.ocpp.v2 import wire
from chargeplane.storage.documents import Documents
from tests.station.desk import Desk, Place, place
from tests.station.test_monitoring import STATE, accepted, data, notices

PATIENT = wire.PeriodicEventStreamParams(interval=3600)
THREE = wire.PeriodicEventStreamParams(values=3)


def welcoming(status: Any = "Accepted") -> Desk:
    desk = Desk("2.1")
    desk.answers[wire.OpenPeriodicEventStream] = wire.OpenPeriodicEventStreamResponse(status=status)
    desk.answers[wire.NotifyPeriodicEventStream] = None
    return desk


def streamed(params: wire.PeriodicEventStreamParams, **members: Any) -> wire.SetMonitoringData:
    usual: dict[str, Any] = {"kind": "Periodic", "value": 0.02, "periodic_event_stream": params}
    return data(STATE, **(usual | members))


async def opened(there: Place, count: int = 1) -> wire.ConstantStreamData:
    said = await there.desk.hears(wire.OpenPeriodicEventStream, count=count)
    number = said.constant_stream_data.id
    await there.until(lambda: number in there.station.streams)
    return said.constant_stream_data


async def adjust(there: Place, number: int, params: wire.PeriodicEventStreamParams) -> str:
    request = wire.AdjustPeriodicEventStream(id=number, params=params)
    return str((await there.desk.ask(request)).status)


async def test_values_are_sent_together() -> None:
    async with place("2.1", desk=welcoming()) as there:
        (number,) = await accepted(there, streamed(THREE))
        constant = await opened(there)
        there.desk.forget()
        assert (constant.variable_monitoring_id, constant.params) == (number, THREE)
        said = await there.desk.hears(wire.NotifyPeriodicEventStream, count=2)
        assert (said.id, said.pending) == (constant.id, 0)
        assert [each.v for each in said.data] == ["Available"] * 3
        times = [each.t for each in said.data]
        assert times[0] == 0
        assert times == sorted(times)
        assert not there.desk.all(wire.NotifyEvent)


async def test_values_are_sent_at_intervals() -> None:
    params = wire.PeriodicEventStreamParams(interval=1)
    async with place("2.1", desk=welcoming(), hurry=20) as there:
        await accepted(there, streamed(params))
        await opened(there)
        said = await there.desk.hears(wire.NotifyPeriodicEventStream)
        assert len(said.data) > 3


async def test_a_stream_that_is_refused_is_done_without() -> None:
    async with place("2.1", desk=welcoming("Rejected")) as there:
        (number,) = await accepted(there, streamed(PATIENT))
        await there.desk.hears(wire.OpenPeriodicEventStream)
        assert (await notices(there, number)).trigger == "Periodic"  # N11.FR.07
        assert not there.station.streams


async def test_the_streams_that_are_open() -> None:
    async with place("2.1", desk=welcoming()) as there:
        asked = wire.GetPeriodicEventStream()
        assert (await there.desk.ask(asked)).constant_stream_data is None
        await accepted(there, streamed(PATIENT), streamed(THREE, severity=5))
        await opened(there, 2)
        await there.until(lambda: len(there.station.streams) == 2)
        found = (await there.desk.ask(asked)).constant_stream_data
        assert [each.params for each in found] == [PATIENT, THREE]


async def test_a_stream_is_adjusted() -> None:
    async with place("2.1", desk=welcoming()) as there:
        (number,) = await accepted(there, streamed(PATIENT))
        await opened(there)
        assert await adjust(there, 12345, THREE) == "Rejected"
        assert await adjust(there, number, wire.PeriodicEventStreamParams()) == "Rejected"
        assert await adjust(there, number, THREE) == "Accepted"
        await there.desk.hears(wire.NotifyPeriodicEventStream, lambda said: len(said.data) == 3)
        found = (await there.desk.ask(wire.GetPeriodicEventStream())).constant_stream_data
        assert [each.params for each in found] == [THREE]


@pytest.mark.parametrize("how", ["cleared", "replaced", "based"])
async def test_a_stream_ends_with_its_monitor(how: str) -> None:
    async with place("2.1", desk=welcoming()) as there:
        (number,) = await accepted(there, streamed(PATIENT))
        await opened(there)
        await there.until(lambda: there.station.streams[number].values)
        if how == "cleared":
            await there.desk.ask(wire.ClearVariableMonitoring(id=[number]))
        elif how == "replaced":
            await accepted(there, data(STATE, "Periodic", 0.02, id=number))
        else:
            await there.desk.ask(wire.SetMonitoringBase(monitoring_base="FactoryDefault"))
        closed = await there.desk.hears(wire.ClosePeriodicEventStream)
        assert closed.id == number
        sent = there.desk.all(wire.NotifyPeriodicEventStream)
        assert len(sent) == 1  # what waited came before
        assert there.desk.said.index(sent[0]) < there.desk.said.index(closed)
        if how == "replaced":
            await notices(there, number)  # N13.FR.04


async def test_no_more_streams_than_fit() -> None:
    values = {"MonitoringCtrlr/MaxPeriodicEventStreams": "1"}
    async with place("2.1", desk=welcoming(), values=values) as there:
        await accepted(there, streamed(PATIENT))
        await opened(there)
        (second,) = await accepted(there, streamed(PATIENT, severity=5))
        await notices(there, second)
        assert len(there.desk.all(wire.OpenPeriodicEventStream)) == 1


async def test_a_stream_is_opened_again_after_a_power_cut(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place("2.1", desk=welcoming(), documents=documents) as there:
        (number,) = await accepted(there, streamed(PATIENT))
        await opened(there)
        assert await adjust(there, number, THREE) == "Accepted"
    documents.close()
    again = Documents(tmp_path / "station.db")
    async with place("2.1", desk=welcoming(), documents=again) as there:
        assert (await opened(there)).params == THREE
        await there.desk.hears(wire.NotifyPeriodicEventStream)
    again.close()


async def test_values_wait_while_there_is_no_connection() -> None:
    async with place("2.1", desk=welcoming()) as there:
        params = wire.PeriodicEventStreamParams(values=2)
        (number,) = await accepted(there, streamed(params, severity=0))
        await opened(there)
        await there.desk.hears(wire.NotifyPeriodicEventStream)
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        await there.until(lambda: len(there.station.streams[number].values) >= 4)
        there.desk.is_reachable = True
        said = await there.desk.hears(
            wire.NotifyPeriodicEventStream, lambda each: len(each.data) >= 4
        )
        assert said.id == number


async def test_changes_may_be_streamed_too() -> None:
    async with place("2.1", desk=welcoming()) as there:
        await accepted(there, streamed(THREE, kind="Delta", value=1))
        await opened(there)
        there.hardware().plug_in()
        there.hardware().plug_out()
        there.hardware().plug_in()
        said = await there.desk.hears(wire.NotifyPeriodicEventStream)
        assert [each.v for each in said.data] == ["Occupied", "Available", "Occupied"]


async def test_2_0_1_has_no_streams() -> None:
    async with place("2.0.1") as there:
        (number,) = await accepted(there, data(STATE, "Periodic", 0.02))
        await notices(there, number)
        assert not there.desk.all(wire.OpenPeriodicEventStream)
