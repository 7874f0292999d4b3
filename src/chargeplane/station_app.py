"""Composition root of one charging station: its settings, hardware, documents and hands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from chargeplane import logs
from chargeplane.api.everest import faces
from chargeplane.config import Settings
from chargeplane.config import Station as StationSettings
from chargeplane.domain.station import ChargingStation
from chargeplane.errors import ConfigurationError
from chargeplane.evse.hardware import Hardware
from chargeplane.evse.installers import CommandInstaller
from chargeplane.evse.ocmf import Signer
from chargeplane.evse.virtual import VirtualEvse, VirtualGrid
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.evse.virtual_inverter import VirtualInverter
from chargeplane.evse.virtual_slot import VirtualSlot
from chargeplane.net.soap_station import Dial, Listen
from chargeplane.ocpp.keys import read_key
from chargeplane.station import certificates, connection, handlers, virtual, virtual_world
from chargeplane.station.connection import Link
from chargeplane.station.definition import name_of
from chargeplane.station.pki import Unusable
from chargeplane.station.station import Station
from chargeplane.storage.documents import Documents

RESTART_WANTED: Final = 75  # exit code after a reset, for the supervisor (EX_TEMPFAIL)


def make(settings: StationSettings, hardware: Sequence[Hardware] | None = None) -> Station:
    """A station as configured, on that hardware or else a virtual one.

    Raises `ConfigurationError`, `StorageError`.
    """
    evses = [
        VirtualEvse(speed=settings.speed, is_bidirectional=settings.bidirectional)
        for _ in settings.connectors
    ]
    station = handlers.build(
        settings.id,
        ChargingStation(
            vendor_name=settings.vendor,
            model=settings.model,
            serial_number=settings.serial_number,
            firmware_version=settings.firmware_version,
        ),
        hardware or evses,
        connectors=settings.connectors,
        documents=Documents(settings.data / f"{_file_name(settings.id)}.db"),
    )
    for evse in station.evses:
        evse.signer = Signer(f"{settings.id}-{evse.id}")
    if settings.transport == "soap":
        station.dial = Dial(
            Listen(host=settings.soap_host, port=settings.soap_port, url=settings.soap_url)
        )
    _configure(station, settings)
    if hardware is None:
        _equip(station, settings, evses)
        virtual_world.awaken(station)
    if settings.installer:
        station.installer = CommandInstaller(settings.installer)
    for setting, use, chain, key in (
        ("tls_ca", "CSMSRootCertificate", settings.tls_ca, None),
        (
            "tls_certificate",
            "ChargingStationCertificate",
            settings.tls_certificate,
            settings.tls_key,
        ),
        ("firmware_ca", "ManufacturerRootCertificate", settings.firmware_ca, None),
    ):
        _provide(station, setting, use, chain, key)
    return station


def _equip(station: Station, settings: StationSettings, boards: Sequence[VirtualEvse]) -> None:
    """Give a virtual station the parts that it has beside its EVSEs."""
    station.grid = VirtualGrid(boards)
    if settings.languages:
        station.displays = {0: VirtualDisplay(languages=tuple(settings.languages))}
    for evse, board in zip(station.evses, boards, strict=True):
        evse.inverter = VirtualInverter() if settings.inverters else None
        evse.slot = VirtualSlot(board) if settings.battery_slots else None


def _provide(
    station: Station, setting: str, use: Any, chain: Path | None, key: Path | None
) -> None:
    """Give certificates from files to a station that has none."""
    if chain is None:
        return
    try:
        certificates.provide(station, use, chain.read_text(), key.read_text() if key else None)
    except (OSError, ValueError, Unusable) as error:
        raise ConfigurationError(f"station.{setting}: {error}") from error


def _file_name(station_id: str) -> str:
    return "".join(each if each.isalnum() or each in "-_" else "_" for each in station_id)


def _configure(station: Station, settings: StationSettings) -> None:
    """Give the first values; what somebody has set since counts more."""
    for key, value in settings.keys.items():
        component, variable, _ = read_key(key)
        if station.model.definition(component, variable) is None:
            station.model.define_key(key, _text(value))
        else:
            _start(station, name_of(component, variable), value, f"station.keys.{key}")
    for name, value in settings.variables.items():
        _start(station, name, value, f"station.variables.{name}")
    password = settings.password.get_secret_value().encode() if settings.password else None
    connection.use(
        station,
        Link(
            url=settings.url,
            versions=settings.versions,
            password=password,
            security_profile=settings.security_profile,
        ),
    )


def _start(station: Station, name: str, value: Any, setting: str) -> None:
    try:
        station.model.start(name, _text(value))
    except KeyError:
        raise ConfigurationError(f"{setting}: there is no such variable") from None
    except ValueError as error:
        raise ConfigurationError(f"{setting}: {error}") from None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def run(settings: Settings, *, control: bool = False, in_place: bool = False) -> int:
    """Run until a reset, and return the exit code; with `in_place` it starts again by itself."""
    station = make(settings.station)
    station.process_log = logs.keep_recent()
    offered = faces.offer(station, settings)
    work = asyncio.create_task(connection.run(station, once=not in_place), name="station")
    jobs: list[asyncio.Task[None]] = [work]
    if offered is not None:
        jobs.append(asyncio.create_task(offered.run(), name="everest"))
    if control:
        hands = virtual.Hands(station)
        listening = hands.follow(virtual.standard_input(), virtual.write_line)
        jobs.append(asyncio.create_task(listening, name="control"))
    try:
        await work
    finally:
        for job in jobs:
            job.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*jobs, return_exceptions=True)
        station.documents.close()
    return RESTART_WANTED
