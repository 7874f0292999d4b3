"""A certificate authority of one's own: a key and its certificate in PEM files.

For small installations; a larger one forwards requests to the authority that
it has (2.x A02.FR.04), as another `Signer`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chargeplane.domain.certificates import SignCertificate, SigningUse
from chargeplane.errors import ConfigurationError

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

# 2.x A00.FR.502, A00.FR.503
MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 224

# Only the station's own certificate opens our door, whatever else this authority signs. Without
# a kind it is for both purposes (2.x A02.FR.13).
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
PURPOSES: Final[dict[SigningUse | None, tuple[x509.ObjectIdentifier, ...]]] = {
    None: (CLIENT, SERVER),
    "ChargingStationCertificate": (CLIENT,),
    "V2GCertificate": (SERVER,),
    "V2G20Certificate": (SERVER,),
}


class LocalAuthority:
    """Signs with a key that lies here; certificates are good for `days`.

    A certificate that a station shows us names it by its id, whatever the
    request says, so that no station can get the certificate of another.
    """

    def __init__(self, key: Key, chain: Sequence[x509.Certificate], days: int = 365) -> None:
        self._key = key
        self._chain = tuple(chain)
        self._days = days

    @classmethod
    def open(cls, key_file: Path, certificate_file: Path, days: int = 365) -> Self:
        """Read key and certificate, the latter with those above it; raises ConfigurationError."""
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
            chain = x509.load_pem_x509_certificates(certificate_file.read_bytes())
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigurationError(f"the certificate authority cannot be used: {error}") from None
        if not isinstance(key, Key) or key.public_key() != chain[0].public_key():
            raise ConfigurationError(f"{key_file} is not the key of {certificate_file}")
        return cls(key, chain, days)

    async def sign(self, station_id: str, request: SignCertificate) -> str:
        """The certificate and those above it but the root (PEM)."""
        return await asyncio.to_thread(self._sign, station_id, request)

    def _sign(self, station_id: str, request: SignCertificate) -> str:
        csr, issuer = x509.load_pem_x509_csr(request.csr.encode()), self._chain[0]
        now = datetime.now(UTC).replace(microsecond=0)
        until = min(now + timedelta(days=self._days), issuer.not_valid_after_utc)
        purposes = PURPOSES[request.certificate_type]
        public = csr.public_key()
        builder = (
            x509.CertificateBuilder(issuer.subject, _subject(csr, station_id, purposes))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        above = [each for each in self._chain if each.issuer != each.subject]
        return _pem([builder.sign(self._key, hashes.SHA256()), *above])


def flaw(csr: str) -> str | None:
    """What is wrong with a certificate request (PEM PKCS #10); None: nothing."""
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        if not request.is_signature_valid:
            return "it is not signed with its own key"
        key = request.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        return f"it cannot be read: {error}"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        return f"its key is shorter than {MIN_RSA_BITS} bits"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < MIN_EC_BITS:
        return f"its key is shorter than {MIN_EC_BITS} bits"
    return None


def _subject(
    csr: x509.CertificateSigningRequest,
    station_id: str,
    purposes: tuple[x509.ObjectIdentifier, ...],
) -> x509.Name:
    if CLIENT not in purposes:
        return csr.subject
    others = [part for part in csr.subject if part.oid != NameOID.COMMON_NAME]
    return x509.Name([*others, x509.NameAttribute(NameOID.COMMON_NAME, station_id)])


def _pem(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)
