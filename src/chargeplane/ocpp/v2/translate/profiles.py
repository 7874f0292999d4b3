"""Charging profiles: price schedules and tariffs in them stay plain JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from chargeplane.domain import profiles as domain
from chargeplane.domain.transactions import RequestStartAnswer, RequestStartTransaction
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import carried, row, to
from chargeplane.ocpp.v2.translate.station import refusing

CARRIED = ("sales_tariff", "absolute_price_schedule", "price_level_schedule")


def plain(profile: wire.ChargingProfile) -> wire.ChargingProfile:
    """The profile with the carried members of its schedules as JSON, ready to be converted."""
    schedules: list[Any] = [
        msgspec.structs.replace(
            schedule, **{name: carried(getattr(schedule, name)) for name in CARRIED}
        )
        for schedule in profile.charging_schedule
    ]
    return msgspec.structs.replace(profile, charging_schedule=schedules)


def read_set(request: wire.SetChargingProfile) -> domain.SetChargingProfile:
    """A profile to be installed."""
    profile = plain(request.charging_profile)
    return to(domain.SetChargingProfile)(msgspec.structs.replace(request, charging_profile=profile))


def read_start(request: wire.RequestStartTransaction) -> RequestStartTransaction:
    """A start that may bring a profile."""
    profile = request.charging_profile and plain(request.charging_profile)
    return to(RequestStartTransaction)(msgspec.structs.replace(request, charging_profile=profile))


ROWS = (
    row(
        "csms",
        "SetChargingProfile",
        domain.SetChargingProfile,
        answer=domain.SetChargingProfileAnswer,
        read=read_set,
        write_answer=refusing("Rejected", wire.SetChargingProfileResponse),
    ),
    row(
        "csms",
        "RequestStartTransaction",
        RequestStartTransaction,
        answer=RequestStartAnswer,
        read=read_start,
    ),
)
