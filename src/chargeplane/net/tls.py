"""TLS of a station (OCPP security profiles 2 and 3): whom it trusts, what it shows, what failed."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal

Fault = Literal["certificate", "version", "cipher", "credentials"]
"""What of the server is not accepted, or `credentials`: what of ours the server does not accept."""

# 2.x A00.FR.319; the suites of TLS 1.3 are always there.
CIPHERS: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
    "AES128-GCM-SHA256:AES256-GCM-SHA384"
)

# How OpenSSL calls what a server or we ourselves refused.
FAULTS: Final[dict[str, Fault]] = {
    "UNSUPPORTED_PROTOCOL": "version",
    "VERSION_TOO_LOW": "version",
    "TLSV1_ALERT_PROTOCOL_VERSION": "version",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "cipher",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": "cipher",
    "WRONG_CIPHER_RETURNED": "cipher",
    "UNKNOWN_CIPHER_RETURNED": "cipher",
    "DH_KEY_TOO_SMALL": "cipher",
    "TLSV1_ALERT_UNKNOWN_CA": "credentials",
    "TLSV1_ALERT_ACCESS_DENIED": "credentials",
    "SSLV3_ALERT_BAD_CERTIFICATE": "credentials",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "credentials",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "credentials",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "credentials",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "credentials",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "credentials",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate with those above it, and its private key, both PEM."""

    chain: str
    key: str


def client_context(
    roots: Sequence[str],
    *,
    system: bool = False,
    identity: Identity | None = None,
    check_name: bool = True,
    wildcards: bool = False,
) -> ssl.SSLContext:
    """What a station connects with; `roots` are PEM, `system` adds what the machine trusts.

    A root that is signed by another one is trusted by itself (2.x M05.FR.12). The server is the one
    that was asked for if its commonName or an alternative name says so (2.x A00.FR.309).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # A00.FR.313
    context.set_ciphers(CIPHERS)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False  # that of OpenSSL knows no commonName for an address
    context.sslobject_class = _CHECKS[check_name, wildcards]
    if system:
        context.load_default_certs()
    if roots:
        context.load_verify_locations(cadata="".join(roots))
    if identity is not None:
        with _on_disk(identity.chain + identity.key) as file:
            context.load_cert_chain(file)
    return context


@contextmanager
def _on_disk(text: str) -> Iterator[Path]:
    """A file that nobody else can read; OpenSSL takes keys from files only."""
    number, name = tempfile.mkstemp()
    try:
        with os.fdopen(number, "w") as file:
            file.write(text)
        yield Path(name)
    finally:
        Path(name).unlink()


# Whose certificate it is


class _AnyName(ssl.SSLObject):
    """A connection to whoever has a certificate that is trusted."""


class _ThatName(ssl.SSLObject):
    """A connection to the server that was asked for."""

    wildcards = False

    def do_handshake(self) -> None:
        """Shake hands, and see who it is before anything is said."""
        super().do_handshake()
        names = _names(self.getpeercert() or {})
        wanted = self.server_hostname or ""
        if not any(_is_that(wanted, name, wildcards=self.wildcards) for name in names):
            raise ssl.SSLCertVerificationError(
                f"the certificate is that of {', '.join(names) or 'nobody'}, not of {wanted}"
            )


class _ThatNameOrStar(_ThatName):
    wildcards = True


_CHECKS: Final[dict[tuple[bool, bool], type[ssl.SSLObject]]] = {
    (True, False): _ThatName,
    (True, True): _ThatNameOrStar,
    (False, False): _AnyName,
    (False, True): _AnyName,
}


def _names(certificate: Mapping[str, Any]) -> list[str]:
    """The commonName and the alternative names that are names or addresses."""
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    common = [value for kind, value in subject if kind == "commonName"]
    others = certificate.get("subjectAltName", ())
    return common + [value for kind, value in others if kind in ("DNS", "IP Address")]


def _is_that(wanted: str, name: str, *, wildcards: bool) -> bool:
    wanted, name = wanted.rstrip(".").lower(), name.rstrip(".").lower()
    if wanted == name:
        return True
    try:
        return ip_address(wanted) == ip_address(name)
    except ValueError:
        first, _, rest = name.partition(".")
        return wildcards and first == "*" and "." in rest and wanted.partition(".")[2] == rest


# What failed


def fault_of(error: BaseException) -> Fault | None:
    """Whether security was the reason of a failure, or of what it came from.

    With TLS 1.3 a server refuses our certificate after the handshake; that looks like any lost
    connection.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "certificate"
        if isinstance(cause, ssl.SSLError) and cause.reason in FAULTS:
            return FAULTS[cause.reason]
        cause = cause.__cause__ or cause.__context__
    return None
