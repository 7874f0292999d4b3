"""Distributed energy resources: what the grid asks of cars that can discharge (2.1 R)."""

from __future__ import annotations

from typing import Any

from chargeplane.csms import notes, reports
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate, send
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import StatusInfo, Value
from chargeplane.ocpp.v2 import wire


class GetDERControl(Value, frozen=True, kw_only=True):
    """Which controls; all conditions that are given hold."""

    is_default: bool | None = None
    control_type: wire.DERControlEnum | None = None
    control_id: str | None = None


class Controls(Value, frozen=True, kw_only=True):
    """What the station said, and the parts of its report."""

    status: wire.DERControlStatusEnum
    status_info: StatusInfo | None = None
    parts: tuple[wire.ReportDERControl, ...] = ()


async def get_der_control(
    central: Central, station_id: str, wanted: GetDERControl, asked: Asked = BY_SYSTEM
) -> Controls:
    """The controls that a station holds (2.1 R04); raises as `send` does."""

    async def ask(station: Station) -> Controls:
        request = wire.GetDERControl(
            request_id=notes.new_id(),
            is_default=wanted.is_default,
            control_type=wanted.control_type,
            control_id=wanted.control_id,
        )
        answer, parts = await reports.collect(station, request, wire.ReportDERControl, asked)
        return Controls(status=answer.status, status_info=notes.info(answer), parts=parts)

    return await operate(central, station_id, wanted, ask, asked)


async def on_report(
    station: Station, request: wire.ReportDERControl
) -> wire.ReportDERControlResponse:
    """Store a part of the controls that a station holds (2.1 R04)."""
    await station.central.commit(lambda unit: notes.keep(unit, station.id, "der.report", request))
    reports.hand_on(station, request, (request,))
    return wire.ReportDERControlResponse()


HANDLERS: dict[type, Any] = {
    wire.ReportDERControl: on_report,
    wire.NotifyDERAlarm: notes.keeper("der.alarm", wire.NotifyDERAlarmResponse),
    wire.NotifyDERStartStop: notes.keeper("der.start_stop", wire.NotifyDERStartStopResponse),
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "set_der_control": (wire.SetDERControl, send),
    "get_der_control": (GetDERControl, get_der_control),
    "clear_der_control": (wire.ClearDERControl, send),
    "afrr_signal": (wire.AFRRSignal, send),
    "notify_allowed_energy_transfer": (wire.NotifyAllowedEnergyTransfer, send),
}
