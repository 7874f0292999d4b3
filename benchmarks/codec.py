"""OCPP 1.6 MeterValues with seven samples: decoded, translated, answered; and by `ocpp`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from ocpp.messages import _validate_payload, unpack

from benchmarks.measure import Figure, compare
from chargeplane.domain.transactions import TransactionAnswer
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.rpc import split_call
from chargeplane.ocpp.v1 import wire

SAMPLES = (
    ("1234567.8", "Energy.Active.Import.Register", None, "Wh"),
    ("11040.0", "Power.Active.Import", None, "W"),
    ("16.0", "Current.Import", "L1", "A"),
    ("16.0", "Current.Import", "L2", "A"),
    ("16.0", "Current.Import", "L3", "A"),
    ("230.1", "Voltage", "L1-N", "V"),
    ("47", "SoC", None, "Percent"),
)

_answer = msgspec.json.Encoder().encode


def call() -> bytes:
    """The frame that a station sends."""
    payload = {
        "connectorId": 1,
        "transactionId": 4711,
        "meterValue": [
            {"timestamp": "2024-05-01T12:00:00Z", "sampledValue": [_sample(*s) for s in SAMPLES]}
        ],
    }
    return msgspec.json.encode([2, "5f3a7c1e-0001", "MeterValues", payload])


def _sample(value: str, measurand: str, phase: str | None, unit: str) -> dict[str, Any]:
    said = {"value": value, "context": "Sample.Periodic", "format": "Raw", "measurand": measurand}
    if phase is not None:
        said["phase"] = phase
    return said | {"location": "Outlet", "unit": unit}


def measure() -> Iterator[Figure]:
    """What issue 2 promises, each against the `ocpp` package's unpack and validate."""
    frame = call()
    dialect = DIALECTS["1.6"]
    row = dialect.by_name["MeterValues"]
    nothing = wire.MeterValuesResponse()
    done = TransactionAnswer()

    def decode_and_answer() -> bytes:
        call_id, _, payload = split_call(frame)  # type: ignore[misc]  # it is a usual call
        dialect.decode(row, payload, answer=False, strict=False)
        return _answer((3, call_id, msgspec.Raw(dialect.encode(row, nothing, answer=True))))

    def translate_and_answer() -> bytes:
        call_id, _, payload = split_call(frame)  # type: ignore[misc]  # it is a usual call
        said, _ = dialect.decode(row, payload, answer=False, strict=False)
        row.read(said)
        answer = dialect.encode(row, row.write_answer(done), answer=True)
        return _answer((3, call_id, msgspec.Raw(answer)))

    def unpack_and_validate() -> None:
        _validate_payload(unpack(frame), "1.6")

    other = "ocpp: unpack and validate"
    yield compare("decode, validate, answer", decode_and_answer, other, unpack_and_validate, 100)
    yield compare(
        "the same with wire to domain", translate_and_answer, other, unpack_and_validate, 50
    )
