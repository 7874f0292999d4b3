"""What is known of a station and its connection, and what operators decide about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial

from nicegui import ui

from chargeplane.csms import stations as operators
from chargeplane.csms.registry import Station
from chargeplane.csms.security import SetPassword
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories.stations import StationSettings
from chargeplane.web.csms import station_form
from chargeplane.web.csms.dialogs import ask, confirmed, tell_status
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts

Facts = Iterable[tuple[str, str]]


async def build(visit: Visit, station: StationRecord) -> None:
    """Buttons, and the facts in groups."""
    t, here = visit.t, visit.central.stations.get(station.id)
    if visit.may("operator"):
        with ui.row().classes("w-full gap-2 mb-3"):
            _buttons(visit, station)
    with ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-3"):
        _group(t("Connection"), _connection(t, station, here))
        _group(t("Settings"), _settings(t, station))
        _group(t("Hardware"), _hardware(t, station))
        if here is not None and here.oddities:
            tolerated = ((name, t.number(count)) for name, count in here.oddities.most_common())
            _group(t("Tolerated oddities"), tolerated)


def _group(title: str, facts: Facts) -> None:
    with ui.card().classes("w-full gap-1"):
        ui.label(title).classes("text-lg font-medium").props("role=heading aria-level=2")
        with ui.element("dl").classes("w-full m-0"):
            for name, value in facts:
                if value:
                    with ui.element("div").classes("flex gap-3 justify-between py-1 ruled"):
                        with ui.element("dt").classes("quiet"):
                            ui.label(name)
                        with ui.element("dd").classes("m-0 text-right break-all"):
                            ui.label(value)


def _connection(t: Texts, station: StationRecord, here: Station | None) -> Facts:
    seen = here.last_seen if here is not None else station.last_seen_at
    return (
        (t("Address"), station.remote_address or ""),
        (t("Protocol"), station.subprotocol or ""),
        (t("Security profile"), _number(t, station.security_profile)),
        (t("Connected since"), t.moment(station.connected_at) if station.online else ""),
        (t("Disconnected"), "" if station.online else t.moment(station.disconnected_at)),
        (t("Last seen"), t.moment(seen)),
        (t("Process"), station.node or ""),
        (t("Last start"), _joined(t.moment(station.boot_at), station.boot_reason)),
        (t("Registered"), t.moment(station.created_at)),
    )


def _settings(t: Texts, station: StationRecord) -> Facts:
    interval = station.heartbeat_interval_s
    return (
        (t("Name"), station.name or ""),
        (t("Location"), station.location or ""),
        (t("Comment"), station.comment or ""),
        (t("Enabled"), t("Yes") if station.enabled else t("No")),
        (t("Registration"), t(station_form.REGISTRATIONS[station.registration])),
        (t("Password"), t("Set") if station.password_hash else t("None")),
        (t("Least security profile"), t(station_form.PROFILES[station.min_security_profile])),
        (t("OCPP version"), station.pinned_version or t("Newest of both")),
        (t("Heartbeat interval (s)"), _number(t, interval)),
        (t("Free charging for everybody"), t("Yes") if station.free_vend else t("No")),
        (t("Who may charge"), t(station_form.MODES[station.allow_list_mode])),
        (t("SOAP address"), station.soap_endpoint or ""),
    )


def _hardware(t: Texts, station: StationRecord) -> Facts:
    return (
        (t("Vendor"), station.vendor or ""),
        (t("Model"), station.model or ""),
        (t("Serial number"), station.serial_number or ""),
        (t("Serial number of the charge box"), station.charge_box_serial_number or ""),
        (t("Firmware"), station.firmware_version or ""),
        (t("Meter"), _joined(station.meter_type, station.meter_serial_number)),
        (t("SIM card (ICCID)"), station.iccid or ""),
        (t("SIM card (IMSI)"), station.imsi or ""),
    )


def _number(t: Texts, value: int | None) -> str:
    return "" if value is None else t.number(value)


def _joined(*parts: str | datetime | None) -> str:
    return " · ".join(str(each) for each in parts if each)


# What can be done


def _buttons(visit: Visit, station: StationRecord) -> None:
    t = visit.t

    def add(title: str, icon: str, run: Callable[[Visit, StationRecord], Awaitable[None]]) -> None:
        button = ui.button(title, icon=icon, on_click=lambda: run(visit, station))
        button.props("outline no-caps dense").classes("px-2")

    if visit.may("admin"):
        add(t("Change"), "edit", _edit)
        if station.registration != "Accepted":
            add(t("Adopt"), "add_task", _adopt)
        if station.enabled:
            add(t("Disable"), "block", _disable)
        else:
            add(t("Enable"), "check", _enable)
        add(t("Renew its password"), "key", _renew)
        add(t("Delete"), "delete", _delete)
    add(t("Disconnect"), "link_off", _disconnect)


async def _edit(visit: Visit, station: StationRecord) -> None:
    if await station_form.edit(visit, station):
        ui.navigate.reload()


async def _adopt(visit: Visit, station: StationRecord) -> None:
    await _change(visit, station, "adopt station", partial(operators.adopt, visit.central))


async def _enable(visit: Visit, station: StationRecord) -> None:
    work = partial(operators.change, visit.central, settings=StationSettings(enabled=True))
    await _change(visit, station, "enable station", work)


async def _disable(visit: Visit, station: StationRecord) -> None:
    t = visit.t
    question = t("Disable {station}? It is disconnected and not let in.", station=station.id)
    if await confirmed(visit, question, t("Disable")):
        work = partial(operators.change, visit.central, settings=StationSettings(enabled=False))
        await _change(visit, station, "disable station", work)


async def _delete(visit: Visit, station: StationRecord) -> None:
    t = visit.t
    question = t("Delete {station}? What happened there is kept.", station=station.id)
    if await confirmed(visit, question, t("Delete")):
        work = partial(operators.remove, visit.central)
        await _change(visit, station, "remove station", work, following="/stations")


async def _change(
    visit: Visit,
    station: StationRecord,
    action: str,
    work: Callable[[str], Awaitable[None]],
    following: str | None = None,
) -> None:
    async def run() -> bool:
        await work(station.id)
        return True

    if await visit.act(action, run, station=station.id, least="admin"):
        ui.navigate.to(following) if following else ui.navigate.reload()


async def _disconnect(visit: Visit, station: StationRecord) -> None:
    async def work() -> None:
        reason, code = "an operator asked for it", operators.SERVICE_RESTART
        await operators.hang_up(visit.central, station.id, reason, code)

    said = visit.t("Disconnected; most stations come back at once.")
    await visit.act("disconnect station", work, station=station.id, said=said)


async def _renew(visit: Visit, station: StationRecord) -> None:
    """Give the station a random password that only it and our hash know."""
    t = visit.t
    question = t("Give {station} a new random password?", station=station.id)
    if await confirmed(visit, question, t("Renew its password")):
        result = await ask(visit, station.id, "set_password", SetPassword(), is_told=False)
        if result is not None:
            tell_status(visit, result.attribute_status, result.attribute_status_info)
