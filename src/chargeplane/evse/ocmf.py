"""Signed meter values in the Open Charge Metering Format (OCMF 1.0, safe-ev.org)."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chargeplane.domain.readings import SignedMeterValue

METHOD: Final = "ECDSA-secp256r1-SHA256"
KINDS: Final = {"Transaction.Begin": "B", "Transaction.End": "E"}  # of a reading; else C


class Signer:
    """Signs the energy register of one meter with its own key."""

    def __init__(self, meter: str, key: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._meter = meter
        self._key = key or ec.generate_private_key(ec.SECP256R1())
        self._pagination = 0

    @property
    def public_key(self) -> str:
        """The key to check with: DER in Base64."""
        encoded = self._key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(encoded).decode()

    def sign(self, energy_wh: float, at: datetime, context: str) -> SignedMeterValue:
        """The register at a moment, signed."""
        self._pagination += 1
        payload = msgspec.json.encode(
            {
                "FV": "1.0",
                "PG": f"T{self._pagination}",
                "MS": self._meter,
                "RD": [
                    {
                        "TM": f"{at:%Y-%m-%dT%H:%M:%S},{at.microsecond // 1000:03}+0000 S",
                        "TX": KINDS.get(context, "C"),
                        "RV": round(energy_wh / 1000, 4),
                        "RI": "1-b:1.8.0",
                        "RU": "kWh",
                        "ST": "G",
                    }
                ],
            }
        )
        signature = self._key.sign(payload, ec.ECDSA(hashes.SHA256()))
        seal = msgspec.json.encode({"SA": METHOD, "SD": signature.hex()})
        document = b"OCMF|" + payload + b"|" + seal
        return SignedMeterValue(
            signed_meter_data=base64.b64encode(document).decode(),
            signing_method=METHOD,
            encoding_method="OCMF",
            public_key=self.public_key,
        )
