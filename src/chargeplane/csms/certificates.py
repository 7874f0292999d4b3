"""The certificates of cars (ISO 15118): carried between stations and those who know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from chargeplane.csms import notes, providers
from chargeplane.csms.providers import Contracts
from chargeplane.csms.registry import Station
from chargeplane.domain.certificates import (
    CertificateStatusAnswer,
    EvCertificateAnswer,
    Get15118EVCertificate,
    GetCertificateStatus,
)
from chargeplane.domain.messages import StatusInfo
from chargeplane.ocpp.v2 import wire

A = TypeVar("A")

NOT_ENABLED = StatusInfo(reason_code="NotEnabled")
FAILED = StatusInfo(reason_code="InternalError")

logger = structlog.get_logger()


async def on_ev_certificate(
    station: Station, request: Get15118EVCertificate
) -> EvCertificateAnswer:
    """Have a contract certificate installed or updated (2.x M01, M02; 1.6 Plug & Charge)."""
    await _keep(station, "certificate.contract", request)

    def failed(info: StatusInfo) -> EvCertificateAnswer:
        return EvCertificateAnswer(status="Failed", exi_response="", status_info=info)

    return await _ask(station, lambda known: known.ev_certificate(station.id, request), failed)


async def on_certificate_status(
    station: Station, request: GetCertificateStatus
) -> CertificateStatusAnswer:
    """Ask whether a certificate is still good (2.x M06; 1.6 Plug & Charge)."""
    await _keep(station, "certificate.status", request)

    def failed(info: StatusInfo) -> CertificateStatusAnswer:
        # M06.FR.04
        return CertificateStatusAnswer(status="Failed", status_info=info)

    return await _ask(station, lambda known: known.certificate_status(station.id, request), failed)


async def on_chain_status(
    station: Station, request: wire.GetCertificateChainStatus
) -> wire.GetCertificateChainStatusResponse:
    """Ask whether each certificate of a car's chain is still good (2.1 M07)."""
    await _keep(station, "certificate.chain_status", request)
    found = [await _status(station, each) for each in request.certificate_status_requests]
    return wire.GetCertificateChainStatusResponse(certificate_status=found)


async def _status(
    station: Station, asked: wire.CertificateStatusRequestInfo
) -> wire.CertificateStatus:
    def failed(_info: StatusInfo) -> wire.CertificateStatus:
        # M07.FR.02, M07.FR.05; to be asked again at once.
        return wire.CertificateStatus(
            certificate_hash_data=asked.certificate_hash_data,
            source=asked.source,
            status="Failed",
            next_update=station.central.now(),
        )

    return await _ask(station, lambda known: known.chain_status(station.id, asked), failed)


async def _ask(
    station: Station,
    ask: Callable[[Contracts], Awaitable[A]],
    failed: Callable[[StatusInfo], A],
) -> A:
    """The answer of those who know; `failed` if there is nobody, or if they fail."""
    contracts = providers.of(station.central).contracts
    if contracts is None:
        return failed(NOT_ENABLED)
    try:
        return await ask(contracts)
    except Exception as error:  # noqa: BLE001 a provider may raise anything
        logger.warning("certificate provider failed", station=station.id, error=str(error))
        return failed(FAILED)


async def _keep(station: Station, kind: str, request: Any) -> None:
    await station.central.commit(lambda unit: notes.keep(unit, station.id, kind, request))


HANDLERS: dict[type, Any] = {
    Get15118EVCertificate: on_ev_certificate,
    GetCertificateStatus: on_certificate_status,
    wire.GetCertificateChainStatus: on_chain_status,
}
OPERATIONS: dict[str, tuple[type, Any]] = {}
