from __future__ import annotations

import base64
from datetime import UTC, datetime

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chargeplane.evse.ocmf import Signer

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_a_signed_reading_can_be_checked_with_its_key() -> None:
    signer = Signer("METER-1")
    signed = signer.sign(12345.6, AT, "Transaction.Begin")
    head, payload, seal = base64.b64decode(signed.signed_meter_data).split(b"|")
    assert (head, signed.encoding_method) == (b"OCMF", "OCMF")
    key = load_der_public_key(base64.b64decode(signed.public_key or ""))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signature = bytes.fromhex(msgspec.json.decode(seal)["SD"])
    key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))  # raises if it is not so
    said = msgspec.json.decode(payload)
    assert said["MS"] == "METER-1"
    assert said["RD"] == [
        {
            "TM": "2026-01-02T03:04:05,678+0000 S",
            "TX": "B",
            "RV": 12.3456,
            "RI": "1-b:1.8.0",
            "RU": "kWh",
            "ST": "G",
        }
    ]


def test_readings_are_numbered() -> None:
    signer = Signer("METER-1")
    numbers = []
    for _ in range(3):
        document = base64.b64decode(signer.sign(1.0, AT, "Sample.Clock").signed_meter_data)
        numbers.append(msgspec.json.decode(document.split(b"|")[1])["PG"])
    assert numbers == ["T1", "T2", "T3"]
