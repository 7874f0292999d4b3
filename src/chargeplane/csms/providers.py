"""What is plugged into a central system: services that others run and that it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chargeplane.domain.certificates import (
    CertificateStatusAnswer,
    EvCertificateAnswer,
    Get15118EVCertificate,
    GetCertificateStatus,
    SignCertificate,
)
from chargeplane.domain.transactions import TransactionAnswer, TransactionEvent
from chargeplane.ocpp.v2 import wire

if TYPE_CHECKING:
    from chargeplane.csms.central import Central, Unit


class Signer(Protocol):
    """Signs what stations ask to be signed (2.x A02.FR.04: an authority, not the CSMS)."""

    async def sign(self, station_id: str, request: SignCertificate, /) -> str:
        """The certificate with its chain (PEM); whatever it raises is stored as the reason."""
        ...


class Contracts(Protocol):
    """Knows the certificates of cars: a contract certificate pool and revocation lists."""

    async def ev_certificate(
        self, station_id: str, request: Get15118EVCertificate, /
    ) -> EvCertificateAnswer:
        """The answer for the car (2.x M01, M02)."""
        ...

    async def certificate_status(
        self, station_id: str, request: GetCertificateStatus, /
    ) -> CertificateStatusAnswer:
        """What the OCSP responder says (2.x M06)."""
        ...

    async def chain_status(
        self, station_id: str, request: wire.CertificateStatusRequestInfo, /
    ) -> wire.CertificateStatus:
        """What OCSP or the revocation list says of one certificate (2.1 M07)."""
        ...


class VatCheck(Protocol):
    """Knows VAT numbers."""

    async def company(self, vat_number: str, /) -> wire.Address | None:
        """The company; None: there is no such number (2.1 C18.FR.09)."""
        ...


class Receipts(Protocol):
    """Writes receipts."""

    async def receipt(
        self, station_id: str, settlement: wire.NotifySettlement, /
    ) -> wire.NotifySettlementResponse:
        """Where the receipt is; empty if it is the station that makes it (2.1 C21.FR.03)."""
        ...


class Costs(Protocol):
    """Knows what charges cost and how far they may go."""

    def priced(
        self, unit: Unit, station_id: str, event: TransactionEvent, answer: TransactionAnswer, /
    ) -> TransactionAnswer:
        """The answer to an event that is stored, with what is to be said of costs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """What is plugged in; None: nothing."""

    signer: Signer | None = None
    contracts: Contracts | None = None
    vat: VatCheck | None = None
    receipts: Receipts | None = None
    costs: Costs | None = None


def of(central: Central) -> Providers:
    """What is plugged into a central system."""
    return central.providers
