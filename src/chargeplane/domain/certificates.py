"""Security events and certificates of the station, the central system and ISO 15118."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Empty, Message, Outcome, Request, StatusInfo, Value
from chargeplane.domain.tokens import HashAlgorithm, OcspRequestData

SigningUse = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]
RootUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "ManufacturerRootCertificate",
    "CSMSRootCertificate",
    "OEMRootCertificate",
]
InstalledUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "V2GCertificateChain",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
]


class SecurityEventNotification(Message, Request[Empty], frozen=True, kw_only=True):
    """Something happened that matters for security (2.x A04; 1.6 security extension)."""

    type: str
    timestamp: datetime
    tech_info: str | None = None


class CertificateHashData(Value, frozen=True, kw_only=True):
    """What identifies a certificate."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class SignCertificate(Message, Request[Outcome], frozen=True, kw_only=True):
    """Sign this request (PEM PKCS #10); the certificate comes by CertificateSigned (A02, A03)."""

    csr: str
    certificate_type: SigningUse | None = None
    hash_root_certificate: CertificateHashData | None = None  # this and the next: 2.1
    request_id: int | None = None


class CertificateSigned(Message, Request[Outcome], frozen=True, kw_only=True):
    """Here is the signed certificate with its chain (PEM)."""

    certificate_chain: str
    certificate_type: SigningUse | None = None
    request_id: int | None = None  # 2.1


class InstallCertificateAnswer(Message, frozen=True, kw_only=True):
    """Rejected: not valid; Failed: valid but could not be installed."""

    status: Literal["Accepted", "Rejected", "Failed"]
    status_info: StatusInfo | None = None


class InstallCertificate(Message, Request[InstallCertificateAnswer], frozen=True, kw_only=True):
    """Trust this root certificate (PEM) (2.x M05; 1.6 security extension)."""

    certificate_type: RootUse
    certificate: str


class DeleteCertificateAnswer(Message, frozen=True, kw_only=True):
    """Whether it is gone."""

    status: Literal["Accepted", "Failed", "NotFound"]
    status_info: StatusInfo | None = None


class DeleteCertificate(Message, Request[DeleteCertificateAnswer], frozen=True, kw_only=True):
    """Remove a certificate (2.x M04; 1.6 security extension)."""

    certificate_hash_data: CertificateHashData


class CertificateHashDataChain(Value, frozen=True, kw_only=True):
    """An installed certificate with those below it. 1.6 lists no kinds and no children."""

    certificate_type: InstalledUse
    certificate_hash_data: CertificateHashData
    child_certificate_hash_data: tuple[CertificateHashData, ...] | None = None


class InstalledCertificates(Message, frozen=True, kw_only=True):
    """The certificates that were found."""

    status: Literal["Accepted", "NotFound"]
    certificate_hash_data_chain: tuple[CertificateHashDataChain, ...] | None = None
    status_info: StatusInfo | None = None


class GetInstalledCertificateIds(
    Message, Request[InstalledCertificates], frozen=True, kw_only=True
):
    """Which certificates are installed (2.x M03; 1.6 security extension, one kind at a time)?"""

    certificate_type: tuple[InstalledUse, ...] | None = None


class EvCertificateAnswer(Message, frozen=True, kw_only=True):
    """The EXI answer for the car, base64."""

    status: Literal["Accepted", "Failed"]
    exi_response: str
    remaining_contracts: int | None = None  # 2.1
    status_info: StatusInfo | None = None


class Get15118EVCertificate(Message, Request[EvCertificateAnswer], frozen=True, kw_only=True):
    """Install or update the car's contract certificate (2.x M01, M02; 1.6 Plug & Charge)."""

    iso15118_schema_version: str
    action: Literal["Install", "Update"]
    exi_request: str
    maximum_contract_certificate_chains: int | None = None  # this and the next: 2.1
    prioritized_emaids: tuple[str, ...] | None = None


class CertificateStatusAnswer(Message, frozen=True, kw_only=True):
    """The OCSP response, base64 DER."""

    status: Literal["Accepted", "Failed"]
    ocsp_result: str | None = None
    status_info: StatusInfo | None = None


class GetCertificateStatus(Message, Request[CertificateStatusAnswer], frozen=True, kw_only=True):
    """Is this certificate still good (2.x M06; 1.6 Plug & Charge)?"""

    ocsp_request_data: OcspRequestData
