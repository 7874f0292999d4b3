"""EVerest's older interface of configuration keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.variables import SetVariables, VariableSetting
from chargeplane.ocpp.keys import read_key
from chargeplane.station.everest.keys import ChargePoint
from chargeplane.station.everest.values import KeyValue
from tests.station.desk import VERSIONS, Place
from tests.station.everest.talk import collect, everest


@asynccontextmanager
async def charge_point(
    version: str = "1.6", **settings: Any
) -> AsyncIterator[tuple[Place, ChargePoint]]:
    async with everest(version, **settings) as (there, api):
        yield there, ChargePoint(api)


async def csms_sets(there: Place, key: str, value: str) -> None:
    component, variable, _ = read_key(key)
    setting = VariableSetting(component=component, variable=variable, attribute_value=value)
    await there.desk.ask(SetVariables(settings=(setting,)))


@pytest.mark.parametrize("version", VERSIONS)
async def test_keys_are_read(version: str) -> None:
    async with charge_point(version) as (there, point):
        there.station.model.define_key("VendorKey", "7")
        keys = ["HeartbeatInterval", "Nothing", "NumberOfConnectors", "VendorKey"]
        found = await point.get_configuration_key([*keys, "AuthorizationKey"])
        assert found.configuration_keys == (
            KeyValue(key="HeartbeatInterval", read_only=False, value="300"),
            KeyValue(key="NumberOfConnectors", read_only=True, value="1"),
            KeyValue(key="VendorKey", read_only=False, value="7"),
        )
        assert found.unknown_keys == ("Nothing", "AuthorizationKey")


async def test_all_keys_are_read() -> None:
    async with charge_point() as (there, point):
        there.station.model.define_key("VendorKey", "7")
        found = await point.get_configuration_key([])
        keys = {each.key: each for each in found.configuration_keys}
        assert {"HeartbeatInterval", "MeterValuesSampledDataMaxLength", "VendorKey"} <= set(keys)
        assert keys["MeterValuesSampledDataMaxLength"].read_only
        assert found.unknown_keys == ()


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "20", "Accepted"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("NumberOfConnectors", "2", "Rejected"),
        ("Nothing", "1", "NotSupported"),
    ],
)
async def test_keys_are_written(key: str, value: str, status: str) -> None:
    async with charge_point() as (_, point):
        assert await point.set_configuration_key(key, value) == status


async def test_before_the_station_starts_nothing_is_written() -> None:
    async with charge_point(run=False) as (_, point):
        assert await point.set_configuration_key("HeartbeatInterval", "20") == "Rejected"


async def test_what_the_central_system_writes_is_told() -> None:
    async with charge_point() as (there, point):
        told = collect(point.configuration_key)
        await point.monitor_configuration_keys(["HeartbeatInterval"])
        await point.monitor_configuration_keys(["WebSocketPingInterval"])
        await point.set_configuration_key("HeartbeatInterval", "10")
        await csms_sets(there, "HeartbeatInterval", "20")
        await csms_sets(there, "ConnectionTimeOut", "30")
        await csms_sets(there, "WebSocketPingInterval", "40")
        assert told == [
            KeyValue(key="HeartbeatInterval", read_only=False, value="20"),
            KeyValue(key="WebSocketPingInterval", read_only=False, value="40"),
        ]


async def test_every_event_reaches_the_central_system() -> None:
    async with charge_point() as (there, point):
        await point.security_event("AttemptedReplayAttacks", "twice")
        told = await there.desk.hears(
            SecurityEventNotification, lambda each: each.type == "AttemptedReplayAttacks"
        )
        assert told.tech_info == "twice"
