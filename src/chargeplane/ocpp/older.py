"""OCPP 1.5 and 1.2 as JSON: renames in front of the 1.6 rows, in both directions.

`Step.read` turns a payload of an older version into one of the next newer,
`Step.write` turns it back. What the older version cannot say is left out where
the rest still tells the truth (`FORGOTTEN`), said by its nearest word
(`WORDS`), or refused with `Untranslatable` (`REFUSED`). From the WSDL files of
the three versions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chargeplane.domain.messages import Json
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.units import number

Change = Callable[[Json], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What differs between a version and the next newer one; keys are message names."""

    version: str
    actions: frozenset[str]
    members: dict[str, dict[str, str]]  # older name -> newer name
    words: dict[str, dict[str, dict[str, str]]]  # member -> newer word -> older word
    newer_words: dict[str, dict[str, dict[str, str]]]  # member -> older word -> newer word
    forgotten: dict[str, frozenset[str]]
    refused: dict[str, frozenset[str]]
    read_more: dict[str, Change]
    write_more: dict[str, Change]

    def read(self, message: str, payload: Json) -> Json:
        """A payload of this version in the words of the next newer one."""
        names = self.members.get(message, {})
        payload = {names.get(name, name): value for name, value in payload.items()}
        _say(payload, self.newer_words.get(message, {}))
        change = self.read_more.get(message)
        return change(payload) if change else payload

    def write(self, message: str, payload: Json) -> Json:
        """A payload of the next newer version in the words of this one."""
        for name in self.refused.get(message, frozenset()) & payload.keys():
            raise Untranslatable(f"OCPP {self.version} {message} has no {name}")
        change = self.write_more.get(message)
        payload = change(payload) if change else payload
        forgotten = self.forgotten.get(message, frozenset())
        names = {newer: older for older, newer in self.members.get(message, {}).items()}
        payload = {
            names.get(name, name): value for name, value in payload.items() if name not in forgotten
        }
        _say(payload, self.words.get(message, {}))
        return payload


def _say(payload: Json, words: dict[str, dict[str, str]]) -> None:
    for member, others in words.items():
        if member in payload:
            payload[member] = others.get(payload[member], payload[member])


# Meter values


UNITS = {"Amp": "A", "Volt": "V"}
UNITS_15 = {"A": "Amp", "V": "Volt", "Celcius": "Celsius"}
KNOWN_UNITS = frozenset("Wh kWh varh kvarh W kW var kvar Amp Volt Celsius".split())
KNOWN_CONTEXTS = frozenset(
    "Interruption.Begin Interruption.End Sample.Clock Sample.Periodic "
    "Transaction.Begin Transaction.End".split()
)
NEW_MEASURANDS = frozenset("Current.Offered Frequency Power.Factor Power.Offered RPM SoC".split())
KNOWN_LOCATIONS = frozenset(("Inlet", "Outlet", "Body"))


def _read_values(values: Any) -> list[Json]:
    return [_read_value(value) for value in values or ()]


def _read_value(value: Json) -> Json:
    """The samples of a moment: the WSDL calls the list `value`, early JSON stations `values`."""
    rest = {name: part for name, part in value.items() if name not in ("value", "values")}
    return {**rest, "sampledValue": _read_samples(value.get("value", value.get("values", [])))}


def _read_samples(samples: Any) -> list[Json]:
    samples = samples if isinstance(samples, list) else [samples]
    return [_read_sample(sample) for sample in samples]


def _read_sample(sample: Any) -> Json:
    if not isinstance(sample, dict):  # the text of an element without attributes
        return {"value": str(sample)}
    if "unit" in sample:
        return {**sample, "unit": UNITS.get(sample["unit"], sample["unit"])}
    return sample


def _write_values(values: list[Json]) -> list[Json]:
    """Values that 1.5 can say: no phases, and only its measurands, units and places."""
    said = []
    for value in values:
        samples = [_write_sample(s) for s in value["sampledValue"] if _is_said(s)]
        if samples:
            said.append({"timestamp": value["timestamp"], "value": samples})
    return said


def _is_said(sample: Json) -> bool:
    unit = sample.get("unit", "Wh")
    return (
        "phase" not in sample
        and sample.get("measurand") not in NEW_MEASURANDS
        and UNITS_15.get(unit, unit) in KNOWN_UNITS
        and sample.get("location", "Outlet") in KNOWN_LOCATIONS
    )


def _write_sample(sample: Json) -> Json:
    sample = dict(sample)
    if "unit" in sample:
        sample["unit"] = UNITS_15.get(sample["unit"], sample["unit"])
    if sample.get("context") not in KNOWN_CONTEXTS:
        sample.pop("context", None)
    return sample


def _read_meter_values(payload: Json) -> Json:
    values = _read_values(payload.pop("values", ()))
    return {**payload, "meterValue": values}


def _write_meter_values(payload: Json) -> Json:
    values = _write_values(payload.pop("meterValue", []))
    if not values:
        raise Untranslatable("OCPP 1.5 can say none of these meter values")
    return {**payload, "values": values}


def _read_stop(payload: Json) -> Json:
    data = [v for part in payload.pop("transactionData", ()) for v in part.get("values", ())]
    return {**payload, "transactionData": _read_values(data)} if data else payload


def _write_stop(payload: Json) -> Json:
    values = _write_values(payload.pop("transactionData", []))
    return {**payload, "transactionData": [{"values": values}]} if values else payload


def _read_meter_values_12(payload: Json) -> Json:
    """1.2 has one whole number of Wh where 1.5 has a list."""
    return {**payload, "values": [_listed(value) for value in payload.get("values") or ()]}


def _listed(value: Json) -> Json:
    return {**value, "value": [{"value": str(value["value"])}]} if "value" in value else value


def _write_meter_values_12(payload: Json) -> Json:
    """The moments at which the total of energy was read."""
    totals = [(value, _total(value["value"])) for value in payload["values"]]
    values = [{**value, "value": total} for value, total in totals if total is not None]
    if not values:
        raise Untranslatable("OCPP 1.2 meter values are totals of energy")
    return {**payload, "values": values}


def _total(samples: list[Json]) -> int | None:
    for sample in samples:
        value = None if sample.get("format") == "SignedData" else number(sample["value"])
        is_energy = sample.get("measurand", ENERGY) == ENERGY and sample.get("unit", "Wh") == "Wh"
        if is_energy and value is not None:
            return round(value)
    return None


ENERGY = "Energy.Active.Import.Register"


def _read_booted(payload: Json) -> Json:
    """The interval is optional in 1.2; 0 lets the station choose (1.6 §4.2)."""
    return {"heartbeatInterval": 0, **payload}


def _read_list(payload: Json) -> Json:
    """The hash of a local list is not used: it was optional and is gone in 1.6."""
    return {name: value for name, value in payload.items() if name != "hash"}


ACTIONS_12 = frozenset(
    """Authorize BootNotification ChangeAvailability ChangeConfiguration ClearCache
    DiagnosticsStatusNotification FirmwareStatusNotification GetDiagnostics Heartbeat MeterValues
    RemoteStartTransaction RemoteStopTransaction Reset StartTransaction StatusNotification
    StopTransaction UnlockConnector UpdateFirmware""".split()
)
ACTIONS_15 = ACTIONS_12 | frozenset(
    """CancelReservation DataTransfer GetConfiguration GetLocalListVersion ReserveNow
    SendLocalList""".split()
)

STEP_15 = Step(
    version="1.5",
    actions=ACTIONS_15,
    members={
        "BootNotificationResponse": {"heartbeatInterval": "interval"},
        "SendLocalList": {"localAuthorisationList": "localAuthorizationList"},
    },
    newer_words={
        # A car is there; 1.5 does not say what it does.
        "StatusNotification": {
            "status": {"Occupied": "Preparing"},
            "errorCode": {"Mode3Error": "EVCommunicationError"},
        },
        "UnlockConnectorResponse": {"status": {"Accepted": "Unlocked", "Rejected": "UnlockFailed"}},
        "SendLocalListResponse": {"status": {"HashError": "Failed"}},
    },
    words={
        "BootNotificationResponse": {"status": {"Pending": "Rejected"}},
        "StatusNotification": {
            "status": dict.fromkeys(
                ("Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"), "Occupied"
            ),
            "errorCode": {
                "EVCommunicationError": "Mode3Error",
                "InternalError": "OtherError",
                "LocalListConflict": "OtherError",
                "OverVoltage": "OtherError",
            },
        },
        "UnlockConnectorResponse": {
            "status": {
                "Unlocked": "Accepted",
                "UnlockFailed": "Rejected",
                "NotSupported": "Rejected",
            }
        },
        "ChangeConfigurationResponse": {"status": {"RebootRequired": "Accepted"}},
    },
    forgotten={"StopTransaction": frozenset({"reason"})},
    refused={"RemoteStartTransaction": frozenset({"chargingProfile"})},
    read_more={
        "MeterValues": _read_meter_values,
        "StopTransaction": _read_stop,
        "SendLocalList": _read_list,
        "SendLocalListResponse": _read_list,
    },
    write_more={
        "MeterValues": _write_meter_values,
        "StopTransaction": _write_stop,
        "FirmwareStatusNotification": lambda payload: _final(payload, "firmware"),
        "DiagnosticsStatusNotification": lambda payload: _final(payload, "diagnostics"),
    },
)


def _final(payload: Json, subject: str) -> Json:
    """1.5 and 1.2 tell only how a download, installation or upload ended."""
    if payload["status"] in ("Idle", "Downloading", "Installing", "Uploading"):
        raise Untranslatable(f"OCPP 1.5 has no {subject} status {payload['status']}")
    return payload


STEP_12 = Step(
    version="1.2",
    actions=ACTIONS_12,
    members={},
    newer_words={},
    words={
        "StatusNotification": {
            "status": {"Reserved": "Unavailable"},
            "errorCode": dict.fromkeys(
                (
                    "GroundFailure",
                    "OverCurrentFailure",
                    "UnderVoltage",
                    "WeakSignal",
                    "OtherError",
                ),
                "PowerSwitchFailure",
            ),
        }
    },
    forgotten={
        "StartTransaction": frozenset({"reservationId"}),
        "StopTransaction": frozenset({"transactionData"}),
        "StatusNotification": frozenset({"info", "timestamp", "vendorId", "vendorErrorCode"}),
        "MeterValues": frozenset({"transactionId"}),
    },
    refused={},
    read_more={
        "MeterValues": _read_meter_values_12,
        "BootNotificationResponse": _read_booted,
    },
    write_more={"MeterValues": _write_meter_values_12},
)

STEPS: dict[str, tuple[Step, ...]] = {"1.6": (), "1.5": (STEP_15,), "1.2": (STEP_12, STEP_15)}
"""The steps from each version up to 1.6."""

OLDER = frozenset(version for version, steps in STEPS.items() if steps)
