"""A station in the place of EVerest's OCPP module, with a real broker, in both layouts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from chargeplane.api.everest import bus, commands
from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.variables import SetVariables, VariableSetting
from chargeplane.errors import StorageError
from chargeplane.ocpp.keys import read_key
from chargeplane.station.everest.interface import Everest, Variables
from tests.api.everest.interfaces import check_result, check_variable
from tests.api.everest.interfaces import interface as definition
from tests.api.everest.talk import Client, client
from tests.station.desk import Desk

OCPP = "everest/modules/ocpp/impl/ocpp_generic"
TRANSFER = "everest/modules/ocpp/impl/data_transfer"
MAIN = "everest/modules/ocpp/impl/main"
OTHER = "everest/modules/vendor/impl/main"
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}


@dataclass(frozen=True)
class Wire:
    """What a layout looks like from another module, called `web`."""

    layout: str
    variable: Callable[[str, str], str]
    value: Callable[[Any], Any]
    call: Callable[[str, str, dict[str, Any]], tuple[str, Any]]
    result_topic: Callable[[str, str, str], str]
    result: Callable[[Any], Any]  # the data of a result, or None
    answer: Callable[[str, str, dict[str, Any]], Any]  # a result for the wire


def _old_result(message: Any) -> Any:
    return message["data"] if message["type"] == "result" else None


NEW = Wire(
    layout="new",
    variable=lambda base, name: f"{base}/var/{name}",
    value=lambda message: message["data"]["data"] if message["msg_type"] == "Var" else None,
    call=lambda base, name, data: (f"{base}/cmd/{name}", {"msg_type": "Cmd", "data": data}),
    result_topic=lambda base, name, origin: f"{base}/cmd/{name}/response/{origin}",
    result=lambda message: message["data"]["data"] if message["msg_type"] == "CmdResult" else None,
    answer=lambda _name, kind, data: {
        "msg_type": "CmdResult",
        "data": {"type": kind, "data": data},
    },
)
OLD = Wire(
    layout="old",
    variable=lambda base, _name: f"{base}/var",
    value=lambda message: message["data"],
    call=lambda base, name, data: (f"{base}/cmd", {"name": name, "type": "call", "data": data}),
    result_topic=lambda base, _name, _origin: f"{base}/cmd",
    result=_old_result,
    answer=lambda name, kind, data: {"name": name, "type": kind, "data": data},
)
both = pytest.mark.parametrize("wire", [NEW, OLD], ids=lambda wire: wire.layout)


async def call(there: Client, wire: Wire, base: str, name: str, **args: Any) -> Any:
    """The data of the result of a command."""
    number = str(uuid4())
    topic, message = wire.call(base, name, {"id": number, "args": args, "origin": "web"})
    await there.say(topic, message)
    count = 0
    while True:
        count += 1
        heard = await there.listener.hears(wire.result_topic(base, name, "web"), count)
        found = _read(wire, heard)
        if found is not None and found["id"] == number:
            return found


def _read(wire: Wire, payload: bytes) -> Any:
    """The data of a result; None for anything else."""
    try:
        return wire.result(msgspec.json.decode(payload))
    except (msgspec.DecodeError, ValueError, LookupError, TypeError):
        return None


async def value(
    there: Client, wire: Wire, name: str, so: Callable[[Any], bool], base: str = OCPP
) -> Any:
    """The first value of a variable that is `so`."""
    count = 0
    while True:
        count += 1
        message = await there.hears(wire.variable(base, name), count)
        if message.get("name", name) == name and so(found := wire.value(message)):
            return found


@both
async def test_the_commands_of_the_interface(tmp_path: Path, wire: Wire) -> None:
    async with client(tmp_path, bus=wire.layout) as there:

        async def ask(name: str, **args: Any) -> Any:
            found = await call(there, wire, OCPP, name, **args)
            assert found["origin"] == "ocpp"
            check_result("ocpp", name, found["retval"])
            return found["retval"]

        get = [{"component_variable": HEARTBEAT}]
        set_ = [{"component_variable": HEARTBEAT, "value": "20"}]
        assert await ask("monitor_variables", component_variables=[HEARTBEAT]) is None
        assert await ask("set_variables", requests=set_, source="web") == [
            {"status": "Accepted", "component_variable": HEARTBEAT}
        ]
        assert (await ask("get_variables", requests=get))[0]["value"] == "20"
        request = {"operational_status": "Inoperative"}
        assert await ask("change_availability", request=request) == {"status": "Accepted"}
        event = {"type": "TamperDetectionActivated"}
        assert await ask("security_event", event=event) is None
        await there.there.desk.hears(
            SecurityEventNotification, lambda each: each.type == event["type"]
        )
        assert await ask("restart") is False
        assert await ask("stop") is True
        assert await ask("restart") is True


@both
async def test_the_variables_of_the_interface(tmp_path: Path, wire: Wire) -> None:
    async with client(tmp_path, bus=wire.layout, messages=True) as there:
        await call(there, wire, OCPP, "monitor_variables", component_variables=[HEARTBEAT])
        set_ = [{"component_variable": HEARTBEAT, "value": "20"}]
        await call(there, wire, OCPP, "set_variables", requests=set_, source="web")
        await there.charge()
        assert await value(there, wire, "is_connected", lambda said: said is True)
        for name, so in (
            ("connection_status", lambda said: said["connected"]),
            ("boot_notification_response", lambda said: said["status"] == "Accepted"),
            ("security_event", lambda said: said["type"] == "StartupOfTheDevice"),
            ("event_data", lambda said: said["actual_value"] == "20"),
            ("ocpp_transaction_event", lambda said: said["transaction_event"] == "Started"),
            ("ocpp_transaction_event_response", lambda said: "original_transaction_event" in said),
            ("ocpp_message", lambda said: said["direction"] == "ChargingStationToCSMS"),
            ("charging_schedules", lambda said: len(said["schedules"]) == 3),
        ):
            check_variable("ocpp", name, await value(there, wire, name, so))


@both
async def test_the_older_interface(tmp_path: Path, wire: Wire) -> None:
    interface = "ocpp_1_6_charge_point"
    async with client(tmp_path, "1.6", bus=wire.layout) as there:

        async def ask(name: str, **args: Any) -> Any:
            found = (await call(there, wire, MAIN, name, **args))["retval"]
            check_result(interface, name, found)
            return found

        assert await ask("set_configuration_key", key="HeartbeatInterval", value="20") == "Accepted"
        found = await ask("get_configuration_key", keys=["HeartbeatInterval", "Nothing"])
        assert found["unknown_keys"] == ["Nothing"]
        await ask("monitor_configuration_keys", keys=["HeartbeatInterval"])
        component, variable, _ = read_key("HeartbeatInterval")
        setting = VariableSetting(component=component, variable=variable, attribute_value="30")
        await there.there.desk.ask(SetVariables(settings=(setting,)))
        told = await value(there, wire, "configuration_key", bool, MAIN)
        check_variable(interface, "configuration_key", told)
        assert told["value"] == "30"
        check_variable(
            interface, "is_connected", await value(there, wire, "is_connected", bool, MAIN)
        )
        await ask("security_event", type="AttemptedReplayAttacks")
        event = await value(
            there, wire, "security_event", lambda said: said["type"] == "StartupOfTheDevice", MAIN
        )
        check_variable(interface, "security_event", event)
        assert await ask("stop") is True
        assert await ask("restart") is True


@pytest.mark.parametrize(
    ("interface", "offered"),
    [
        ("ocpp", commands.OCPP),
        ("ocpp_data_transfer", commands.DATA_TRANSFER),
        ("ocpp_1_6_charge_point", commands.KEYS),
    ],
)
def test_every_command_of_the_interfaces_is_there(
    interface: str, offered: commands.Commands
) -> None:
    defined = definition(interface)["cmds"]
    assert set(offered) == set(defined)
    for name, (arguments, _) in offered.items():
        assert set(arguments.__struct_fields__) == set(defined[name].get("arguments", {}))


def test_every_variable_of_the_interface_is_there() -> None:
    ours = {each.name for each in fields(Variables)}
    assert ours - {"is_connected"} == set(definition("ocpp")["vars"])


@both
async def test_the_module_says_that_it_is_ready(tmp_path: Path, wire: Wire) -> None:
    names: dict[str, Any] = {
        "bus_prefix": "site",
        "bus_module": "mine",
        "bus_implementation": "main",
    }
    async with client(tmp_path, bus=wire.layout, **names) as there:
        ready = {"msg_type": "ModuleReady", "data": True} if wire is NEW else True
        assert await there.hears("site/modules/mine/ready") == ready
        found = await call(there, wire, "site/modules/mine/impl/main", "restart")
        assert (found["retval"], found["origin"]) == (False, "mine")


@both
async def test_what_is_not_understood_stops_nothing(tmp_path: Path, wire: Wire) -> None:
    async with client(tmp_path, bus=wire.layout) as there:
        topic, _ = wire.call(OCPP, "stop", {})
        for payload in (b"{", b"\xff", b"[]", b'{"msg_type":"Var"}', b'{"name":"stop"}'):
            await there.listener.say(topic, payload)
        unknown = {"id": "1", "args": {}, "origin": "web"}
        await there.say(*wire.call(OCPP, "fly", unknown))
        wrong = {"id": "2", "args": {}, "origin": "a/#"}
        await there.say(*wire.call(OCPP, "get_variables", wrong))
        assert (await call(there, wire, OCPP, "restart"))["retval"] is False


async def test_failures_have_a_type_in_the_new_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_everest: Everest) -> bool:
        raise StorageError("the disk is full")

    async with client(tmp_path, bus="new") as there:
        found = await call(there, NEW, OCPP, "set_variables", requests=[{}])
        assert found["error"]["__everest__error_type"] == "SchemaValidationError"
        assert "retval" not in found
        monkeypatch.setattr(Everest, "stop", fails)
        found = await call(there, NEW, OCPP, "stop")
        assert found["error"] == {
            "__everest__error_type": "HandlerException",
            "__everest__error_msg": "the disk is full",
        }


# Data transfer


@both
async def test_a_vendors_message_goes_out(tmp_path: Path, wire: Wire) -> None:
    desk = Desk("2.1")
    desk.answers[DataTransfer] = DataTransferAnswer(status="Accepted", data="fine")
    async with client(tmp_path, bus=wire.layout, desk=desk) as there:
        request = {"vendor_id": "v", "data": "text"}
        found = await call(there, wire, TRANSFER, "data_transfer", request=request)
        assert found["retval"] == {"status": "Accepted", "data": "fine"}


@both
@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"retval": {"status": "Accepted", "data": "fine"}}, "Accepted"),
        ({"retval": {"status": "Offline"}}, "UnknownVendorId"),
        ({"retval": 7}, "Rejected"),
    ],
)
async def test_another_module_answers_the_central_system(
    tmp_path: Path, wire: Wire, data: dict[str, Any], status: str
) -> None:
    async with client(tmp_path, bus=wire.layout, bus_answering="vendor/main") as there:
        asking = asyncio.create_task(there.there.desk.ask(DataTransfer(vendor_id="v", data="text")))
        topic, _ = wire.call(OTHER, "data_transfer", {})
        asked = (await there.hears(topic))["data"]
        assert (asked["args"], asked["origin"]) == (
            {"request": {"vendor_id": "v", "data": "text"}},
            "ocpp",
        )
        reply_to = wire.result_topic(OTHER, "data_transfer", "ocpp")
        result = {"id": asked["id"], "origin": "vendor", **data}
        await there.listener.say(reply_to, b"{")
        await there.say(reply_to, wire.answer("data_transfer", "result", result))
        assert (await asking).status == status


async def test_a_module_that_fails_or_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(tmp_path, bus="new", bus_answering="vendor/main") as there:
        asking = asyncio.create_task(there.there.desk.ask(DataTransfer(vendor_id="v")))
        asked = (await there.hears(f"{OTHER}/cmd/data_transfer"))["data"]
        error = {"__everest__error_type": "NotReady", "__everest__error_msg": "later"}
        result = {"id": asked["id"], "origin": "vendor", "error": error}
        reply_to = f"{OTHER}/cmd/data_transfer/response/ocpp"
        await there.say(reply_to, NEW.answer("data_transfer", "result", result))
        assert (await asking).status == "Rejected"
        monkeypatch.setattr(bus, "PATIENCE_S", 0.05)
        answer = await there.there.desk.ask(DataTransfer(vendor_id="v"))
        assert answer.status == "UnknownVendorId"


# The fault of the public interface


@both
async def test_a_missing_client_is_an_error_on_the_bus(tmp_path: Path, wire: Wire) -> None:
    chosen: dict[str, Any] = {"api": True, "id": "api", "heartbeat_interval_ms": 0}
    async with client(tmp_path, bus=wire.layout, **chosen) as there:
        topic = "everest/modules/api/impl/generic_error/error/generic/CommunicationFault"

        def read(message: Any) -> tuple[str | None, Any]:
            if wire is OLD:
                return None, message
            return message["msg_type"], message["data"]

        kind, raised = read(await there.hears(topic))
        assert kind in (None, "RaiseError")
        assert (raised["type"], raised["state"]) == ("generic/CommunicationFault", "Active")
        assert raised["origin"] == {"module_id": "api", "implementation_id": "generic_error"}
        await there.listener.say("everest_api/1/ocpp_consumer/api/m2e/communication_check", "true")
        kind, cleared = read(await there.hears(topic, 2))
        assert kind in (None, "ClearError")
        assert (cleared["uuid"], cleared["state"]) == (raised["uuid"], "ClearedByModule")
