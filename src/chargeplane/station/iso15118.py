"""What the station asks the central system for on behalf of cars that speak ISO 15118.

Whatever talks to the car calls `install_contract` and `vehicle_status`; the revocation status of
the station's own V2G certificates is fetched beforehand, as a handshake does not wait for it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog

from chargeplane.domain.certificates import (
    EvCertificateAnswer,
    Get15118EVCertificate,
    GetCertificateStatus,
)
from chargeplane.domain.tokens import OcspRequestData
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import certificates, pki
from chargeplane.station.reports import in_parts
from chargeplane.station.station import Station

PATIENCE: Final = 5.0  # s that a car waits for its contract certificate (ISO 15118-2)
PART: Final = 4  # certificates in one question
WEEK: Final = timedelta(days=7)
INTERVAL: Final = "InternalCtrlr/OcspRequestInterval"
CHAINS: Final = ("V2GCertificateChain", "V2G20CertificateChain")
FAILURES: Final = (NoAnswer, OcppError, Untranslatable)

logger = structlog.get_logger()


# Contracts of cars


async def install_contract(station: Station, request: Get15118EVCertificate) -> EvCertificateAnswer:
    """Have a contract certificate installed in a car or updated (2.x M01, M02)."""
    failed = EvCertificateAnswer(status="Failed", exi_response="")
    if not station.model.flag("ISO15118Ctrlr/ContractCertificateInstallationEnabled"):
        return failed
    try:
        async with asyncio.timeout(PATIENCE):
            return await station.ask(request)
    except (*FAILURES, TimeoutError) as error:
        logger.warning("no contract certificate", station=station.id, reason=repr(error))
        return failed


# Whether our own certificates are revoked


class Ocsp(msgspec.Struct, frozen=True):
    """An OCSP response (base64 DER), and when it came."""

    result: str
    since: datetime


def responses(station: Station) -> Any:
    """The OCSP responses for the V2G certificates, by the serial number (hexadecimal)."""
    return station.documents.collection("ocsp", Ocsp)


def refresh(station: Station) -> None:
    """Ask anew for the status of all V2G certificates (M06.FR.06, FR.07)."""
    responses(station).clear()
    keep_fresh(station)


def keep_fresh(station: Station) -> None:
    """Ask for what is older than the interval, now and whenever something is (M06.FR.10)."""
    if not certificates.of(station, *CHAINS):
        station.silence("ocsp")
        return
    station.spawn(_fetch(station), "ocsp")
    seconds = station.model.number(INTERVAL)
    station.alarm("ocsp", seconds, keep_fresh)


async def _fetch(station: Station) -> None:
    among = certificates.roots(station, *CHAINS, "V2GRootCertificate")
    oldest = station.now() - timedelta(seconds=station.model.number(INTERVAL))
    for each in certificates.roots(station, *CHAINS):
        responder, data = pki.ocsp_responder(each), pki.hash_data(each, among)
        kept = responses(station).get(data.serial_number)
        if responder is None or (kept is not None and kept.since > oldest):
            continue
        asked = OcspRequestData(**msgspec.structs.asdict(data), responder_url=responder)
        try:
            answer = await station.ask(GetCertificateStatus(ocsp_request_data=asked))
        except FAILURES as error:
            logger.info("no certificate status", station=station.id, reason=str(error))
            continue
        if answer.status == "Accepted" and answer.ocsp_result:
            responses(station)[data.serial_number] = Ocsp(answer.ocsp_result, station.now())


# Whether certificates of cars are revoked


def _known(station: Station) -> Any:
    return station.documents.collection("vehicle_status", wire.CertificateStatus)


async def vehicle_status(
    station: Station, asked: list[wire.CertificateStatusRequestInfo]
) -> list[wire.CertificateStatus]:
    """Whether the certificates of a car are good (2.1 M07); what is not known is `Failed`."""
    now, known = station.now(), _known(station)
    for name in [name for name, each in known.items() if each.next_update <= now]:
        del known[name]
    missing = [each for each in asked if _name(each) not in known]  # M07.FR.10, FR.11
    found: dict[str, wire.CertificateStatus] = {}
    for part in in_parts(missing, PART):
        request = wire.GetCertificateChainStatus(certificate_status_requests=part)
        try:
            answer = await station.ask(request)
        except FAILURES as error:
            logger.info("no certificate status", station=station.id, reason=str(error))
        else:
            found |= {_name(each): each for each in answer.certificate_status}
    for name, each in found.items():
        if each.status != "Failed":
            until = min(each.next_update, now + WEEK)  # M07.FR.09
            known[name] = msgspec.structs.replace(each, next_update=until)
    return [
        known.get(_name(each)) or found.get(_name(each)) or _failed(each, now) for each in asked
    ]


def _name(asked: Any) -> str:
    data = asked.certificate_hash_data
    return f"{data.issuer_key_hash}.{data.serial_number}.{asked.source}".lower()


def _failed(asked: wire.CertificateStatusRequestInfo, now: datetime) -> wire.CertificateStatus:
    return wire.CertificateStatus(
        certificate_hash_data=asked.certificate_hash_data,
        source=asked.source,
        status="Failed",
        next_update=now,
    )


ON_ACCEPTED = (keep_fresh,)
