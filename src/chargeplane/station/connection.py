"""The link of a station to its central system, kept up for as long as the station runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from chargeplane.errors import ChargeplaneError, NotConnected
from chargeplane.net.websocket import Connection, Unreachable
from chargeplane.ocpp.conduct import Conduct, conduct_of
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.peer import Peer
from chargeplane.station import (
    availability,
    certificates,
    handlers,
    network,
    provisioning,
    security_events,
    transactions,
)
from chargeplane.station.profile import Profile
from chargeplane.station.signals import Link as LinkNews
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to connect, in which versions (best first), with which password."""

    url: str  # the endpoint, without the station's id
    versions: Iterable[str] = ("2.1", "2.0.1", "1.6")
    password: bytes | None = None
    security_profile: int | None = None  # None: as the URL and the password suggest


def use(station: Station, link: Link) -> None:
    """Put a link into the first slot, unless somebody has changed it since."""
    model = station.model
    profile = link.security_profile
    if profile is None:
        profile = (
            2 if link.url.startswith(("wss:", "https:")) else 0 if link.password is None else 1
        )
    model.start(network.name(1, "OcppCsmsUrl"), link.url)
    model.start(network.name(1, "SecurityProfile"), str(profile))
    versions = ",".join(f"ocpp{each}" for each in link.versions)
    model.start("InternalCtrlr/SupportedOcppVersions", versions)
    if link.password is not None:
        model.start(network.name(1, "BasicAuthPassword"), link.password.decode())


async def run(station: Station, link: Link | None = None, *, once: bool = False) -> None:
    """Connect, boot and serve; after a lost connection again, after a reset from the start.

    With `once` it returns when a reset is carried out, for whoever restarts the process.
    """
    if link is not None:
        use(station, link)
    for evse in station.evses:
        evse.hardware.on_change(partial(_on_hardware, station, evse))
    station.conduct = _expected_conduct(station)
    try:
        while True:
            handlers.start(station)
            await _until_reset(station)
            if once:
                return
            logger.info("restarting", station=station.id)
    finally:
        await station.stop()


def _expected_conduct(station: Station) -> Conduct:
    """The rules of the version that is offered first, until one is chosen."""
    profiles = network.in_order(station)
    return conduct_of(DIALECTS[profiles[0].versions[0]]) if profiles else station.conduct


def _on_hardware(station: Station, evse: EvseUnit) -> None:
    transactions.settle(station, evse)


async def _until_reset(station: Station) -> None:
    station.reset_wanted.clear()
    station.accepted.clear()
    failures = 0
    while not station.reset_wanted.is_set():
        await _until_wanted(station)
        connection, profile = await _try_all(station)
        if connection is None:
            await _pause(station, network.wait_s(station, failures))
            failures += 1
            continue
        failures = 0
        await _serve(station, connection, profile)
        if not station.reset_wanted.is_set() and not station.reconnect_wanted.is_set():
            await _pause(station, network.wait_s(station, 0))


async def _until_wanted(station: Station) -> None:
    while not station.is_wanted:
        station.reconnect_wanted.clear()
        await station.reconnect_wanted.wait()


async def _pause(station: Station, seconds: float) -> None:
    """Wait; a reset or a wish to connect again ends it."""
    station.reconnect_wanted.clear()
    waits = [
        asyncio.ensure_future(station.reconnect_wanted.wait()),
        asyncio.ensure_future(station.reset_wanted.wait()),
    ]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()


async def _try_all(station: Station) -> tuple[Any, Any]:
    """The first connection that comes about, by the priorities (2.x B10).

    Where none does, what was there before the last change is tried (A02.FR.28; 1.6 A05.FR.08).
    """
    profiles = network.in_order(station)
    if not profiles:
        logger.warning("no network profile can be used", station=station.id)
    for several in (profiles, network.in_order_before(station)):
        found = await _try(station, several)
        if found is not None:
            return found
    return None, None


async def _try(station: Station, profiles: list[Profile]) -> tuple[Connection, Profile] | None:
    attempts = station.model.number("OCPPCommCtrlr/NetworkProfileConnectionAttempts")
    for profile in profiles:
        for attempt in range(attempts if len(profiles) > 1 else 1):
            try:
                return await _connect(station, profile)
            except NotConnected as error:
                logger.info("no connection", station=station.id, reason=str(error))
            if attempt + 1 < attempts and len(profiles) > 1:
                await _pause(station, network.wait_s(station, attempt))
    return None


async def _connect(station: Station, profile: Profile) -> tuple[Connection, Profile]:
    """Connect, if need be by the root certificate before the last change (2.x M05.FR.14)."""
    before = replace(profile, trusts_former=True)
    try:
        try:
            return await _dial(station, profile), profile
        except Unreachable as error:
            migrates = profile.slot != station.active_slot  # M05.FR.15
            if error.fault != "certificate" or migrates:
                raise
            if not certificates.has_former_root(station):
                raise
            return await _dial(station, before), before
    except Unreachable as error:
        security_events.on_unreachable(station, error.fault, str(error))
        raise


async def _dial(station: Station, profile: Profile) -> Connection:
    if not station.has_network:
        raise NotConnected("there is no network")
    interval = station.model.number("OCPPCommCtrlr/WebSocketPingInterval")
    return await station.dial(
        profile.endpoint,
        [DIALECTS[version].subprotocol for version in profile.versions],
        credentials=profile.credentials,
        ping_interval=float(interval) if interval else None,
        tls=station.tls(station, profile) if profile.is_encrypted else None,
    )


async def _serve(station: Station, connection: Connection, profile: Profile) -> None:
    """Talk until the connection is lost or the station restarts."""
    dialect = connection.dialect
    station.conduct = conduct_of(dialect)
    peer = Peer(
        dialect,
        handlers.HANDLERS,
        station,
        connection.send,
        other_side="csms",
        on_frame=lambda direction, frame: station.signals.frame.emit((direction, frame)),
    )
    connection.observe(peer.fail)
    station.peer, station.cut = peer, connection.cut
    network.confirm(station, profile)
    news = LinkNews(
        connected=True,
        url=profile.url,
        identity=profile.identity,
        security_profile=profile.security_profile,
        slot=profile.slot,
        version=dialect.version,
    )
    station.signals.link.emit(news)
    try:
        await _talk(station, peer, connection)
    finally:
        station.peer, station.cut = None, _nothing
        station.outbox.is_online = False
        peer.disconnected()
        availability.on_dropped(station, station.outbox.drop_passing())
        station.offline_since = station.now()
        station.signals.link.emit(LinkNews(**{**_members(news), "connected": False}))
    logger.info("disconnected", station=station.id, reason=connection.closing)


def _members(news: LinkNews) -> dict[str, Any]:
    return {name: getattr(news, name) for name in news.__struct_fields__}


async def _talk(station: Station, peer: Peer[Station], connection: Connection) -> None:
    station.reconnect_wanted.clear()
    jobs = [
        asyncio.create_task(_read(peer, connection), name=f"station[{station.id}].read"),
        asyncio.create_task(_speak(station), name=f"station[{station.id}].speak"),
        asyncio.create_task(station.reset_wanted.wait(), name=f"station[{station.id}].reset"),
        asyncio.create_task(station.reconnect_wanted.wait(), name=f"station[{station.id}].again"),
    ]
    try:
        await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await connection.close()


async def _read(peer: Peer[Station], connection: Connection) -> None:
    async for frame in connection.frames():
        await peer.receive(frame)


async def _speak(station: Station) -> None:
    """Boot if need be, then tell what waits and keep alive."""
    try:
        booted = not station.accepted.is_set()
        if booted:
            await provisioning.boot(station)
        station.outbox.is_online = True
        again = booted or _was_long_offline(station)
        availability.report_all(station, again=again)
        for work in station.tables.on_accepted:
            work(station)
        await station.outbox.deliver()
    except ChargeplaneError as error:
        logger.info("stopped speaking", station=station.id, reason=str(error))


def _was_long_offline(station: Station) -> bool:
    """B04.FR.01: after OfflineThreshold every connector is told of again."""
    threshold = station.model.number("OCPPCommCtrlr/OfflineThreshold")
    since = station.offline_since
    return since is not None and (station.now() - since).total_seconds() > threshold


def unplug_network(station: Station) -> None:
    """Lose the network, without a word to the central system."""
    station.has_network = False
    station.cut()


def plug_network(station: Station) -> None:
    """Have a network again."""
    station.has_network = True
    station.reconnect_wanted.set()


def _nothing() -> None:
    """There is nothing to cut."""


async def stop(station: Station) -> bool:
    """Disconnect and stay so; nothing is kept to be told later (EVerest's `stop`)."""
    if not station.is_wanted:
        return False
    station.is_wanted = False
    station.outbox.is_open = False
    station.reconnect_wanted.set()
    return True


async def restart(station: Station) -> bool:
    """Connect again after `stop` (EVerest's `restart`)."""
    if station.is_wanted:
        return False
    station.is_wanted = True
    station.outbox.is_open = True
    station.accepted.clear()
    station.boot_reason = "ApplicationReset"
    station.reconnect_wanted.set()
    return True
