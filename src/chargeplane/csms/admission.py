"""Who may connect: the policy for unknown stations, passwords, certificates, rates, versions."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from chargeplane.access.passwords import PasswordCheck
from chargeplane.csms.central import Central, Unit
from chargeplane.errors import StorageError
from chargeplane.net import soap_door
from chargeplane.net.websocket import Admitted, Handshake, Refused
from chargeplane.ocpp.dialects import BY_SUBPROTOCOL, DIALECTS, Dialect
from chargeplane.ocpp.soap import service as soap
from chargeplane.storage.records import Registration, StationRecord
from chargeplane.storage.repositories import refused_stations, stations
from chargeplane.storage.repositories.stations import StationSettings

PER_STATION: Final = 30  # handshakes a minute; a station that reboots in a loop makes fewer
PER_ADDRESS: Final = 6000  # handshakes a minute; whole fleets share the address of a gateway
MAX_BUCKETS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """A station that may enter."""

    station_id: str
    dialect: Dialect
    address: str
    security_profile: int
    registration: Registration
    heartbeat_interval: int | None = None  # s, if it has one of its own
    endpoint: str | None = None  # where it is called, if an operator says so


class RateLimit:
    """At most so many per key and minute, with as many at once; forgets the least recent keys."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when

    def allows(self, key: str) -> bool:
        """Take one; False if there is none left."""
        now = monotonic()
        tokens, then = self._buckets.pop(key, (float(self._per_minute), now))
        tokens = min(self._per_minute, tokens + (now - then) * self._per_minute / 60)
        self._buckets[key] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return tokens >= 1


class Admission:
    """Decides about handshakes."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self._passwords = PasswordCheck()
        self._per_station = RateLimit(PER_STATION)
        self._per_address = RateLimit(PER_ADDRESS)

    async def admit(self, handshake: Handshake) -> Admitted[Visitor]:
        """Let a station in; raises `Refused`."""
        self._slow_down(handshake)
        try:
            return await self._admit(handshake)
        except StorageError as error:
            raise Refused(503, f"nobody can be admitted now: {error}") from error

    async def admit_soap(self, handshake: Handshake) -> soap_door.Admitted[Visitor]:
        """Let a station in that speaks SOAP; raises `Refused`."""
        visitor = (await self.admit(handshake)).as_
        dialect = soap.DIALECTS[visitor.dialect.version]
        return soap_door.Admitted(replace(visitor, dialect=dialect), visitor.endpoint)

    async def _admit(self, handshake: Handshake) -> Admitted[Visitor]:
        record = await self._record(handshake)
        if not record.enabled:
            raise Refused(403, f"{record.id} is disabled")
        profile = await self._authenticate(handshake, record)
        dialect = negotiate(handshake.subprotocols, record.pinned_version)
        visitor = Visitor(
            station_id=record.id,
            dialect=dialect,
            address=handshake.address,
            security_profile=profile,
            registration=record.registration,
            heartbeat_interval=record.heartbeat_interval_s,
            endpoint=record.soap_endpoint,
        )
        return Admitted(dialect.subprotocol, visitor)

    def _slow_down(self, handshake: Handshake) -> None:
        if not self._per_address.allows(handshake.address):
            raise Refused(429, "too many connection attempts from this address")
        if not self._per_station.allows(handshake.station_id):
            raise Refused(429, f"too many connection attempts of {handshake.station_id}")

    async def _record(self, handshake: Handshake) -> StationRecord:
        """What is known of the station, or what the policy makes of an unknown one."""
        record = await self._central.database.read(stations.get, handshake.station_id)
        if record is not None:
            return record
        match self._central.settings.admission:
            case "open":
                return await self._register(handshake, "Accepted")
            case "pending":
                return await self._register(handshake, "Pending")
            case _:
                await self._remember(handshake, "not registered")
                # 1.6J §3.2, 2.x part 4 §3.3
                raise Refused(404, f"{handshake.station_id} is not registered here")

    async def _register(self, handshake: Handshake, registration: Registration) -> StationRecord:
        negotiate(handshake.subprotocols, None)  # who cannot talk to us is not registered
        station_id, settings = handshake.station_id, StationSettings(registration=registration)

        def work(unit: Unit) -> StationRecord:
            if stations.register(unit.connection, station_id, settings, unit.now):
                unit.emit("station.registered", station_id=station_id, registration=registration)
            record = stations.get(unit.connection, station_id)
            assert record is not None  # noqa: S101 it has just been registered
            return record

        return await self._central.commit(work)

    async def _remember(self, handshake: Handshake, reason: str) -> None:
        def work(unit: Unit) -> None:
            refused_stations.note(
                unit.connection, handshake.station_id, handshake.address, reason, unit.now
            )
            unit.emit("station.refused", station_id=handshake.station_id, reason=reason)

        await self._central.commit(work)

    async def _authenticate(self, handshake: Handshake, record: StationRecord) -> int:
        """The security profile that the station showed itself worthy of (2.x A00, 1.6 §3)."""
        if handshake.certificate_name is not None:
            if handshake.certificate_name != record.id:
                raise Refused(403, "the certificate belongs to another station")
            profile = 3
        else:
            proven = await self._check_password(handshake, record)
            profile = (2 if handshake.secure else 1) if proven else 0
        needed = max(self._central.settings.minimum_security_profile, record.min_security_profile)
        if profile < needed:
            raise Refused(401, f"security profile {needed} is required")
        return profile

    async def _check_password(self, handshake: Handshake, record: StationRecord) -> bool:
        """Whether a password was asked for and right; one that nobody set is not looked at."""
        if record.password_hash is None:
            return False
        if handshake.credentials is None:
            raise Refused(401, "a password is required")
        name, password = handshake.credentials
        # 2.x part 4 §3.1.1: the user name is the station's identity.
        # 1.6J §6.2.2: a station may send the bytes that its key in hexadecimal digits stands for.
        right = await self._passwords.is_right(
            password, record.password_hash
        ) or await self._passwords.is_right(password.hex().encode(), record.password_hash)
        if name != record.id or not right:
            await self._remember(handshake, "wrong password")
            raise Refused(401, "wrong user name or password")
        return True


def negotiate(offered: tuple[str, ...], pinned: str | None) -> Dialect:
    """The newest version that both offer, or the pinned one; raises `Refused`."""
    if not offered:
        raise Refused(400, "no subprotocol is offered: Sec-WebSocket-Protocol is missing")
    common = [dialect for name, dialect in BY_SUBPROTOCOL.items() if name in offered]
    if pinned is not None:
        common = [dialect for dialect in common if dialect is DIALECTS.get(pinned)]
    if not common:
        ours = f"ocpp{pinned}" if pinned else ", ".join(BY_SUBPROTOCOL)
        raise Refused(400, f"no common subprotocol: offered {', '.join(offered)}; known {ours}")
    return common[-1]
