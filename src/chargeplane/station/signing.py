"""The station's own certificates: asked for, taken, and renewed before they expire.

A key is made for each request and kept with it; it leaves the station never (2.x A02.FR.05).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from chargeplane.domain.certificates import (
    CertificateHashData,
    CertificateSigned,
    SignCertificate,
    SigningUse,
)
from chargeplane.domain.messages import Outcome, StatusInfo
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import certificates, iso15118, pki, security_events
from chargeplane.station.certificates import OWN, Installed, Use
from chargeplane.station.pki import Unusable
from chargeplane.station.profile import CERTIFICATE
from chargeplane.station.station import Station

RENEWED: Final = timedelta(days=30)  # before it expires (A03.FR.02)
DAY_S: Final = 86400.0

logger = structlog.get_logger()


class Kind(msgspec.Struct, frozen=True):
    """A kind of certificate: what it is kept for, which roots it leads to, and its key."""

    uses: tuple[Use, ...]
    roots: tuple[Use, ...]
    curve: str = "P-256"
    is_v2g: bool = False


KINDS: Final[dict[SigningUse | None, Kind]] = {
    "ChargingStationCertificate": Kind((OWN,), ("CSMSRootCertificate",)),
    # ISO 15118-2 and ISO 15118-20 (A02.FR.22, FR.23)
    "V2GCertificate": Kind(("V2GCertificateChain",), ("V2GRootCertificate",), is_v2g=True),
    "V2G20Certificate": Kind(
        ("V2G20CertificateChain",), ("V2GRootCertificate",), "P-521", is_v2g=True
    ),
    # For both, which is what no kind says (A02.FR.13)
    None: Kind(
        (OWN, "V2GCertificateChain"), ("CSMSRootCertificate", "V2GRootCertificate"), is_v2g=True
    ),
}
CURVES: Final[dict[str, ec.EllipticCurve]] = {"P-256": ec.SECP256R1(), "P-521": ec.SECP521R1()}


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that was asked for."""

    kind: SigningUse | None
    request_id: int
    csr: str
    key: str
    sent: int = 0


def pending(station: Station) -> Any:
    """The requests that are not fulfilled, by kind."""
    return station.documents.collection("signing", Pending)


# Asking


async def sign(station: Station, kind: SigningUse | None) -> None:
    """Make a key and ask for a certificate (2.x A02, A03; 1.6 white paper A02, A03)."""
    curve = CURVES[KINDS[kind].curve]
    key = pki.new_key(curve)
    counters = station.documents.collection("counters", int)
    counters["signing"] = counters.get("signing", 0) + 1
    pending(station)[str(kind)] = Pending(
        kind=kind,
        request_id=counters["signing"],
        csr=pki.certificate_request(key, _subject(station, kind)),
        key=pki.dump_key(key),
    )
    await _ask(station, kind)


def _subject(station: Station, kind: SigningUse | None) -> dict[str, str]:
    """A00.FR.509, FR.511; the names of ISO 15118 for certificates that cars see."""
    text = station.model.text
    organization = text("SecurityCtrlr/OrganizationName")
    if KINDS[kind].is_v2g and (secc := text("ISO15118Ctrlr/SeccId")):
        return {
            "common_name": secc,
            "organization": text("ISO15118Ctrlr/OrganizationName") or organization,
            "country": text("ISO15118Ctrlr/CountryName"),
        }
    return {
        "common_name": station.about.serial_number or station.id,
        "organization": organization,
    }


async def _ask(station: Station, kind: SigningUse | None) -> None:
    """Ask once, and again if no certificate comes (A02.FR.17 to FR.19)."""
    asked = pending(station).get(str(kind))
    if asked is None:
        return
    request = SignCertificate(
        csr=asked.csr,
        certificate_type=kind,
        hash_root_certificate=_root_hash(station, kind),
        request_id=asked.request_id,
    )
    try:
        answer = await station.ask(request)
    except NoAnswer:
        return  # asked again when the central system is back
    except (OcppError, Untranslatable) as error:
        answer = Outcome(status="Rejected", status_info=StatusInfo(reason_code=str(error)[:20]))
    if answer.status != "Accepted":
        logger.warning("certificate refused", station=station.id, kind=kind)
        pending(station).pop(str(kind), None)
        return
    if str(kind) in pending(station):  # the certificate may have been quicker
        asked = pending(station)[str(kind)] = replace(asked, sent=asked.sent + 1)
        _ask_later(station, asked)


def _root_hash(station: Station, kind: SigningUse | None) -> CertificateHashData | None:
    """A02.FR.27: which authority is to sign a certificate for cars."""
    if kind not in ("V2GCertificate", "V2G20Certificate"):
        return None
    found = certificates.roots(station, "V2GRootCertificate")
    return pki.hash_data(found[-1], found) if found else None


def _ask_later(station: Station, asked: Pending) -> None:
    """Each wait is twice the one before; so often may it be doubled, then it is enough."""
    doubled = asked.sent - 1
    if doubled > station.model.number("SecurityCtrlr/CertSigningRepeatTimes"):
        return
    seconds = station.model.number("SecurityCtrlr/CertSigningWaitMinimum") * 2**doubled

    def again(_station: Station) -> None:
        station.spawn(_ask(station, asked.kind), "signing")

    station.alarm(f"signing {asked.kind}", seconds, again)


# Taking


async def on_signed(station: Station, request: CertificateSigned) -> Outcome:
    """Take a certificate that was asked for, if it is good (A02.FR.06 to FR.08)."""
    asked = _asked(station, request)
    if asked is None:
        return _refused("NotFound", "no such certificate was asked for")  # A02.FR.26
    if len(request.certificate_chain) > station.model.number(
        "SecurityCtrlr/MaxCertificateChainSize"
    ):
        return _refused("TooLargeElement", "the chain is too long")  # A02.FR.16
    station.silence(f"signing {asked.kind}")
    try:
        _take(station, asked, request.certificate_chain)
    except Unusable as error:
        pending(station).pop(str(asked.kind), None)  # A02.FR.20
        security_events.raise_(station, "InvalidChargingStationCertificate", str(error))
        return _refused("InvalidCertificate", str(error))
    watch(station)
    return Outcome(status="Accepted")


def _asked(station: Station, request: CertificateSigned) -> Pending | None:
    """The request that is answered: by its id, else by its kind, else the latest for us."""
    waiting: list[Pending] = list(pending(station).values())
    if request.request_id is not None:
        return next((each for each in waiting if each.request_id == request.request_id), None)
    if request.certificate_type is not None:
        found = pending(station).get(request.certificate_type)
        return found if isinstance(found, Pending) else None
    ours = [each for each in waiting if OWN in KINDS[each.kind].uses]
    return max(ours, key=lambda each: each.request_id, default=None)


def _take(station: Station, asked: Pending, chain: str) -> None:
    kind, found = KINDS[asked.kind], pki.load(chain)
    pki.check_chain(found, certificates.roots(station, *kind.roots), station.now())
    if not pki.has_key(found[0], asked.key):
        raise Unusable("it is not for the key of the request")
    with station.documents.together():
        for use in kind.uses:
            if use == OWN:
                certificates.make_former(station, use)
            else:
                certificates.remove(station, use)  # A02.FR.15: the newest is used
            certificates.keep(
                station,
                Installed(use=use, chain=pki.dump(found), since=station.now(), key=asked.key),
            )
        pending(station).pop(str(asked.kind), None)
    if kind.is_v2g:
        iso15118.refresh(station)  # M06.FR.07
    if OWN in kind.uses and _is_shown(station):
        station.alarm("reconnect", 1.0, lambda _station: station.reconnect_wanted.set())


def _is_shown(station: Station) -> bool:
    return station.model.number("SecurityCtrlr/SecurityProfile") >= CERTIFICATE


def _refused(reason: str, what: str) -> Outcome:
    info = StatusInfo(reason_code=reason, additional_info=what[:1024])
    return Outcome(status="Rejected", status_info=info)


# Renewing


def watch(station: Station) -> None:
    """Renew what is about to expire (A03.FR.02), now or when the time has come."""
    due = {kind: when for kind in KINDS if (when := _due(station, kind)) is not None}
    for kind, when in due.items():
        if when <= station.now() and station.is_online and str(kind) not in pending(station):
            station.spawn(sign(station, kind), "signing")
    if due:
        seconds = (min(due.values()) - station.now()).total_seconds()
        # What is due and refused is asked for again the next day.
        station.alarm("renewal", seconds if 0 < seconds < DAY_S else DAY_S, watch)


def _due(station: Station, kind: SigningUse | None) -> datetime | None:
    uses = KINDS[kind].uses
    newest = certificates.of(station, uses[0])[-1:] if kind is not None else []
    expiries = [each.certificates()[0].not_valid_after_utc for _, each in newest]
    return expiries[0] - RENEWED if expiries else None


def on_accepted(station: Station) -> None:
    """Go on with what was asked for before the connection was lost, and see what is due."""
    for asked in list(pending(station).values()):
        if asked.sent:
            _ask_later(station, asked)
        else:
            station.spawn(_ask(station, asked.kind), "signing")
    watch(station)


def _lacks_secc(station: Station) -> bool:
    enabled = station.model.flag("ISO15118Ctrlr/V2GCertificateInstallationEnabled")
    return not enabled or not station.model.text("ISO15118Ctrlr/SeccId")


def _trigger(kind: SigningUse | None) -> Any:
    async def tell(station: Station, _evses: Any) -> None:
        await sign(station, kind)

    return tell


HANDLERS: dict[type, Any] = {CertificateSigned: on_signed}
TRIGGERS: dict[str, Any] = {
    "SignChargingStationCertificate": _trigger("ChargingStationCertificate"),
    "SignV2GCertificate": _trigger("V2GCertificate"),
    "SignV2G20Certificate": _trigger("V2G20Certificate"),
    "SignCombinedCertificate": _trigger(None),
}
REFUSALS: dict[str, Any] = {
    "SignV2GCertificate": _lacks_secc,
    "SignV2G20Certificate": _lacks_secc,
}
ON_ACCEPTED = (on_accepted,)
