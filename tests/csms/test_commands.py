from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, _reason, call, error_of, send, send_many
from chargeplane.domain.messages import Outcome
from chargeplane.domain.station import Reset, ResetAnswer
from chargeplane.domain.tokens import ClearCache
from chargeplane.errors import (
    AnswerTimeout,
    ChargeplaneError,
    Disconnected,
    NotConnected,
    QueueFull,
    StorageError,
    Untranslatable,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import CommandRecord
from chargeplane.storage.repositories import commands, events
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.events import EventFilter
from tests.csms.conftest import ConnectStation, everything

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
RESET = Reset(type="OnIdle")


async def records(central: Central) -> list[CommandRecord]:
    return await everything(central, commands.page, CommandFilter())


async def never(_request: Any) -> None:
    await asyncio.Event().wait()


@ALL
async def test_a_command_is_recorded_with_who_asked_and_what_came_back(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(Reset, ResetAnswer(status="Accepted"))
    answer = await send(central, "CP1", RESET, Asked(by="key 7", task="t"))
    assert answer == ResetAnswer(status="Accepted")
    assert station.asked == [RESET]
    (record,) = await records(central)
    assert (record.action, record.asked_by, record.task) == ("Reset", "key 7", "t")
    assert (record.status, record.request) == ("answered", {"type": "OnIdle"})
    assert (record.answer, record.error) == ({"status": "Accepted"}, None)
    assert record.duration_s is not None
    assert record.duration_s > 0
    (told,) = await everything(central, events.page, EventFilter(kinds=("command.finished",)))
    assert told.data == {
        "command": record.id,
        "action": "Reset",
        "task": "t",
        "seconds": record.duration_s,
    }


async def test_a_station_that_is_not_connected_answers_at_once(central: Central) -> None:
    with pytest.raises(NotConnected):
        await send(central, "CP1", RESET)
    (record,) = await records(central)
    assert (record.status, record.error) == ("failed", "NotConnected: CP1 is not connected")


async def test_an_error_answer_is_recorded(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, OcppError("NotSupported", "no"))
    with pytest.raises(OcppError):
        await send(central, "CP1", RESET)
    (record,) = await records(central)
    assert record.error == "OcppError: NotSupported: no"


async def test_what_the_version_cannot_say_is_not_sent(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    with pytest.raises(Untranslatable):
        await send(central, "CP1", wire.SetMonitoringLevel(severity=3))
    assert station.asked == []


async def test_each_call_has_its_own_timeout(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.0.1")
    station.on(Reset, never, ResetAnswer(status="Accepted"))
    with pytest.raises(AnswerTimeout):
        await send(central, "CP1", RESET, Asked(timeout=0.05))
    assert (await send(central, "CP1", RESET)).status == "Accepted"


async def test_a_lost_connection_ends_the_wait(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    station.on(Reset, never)
    asking = asyncio.create_task(send(central, "CP1", RESET))
    await station.was_asked()
    await station.leave()
    with pytest.raises(Disconnected):
        await asking
    (record,) = await records(central)
    assert record.status == "failed"


async def test_the_queue_of_a_station_is_bounded(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, never)
    asking = [
        asyncio.create_task(send(central, "CP1", RESET, Asked(timeout=0.5))) for _ in range(130)
    ]
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    full = [error for error in outcomes if isinstance(error, QueueFull)]
    assert len(full) == 130 - 101
    assert all(record.status == "failed" for record in await records(central))


async def test_who_gives_up_leaves_a_finished_record(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, never)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await send(central, "CP1", RESET)
    (record,) = await records(central)
    assert (record.status, record.error) == ("failed", "CancelledError")


async def test_an_answer_counts_even_if_it_cannot_be_recorded(
    central: Central, connect_station: ConnectStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = await connect_station("1.6")
    station.on(Reset, ResetAnswer(status="Accepted"))

    def full(*_: Any) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(commands, "answered", full)
    assert (await send(central, "CP1", RESET)).status == "Accepted"


@ALL
async def test_a_raw_call_is_recorded(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(ClearCache, Outcome(status="Accepted"))
    assert await call(central, "CP1", "ClearCache", {}) == {"status": "Accepted"}
    with pytest.raises(OcppError, match="NotImplemented"):
        await call(central, "CP1", "Dance", {"how": "slowly"})
    failed, done = await records(central)
    assert (done.action, done.answer) == ("ClearCache", {"status": "Accepted"})
    assert (failed.action, failed.request) == ("Dance", {"how": "slowly"})


async def test_many_stations_are_asked_side_by_side_as_one_task(
    central: Central, connect_station: ConnectStation
) -> None:
    arrived = asyncio.Barrier(2)

    async def together(_request: Any) -> ResetAnswer:
        await arrived.wait()  # neither goes on before the other was asked too
        return ResetAnswer(status="Accepted")

    for name, version in (("A", "1.6"), ("B", "2.1")):
        (await connect_station(version, name)).on(Reset, together)
    task = await send_many(central, ["A", "B", "gone", "A"], RESET)
    assert list(task.outcomes) == ["A", "B", "gone"]
    assert task.outcomes["A"] == task.outcomes["B"] == ResetAnswer(status="Accepted")
    assert isinstance(task.outcomes["gone"], NotConnected)
    recorded = await central.database.read(commands.of_task, task.id)
    assert sorted(record.station_id for record in recorded) == ["A", "B", "gone"]


@pytest.mark.parametrize(
    "error",
    [
        NotConnected("CP1 is not connected"),
        AnswerTimeout("Reset: no answer within 60 s"),
        Disconnected("Reset: the connection was lost"),
        QueueFull("too many"),
        Untranslatable("not in 1.6: ever"),
        OcppError("GenericError", "not: now"),
        OcppError("NotSupported"),
    ],
)
def test_an_error_is_read_from_its_record(error: ChargeplaneError) -> None:
    found = error_of(_reason(error))
    assert (type(found), str(found)) == (type(error), str(error))
    assert getattr(found, "code", None) == getattr(error, "code", None)


def test_what_is_no_error_of_ours_is_read_whole() -> None:
    assert str(error_of("ValueError: a bug")) == "ValueError: a bug"
    assert str(error_of("CancelledError")) == "CancelledError"
