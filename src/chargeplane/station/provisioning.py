"""Boot, heartbeat, variables and reports."""

from __future__ import annotations

import asyncio
from typing import Any

from chargeplane.domain.station import BootNotification, Heartbeat
from chargeplane.domain.variables import (
    GetBaseReport,
    GetVariables,
    ReportAnswer,
    SettingResult,
    SettingResults,
    SetVariables,
    VariableResult,
    VariableResults,
)
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.v2 import wire
from chargeplane.station import availability
from chargeplane.station.station import Station

PART = 10  # variables in one NotifyReport
RETRY = 10  # s between boots where the central system names no interval


async def boot(station: Station) -> None:
    """Ask to be accepted until the central system does (2.x B01-B03; 1.6 §4.2)."""
    station.accepted.clear()
    while True:
        answer = await station.ask(
            BootNotification(charging_station=station.about, reason=station.boot_reason)
        )
        if answer.status == "Accepted":
            break
        await asyncio.sleep(answer.interval or RETRY)
    station.accepted.set()
    if answer.interval > 0:
        station.model.put("HeartbeatInterval", str(answer.interval))
    for connector in station.connectors:
        await availability.report(station, connector, again=True)


async def keep_alive(station: Station) -> None:
    """Send heartbeats for as long as the connection lasts; raises `NoAnswer`."""
    while True:
        await asyncio.sleep(station.model.seconds("HeartbeatInterval") or 300)
        await station.ask(Heartbeat())


async def on_get(station: Station, request: GetVariables) -> VariableResults:
    """Read variables (B06; 1.6 §5.8)."""
    return VariableResults(results=tuple(station.model.get(query) for query in request.queries))


async def on_set(station: Station, request: SetVariables) -> SettingResults:
    """Write variables (B05; 1.6 §5.3)."""
    return SettingResults(
        results=tuple(
            SettingResult(
                component=setting.component,
                variable=setting.variable,
                attribute_status=station.model.set(setting),
                attribute_type=setting.attribute_type,
            )
            for setting in request.settings
        )
    )


async def on_report(station: Station, request: GetBaseReport) -> ReportAnswer:
    """Report all variables: in the answer for 1.x, in parts that follow for 2.x (B07)."""
    if request.request_id is None:
        # 1.x names configuration keys only.
        from_keys = [each for each in station.model.report() if _has_key(each)]
        return ReportAnswer(status="Accepted", report=tuple(from_keys))
    station.spawn(_send_report(station, request.request_id), "report")
    return ReportAnswer(status="Accepted")


def _has_key(result: VariableResult) -> bool:
    return result.component.name != "ChargingStation"


async def _send_report(station: Station, request_id: int) -> None:
    found = [each for each in station.model.report() if each.attribute_type == "Actual"]
    parts = [found[first : first + PART] for first in range(0, len(found), PART)]
    for number, part in enumerate(parts):
        try:
            await station.ask(
                wire.NotifyReport(
                    request_id=request_id,
                    generated_at=station.now(),
                    seq_no=number,
                    tbc=number + 1 < len(parts),
                    report_data=[_report_data(each) for each in part],
                )
            )
        except (NoAnswer, Untranslatable):
            return


def _report_data(result: VariableResult) -> wire.ReportData:
    mutability: Any = "ReadOnly" if result.readonly else "ReadWrite"
    component = wire.Component(name=result.component.name, instance=result.component.instance)
    return wire.ReportData(
        component=component,
        variable=wire.Variable(name=result.variable.name, instance=result.variable.instance),
        variable_attribute=[
            wire.VariableAttribute(value=result.attribute_value, mutability=mutability)
        ],
        variable_characteristics=wire.VariableCharacteristics(
            data_type="string", supports_monitoring=False
        ),
    )


HANDLERS: dict[type, Any] = {
    GetVariables: on_get,
    SetVariables: on_set,
    GetBaseReport: on_report,
}
