"""States of connectors and being out of service: block G of 2.x; 1.6 §4.9 and §5.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from chargeplane.domain.station import ChangeAvailability, Evse, Reset, StatusNotification
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent, TransactionStarted
from chargeplane.domain.variables import Component, GetVariables, Variable, VariableQuery
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, events
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Place, place

TAG = Token("TAG")
TWO = ("2.0.1", "2.1")
WHOLE = None


def told(there: Place, evse_id: int = 1, connector_id: int = 1) -> list[str]:
    """What was said of a connector."""
    said = there.desk.all(StatusNotification)
    return [each.connector_status for each in said if each.evse == Evse(evse_id, connector_id)]


async def hears(there: Place, *statuses: str, evse_id: int = 1, connector_id: int = 1) -> None:
    """Wait until all this, and nothing else, was said of a connector."""
    await there.until(lambda: len(told(there, evse_id, connector_id)) >= len(statuses))
    assert told(there, evse_id, connector_id) == list(statuses)


async def change(there: Place, word: str, evse: Evse | None) -> str:
    asked = ChangeAvailability(operational_status="Operative", evse=evse)
    if word == "Inoperative":
        asked = ChangeAvailability(operational_status="Inoperative", evse=evse)
    return str((await there.desk.ask(asked)).status)


async def begin(there: Place, number: int = 1) -> None:
    there.hardware(number).plug_in()
    await authorization.swipe(there.station, TAG, (number,))
    await there.desk.hears(TransactionStarted)


# What is said


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_G_01_CS_TC_G_02_CS_a_cable_occupies_a_connector(version: str) -> None:
    async with place(version) as there:
        there.hardware().plug_in()
        await hears(there, "Available", "Occupied")
        there.hardware().plug_out()
        await hears(there, "Available", "Occupied", "Available")


@pytest.mark.parametrize("version", TWO)
async def test_a_token_does_not_occupy_a_connector(version: str) -> None:
    async with place(version) as there:
        await authorization.swipe(there.station, TAG)
        assert there.evse().authorization is not None
        there.hardware().plug_in()
        await hears(there, "Available", "Occupied")


async def test_states_that_do_not_last_are_not_told() -> None:
    """1.6 §4.9."""
    async with place("1.6", MinimumStatusDuration=60) as there:
        there.hardware().plug_in()
        await begin(there)
        await there.until(lambda: there.evse().flow() == "charging")
        assert told(there) == ["Available"]
        await authorization.swipe(there.station, TAG)
        there.hardware().plug_out()
        await there.desk.hears(TransactionEnded)
        assert told(there) == ["Available"]
    async with place("1.6") as there:
        there.station.model.put("OCPP16LegacyCtrlr/MinimumStatusDuration", "1")
        there.hardware().plug_in()
        await hears(there, "Available", "Occupied")


@pytest.mark.parametrize("version", VERSIONS)
async def test_states_that_could_not_be_told_are_told_later(version: str) -> None:
    """G01.FR.07."""
    async with place(version) as there:
        await hears(there, "Available")
        await there.without_central()
        there.desk.forget()
        states: list[str] = []
        there.station.signals.status.listen(lambda news: states.append(news[2]))
        there.hardware().plug_in()
        assert states == ["Preparing"]
        await there.reconnected()
        await hears(there, "Occupied")


async def test_TC_G_20_CS_a_connector_that_does_not_lock() -> None:
    async with place() as there:
        there.hardware().plug_in()
        events.raise_error(there.station, there.evse(), "ConnectorLockFailure")
        await authorization.swipe(there.station, TAG)
        (said,) = (await there.desk.hears(wire.NotifyEvent)).event_data
        assert (said.component.name, said.variable.name) == (
            "ConnectorPlugRetentionLock",
            "Problem",
        )
        assert said.component.evse == wire.EVSE(id=1, connector_id=1)
        assert (said.trigger, said.actual_value) == ("Delta", "true")
        assert there.evse().flow() == "evse"
        query = VariableQuery(
            component=Component("ConnectorPlugRetentionLock", None, Evse(1, 1)),
            variable=Variable("Problem"),
        )
        for is_so in ("true", "false"):
            (answer,) = (await there.desk.ask(GetVariables(queries=(query,)))).results
            assert answer.attribute_value == is_so
            events.clear_error(there.station, there.evse(), "ConnectorLockFailure")


async def test_TC_024_a_connector_of_1_6_that_does_not_lock() -> None:
    async with place("1.6") as there:
        there.hardware().plug_in()
        events.raise_error(there.station, there.evse(), "ConnectorLockFailure")
        await authorization.swipe(there.station, TAG)
        said = await there.desk.hears(StatusNotification, lambda s: s.connector_status == "Faulted")
        assert said.error is not None
        assert said.error.code == "ConnectorLockFailure"
        assert there.evse().transaction is None


# In and out of service, at each level

LEVELS = [
    pytest.param(
        Evse(1), {(1, 1), (1, 2)}, id="TC_G_03_CS TC_G_04_CS TC_G_09_CS TC_G_10_CS an EVSE"
    ),
    pytest.param(
        WHOLE,
        {(1, 1), (1, 2), (2, 1)},
        id="TC_G_05_CS TC_G_06_CS TC_G_12_CS TC_G_13_CS the station",
    ),
    pytest.param(
        Evse(1, 2), {(1, 2)}, id="TC_G_07_CS TC_G_08_CS TC_G_15_CS TC_G_16_CS a connector"
    ),
]
ALL = {(1, 1), (1, 2), (2, 1)}


@pytest.mark.parametrize("version", TWO)
@pytest.mark.parametrize(("where", "parts"), LEVELS)
async def test_out_and_in(version: str, where: Evse | None, parts: set[tuple[int, int]]) -> None:
    async with place(version, evses=2, connectors=(2, 1)) as there:
        for evse_id, connector_id in ALL:
            await hears(there, "Available", evse_id=evse_id, connector_id=connector_id)
        assert await change(there, "Inoperative", where) == "Accepted"
        assert await change(there, "Inoperative", where) == "Accepted"
        for place_of in ALL:
            said = ["Available"] + ["Unavailable"] * (place_of in parts)
            await hears(there, *said, evse_id=place_of[0], connector_id=place_of[1])
        there.desk.forget()
        assert await change(there, "Operative", where) == "Accepted"
        assert await change(there, "Operative", where) == "Accepted"
        for place_of in ALL:
            said = ["Available"] * (place_of in parts)
            await hears(there, *said, evse_id=place_of[0], connector_id=place_of[1])


@pytest.mark.parametrize("version", TWO)
async def test_each_level_is_by_itself(version: str) -> None:
    """G03.FR.03, G04: what is in service again does not put its parts or its whole there."""
    async with place(version, evses=2, connectors=(2, 1)) as there:
        await change(there, "Inoperative", Evse(1, 2))
        await change(there, "Inoperative", Evse(2))
        await change(there, "Inoperative", WHOLE)
        await change(there, "Operative", Evse(2))
        await hears(there, "Available", "Unavailable", evse_id=2)
        await hears(there, "Available", "Unavailable", evse_id=1)
        there.desk.forget()
        await change(there, "Operative", WHOLE)
        await hears(there, "Available", evse_id=1)
        await hears(there, "Available", evse_id=2)
        assert not told(there, 1, 2)


async def test_a_connector_of_1_6_is_in_service_when_it_is_said_so() -> None:
    """1.6 §5.2: connector 0 is all of them; a later word counts."""
    async with place("1.6", evses=2) as there:
        assert await change(there, "Inoperative", WHOLE) == "Accepted"
        await hears(there, "Available", "Unavailable", evse_id=2)
        assert await change(there, "Operative", Evse(2, 1)) == "Accepted"
        await hears(there, "Available", "Unavailable", "Available", evse_id=2)
        assert told(there, 1)[-1] == "Unavailable"
        assert await change(there, "Operative", WHOLE) == "Accepted"
        await hears(there, "Available", "Unavailable", "Available", evse_id=1)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "where",
    [
        pytest.param(Evse(1), id="TC_G_11_CS an EVSE"),
        pytest.param(WHOLE, id="TC_G_14_CS the station"),
        pytest.param(Evse(1, 1), id="TC_G_17_CS a connector"),
    ],
)
async def test_not_during_a_charge(version: str, where: Evse | None) -> None:
    async with place(version, evses=2) as there:
        await begin(there)
        assert await change(there, "Inoperative", where) == "Scheduled"
        assert there.evse().transaction is not None
        assert "Unavailable" not in told(there)
        if where is WHOLE:  # G04.FR.06: what is free goes at once
            await hears(there, "Available", "Unavailable", evse_id=2)
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        await there.until(lambda: told(there)[-1] == "Unavailable")


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_scheduled_can_be_called_off(version: str) -> None:
    async with place(version) as there:
        await begin(there)
        assert await change(there, "Inoperative", Evse(1)) == "Scheduled"
        assert await change(there, "Operative", Evse(1)) == "Accepted"
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        there.hardware().plug_out()
        await there.until(lambda: told(there)[-1] == "Available")
        assert "Unavailable" not in told(there)


async def test_another_connector_goes_during_a_charge() -> None:
    async with place(connectors=(2,)) as there:
        await begin(there)
        assert await change(there, "Inoperative", Evse(1, 2)) == "Accepted"
        await hears(there, "Available", "Unavailable", connector_id=2)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("where", [Evse(3), Evse(3, 1)])
async def test_what_there_is_not(version: str, where: Evse) -> None:
    async with place(version) as there:
        assert await change(there, "Inoperative", where) == "Rejected"


async def test_a_connector_that_there_is_not() -> None:
    async with place() as there:
        assert await change(there, "Inoperative", Evse(1, 2)) == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_nobody_charges_where_it_is_out_of_service(version: str) -> None:
    async with place(version) as there:
        await change(there, "Inoperative", Evse(1))
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG)
        assert there.evse().authorization is None
        assert not there.desk.all(TransactionEvent)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "where",
    [
        pytest.param(Evse(1), id="TC_G_18_CS an EVSE"),
        pytest.param(Evse(1, 1), id="TC_G_19_CS a connector"),
        pytest.param(WHOLE, id="TC_G_21_CS the station"),
    ],
)
@pytest.mark.parametrize("how", ["reset", "power cut"])
async def test_it_stays_so(version: str, where: Evse | None, how: str, tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place(version, evses=2, documents=documents) as there:
        await change(there, "Inoperative", where)
        await there.until(lambda: told(there)[-1:] == ["Unavailable"])
        if how == "reset":
            there.desk.forget()
            await there.desk.ask(Reset(type="Immediate"))
            await hears(there, "Unavailable")
            await hears(there, "Available" if where else "Unavailable", evse_id=2)
    documents.close()
    documents = Documents(tmp_path / "station.db")
    async with place(version, evses=2, documents=documents) as there:
        await hears(there, "Unavailable")
        await hears(there, "Available" if where else "Unavailable", evse_id=2)
    documents.close()


async def test_what_is_so_can_be_read() -> None:
    async with place(evses=2) as there:

        async def read(name: str, evse: Evse | None) -> str | None:
            query = VariableQuery(
                component=Component(name, None, evse), variable=Variable("AvailabilityState")
            )
            (answer,) = (await there.desk.ask(GetVariables(queries=(query,)))).results
            value: str | None = answer.attribute_value
            return value

        there.hardware().plug_in()
        assert await read("EVSE", Evse(1)) == "Occupied"
        assert await read("Connector", Evse(2, 1)) == "Available"
        assert await read("ChargingStation", None) == "Available"
        await change(there, "Inoperative", WHOLE)
        assert await read("ChargingStation", None) == "Unavailable"
