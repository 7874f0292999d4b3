"""Where a station connects: network profiles in slots, which of them count, and how secure.

What the central system changes of the slot in use is on trial: what was there before stays as
`former`, and the two are tried in turn until one of them leads to the central system (1.6 white
paper A05.FR.08). So a wrong password or profile never strands a station.
"""

from __future__ import annotations

import random
import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chargeplane.ocpp.conduct import CONDUCT
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.v2 import wire
from chargeplane.station import certificates, pki, security_events
from chargeplane.station.definitions import SLOTS
from chargeplane.station.device_model import Change
from chargeplane.station.pki import Unusable
from chargeplane.station.profile import BASIC, CERTIFICATE, TLS, Profile
from chargeplane.station.station import Station

PRIORITY: Final = "OCPPCommCtrlr/NetworkConfigurationPriority"
VERSIONS: Final[dict[str, str]] = {
    "OCPP12": "1.2",
    "OCPP15": "1.5",
    "OCPP16": "1.6",
    "OCPP20": "2.0.1",  # 2.x errata: OCPP20 stands for 2.0.1
    "OCPP201": "2.0.1",
    "OCPP21": "2.1",
}


HEX: Final = re.compile(r"([0-9A-Fa-f]{2})+")
ON_TRIAL: Final = ("OcppCsmsUrl", "SecurityProfile", "Identity", "BasicAuthPassword")


def name(slot: int, variable: str) -> str:
    """The name of a variable of a slot."""
    return f"NetworkConfiguration[{slot}]/{variable}"


def former(station: Station) -> Any:
    """The values before those that are on trial, by the names of the variables."""
    return station.documents.collection("former", str)


def profile(station: Station, slot: int, *, before: bool = False) -> Profile | None:
    """What is in a slot, or was there before the last change; None if it is empty."""
    old = former(station) if before else {}

    def text(variable: str, slot: int = slot) -> str:
        key = name(slot, variable)
        return str(old.get(key) or station.model.text(key))

    if not text("OcppCsmsUrl"):
        return None
    versions = _versions(station, slot)
    # 2.0.1 has one password for all slots.
    password = text("BasicAuthPassword") or text("BasicAuthPassword", station.active_slot)
    return Profile(
        slot=slot,
        url=text("OcppCsmsUrl"),
        identity=text("Identity") or station.id,
        security_profile=int(text("SecurityProfile")),
        versions=versions,
        password=_bytes(password, versions),
        message_timeout_s=int(text("MessageTimeout")),
        is_former=before,
    )


def _bytes(password: str, versions: tuple[str, ...]) -> bytes | None:
    """What is sent of a password: 1.x takes hexadecimal digits for bytes (1.6J §6.2.2)."""
    families = {DIALECTS[version].family for version in versions}
    if HEX.fullmatch(password) and all(CONDUCT[each].has_binary_passwords for each in families):
        return bytes.fromhex(password)
    return password.encode() or None


def _versions(station: Station, slot: int) -> tuple[str, ...]:
    """The versions to offer: that of the slot, or all that the station is to speak."""
    fixed = VERSIONS.get(station.model.text(name(slot, "OcppVersion")))
    if fixed is not None:
        return (fixed,)
    words = station.model.words("InternalCtrlr/SupportedOcppVersions")
    return tuple(word.removeprefix("ocpp") for word in words)


def in_order(station: Station) -> list[Profile]:
    """The profiles to try, the best first; none that is less secure than what worked before."""
    found = [
        each
        for word in station.model.words(PRIORITY)
        if word.isdecimal() and (each := profile(station, int(word))) is not None
    ]
    return [each for each in found if each.security_profile >= floor(station)]  # A00.FR.005


def in_order_before(station: Station) -> list[Profile]:
    """The same with what counted before the last change of password, profile or certificate.

    None if nothing was changed that has not proved itself since.
    """
    if not former(station) and certificates.own(station, former=True) is None:
        return []
    return [
        before
        for each in in_order(station)
        if (before := profile(station, each.slot, before=True)) is not None
        and before.security_profile >= floor(station)
    ]


def confirmed_security(station: Station) -> int:
    """The highest security profile with which the central system was reached."""
    return int(station.documents.collection("counters", int).get("security_profile", 0))


def floor(station: Station) -> int:
    """The lowest that may be used: a certificate may give way to a password, if that is allowed."""
    confirmed = confirmed_security(station)
    allowed = station.model.flag("SecurityCtrlr/AllowSecurityProfileDowngrade")
    return TLS if allowed and confirmed == CERTIFICATE else confirmed  # A05.FR.08, FR.09


def confirm(station: Station, used: Profile) -> None:
    """Note that a profile has led to the central system (2.x A05.FR.06, B10)."""
    with station.documents.together():
        station.use_slot(used.slot)
        station.faults = frozenset()
        if used.is_former:
            _restore(station)
        former(station).clear()
        certificates.on_connected(station, used)
        if used.security_profile != confirmed_security(station):
            counters = station.documents.collection("counters", int)
            counters["security_profile"] = used.security_profile
            _drop_less_secure(station)


def _restore(station: Station) -> None:
    """Let what was there before count again."""
    before = former(station)
    for key, value in before.items():
        station.model.put(key, value)
    if before:
        names = ", ".join(sorted(before))
        security_events.raise_(
            station, "ReconfigurationOfSecurityParameters", f"back to the former {names}"
        )
    station.silence("reconnect")


def _drop_less_secure(station: Station) -> None:
    """A05.FR.06: profiles that may not be used any more are removed, and are no choice."""
    for slot in range(1, SLOTS + 1):
        found = profile(station, slot)
        if found is not None and found.security_profile < floor(station):
            station.model.put(name(slot, "OcppCsmsUrl"), "")
    kept = [word for word in station.model.words(PRIORITY) if profile(station, int(word))]
    if kept != list(station.model.words(PRIORITY)):
        station.model.put(PRIORITY, ",".join(kept))


def wait_s(station: Station, failures: int) -> float:
    """How long to wait before the next attempt (2.0.1 part 4 §5.3)."""
    model = station.model
    repeats = model.number("OCPPCommCtrlr/RetryBackOffRepeatTimes")
    minimum = model.number("OCPPCommCtrlr/RetryBackOffWaitMinimum")
    spread = model.number("OCPPCommCtrlr/RetryBackOffRandomRange")
    return float(minimum * 2 ** min(failures, repeats) + random.uniform(0, spread))  # noqa: S311 spreads load, no secret


# What the central system may change


async def on_set_profile(
    station: Station, request: wire.SetNetworkProfile
) -> wire.SetNetworkProfileResponse:
    """Fill a slot (2.x B09)."""
    reason = _flaw(station, request)
    if reason is not None:
        status: Any = "Failed" if reason == "InvalidConfSlot" else "Rejected"
        info = wire.StatusInfo(reason_code=reason)
        return wire.SetNetworkProfileResponse(status=status, status_info=info)
    data, slot = request.connection_data, request.configuration_slot
    values = {
        "OcppCsmsUrl": data.ocpp_csms_url,
        "SecurityProfile": str(data.security_profile),
        "OcppInterface": data.ocpp_interface,
        "OcppTransport": data.ocpp_transport,
        "OcppVersion": data.ocpp_version,
        "MessageTimeout": str(data.message_timeout),
        "Identity": data.identity,
        "BasicAuthPassword": data.basic_auth_password,
    }
    with station.documents.together():
        for variable, value in values.items():
            if value is not None:
                station.model.put(name(slot, variable), value, "csms")
    station.silence("reconnect")  # B10: what is in use is activated by a reset
    return wire.SetNetworkProfileResponse(status="Accepted")


def _flaw(station: Station, request: wire.SetNetworkProfile) -> str | None:
    data, slot = request.connection_data, request.configuration_slot
    if not 1 <= slot <= SLOTS:
        return "InvalidConfSlot"  # B09.FR.02
    if data.security_profile < floor(station):
        return "NoSecurityDowngrade"  # B09.FR.04, FR.31, FR.32
    if not _is_usable(data.ocpp_csms_url, data.security_profile):
        return "InvalidNetworkConf"
    if data.ocpp_transport != "JSON" or data.apn is not None or data.vpn is not None:
        return "UnsupportedParam"
    if data.ocpp_version is not None and VERSIONS.get(data.ocpp_version) not in DIALECTS:
        return "UnsupportedParam"
    return None


def _is_usable(url: str, security_profile: int) -> bool:
    scheme = "wss://" if security_profile >= TLS else "ws://"
    return url.lower().startswith(scheme)


def check_priority(station: Station, value: str) -> str | None:
    """Every slot must lead somewhere, be no less secure, and have what it needs (B10, A05)."""
    slots = value.split(",") if value else []
    if not slots or not all(each.isdecimal() for each in slots):
        return "InvalidValue"
    found = [profile(station, int(each)) if 1 <= int(each) <= SLOTS else None for each in slots]
    profiles = [each for each in found if each is not None]
    if len(profiles) < len(found):
        return "InvalidValue"
    if any(each.security_profile < floor(station) for each in profiles):
        return "NoSecurityDowngrade"
    return next((flaw for each in profiles if (flaw := unmet(station, each))), None)


def check_security(station: Station, value: str) -> str | None:
    """A security profile is never lowered and needs what it rests on (1.6 white paper A05)."""
    level, current = int(value), profile(station, station.active_slot)
    if level < floor(station):
        return "NoSecurityDowngrade"
    if not station.conduct.raises_security_at_once:
        return None  # of a slot that is not in use yet: looked at when it is to be (A05.FR.02)
    if current is None or level <= current.security_profile:
        return "NoSecurityDowngrade"  # A05.FR.01
    return unmet(station, replace(current, security_profile=level))


def unmet(station: Station, wanted: Profile) -> str | None:
    """Why a profile that is more secure than what was reached cannot be used (2.x A05.FR.02-03)."""
    level, now = wanted.security_profile, station.now()
    if level <= confirmed_security(station):
        return None
    if level in (BASIC, TLS) and not wanted.password:
        return "MissingDevModelInfo"  # 1.6 A05.FR.02
    if level >= TLS and not _is_any_valid(certificates.roots(station, certificates.CSMS_ROOT), now):
        return "InvalidCertificate"
    own = certificates.own(station)
    if level >= CERTIFICATE and (own is None or not _is_any_valid(own.certificates()[:1], now)):
        return "InvalidCertificate"
    return None


def _is_any_valid(found: list[pki.Certificate], now: datetime) -> bool:
    for each in found:
        with suppress(Unusable):
            pki.check(each, now)
            return True
    return False


def on_connection_changed(station: Station, _value: str) -> None:
    """Connect again, as what leads to the central system has changed (2.x A01.FR.11)."""
    station.alarm("reconnect", 1.0, lambda _station: station.reconnect_wanted.set())


def on_password(station: Station, value: str) -> None:
    """A password that is set for the station is that of all slots (2.1 B09.FR.27)."""
    for slot in range(1, SLOTS + 1):
        station.model.put(name(slot, "BasicAuthPassword"), value, "csms")


def on_change(station: Station, change: Change) -> None:
    """Keep what was there before of what is on trial."""
    component = change.component
    if not station.has_started or component.name != "NetworkConfiguration":
        return
    is_used = component.instance == str(station.active_slot)
    if is_used and change.variable.name in ON_TRIAL and change.source != "internal":
        former(station).setdefault(change.name, change.before or "")


def _of_active(variable: str) -> Any:
    return lambda station, *_: station.model.text(name(station.active_slot, variable))


HANDLERS: dict[type, Any] = {wire.SetNetworkProfile: on_set_profile}
CHECKS: dict[str, Any] = {
    PRIORITY: check_priority,
    "NetworkConfiguration/SecurityProfile": check_security,
}
EFFECTS: dict[str, Any] = {
    "NetworkConfiguration/BasicAuthPassword": on_connection_changed,
    "NetworkConfiguration/SecurityProfile": on_connection_changed,
    "NetworkConfiguration/OcppCsmsUrl": on_connection_changed,
    "InternalCtrlr/SupportedOcppVersions": on_connection_changed,
    "SecurityCtrlr/BasicAuthPassword": on_password,
}
LIVE: dict[str, Any] = {
    "OCPPCommCtrlr/ActiveNetworkProfile": lambda station, *_: str(station.active_slot),
    "SecurityCtrlr/Identity": lambda station, *_: (
        station.model.text(name(station.active_slot, "Identity")) or station.id
    ),
    "SecurityCtrlr/SecurityProfile": _of_active("SecurityProfile"),
}
ON_CHANGE = (on_change,)
