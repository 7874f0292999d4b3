"""Composition root of one EVSE controller: its settings, hardware, documents, roles and faces."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import (
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from time import time
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import structlog
from pydantic import SecretStr

from chargeplane import __version__, logs, station_app
from chargeplane.api.everest import faces
from chargeplane.api.smartevse import face, publisher
from chargeplane.api.smartevse.access import Guard, Pin
from chargeplane.config import Evse, Settings
from chargeplane.config import Station as StationSettings
from chargeplane.errors import ConfigurationError, NotAllowed
from chargeplane.evse import fitting, roles
from chargeplane.evse import settings as owned
from chargeplane.evse.background import background
from chargeplane.evse.controller import Controller
from chargeplane.evse.device import Device
from chargeplane.evse.fitting import Fitted
from chargeplane.evse.hands import Hands
from chargeplane.evse.hardware import RfidReader
from chargeplane.evse.outlet import Outlet
from chargeplane.evse.pace import StepClock
from chargeplane.net import http
from chargeplane.net.mdns import announced
from chargeplane.station import connection
from chargeplane.station.signals import Link
from chargeplane.station.virtual import standard_input, write_line
from chargeplane.storage.documents import Documents
from chargeplane.web.evse import page

RESTART_WANTED: Final = 75  # exit code after a reboot, for the supervisor (EX_TEMPFAIL)
FILE: Final = "evse.db"
OWNER_ONLY: Final = 0o600  # the file holds passwords of the broker and the central system
DEFAULT_LIMIT: Final = "SmartChargingCtrlr/CompositeScheduleDefaultLimitAmps"
HIGHEST_A: Final = 80  # without any profile the regulation alone limits

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Running:
    """A device that runs, and what it was made of."""

    device: Device
    fitted: Fitted
    monitor_port: int  # where its registers are answered; 0: nowhere


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """Run a device for as long as the context lasts.

    Raises `ConfigurationError`, `StorageError`.
    """
    async with AsyncExitStack() as stack:
        own = settings.evse
        clock = StepClock(time()) if own.hardware == "virtual" else time
        documents = _documents(own, stack)
        owner = owned.Owner(documents, _first(settings))
        is_node = owner.settings.regulation.is_node
        fitted = await fitting.fit(own, clock, stack, is_node=is_node)
        controller = Controller(
            fitted.board,
            documents,
            owner,
            clock=clock,
            zone=ZoneInfo(own.timezone) if own.timezone else None,
            meters=fitted.described,
        )
        version = f"Chargeplane {__version__}"
        device = Device(controller=controller, serial=_serial(own), version=version)
        stack.callback(controller.wires.make_safe)
        await _serve(device, own, fitted, stack)
        await stack.enter_async_context(background(_connect(device, settings)))
        for job in fitted.jobs:
            await stack.enter_async_context(background(_vital(job(controller), controller)))
        await stack.enter_async_context(background(controller.wires.keep_locked()))
        if fitted.reader is not None:
            await stack.enter_async_context(background(_read_cards(controller, fitted.reader)))
        await stack.enter_async_context(background(publisher.run(device)))
        monitor_port = await roles.take(device, own, fitted, stack)
        yield Running(device, fitted, monitor_port)


async def run(settings: Settings, *, control: bool = False) -> int:
    """Run until a reboot is asked for, or SIGINT or SIGTERM ends it; the exit code.

    With `control` commands for a virtual device are read from standard input.
    """
    is_ended = False

    def end(wanted: asyncio.Event) -> None:
        nonlocal is_ended
        is_ended = True
        wanted.set()

    async with running(settings) as found:
        wanted = found.device.controller.reboot_wanted
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end, wanted)
        logger.info("device runs", name=found.device.name, url=found.device.url)
        async with background(_obey(found)) if control else nullcontext():
            await wanted.wait()
    return 0 if is_ended else RESTART_WANTED


async def _obey(found: Running) -> None:
    virtual = found.fitted.virtual
    if virtual is None:
        raise ConfigurationError("--control: evse.hardware is not virtual")
    hands = Hands(found.device.controller, virtual.board)
    await hands.follow(standard_input(), write_line)


async def _vital(job: Coroutine[Any, Any, None], controller: Controller) -> None:
    """Without this job nobody watches the car: if it fails, everything is switched off."""
    try:
        await job
    except Exception:
        controller.wires.make_safe()
        controller.reboot_wanted.set()
        raise


async def _read_cards(controller: Controller, reader: RfidReader) -> None:
    while True:
        uid = await reader.next_uid()
        try:
            controller.show_card(uid)
        except NotAllowed as error:
            logger.info("card not taken", reason=str(error))


# The central system


async def _connect(device: Device, settings: Settings) -> None:
    """Be the station of the settings in force, and another one when these change."""
    controller, changed = device.controller, asyncio.Event()
    stop = controller.changed.listen(lambda _: changed.set())
    try:
        while True:
            wanted = controller.settings.ocpp
            async with background(_be_station(device, settings)):
                while controller.settings.ocpp == wanted:
                    changed.clear()
                    await changed.wait()
    finally:
        stop()


async def _be_station(device: Device, settings: Settings) -> None:
    """Connect until cancelled; a reset that is asked for starts the whole device again."""
    controller = device.controller
    if not controller.settings.ocpp.enabled:
        return
    outlet = Outlet(controller)
    station = station_app.make(_station_settings(settings, device), [outlet])
    station.model.start(DEFAULT_LIMIT, str(HIGHEST_A))
    station.process_log = logs.keep_recent()
    station.signals.link.listen(partial(_note_link, device))
    offered = faces.offer(station, settings)
    leave = outlet.serve(station)
    device.station = station
    try:
        await _first_look(controller)
        async with background(offered.run()) if offered else nullcontext():
            await connection.run(station, once=True)
        controller.reboot(0)
    finally:
        leave()
        device.station = None
        device.ocpp.clear()
        station.documents.close()


def _note_link(device: Device, link: Link) -> None:
    if link.connected:
        device.ocpp.set()
    else:
        device.ocpp.clear()


async def _first_look(controller: Controller) -> None:
    """Wait until it is known whether a car is there, so that a charge can go on."""
    looked = asyncio.Event()
    stop = controller.changed.listen(lambda _: looked.set() if controller.uptime_s else None)
    await looked.wait()
    stop()


def _station_settings(settings: Settings, device: Device) -> StationSettings:
    """The station that the device is."""
    wanted = device.controller.settings.ocpp
    given = settings.station.model_fields_set
    usual = {"model": "EVSE controller", "serial_number": str(device.serial)}
    return settings.station.model_copy(
        update={
            **{name: value for name, value in usual.items() if name not in given},
            "id": wanted.id or device.name,
            "url": wanted.url,
            "password": SecretStr(wanted.password) if wanted.password else None,
            "data": settings.evse.data,
            "connectors": [1],
        }
    )


# What is kept


def _documents(settings: Evse, stack: AsyncExitStack) -> Documents:
    path = settings.data / FILE
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        path.touch(OWNER_ONLY)
    except OSError as error:
        raise ConfigurationError(f"evse.data: {error}") from error
    documents = Documents(path)
    stack.callback(documents.close)
    return documents


def _first(settings: Settings) -> owned.DeviceSettings:
    """The settings of a device that nobody has changed yet."""
    mqtt, station = settings.evse_mqtt, settings.station
    is_named = "id" in station.model_fields_set
    return msgspec.structs.replace(
        owned.first_values(settings.evse.settings),
        ocpp=owned.OcppSettings(
            enabled=settings.evse.ocpp,
            url=station.url,
            id=station.id if is_named else "",
            password=_secret(station.password) or "",
        ),
        mqtt=owned.MqttSettings(
            host=mqtt.host,
            port=mqtt.port,
            prefix=mqtt.prefix,
            username=mqtt.username,
            password=_secret(mqtt.password) or "",
            tls=mqtt.tls,
            ca_certificate=mqtt.ca_file.read_text() if mqtt.ca_file else "",
            heartbeat_s=mqtt.heartbeat,
            change_only=mqtt.change_only,
            discovery=mqtt.discovery,
        ),
    )


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def _serial(settings: Evse) -> int:
    """Five digits, as a SmartEVSE makes them of its hardware address."""
    return uuid.getnode() & 0xFFFF if settings.serial is None else settings.serial


# Who may use it


async def _serve(device: Device, settings: Evse, fitted: Fitted, stack: AsyncExitStack) -> None:
    token, pin = _secret(settings.token), _secret(settings.pin)
    is_private = _is_loopback(settings.host)
    if not (is_private or token or settings.open):
        raise ConfigurationError(
            f"evse.token: without one a device at {settings.host} would obey everybody; "
            "set evse.open if it is to"
        )
    # Where a PIN is needed and there is none, nobody presses the buttons from afar.
    needed = pin if pin is not None or is_private or settings.open else ""
    guard = Pin(needed)
    app = face.create(device, guard)
    shown = page.shown(
        device,
        app,
        verify=None if needed is None else lambda pin: guard.verify(pin) is not None,
        board=fitted.virtual.board if fitted.virtual else None,
    )
    await stack.enter_async_context(shown)
    tls = _tls(settings)
    served = http.serve(Guard(app, token), settings.host, settings.port, name="evse.port", tls=tls)
    device.is_encrypted = tls is not None
    device.port = await stack.enter_async_context(served)
    device.address = "" if is_private else _address(settings.host)
    if settings.mdns and device.address:
        await stack.enter_async_context(announced(device.name, device.address, device.port))


def _tls(settings: Evse) -> ssl.SSLContext | None:
    """What HTTPS needs; None: it is not encrypted. Raises `ConfigurationError`."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"evse.tls_certificate: {error}") from error
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(host: str) -> str:
    """The address that others find this machine at; "" if it has none."""
    try:
        if not ip_address(host).is_unspecified:
            return host
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses an address
            return str(probe.getsockname()[0])
    except (OSError, ValueError):
        return ""
