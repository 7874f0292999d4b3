"""Certificates as values: reading them, what is wrong with them, and asking for new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, utils
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from chargeplane.domain.certificates import CertificateHashData
from chargeplane.domain.tokens import HashAlgorithm
from chargeplane.errors import ChargeplaneError

E = TypeVar("E", bound=x509.ExtensionType)

Certificate = x509.Certificate
Key = ec.EllipticCurvePrivateKey

# 2.x A00.FR.501 to FR.503
MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 224
DEPTH: Final = 5  # certificates above a leaf
HASHES: Final[dict[HashAlgorithm, hashes.HashAlgorithm]] = {
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}


class Unusable(ChargeplaneError):
    """A certificate or signature cannot be used; the message says why."""


class Untrusted(Unusable):
    """Its root is not known here."""


def load(pem: str) -> list[Certificate]:
    """The certificates of a PEM text, at least one; raises `Unusable`."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(f"it cannot be read: {error}") from error


def dump(certificates: Iterable[Certificate]) -> str:
    """Certificates as PEM."""
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def is_signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether it names this issuer and bears its signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


# What is wrong


def check(certificate: Certificate, now: datetime) -> None:
    """Raise `Unusable` if it is not valid now or its key is too weak (2.x A00.FR.501 to 503)."""
    if now < certificate.not_valid_before_utc:
        raise Unusable(f"it is not valid before {certificate.not_valid_before_utc.isoformat()}")
    if now > certificate.not_valid_after_utc:
        raise Unusable(f"it expired at {certificate.not_valid_after_utc.isoformat()}")
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(f"its key cannot be used: {error}") from error
    if isinstance(key, (rsa.RSAPublicKey, dsa.DSAPublicKey)) and key.key_size < MIN_RSA_BITS:
        raise Unusable(f"its key is shorter than {MIN_RSA_BITS} bits")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < MIN_EC_BITS:
        raise Unusable(f"its key is shorter than {MIN_EC_BITS} bits")


def check_authority(certificate: Certificate, now: datetime, *, between: int = 0) -> None:
    """The same, and if it may not sign certificates with so many between it and a leaf."""
    check(certificate, now)
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage and not usage.key_cert_sign):
        raise Unusable("it is no authority")
    if constraints.path_length is not None and constraints.path_length < between:
        raise Unusable("too many certificates are below it")


def check_chain(
    chain: Sequence[Certificate], roots: Sequence[Certificate], now: datetime
) -> Certificate:
    """The root that a leaf leads to by way of those behind it; raises `Unusable`.

    Of RFC 5280 §6 what certificates of stations need: signatures, names, validity, who may sign,
    and how deep.
    """
    check(chain[0], now)
    below, others = chain[0], list(chain[1:])
    for between in range(DEPTH):
        root = issuer_of(below, roots)
        issuer = root or issuer_of(below, others)
        if issuer is None:
            break
        check_authority(issuer, now, between=between)
        if root is not None:
            return root
        others.remove(issuer)
        below = issuer
    raise Untrusted(f"nobody is trusted who signed {below.subject.rfc4514_string()}")


def issuer_of(certificate: Certificate, among: Iterable[Certificate]) -> Certificate | None:
    """The one that signed it."""
    return next((each for each in among if is_signed_by(certificate, each)), None)


def _extension(certificate: Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


# What identifies them


def hash_data(
    certificate: Certificate, among: Iterable[Certificate], algorithm: HashAlgorithm = "SHA256"
) -> CertificateHashData:
    """What identifies a certificate whose issuer is among those (2.x CertificateHashDataType).

    Where its issuer is not known its own key stands for that of the issuer.
    """
    issuer = issuer_of(certificate, among) or certificate
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, HASHES[algorithm])
    found = builder.build()
    name = hashes.Hash(HASHES[algorithm])
    name.update(certificate.issuer.public_bytes())
    return CertificateHashData(
        hash_algorithm=algorithm,
        issuer_name_hash=name.finalize().hex(),
        issuer_key_hash=found.issuer_key_hash.hex(),
        serial_number=f"{certificate.serial_number:x}",
    )


def is_same(one: CertificateHashData, other: CertificateHashData) -> bool:
    """Whether both identify the same, however they are written."""
    return _plain(one) == _plain(other)


def _plain(data: CertificateHashData) -> tuple[str, ...]:
    return (
        data.hash_algorithm,
        data.issuer_name_hash.lower(),
        data.issuer_key_hash.lower(),
        data.serial_number.lower().lstrip("0"),
    )


def ocsp_responder(certificate: Certificate) -> str | None:
    """Where to ask whether it is revoked, if it says."""
    access = _extension(certificate, x509.AuthorityInformationAccess)
    for each in access or ():
        if each.access_method == AuthorityInformationAccessOID.OCSP:
            return str(each.access_location.value)
    return None


# Asking for new ones


def new_key(curve: ec.EllipticCurve) -> Key:
    """A new private key."""
    return ec.generate_private_key(curve)


def dump_key(key: Key) -> str:
    """A private key as PEM, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def has_key(certificate: Certificate, key: str) -> bool:
    """Whether a private key (PEM) is that of a certificate; raises `Unusable`."""
    try:
        private: Any = serialization.load_pem_private_key(key.encode(), password=None)
        return bool(private.public_key() == certificate.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable(f"the key cannot be read: {error}") from error


NAMES: Final = {
    "common_name": NameOID.COMMON_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "country": NameOID.COUNTRY_NAME,
}


def certificate_request(key: Key, subject: Mapping[str, str]) -> str:
    """A PEM PKCS #10 request (2.x A02.FR.03); `subject` by the names of `NAMES`."""
    parts = [x509.NameAttribute(NAMES[name], value) for name, value in subject.items() if value]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    signed = builder.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


# Signatures of files


def check_signature(certificate: Certificate, digest: bytes, signature: bytes) -> None:
    """Raise `Unusable` if it is not that of a file with this SHA-256 by the certificate's key.

    2.x L01.FR.04 names RSA-PSS and EC-Schnorr. What tools make of keys are RSA-PSS, RSA with
    PKCS #1 padding, and ECDSA; these are taken.
    """
    key, prehashed = certificate.public_key(), utils.Prehashed(hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePublicKey):
        attempts: list[Any] = [(ec.ECDSA(prehashed),)]
    elif isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
        attempts = [(pss, prehashed), (padding.PKCS1v15(), prehashed)]
    else:
        raise Unusable("signatures of its kind of key are not known")
    for how in attempts:
        try:
            key.verify(signature, digest, *how)
        except InvalidSignature:
            continue
        return
    raise Unusable("the signature is not that of the file")
