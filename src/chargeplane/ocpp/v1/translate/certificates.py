"""The certificates of the 1.6 security extension.

Lost on the way to 1.x: kinds and children of listed certificates; request
ids. Certificates of ISO 15118 are said by Plug & Charge (`extensions.py`);
several kinds in one question cannot be said.
"""

from __future__ import annotations

from typing import Any

from chargeplane.domain import certificates as domain
from chargeplane.domain.certificates import CertificateHashData, CertificateHashDataChain
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import (
    empty,
    read_empty,
    read_outcome,
    row,
    say,
    status_of,
    status_to,
)

USES: dict[str, Any] = {"CentralSystemRootCertificate": "CSMSRootCertificate"}
USES_1X = {kind: word for word, kind in USES.items()}
STATION = (None, "ChargingStationCertificate")


def read_hash(data: wire.CertificateHashData) -> CertificateHashData:
    """What identifies a certificate."""
    return CertificateHashData(
        hash_algorithm=data.hash_algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )


def write_hash(data: CertificateHashData) -> wire.CertificateHashData:
    """What identifies a certificate."""
    return say(
        wire.CertificateHashData,
        hash_algorithm=data.hash_algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )


def write_sign(request: domain.SignCertificate) -> wire.SignCertificate:
    """A request for the station's own certificate."""
    if request.certificate_type not in STATION:
        raise Untranslatable(f"OCPP 1.6 SignCertificate has no {request.certificate_type}")
    return say(wire.SignCertificate, csr=request.csr)


def write_signed(request: domain.CertificateSigned) -> wire.CertificateSigned:
    """The station's own certificate."""
    if request.certificate_type not in STATION:
        raise Untranslatable(f"OCPP 1.6 CertificateSigned has no {request.certificate_type}")
    return say(wire.CertificateSigned, certificate_chain=request.certificate_chain)


def write_install(request: domain.InstallCertificate) -> wire.InstallCertificate:
    """A root certificate; those of ISO 15118 break the enum."""
    kind = request.certificate_type
    return say(
        wire.InstallCertificate,
        certificate_type=USES_1X.get(kind, kind),
        certificate=request.certificate,
    )


def write_get(request: domain.GetInstalledCertificateIds) -> wire.GetInstalledCertificateIds:
    """One kind of certificates."""
    kinds = request.certificate_type or ()
    if len(kinds) != 1:
        raise Untranslatable("OCPP 1.6 lists the certificates of one kind at a time")
    return say(wire.GetInstalledCertificateIds, certificate_type=USES_1X.get(kinds[0], kinds[0]))


def read_get(request: wire.GetInstalledCertificateIds) -> domain.GetInstalledCertificateIds:
    """One kind of certificates."""
    kind = request.certificate_type
    return domain.GetInstalledCertificateIds(certificate_type=(USES.get(kind, kind),))


def read_get_answer(
    answer: wire.GetInstalledCertificateIdsResponse, asked: domain.GetInstalledCertificateIds
) -> domain.InstalledCertificates:
    """The certificates found, all of the kind that was asked for."""
    kind = (asked.certificate_type or ("CSMSRootCertificate",))[0]
    found = answer.certificate_hash_data
    chains = None
    if found is not None:
        chains = tuple(
            CertificateHashDataChain(certificate_type=kind, certificate_hash_data=read_hash(data))
            for data in found
        )
    return domain.InstalledCertificates(status=answer.status, certificate_hash_data_chain=chains)


def write_get_answer(
    answer: domain.InstalledCertificates,
) -> wire.GetInstalledCertificateIdsResponse:
    """The certificates found."""
    chains = answer.certificate_hash_data_chain
    found = None
    if chains:
        found = [write_hash(chain.certificate_hash_data) for chain in chains]
    return say(
        wire.GetInstalledCertificateIdsResponse,
        certificate_hash_data=found,
        status=answer.status,
    )


ROWS = (
    row(
        "station",
        "SecurityEventNotification",
        domain.SecurityEventNotification,
        read=lambda request: domain.SecurityEventNotification(
            type=request.type, timestamp=request.timestamp, tech_info=request.tech_info
        ),
        write=lambda request: say(
            wire.SecurityEventNotification,
            type=request.type,
            timestamp=request.timestamp,
            tech_info=request.tech_info,
        ),
        read_answer=read_empty,
        write_answer=empty(wire.SecurityEventNotificationResponse),
    ),
    row(
        "station",
        "SignCertificate",
        domain.SignCertificate,
        read=lambda request: domain.SignCertificate(csr=request.csr),
        write=write_sign,
        read_answer=read_outcome,
        write_answer=status_of(wire.SignCertificateResponse),
    ),
    row(
        "csms",
        "CertificateSigned",
        domain.CertificateSigned,
        read=lambda request: domain.CertificateSigned(certificate_chain=request.certificate_chain),
        write=write_signed,
        read_answer=read_outcome,
        write_answer=status_of(wire.CertificateSignedResponse),
    ),
    row(
        "csms",
        "InstallCertificate",
        domain.InstallCertificate,
        read=lambda request: domain.InstallCertificate(
            certificate_type=USES.get(request.certificate_type, request.certificate_type),
            certificate=request.certificate,
        ),
        write=write_install,
        read_answer=status_to(domain.InstallCertificateAnswer),
        write_answer=status_of(wire.InstallCertificateResponse),
    ),
    row(
        "csms",
        "DeleteCertificate",
        domain.DeleteCertificate,
        read=lambda request: domain.DeleteCertificate(
            certificate_hash_data=read_hash(request.certificate_hash_data)
        ),
        write=lambda request: wire.DeleteCertificate(
            certificate_hash_data=write_hash(request.certificate_hash_data)
        ),
        read_answer=status_to(domain.DeleteCertificateAnswer),
        write_answer=status_of(wire.DeleteCertificateResponse),
    ),
    row(
        "csms",
        "GetInstalledCertificateIds",
        domain.GetInstalledCertificateIds,
        read=read_get,
        write=write_get,
        read_answer=read_get_answer,
        write_answer=write_get_answer,
    ),
)
