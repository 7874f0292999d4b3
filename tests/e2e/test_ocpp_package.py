"""The PyPI `ocpp` package as the station, through whole sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ocpp.v16
import ocpp.v21
import ocpp.v201
import pytest
from ocpp.charge_point import ChargePoint
from ocpp.routing import on
from websockets.asyncio.client import connect

from chargeplane.domain.station import Reset, UnlockConnector
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import RequestStartTransaction
from chargeplane.domain.variables import (
    Component,
    GetVariables,
    SetVariables,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.storage.repositories import messages
from tests.e2e.harness import (
    EVERYTHING,
    START,
    World,
    at,
    kinds,
    listening,
    token,
    until,
)

logging.getLogger("ocpp").setLevel(logging.CRITICAL)
REGISTER = "Energy.Active.Import.Register"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with listening(tmp_path) as here:
        await here.add_tokens(token("TAG"))
        yield here


class Station16(ocpp.v16.ChargePoint):  # type: ignore[misc]
    """What it answers."""

    @on("RemoteStartTransaction")  # type: ignore[untyped-decorator]
    def on_start(self, **asked: Any) -> Any:
        self.asked = asked
        return ocpp.v16.call_result.RemoteStartTransaction(status="Accepted")

    @on("Reset")  # type: ignore[untyped-decorator]
    def on_reset(self, **_: Any) -> Any:
        return ocpp.v16.call_result.Reset(status="Rejected")

    @on("UnlockConnector")  # type: ignore[untyped-decorator]
    def on_unlock(self, **_: Any) -> Any:
        return ocpp.v16.call_result.UnlockConnector(status="Unlocked")

    @on("GetConfiguration")  # type: ignore[untyped-decorator]
    def on_get(self, key: list[str]) -> Any:
        known = [{"key": name, "readonly": False, "value": "7"} for name in key]
        return ocpp.v16.call_result.GetConfiguration(configuration_key=known)

    @on("ChangeConfiguration")  # type: ignore[untyped-decorator]
    def on_set(self, key: str, value: str) -> Any:
        self.asked = {key: value}
        return ocpp.v16.call_result.ChangeConfiguration(status="Accepted")


def station_2x(package: Any) -> type[Any]:
    """The class of a station of 2.0.1 or 2.1."""
    result = package.call_result

    class Station2(package.ChargePoint):  # type: ignore[misc]
        """What it answers."""

        @on("RequestStartTransaction")  # type: ignore[untyped-decorator]
        def on_start(self, **asked: Any) -> Any:
            self.asked = asked
            return result.RequestStartTransaction(status="Accepted")

        @on("Reset")  # type: ignore[untyped-decorator]
        def on_reset(self, **_: Any) -> Any:
            return result.Reset(status="Rejected")

        @on("UnlockConnector")  # type: ignore[untyped-decorator]
        def on_unlock(self, **_: Any) -> Any:
            return result.UnlockConnector(status="Unlocked")

        @on("GetVariables")  # type: ignore[untyped-decorator]
        def on_get(self, get_variable_data: list[Any]) -> Any:
            found = [
                {**asked, "attribute_status": "Accepted", "attribute_value": "7"}
                for asked in get_variable_data
            ]
            return result.GetVariables(get_variable_result=found)

        @on("SetVariables")  # type: ignore[untyped-decorator]
        def on_set(self, set_variable_data: list[Any]) -> Any:
            (asked,) = set_variable_data
            value = asked.pop("attribute_value")
            self.asked = {asked["variable"]["name"]: value}
            return result.SetVariables(
                set_variable_result=[{**asked, "attribute_status": "Accepted"}]
            )

    return Station2


PACKAGES = {"2.0.1": ocpp.v201, "2.1": ocpp.v21}


@asynccontextmanager
async def station(here: World, version: str) -> AsyncIterator[Any]:
    """A station of the package that is connected."""
    kind = Station16 if version == "1.6" else station_2x(PACKAGES[version])
    subprotocols: Any = [f"ocpp{version}"]
    async with connect(f"{here.url}/CS-1", subprotocols=subprotocols, proxy=None) as link:
        point: ChargePoint = kind("CS-1", link, response_timeout=20)
        serving = asyncio.create_task(point.start())
        try:
            yield point
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def charge_16(point: Any) -> SimpleNamespace:
    """A whole session in 1.6."""
    call = ocpp.v16.call
    boot = await point.call(
        call.BootNotification(charge_point_model="Model", charge_point_vendor="Vendor"),
        suppress=False,
    )
    for status in ("Available", "Preparing"):
        said = call.StatusNotification(1, "NoError", status, timestamp=at(0))
        await point.call(said, suppress=False)
    info = await point.call(call.Authorize("TAG"), suppress=False)
    started = await point.call(call.StartTransaction(1, "TAG", 1000, at(0)), suppress=False)
    for number in (1, 2, 3):
        sample = [
            {"value": str(1000 + 100 * number), "unit": "Wh"},
            {"value": "7360", "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "47", "measurand": "SoC", "unit": "Percent"},
        ]
        reading = [{"timestamp": at(60 * number), "sampled_value": sample}]
        said = call.MeterValues(1, reading, started.transaction_id)
        await point.call(said, suppress=False)
    await point.call(call.Heartbeat(), suppress=False)
    stop = call.StopTransaction(1500, at(240), started.transaction_id, reason="Local", id_tag="TAG")
    stopped = await point.call(stop, suppress=False)
    return SimpleNamespace(
        boot=boot.status,
        authorized=info.id_tag_info["status"],
        started=started.id_tag_info["status"],
        stopped=stopped.id_tag_info["status"],
    )


async def charge_2x(point: Any, package: Any) -> SimpleNamespace:
    """A whole session in 2.0.1 or 2.1."""
    call = package.call
    about = {"model": "Model", "vendor_name": "Vendor"}
    boot = await point.call(
        call.BootNotification(charging_station=about, reason="PowerUp"), suppress=False
    )
    for status in ("Available", "Occupied"):
        said = call.StatusNotification(
            timestamp=at(0), connector_status=status, evse_id=1, connector_id=1
        )
        await point.call(said, suppress=False)
    tag = {"id_token": "TAG", "type": "ISO14443"}
    info = await point.call(call.Authorize(id_token=tag), suppress=False)

    async def event(kind: str, number: int, wh: int, trigger: str, **members: Any) -> Any:
        about = {"transaction_id": "tx-1", "charging_state": "Charging"}
        about |= members.pop("about", {})
        samples: list[dict[str, Any]] = [{"value": wh, "measurand": REGISTER}]
        if kind == "Updated":
            samples += [
                {
                    "value": 7.36,
                    "measurand": "Power.Active.Import",
                    "unit_of_measure": {"unit": "kW"},
                },
                {"value": 47, "measurand": "SoC", "unit_of_measure": {"unit": "Percent"}},
            ]
        said = call.TransactionEvent(
            event_type=kind,
            timestamp=at(60 * number),
            trigger_reason=trigger,
            seq_no=number,
            transaction_info=about,
            evse={"id": 1, "connector_id": 1},
            meter_value=[{"timestamp": at(60 * number), "sampled_value": samples}],
            **members,
        )
        return await point.call(said, suppress=False)

    started = await event("Started", 0, 1000, "Authorized", id_token=tag)
    for number in (1, 2, 3):
        await event("Updated", number, 1000 + 100 * number, "MeterValuePeriodic")
    await point.call(call.Heartbeat(), suppress=False)
    over = {"stopped_reason": "Local"}
    stopped = await event("Ended", 4, 1500, "StopAuthorized", about=over, id_token=tag)
    return SimpleNamespace(
        boot=boot.status,
        authorized=info.id_token_info["status"],
        started=started.id_token_info["status"],
        stopped=stopped.id_token_info["status"],
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_a_whole_session_is_stored(here: World, version: str) -> None:
    async with station(here, version) as point:
        if version == "1.6":
            said = await charge_16(point)
        else:
            said = await charge_2x(point, PACKAGES[version])
    assert vars(said) == dict.fromkeys(("boot", "authorized", "started", "stopped"), "Accepted")
    await until(lambda: _is_offline(here))
    record = await here.station()
    assert (record.vendor, record.model, record.subprotocol) == (
        "Vendor",
        "Model",
        f"ocpp{version}",
    )
    (connector,) = await here.connectors()
    assert (connector.evse_id, connector.status, connector.soc_percent) == (1, "Occupied", 47)
    ended = await here.transaction()
    assert (ended.state, ended.closed_by, ended.stop_reason) == ("closed", "station", "Local")
    assert (ended.energy_mwh, ended.started_at) == (500_000, START)
    assert (ended.id_token, ended.stop_id_token, ended.start_status) == ("TAG", "TAG", "Accepted")
    readings = await here.meter_values(transaction_id=ended.id)
    assert [each.import_mwh for each in readings] == [
        1_000_000,
        1_100_000,
        1_200_000,
        1_300_000,
        1_500_000,
    ]
    assert [each.power_w for each in readings[1:4]] == [7360.0] * 3
    assert kinds(await here.events()) == [
        "station.registered",
        "station.online",
        "station.booted",
        "connector.status",
        "connector.status",
        "token.presented",
        "transaction.started",
        "transaction.ended",
        "station.offline",
    ]
    await here.log._write()
    what = messages.MessageFilter(station_id="CS-1")
    page = await here.read(lambda c: messages.page(c, what, EVERYTHING))
    assert [m.direction for m in reversed(page.items)] == ["in", "out"] * (len(page.items) // 2)


async def _is_offline(here: World) -> bool:
    return not (await here.station()).online


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_TC_F_01_CSMS_what_the_central_system_asks(here: World, version: str) -> None:
    component, variable = Component("OCPPCommCtrlr"), Variable("HeartbeatInterval")
    async with station(here, version) as point:
        await until(lambda: here.central.stations.get("CS-1"))
        there = here.central.stations.require("CS-1")
        start = RequestStartTransaction(id_token=Token("TAG"), evse_id=1, remote_start_id=3)
        assert (await there.ask(start)).status == "Accepted"
        assert "TAG" in str(point.asked)
        assert (await there.ask(Reset(type="Immediate"))).status == "Rejected"
        assert (await there.ask(UnlockConnector(evse_id=1))).status == "Unlocked"
        query = VariableQuery(component=component, variable=variable)
        (got,) = (await there.ask(GetVariables(queries=(query,)))).results
        assert (got.attribute_status, got.attribute_value) == ("Accepted", "7")
        setting = VariableSetting(component=component, variable=variable, attribute_value="9")
        (was_set,) = (await there.ask(SetVariables(settings=(setting,)))).results
        assert was_set.attribute_status == "Accepted"
        assert point.asked == {"HeartbeatInterval": "9"}
