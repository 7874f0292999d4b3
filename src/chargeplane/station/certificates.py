"""The certificates of a station: those it trusts, its own, and what TLS is made of.

What is replaced by something that has not proved itself yet stays as `former`: where the central
system cannot be reached with the new, it is tried with the former in turn (2.x A02.FR.28,
M05.FR.14).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from chargeplane.domain.certificates import (
    CertificateHashDataChain,
    DeleteCertificate,
    DeleteCertificateAnswer,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstallCertificateAnswer,
    InstalledCertificates,
    InstalledUse,
)
from chargeplane.domain.messages import StatusInfo
from chargeplane.net import tls
from chargeplane.station import pki, security_events
from chargeplane.station.pki import Certificate, Unusable
from chargeplane.station.profile import TLS, Profile
from chargeplane.station.station import Station

Use = InstalledUse | Literal["ChargingStationCertificate", "V2G20CertificateChain"]

OWN: Final = "ChargingStationCertificate"
CSMS_ROOT: Final = "CSMSRootCertificate"
LISTED: Final[dict[Use, InstalledUse]] = {
    "CSMSRootCertificate": "CSMSRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
    "V2GRootCertificate": "V2GRootCertificate",
    "MORootCertificate": "MORootCertificate",
    "OEMRootCertificate": "OEMRootCertificate",
    "V2GCertificateChain": "V2GCertificateChain",
    "V2G20CertificateChain": "V2GCertificateChain",
}
"""As what each is listed; the station's own certificate is not (2.x M03)."""


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate with those above it and, if it is one of ours, its private key (PEM)."""

    use: Use
    chain: str
    since: datetime
    key: str | None = None
    is_former: bool = False

    def certificates(self) -> list[Certificate]:
        """The certificate, and those above it."""
        return pki.load(self.chain)


# The store


def store(station: Station) -> Any:
    """All certificates, by a number."""
    return station.documents.collection("certificates", Installed)


def of(station: Station, *uses: Use) -> list[tuple[str, Installed]]:
    """Those for some uses, with their numbers; the newest last."""
    found = [(number, each) for number, each in store(station).items() if each.use in uses]
    return sorted(found, key=lambda pair: pair[1].since)


def roots(station: Station, *uses: Use) -> list[Certificate]:
    """The root certificates for some uses."""
    return [each for _, one in of(station, *uses) for each in one.certificates()]


def own(station: Station, *, former: bool = False) -> Installed | None:
    """The certificate that the station shows the central system, or the one before it."""
    found = [each for _, each in of(station, OWN) if each.is_former == former]
    return found[-1] if found else None


def keep(station: Station, installed: Installed) -> None:
    """Add one."""
    kept = store(station)
    kept[f"{int(max(kept, default='0')) + 1:06}"] = installed
    security_events.raise_(
        station, "ReconfigurationOfSecurityParameters", f"{installed.use} installed"
    )


def remove(station: Station, use: Use) -> None:
    """Forget what is there for a use."""
    for number, _ in of(station, use):
        del store(station)[number]


def make_former(station: Station, use: Use) -> None:
    """Let what is there for a use be tried only where what comes now fails."""
    for number, each in of(station, use):
        if each.is_former:
            del store(station)[number]
        else:
            store(station)[number] = replace(each, is_former=True)


def provide(station: Station, use: Use, chain: str, key: str | None = None) -> None:
    """Give first certificates for a use to a station that has none; raises `Unusable`."""
    if of(station, use):
        return
    found = pki.load(chain)
    if key is not None and not pki.has_key(found[0], key):
        raise Unusable("the key is not that of the certificate")
    for each in [found] if key is not None else [[one] for one in found]:
        keep(station, Installed(use=use, chain=pki.dump(each), since=station.now(), key=key))


# Trusting others


async def on_install(station: Station, request: InstallCertificate) -> InstallCertificateAnswer:
    """Trust a certificate for one use (2.x M05; 1.6 white paper M05)."""
    try:
        certificate, *others = pki.load(request.certificate)
        if others:
            raise Unusable("it is more than one")
        pki.check_authority(certificate, station.now())
        _install(station, request.certificate_type, certificate)
    except Unusable as error:
        return _refused("InvalidCertificate", str(error))
    except OverflowError as error:
        return _refused("TooManyElements", str(error))
    return InstallCertificateAnswer(status="Accepted")


def _refused(reason: str, what: str) -> InstallCertificateAnswer:
    info = StatusInfo(reason_code=reason, additional_info=what[:1024])
    return InstallCertificateAnswer(status="Rejected", status_info=info)


def _install(station: Station, use: Use, certificate: Certificate) -> None:
    """Keep one certificate; raises `Unusable`, or `OverflowError` if there is no room for it."""
    same = [number for number, each in of(station, use) if each.certificates() == [certificate]]
    replaces = use == CSMS_ROOT and _may_have_one_root(station)
    if replaces and not same:
        _check_succession(station, certificate)
    elif not same and len(store(station)) >= station.model.maximum(ENTRIES):
        raise OverflowError("no more certificates fit")  # M05.FR.06
    new = Installed(use=use, chain=pki.dump([certificate]), since=station.now())
    with station.documents.together():
        for number in same:
            del store(station)[number]  # M05.FR.17
        if replaces and not same:
            make_former(station, use)
        keep(station, new)


ENTRIES: Final = "SecurityCtrlr/CertificateEntries"


def _may_have_one_root(station: Station) -> bool:
    return station.model.flag("SecurityCtrlr/AdditionalRootCertificateCheck")


def _check_succession(station: Station, certificate: Certificate) -> None:
    """M05.FR.10, FR.11: the root that is replaced has signed the new one."""
    present = [each for _, each in of(station, CSMS_ROOT) if not each.is_former]
    above = [each for one in present for each in one.certificates()]
    if above and pki.issuer_of(certificate, above) is None:
        raise Unusable("it is not signed by the root certificate that it is to replace")


# What there is


async def on_list(station: Station, request: GetInstalledCertificateIds) -> InstalledCertificates:
    """The certificates of some uses, or all (2.x M03; 1.6 white paper M03)."""
    asked = set(request.certificate_type or LISTED)
    among = _all(station)
    found = tuple(
        _listed(each, among) for _, each in of(station, *LISTED) if LISTED[each.use] in asked
    )
    if not found:
        return InstalledCertificates(status="NotFound")
    return InstalledCertificates(status="Accepted", certificate_hash_data_chain=found)


def _listed(installed: Installed, among: Iterable[Certificate]) -> CertificateHashDataChain:
    first, *above = (pki.hash_data(each, among) for each in installed.certificates())
    return CertificateHashDataChain(
        certificate_type=LISTED[installed.use],
        certificate_hash_data=first,
        child_certificate_hash_data=tuple(above) or None,
    )


def _all(station: Station) -> list[Certificate]:
    return [each for one in store(station).values() for each in one.certificates()]


async def on_delete(station: Station, request: DeleteCertificate) -> DeleteCertificateAnswer:
    """Remove a certificate, but not that of the station (2.x M04.FR.06; 1.6 M04.FR.05, FR.06)."""
    wanted, among = request.certificate_hash_data, _all(station)
    found = [
        number
        for number, installed in store(station).items()
        if any(
            pki.is_same(wanted, pki.hash_data(each, among, wanted.hash_algorithm))
            for each in installed.certificates()
        )
    ]
    if not found:
        return DeleteCertificateAnswer(status="NotFound")
    if any(_is_kept(station, number) for number in found):
        return DeleteCertificateAnswer(status="Failed")
    with station.documents.together():
        for number in found:
            del store(station)[number]
    security_events.raise_(station, "ReconfigurationOfSecurityParameters", "certificate deleted")
    return DeleteCertificateAnswer(status="Accepted")


def _is_kept(station: Station, number: str) -> bool:
    """Whether it must not be deleted: our own, and in 1.6 the root that TLS rests on."""
    installed = store(station)[number]
    if installed.use != CSMS_ROOT or not station.conduct.keeps_root_in_use:
        return bool(installed.use == OWN)
    others = [each for each, _ in of(station, CSMS_ROOT) if each != number]
    return station.model.number("SecurityCtrlr/SecurityProfile") >= TLS and not others


# TLS


def context(station: Station, profile: Profile) -> ssl.SSLContext:
    """What to connect to a central system with (2.x A00.FR.301 to FR.430)."""
    model = station.model
    shown = own(station, former=profile.is_former) or own(station)
    identity = None
    if shown is not None and shown.key and profile.shows_certificate:
        identity = tls.Identity(chain=shown.chain, key=shown.key)
    trusted = [
        each.chain for _, each in of(station, CSMS_ROOT) if each.is_former == profile.trusts_former
    ]
    return tls.client_context(
        trusted,
        system=trusts_system(station),
        identity=identity,
        check_name=model.flag("InternalCtrlr/VerifyCsmsCommonName"),
        wildcards=model.flag("InternalCtrlr/VerifyCsmsAllowWildcards"),
    )


def trusts_system(station: Station) -> bool:
    """Whether the authorities of the machine count as well, if not one root alone (M05.FR.09)."""
    allowed = station.model.flag("InternalCtrlr/UseSslDefaultVerifyPaths")
    return allowed and not _may_have_one_root(station)


def file_trust(station: Station) -> Callable[[], ssl.SSLContext]:
    """What to reach file servers with (2.x N01.FR.15, FR.16); made when it is called."""
    chains = [each.chain for _, each in of(station, CSMS_ROOT)]
    return partial(tls.client_context, chains, system=True, wildcards=True)


def has_former_root(station: Station) -> bool:
    """Whether a server that is not trusted may be so by the root before (M05.FR.14)."""
    return any(each.is_former for _, each in of(station, CSMS_ROOT))


def on_connected(station: Station, profile: Profile) -> None:
    """Discard what was not needed, be it the new or the old (A02.FR.10, M05.FR.13)."""
    if not profile.is_encrypted:
        return
    if not profile.trusts_former:
        _discard(station, CSMS_ROOT, former=True)
    if not profile.shows_certificate:
        return
    if not profile.is_former:
        _discard(station, OWN, former=True)
    elif own(station, former=True) is not None:
        _discard(station, OWN, former=False)
        for number, each in of(station, OWN):
            store(station)[number] = replace(each, is_former=False)
        security_events.raise_(station, "DiscardedRenewedClientCertificate")  # A02.FR.29


def _discard(station: Station, use: Use, *, former: bool) -> None:
    for number, each in of(station, use):
        if each.is_former == former:
            del store(station)[number]


HANDLERS: dict[type, Any] = {
    InstallCertificate: on_install,
    GetInstalledCertificateIds: on_list,
    DeleteCertificate: on_delete,
}
LIVE: dict[str, Any] = {ENTRIES: lambda station, *_: str(len(store(station)))}
