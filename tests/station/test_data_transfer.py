"""Vendor-specific messages and data: block P of 2.x, 1.6 §4.3 and §5.6."""

from __future__ import annotations

from typing import Any

import pytest

from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.station import data_transfer
from tests.station.desk import VERSIONS, Place, place

OURS = "org.example"
CUSTOM = {"vendorId": OURS, "data": "anything", "more": {"of": [1, 2]}}


async def send(there: Place, **members: Any) -> DataTransferAnswer:
    answer: DataTransferAnswer = await there.desk.ask(DataTransfer(**members))
    return answer


async def echo(request: DataTransfer) -> DataTransferAnswer:
    return DataTransferAnswer(status="Accepted", data=request.data)


async def refuse(_request: DataTransfer) -> DataTransferAnswer:
    return DataTransferAnswer(status="Rejected")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_P_01_CS_an_unknown_vendor(version: str) -> None:
    async with place(version) as there:
        answer = await send(there, vendor_id="org.openchargealliance.octt", message_id="x")
        assert answer.status == "UnknownVendorId"


@pytest.mark.parametrize("version", VERSIONS)
async def test_vendors_are_served_by_their_messages(version: str) -> None:
    async with place(version) as there:
        data_transfer.serve(there.station, OURS, {"echo": echo})
        data_transfer.serve(there.station, "org.all", {"echo": echo, None: refuse})
        assert (await send(there, vendor_id=OURS, message_id="echo", data="x")).data == "x"
        assert (await send(there, vendor_id=OURS, message_id="no")).status == "UnknownMessageId"
        assert (await send(there, vendor_id=OURS)).status == "UnknownMessageId"
        assert (await send(there, vendor_id="org.all", message_id="no")).status == "Rejected"
        assert (await send(there, vendor_id="org.all")).status == "Rejected"


async def test_a_vendor_can_be_turned_off() -> None:
    async with place() as there:
        data_transfer.serve(there.station, OURS, {None: echo})
        name = f"CustomizationCtrlr/CustomImplementationEnabled[{OURS}]"
        there.station.model.put(name, "false")
        assert (await send(there, vendor_id=OURS)).status == "UnknownVendorId"


async def test_those_who_run_the_station_answer_the_rest() -> None:
    async with place() as there:
        there.station.answer_vendor = echo
        data_transfer.serve(there.station, OURS, {None: refuse})
        assert (await send(there, vendor_id="org.other", data=1)).data == 1
        assert (await send(there, vendor_id=OURS)).status == "Rejected"


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_TC_P_03_CS_custom_data(version: str) -> None:
    async with place(version) as there:
        named = {
            "component": {"name": "OCPPCommCtrlr", "customData": CUSTOM},
            "variable": {"name": "OfflineThreshold", "customData": CUSTOM},
            "customData": CUSTOM,
        }
        setting = named | {"attributeValue": "200"}
        raw = {"setVariableData": [setting], "customData": CUSTOM}
        (result,) = (await there.desk.call("SetVariables", raw))["setVariableResult"]
        assert result["attributeStatus"] == "Accepted"
        raw = {"getVariableData": [named], "customData": CUSTOM}
        (result,) = (await there.desk.call("GetVariables", raw))["getVariableResult"]
        assert result["attributeValue"] == "200"


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_TC_P_04_CS_custom_data_in_a_profile(version: str) -> None:
    async with place(version) as there:
        period = {"startPeriod": 0, "limit": 6, "numberPhases": 3, "customData": CUSTOM}
        schedule = {
            "id": 1,
            "duration": 300,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [period],
            "customData": CUSTOM,
        }
        profile = {
            "id": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": [schedule],
            "customData": CUSTOM,
        }
        raw = {"evseId": 1, "chargingProfile": profile, "customData": CUSTOM}
        assert (await there.desk.call("SetChargingProfile", raw))["status"] == "Accepted"
