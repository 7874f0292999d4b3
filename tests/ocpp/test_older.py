"""OCPP 1.5 and 1.2 as JSON: what they say, as their WSDL files define it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given

from chargeplane.errors import Untranslatable
from chargeplane.ocpp.dialects import DIALECTS
from tests.conftest import Shared
from tests.ocpp.examples import AT, LATER, Json
from tests.ocpp.schemas import FEW
from tests.ocpp.strategies import pairs_1

INFO = {"idTagInfo": {"status": "Accepted"}}


def modernised(version: str, action: str, message: Json, *, answer: bool = False) -> Json:
    """A message of an older version in the words of 1.6."""
    dialect = DIALECTS[version]
    payload = msgspec.json.encode(message)
    wire, oddities = dialect.decode(dialect.by_name[action], payload, answer=answer, strict=True)
    assert oddities == ()
    payload = DIALECTS["1.6"].encode(dialect.by_name[action], wire, answer=answer)
    newer: Json = msgspec.json.decode(payload)
    return newer


def aged(version: str, action: str, message: Json, *, answer: bool = False) -> Json:
    """A message of 1.6 in the words of an older version."""
    newest = DIALECTS["1.6"]
    row = newest.by_name[action]
    wire, _ = newest.decode(row, msgspec.json.encode(message), answer=answer, strict=True)
    older: Json = msgspec.json.decode(DIALECTS[version].encode(row, wire, answer=answer))
    return older


def sampled(*samples: Json) -> Json:
    return {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": list(samples)}]}


def values(*samples: Any) -> Json:
    return {"connectorId": 1, "values": [{"timestamp": AT, "value": list(samples)}]}


def status(word: str, error: str = "NoError", **more: str) -> Json:
    return {"connectorId": 1, "errorCode": error, "status": word, **more}


BOOTED = {"status": "Accepted", "currentTime": AT}
STOP = {"meterStop": 9, "timestamp": LATER, "transactionId": 4}

# Version, action, whether the answer; the older message and the 1.6 one that means the same.
BOTH_WAYS = [
    (
        "1.5",
        "BootNotification",
        True,
        {**BOOTED, "heartbeatInterval": 5},
        {**BOOTED, "interval": 5},
    ),
    (
        "1.2",
        "BootNotification",
        True,
        {**BOOTED, "heartbeatInterval": 5},
        {**BOOTED, "interval": 5},
    ),
    (
        "1.5",
        "SendLocalList",
        False,
        {"listVersion": 1, "localAuthorisationList": [{"idTag": "A"}], "updateType": "Full"},
        {"listVersion": 1, "localAuthorizationList": [{"idTag": "A"}], "updateType": "Full"},
    ),
    ("1.5", "StatusNotification", False, status("Occupied"), status("Preparing")),
    ("1.2", "StatusNotification", False, status("Occupied"), status("Preparing")),
    (
        "1.5",
        "StatusNotification",
        False,
        status("Faulted", "Mode3Error", info="x"),
        status("Faulted", "EVCommunicationError", info="x"),
    ),
    ("1.5", "UnlockConnector", True, {"status": "Accepted"}, {"status": "Unlocked"}),
    ("1.2", "UnlockConnector", True, {"status": "Rejected"}, {"status": "UnlockFailed"}),
    (
        "1.5",
        "MeterValues",
        False,
        values({"value": "16", "measurand": "Current.Import", "unit": "Amp"}),
        sampled({"value": "16", "measurand": "Current.Import", "unit": "A"}),
    ),
    (
        "1.5",
        "MeterValues",
        False,
        values({"value": "230", "measurand": "Voltage", "unit": "Volt"}),
        sampled({"value": "230", "measurand": "Voltage", "unit": "V"}),
    ),
    (
        "1.2",
        "MeterValues",
        False,
        {"connectorId": 1, "values": [{"timestamp": AT, "value": 1234}]},
        sampled({"value": "1234"}),
    ),
    (
        "1.5",
        "StopTransaction",
        False,
        {**STOP, "transactionData": [{"values": [{"timestamp": AT, "value": [{"value": "9"}]}]}]},
        {**STOP, "transactionData": [{"timestamp": AT, "sampledValue": [{"value": "9"}]}]},
    ),
]


@pytest.mark.parametrize(("version", "action", "answer", "older", "newer"), BOTH_WAYS)
def test_both_ways(version: str, action: str, answer: bool, older: Json, newer: Json) -> None:  # noqa: FBT001 a column
    assert modernised(version, action, older, answer=answer) == newer
    assert aged(version, action, newer, answer=answer) == older


READ = [
    # A text without attributes, one value without a list, and the spelling of early JSON stations.
    ("1.5", "MeterValues", False, values("12"), sampled({"value": "12"})),
    (
        "1.5",
        "MeterValues",
        False,
        {"connectorId": 1, "values": [{"timestamp": AT, "value": {"value": "12"}}]},
        sampled({"value": "12"}),
    ),
    (
        "1.5",
        "MeterValues",
        False,
        {"connectorId": 1, "values": [{"timestamp": AT, "values": [{"value": "12"}]}]},
        sampled({"value": "12"}),
    ),
    ("1.5", "SendLocalList", True, {"status": "HashError"}, {"status": "Failed"}),
    ("1.5", "SendLocalList", True, {"status": "Accepted", "hash": "x"}, {"status": "Accepted"}),
    ("1.5", "StopTransaction", False, {**STOP, "transactionData": [{}]}, STOP),
    (
        "1.2",
        "BootNotification",
        True,
        {"status": "Rejected", "currentTime": AT},
        {"status": "Rejected", "currentTime": AT, "interval": 0},
    ),
]


@pytest.mark.parametrize(("version", "action", "answer", "older", "newer"), READ)
def test_read(version: str, action: str, answer: bool, older: Json, newer: Json) -> None:  # noqa: FBT001 a column
    assert modernised(version, action, older, answer=answer) == newer


WRITTEN = [
    ("1.5", "BootNotification", True, {"status": "Pending", "currentTime": AT, "interval": 5},
     {"status": "Rejected", "currentTime": AT, "heartbeatInterval": 5}),
    ("1.5", "StatusNotification", False, status("Charging"), status("Occupied")),
    ("1.5", "StatusNotification", False, status("Finishing"), status("Occupied")),
    ("1.5", "StatusNotification", False, status("Faulted", "OverVoltage"),
     status("Faulted", "OtherError")),
    ("1.2", "StatusNotification", False, status("Reserved", vendorId="x", info="y", timestamp=AT),
     status("Unavailable")),
    ("1.2", "StatusNotification", False, status("Faulted", "GroundFailure"),
     status("Faulted", "PowerSwitchFailure")),
    ("1.5", "UnlockConnector", True, {"status": "NotSupported"}, {"status": "Rejected"}),
    ("1.5", "ChangeConfiguration", True, {"status": "RebootRequired"}, {"status": "Accepted"}),
    ("1.5", "StopTransaction", False, {**STOP, "reason": "Local"}, STOP),
    ("1.2", "StopTransaction", False,
     {**STOP, "transactionData": [{"timestamp": AT, "sampledValue": [{"value": "9"}]}]}, STOP),
    ("1.2", "StartTransaction", False,
     {"connectorId": 1, "idTag": "A", "meterStart": 1, "timestamp": AT, "reservationId": 3},
     {"connectorId": 1, "idTag": "A", "meterStart": 1, "timestamp": AT}),
    ("1.5", "MeterValues", False,
     sampled({"value": "1", "phase": "L1", "unit": "A"}, {"value": "7", "context": "Trigger"}),
     values({"value": "7"})),
    ("1.5", "MeterValues", False,
     sampled({"value": "40", "measurand": "Temperature", "unit": "Celcius"}),
     values({"value": "40", "measurand": "Temperature", "unit": "Celsius"})),
    ("1.2", "MeterValues", False,
     sampled({"value": "3", "measurand": "Current.Import", "unit": "A"}, {"value": "12.6"}),
     {"connectorId": 1, "values": [{"timestamp": AT, "value": 13}]}),
]  # fmt: skip


@pytest.mark.parametrize(("version", "action", "answer", "newer", "older"), WRITTEN)
def test_written(version: str, action: str, answer: bool, newer: Json, older: Json) -> None:  # noqa: FBT001 a column
    assert aged(version, action, newer, answer=answer) == older


PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []},
}
REFUSED = [
    ("1.5", "RemoteStartTransaction", {"idTag": "A", "chargingProfile": PROFILE}),
    ("1.5", "FirmwareStatusNotification", {"status": "Downloading"}),
    ("1.2", "DiagnosticsStatusNotification", {"status": "Uploading"}),
    ("1.5", "MeterValues", sampled({"value": "50", "measurand": "SoC", "unit": "Percent"})),
    ("1.2", "MeterValues", sampled({"value": "3", "measurand": "Current.Import", "unit": "A"})),
    ("1.2", "MeterValues", sampled({"value": "n/a"}, {"value": "AP;1", "format": "SignedData"})),
]


@pytest.mark.parametrize(("version", "action", "newer"), REFUSED)
def test_what_cannot_be_said(version: str, action: str, newer: Json) -> None:
    with pytest.raises(Untranslatable, match=r"OCPP 1\.[25]"):
        aged(version, action, newer)


@pytest.mark.parametrize("message", [[], {"values": 5}, {"values": [5]}, {"values": [{}]}])
def test_other_shapes_are_refused(message: Any) -> None:
    dialect = DIALECTS["1.5"]
    with pytest.raises(msgspec.ValidationError):
        dialect.decode(
            dialect.by_name["MeterValues"],
            msgspec.json.encode(message),
            answer=False,
            strict=False,
        )


# Against the WSDL files.

FILES = {
    "1.5": ("ocpp_centralsystemservice_1.5_final.wsdl", "ocpp_chargepointservice_1.5_final.wsdl"),
    "1.2": ("centralsystemservice_0.wsdl", "chargepointservice.wsdl"),
}
XS = "{http://www.w3.org/2001/XMLSchema}"
PLAIN = {"string": str, "anyURI": str, "dateTime": str, "int": int, "boolean": bool}


@dataclass
class Type:
    """A complex type: members by name as (type, required, list)."""

    members: dict[str, tuple[Any, bool, bool]] = field(default_factory=dict)


class Wsdl:
    """The types of one version."""

    def __init__(self, paths: list[Path]) -> None:
        self.enums: dict[str, set[str]] = {}
        self.types: dict[str, Type] = {}
        for path in paths:
            root = ET.parse(path).getroot()  # noqa: S314 a file of the specification
            for node in root.iter(f"{XS}simpleType"):
                words = {str(word.get("value")) for word in node.iter(f"{XS}enumeration")}
                if words:
                    self.enums[str(node.get("name"))] = words
            for node in root.iter(f"{XS}complexType"):
                if name := node.get("name"):
                    self.types[name] = self._type(node)

    def _type(self, node: ET.Element) -> Type:
        found = Type()
        for element in node.findall(f"{XS}sequence/{XS}element"):
            inner = element.find(f"{XS}complexType")
            kind = str(element.get("type")).split(":")[-1] if inner is None else self._text(inner)
            is_list = element.get("maxOccurs") == "unbounded"
            is_required = element.get("minOccurs") != "0"
            found.members[str(element.get("name"))] = (kind, is_required, is_list)
        return found

    @staticmethod
    def _text(node: ET.Element) -> Type:
        attributes = node.iter(f"{XS}attribute")
        members = {
            str(a.get("name")): (str(a.get("type")).split(":")[-1], False, False)
            for a in attributes
        }
        return Type({"value": ("string", True, False), **members})

    def check(self, kind: Any, value: Any, path: str) -> None:
        kind = self.types.get(kind, kind) if isinstance(kind, str) else kind
        if isinstance(kind, Type):
            assert isinstance(value, dict), path
            assert value.keys() <= kind.members.keys(), path
            for name, (part, is_required, is_list) in kind.members.items():
                if name in value:
                    for item in value[name] if is_list else [value[name]]:
                        self.check(part, item, f"{path}.{name}")
                else:
                    assert is_list or not is_required, f"{path}.{name}"
        elif kind in self.enums:
            assert value in self.enums[kind], path
        else:
            assert isinstance(value, PLAIN.get(kind, str)), path


@pytest.fixture(name="wsdl", params=list(FILES))
def _wsdl(request: pytest.FixtureRequest, shared: Shared) -> tuple[str, Wsdl]:
    version = request.param
    return version, Wsdl([shared(f"wsdl/{name}") for name in FILES[version]])


def test_actions_are_those_of_the_wsdl(wsdl: tuple[str, Wsdl]) -> None:
    version, found = wsdl
    named = {name.removesuffix("Request") for name in found.types if name.endswith("Request")}
    assert {action.name for action in DIALECTS[version].actions} == named
    assert len(named) == {"1.5": 24, "1.2": 18}[version]


EXCHANGES = pairs_1()


@pytest.mark.parametrize("action", [action.name for action in DIALECTS["1.5"].actions])
def test_what_is_said_is_what_the_wsdl_defines(wsdl: tuple[str, Wsdl], action: str) -> None:
    version, found = wsdl
    dialect = DIALECTS[version]
    if action not in dialect.by_name:
        return
    row = dialect.by_name[action]

    @FEW
    @given(EXCHANGES[action][0])
    def check(exchange: tuple[Any, Any]) -> None:
        request, answer = exchange
        for value, write, read, name in (
            (request, row.write, row.read, f"{action}Request"),
            (answer, row.write_answer, lambda w: row.read_answer(w, request), f"{action}Response"),
        ):
            is_answer = value is answer
            try:
                payload = dialect.encode(row, write(value), answer=is_answer)
            except Untranslatable:
                return
            found.check(name, msgspec.json.decode(payload), name)
            # Once a loss has become a default, what is said stays the same.
            said = []
            for _again in range(2):
                wire, oddities = dialect.decode(row, payload, answer=is_answer, strict=True)
                assert oddities == ()
                payload = dialect.encode(row, write(read(wire)), answer=is_answer)
                said.append(payload)
            found.check(name, msgspec.json.decode(payload), name)
            assert said[0] == said[1]

    check()
