"""Cars that authorize themselves by their contract (2.x C07; 1.6 Plug & Charge).

Whatever talks ISO 15118 to the car calls `present` with what the car has shown.
"""

from __future__ import annotations

from typing import Final

import msgspec
import structlog

from chargeplane.domain.tokens import (
    Authorize,
    CertificateCheck,
    OcspRequestData,
    Token,
    TokenInfo,
)
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import authorization, certificates, pki, transactions
from chargeplane.station.authorization import Verdict
from chargeplane.station.pki import Certificate, Untrusted, Unusable
from chargeplane.station.station import Station
from chargeplane.station.unit import Authorization, Ending, EvseUnit

KIND: Final = "eMAID"
MOST: Final = 4  # certificates in one request

HashData = tuple[OcspRequestData, ...]

logger = structlog.get_logger()


async def present(
    station: Station,
    evse: EvseUnit,
    emaid: str,
    *,
    chain: str | None = None,
    hash_data: HashData | None = None,
) -> Verdict:
    """A car shows its contract: let it charge at this EVSE if it may.

    `chain` is the contract certificate with those above it (PEM); without one, `hash_data` is of a
    chain that has been validated already. A car that charges here may show its contract again.
    """
    token = Token(emaid, KIND)
    if not station.model.flag("ISO15118Ctrlr/PnCEnabled"):
        return _refused()
    if authorization.is_holder(evse, token):
        return Verdict(info=authorization.ACCEPTED, certificate_status="Accepted")
    station.signals.token.emit((token, "Processing"))
    verdict = await _decide(station, token, chain, hash_data)
    group = verdict.info.group_id_token
    may_charge = authorization.may_charge(station, evse, token, group)
    if verdict.info.status != "Accepted" or not may_charge:
        station.signals.token.emit((token, "Rejected"))
        return verdict
    station.signals.token.emit((token, "Accepted"))
    authorization.authorize(station, evse, Authorization(token=token, group=group), verdict)
    return verdict


async def _decide(
    station: Station, token: Token, chain: str | None, hash_data: HashData | None
) -> Verdict:
    try:
        trusted = hash_data if chain is None else _validate(station, chain)
    except Unusable as error:
        logger.info("contract refused", station=station.id, reason=str(error))
        return _refused(_flaw(station, chain or ""))
    if not station.is_online or station.model.flag("AuthCtrlr/DisableRemoteAuthorization"):
        return _offline(station, token, trusted)
    request = Authorize(id_token=token, iso15118_certificate_hash_data=trusted)
    if trusted is None:
        if chain is None or not station.model.flag(
            "ISO15118Ctrlr/CentralContractValidationAllowed"
        ):
            return _refused("NoCertificateAvailable" if chain is None else "CertChainError")
        request = Authorize(id_token=token, certificate=chain)  # C07.FR.06
    try:
        return await authorization.ask(station, request)
    except (NoAnswer, OcppError):
        return _offline(station, token, trusted)
    except Untranslatable as error:  # a chain longer than this version allows
        logger.warning("contract cannot be told", station=station.id, reason=str(error))
        return _refused("CertChainError")


def _validate(station: Station, chain: str) -> HashData | None:
    """What identifies the certificates of a chain; None if its root is not known here.

    Raises `Unusable` if it is known and the chain is wrong.
    """
    found = pki.load(chain)
    roots = certificates.roots(station, "MORootCertificate", "V2GRootCertificate")
    try:
        root = pki.check_chain(found, roots, station.now())
    except Untrusted:
        return None
    return tuple(_hash_data(each, [*found, root]) for each in found[:MOST])


def terminate(station: Station, evse: EvseUnit) -> bool:
    """The car ends its session by SessionStopReq (2.x E15); False if nothing was authorized."""
    if evse.authorization is None:
        return False
    transactions.end(station, evse, Ending("StopAuthorized", "StoppedByEV"))
    return True


def _hash_data(certificate: Certificate, among: list[Certificate]) -> OcspRequestData:
    data = msgspec.structs.asdict(pki.hash_data(certificate, among))
    return OcspRequestData(**data, responder_url=pki.ocsp_responder(certificate) or "")


def _flaw(station: Station, chain: str) -> CertificateCheck:
    """What is wrong with a chain that cannot be used."""
    try:
        ends = [each.not_valid_after_utc for each in pki.load(chain)]
    except Unusable:
        return "CertChainError"
    return "CertificateExpired" if min(ends) < station.now() else "CertChainError"


def _offline(station: Station, token: Token, trusted: HashData | None) -> Verdict:
    """C07.FR.07 to FR.12: only a chain that is valid, and only if so configured."""
    if trusted is None or not station.model.flag("ISO15118Ctrlr/ContractValidationOffline"):
        return _refused()
    return authorization.offline(station, authorization.find(station, token))


def _refused(check: CertificateCheck | None = None) -> Verdict:
    return Verdict(info=TokenInfo(status="Invalid"), certificate_status=check)
