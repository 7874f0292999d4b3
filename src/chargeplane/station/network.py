"""Where a station connects: network profiles in slots, which of them count, and how secure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.v2 import wire
from chargeplane.station.definitions import SLOTS
from chargeplane.station.station import Station

TLS_FROM: Final = 2  # the security profiles with TLS (2.x part 2 A00; 1.6 white paper §2)
PRIORITY: Final = "OCPPCommCtrlr/NetworkConfigurationPriority"
VERSIONS: Final[dict[str, str]] = {
    "OCPP12": "1.2",
    "OCPP15": "1.5",
    "OCPP16": "1.6",
    "OCPP20": "2.0.1",  # 2.x errata: OCPP20 stands for 2.0.1
    "OCPP201": "2.0.1",
    "OCPP21": "2.1",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to the central system; `password` is what Basic authentication sends."""

    slot: int
    url: str
    identity: str
    security_profile: int
    versions: tuple[str, ...]
    password: bytes | None
    message_timeout_s: int

    @property
    def endpoint(self) -> str:
        """The address with the identity behind it (2.x part 4 §3.1.1)."""
        return f"{self.url.rstrip('/')}/{self.identity}"

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is used."""
        return self.security_profile >= TLS_FROM


def name(slot: int, variable: str) -> str:
    """The name of a variable of a slot."""
    return f"NetworkConfiguration[{slot}]/{variable}"


def profile(station: Station, slot: int) -> Profile | None:
    """What is in a slot; None if it is empty."""
    model = station.model
    url = model.text(name(slot, "OcppCsmsUrl"))
    if not url:
        return None
    password = model.text(name(slot, "BasicAuthPassword"))
    return Profile(
        slot=slot,
        url=url,
        identity=model.text(name(slot, "Identity")) or station.id,
        security_profile=model.number(name(slot, "SecurityProfile")),
        versions=_versions(station, slot),
        password=password.encode() or None,
        message_timeout_s=model.number(name(slot, "MessageTimeout")),
    )


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
    if station.model.flag("SecurityCtrlr/AllowSecurityProfileDowngrade"):
        return found
    floor = confirmed_security(station)
    return [each for each in found if each.security_profile >= floor]  # A05.FR.02


def confirmed_security(station: Station) -> int:
    """The highest security profile with which the central system was reached."""
    return int(station.documents.collection("counters", int).get("security_profile", 0))


def confirm(station: Station, used: Profile) -> None:
    """Note that a profile has led to the central system (2.x A05.FR.06, B10)."""
    station.use_slot(used.slot)
    counters = station.documents.collection("counters", int)
    allowed_down = station.model.flag("SecurityCtrlr/AllowSecurityProfileDowngrade")
    if allowed_down or used.security_profile > confirmed_security(station):
        counters["security_profile"] = used.security_profile


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
    return wire.SetNetworkProfileResponse(status="Accepted")


def _flaw(station: Station, request: wire.SetNetworkProfile) -> str | None:
    data, slot = request.connection_data, request.configuration_slot
    if not 1 <= slot <= SLOTS:
        return "InvalidConfSlot"  # B09.FR.02
    if data.security_profile < confirmed_security(station) and not station.model.flag(
        "SecurityCtrlr/AllowSecurityProfileDowngrade"
    ):
        return "NoSecurityDowngrade"  # B09.FR.04
    if not _is_usable(data.ocpp_csms_url, data.security_profile):
        return "InvalidNetworkConf"
    if data.ocpp_transport != "JSON" or data.apn is not None or data.vpn is not None:
        return "UnsupportedParam"
    if data.ocpp_version is not None and VERSIONS.get(data.ocpp_version) not in DIALECTS:
        return "UnsupportedParam"
    return None


def _is_usable(url: str, security_profile: int) -> bool:
    scheme = "wss://" if security_profile >= TLS_FROM else "ws://"
    return url.lower().startswith(scheme)


def check_priority(station: Station, value: str) -> str | None:
    """Every slot named must lead somewhere, and not be less secure (2.x B09.FR.04, B10)."""
    slots = value.split(",") if value else []
    if not slots or not all(each.isdecimal() for each in slots):
        return "InvalidValue"
    found = [profile(station, int(each)) if 1 <= int(each) <= SLOTS else None for each in slots]
    if None in found:
        return "InvalidValue"
    floor = confirmed_security(station)
    if any(each is not None and each.security_profile < floor for each in found):
        return "NoSecurityDowngrade"
    return None


def check_security(station: Station, value: str) -> str | None:
    """A security profile is never lowered (2.x A05.FR.02; 1.6 white paper §2.3)."""
    if int(value) < confirmed_security(station):
        return "NoSecurityDowngrade"
    return None


def on_connection_changed(station: Station, _value: str) -> None:
    """Connect again, as what leads to the central system has changed (2.x A01.FR.11)."""
    station.alarm("reconnect", 1.0, lambda _station: station.reconnect_wanted.set())


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
}
LIVE: dict[str, Any] = {
    "OCPPCommCtrlr/ActiveNetworkProfile": lambda station, *_: str(station.active_slot),
    "SecurityCtrlr/Identity": lambda station, *_: (
        station.model.text(name(station.active_slot, "Identity")) or station.id
    ),
    "SecurityCtrlr/SecurityProfile": _of_active("SecurityProfile"),
}
