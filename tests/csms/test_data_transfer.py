from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.data_transfer import data_transfer
from chargeplane.domain.messages import Empty
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.tariff_cost import ConnectorUnplugged
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.records import DataTransferRecord
from chargeplane.storage.repositories import data_transfers
from chargeplane.storage.repositories.data_transfers import DataTransferFilter
from tests.csms.conftest import ConnectStation, everything
from tests.csms.stored import ID, everywhere, happened, in_2x, noted

HELLO = DataTransfer(vendor_id="com.example", message_id="hello", data="hi")


async def stored(central: Central) -> DataTransferRecord:
    (record,) = await everything(central, data_transfers.page, DataTransferFilter(station_id=ID))
    assert isinstance(record, DataTransferRecord)
    return record


@everywhere
async def test_TC_P_02_CSMS_unknown_vendor(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    assert (await station.say(HELLO)).status == "UnknownVendorId"
    record = await stored(central)
    assert (record.direction, record.vendor_id, record.data) == ("in", "com.example", "hi")
    assert record.status == "UnknownVendorId"


@everywhere
async def test_a_vendor_answers(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    async def answer(station_id: str, request: DataTransfer) -> DataTransferAnswer:
        if request.message_id != "hello":
            return DataTransferAnswer(status="UnknownMessageId")
        return DataTransferAnswer(status="Accepted", data=f"hi {station_id}")

    central.vendors = {"com.example": answer}
    station = await connect_station(version)
    assert await station.say(HELLO) == DataTransferAnswer(status="Accepted", data="hi CP1")
    assert (await stored(central)).answer == "hi CP1"
    (told,) = await happened(central, "data_transfer")
    assert told.data["message_id"] == "hello"
    other = DataTransfer(vendor_id="com.example", message_id="bye")
    assert (await station.say(other)).status == "UnknownMessageId"


@everywhere
async def test_a_vendor_handler_that_fails_rejects(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    async def fail(_station_id: str, _request: DataTransfer) -> DataTransferAnswer:
        raise ZeroDivisionError

    central.vendors = {"com.example": fail}
    station = await connect_station(version)
    assert (await station.say(HELLO)).status == "Rejected"
    assert (await stored(central)).status == "Rejected"


@everywhere
async def test_to_the_station(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    answer = DataTransferAnswer(status="Accepted", data="ok")
    station.on(DataTransfer, answer)
    assert await data_transfer(central, ID, HELLO) == answer
    assert station.asked == [HELLO]
    record = await stored(central)
    assert (record.direction, record.status, record.answer) == ("out", "Accepted", "ok")


@everywhere
async def test_what_the_station_refused_is_stored(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(DataTransfer, OcppError("InternalError"))
    with pytest.raises(OcppError):
        await data_transfer(central, ID, HELLO)
    assert (await stored(central)).status is None


async def test_data_of_2_x_may_be_any_json(
    central: Central, connect_station: ConnectStation
) -> None:
    data: Any = {"list": [1, None, "x"]}
    station = await connect_station("2.0.1")
    await station.say(DataTransfer(vendor_id="com.example", data=data))
    assert (await stored(central)).data == data


async def test_1_6_tells_when_the_cable_was_taken_out(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    said = ConnectorUnplugged(transaction_id="7", timestamp=datetime(2026, 5, 1, tzinfo=UTC))
    assert await station.say(said) == Empty()
    (kept,) = await noted(central, "ConnectorUnplugged")
    assert kept.payload["transaction_id"] == "7"
    assert len(await happened(central, "connector.unplugged")) == 1


@in_2x
async def test_TC_P_03_CSMS_custom_data(connect_station: ConnectStation, version: str) -> None:
    custom = {"vendorId": "com.example", "mood": ["good"]}
    station = await connect_station(version)
    status = {
        "timestamp": "2026-05-01T12:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
        "customData": custom,
    }
    assert await station.peer.call("StatusNotification", status) == {}
    event = {
        "eventType": "Started",
        "timestamp": "2026-05-01T12:00:00Z",
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "TX1", "customData": custom},
        "evse": {"id": 1, "connectorId": 1, "customData": custom},
        "customData": custom,
    }
    assert await station.peer.call("TransactionEvent", event) == {}
