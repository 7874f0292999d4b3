"""A virtual station at a central system, and hands for its cars."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from chargeplane.csms.registry import Station as There
from chargeplane.domain.station import ChargingStation
from chargeplane.domain.tokens import Token
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.ocpp.keys import read_key
from chargeplane.station import authorization
from chargeplane.station.connection import Link, run
from chargeplane.station.definition import name_of
from chargeplane.station.handlers import build
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.records import TransactionRecord
from tests.e2e.harness import PATIENCE, World, until

TAG = Token("TAG")
# Reconnect and repeat without waiting for long.
SOON = {
    "RetryBackoffWaitMinimum": 0,
    "RetryBackoffRandomRange": 0,
    "TransactionMessageRetryInterval": 0,
}
SPEED = 600.0  # ten minutes of charging in a second


class Site:
    """One station with two EVSEs, seen from both ends."""

    def __init__(self, here: World, station: Station) -> None:
        self.here = here
        self.station = station
        self.evse: EvseUnit = station.evses[0]

    @property
    def there(self) -> There:
        """The station as the central system has it."""
        return self.here.central.stations.require(self.station.id)

    def hardware(self, number: int = 1) -> VirtualEvse:
        """An EVSE."""
        found = self.station.evses[number - 1].hardware
        assert isinstance(found, VirtualEvse)
        return found

    async def is_ready(self) -> None:
        """Wait until it is accepted and has told its state."""
        await asyncio.wait_for(self.station.accepted.wait(), PATIENCE)
        await until(lambda: all(each.connector.reported for each in self.station.evses))

    async def charge(self, token: Token = TAG, number: int = 1) -> TransactionRecord:
        """Plug in, present a token and wait until the central system knows."""
        self.hardware(number).plug_in(Car(soc_percent=10, capacity_wh=100_000))
        info = await authorization.swipe(self.station, token, (number,))
        assert info.status == "Accepted"
        return await self.running(number)

    async def stop(self, token: Token = TAG) -> None:
        """Present the token again."""
        await authorization.swipe(self.station, token, (1,))

    async def running(self, number: int = 1) -> TransactionRecord:
        """The open transaction of an EVSE."""
        (found,) = await until(
            lambda: self.here.transactions(station_id=self.station.id, evse_id=number, state="open")
        )
        return found

    async def ended(self, number: int) -> TransactionRecord:
        """The transaction of that number, once its station has told its end."""

        async def is_over() -> list[TransactionRecord]:
            found = await self.here.transactions(station_id=self.station.id)
            return [each for each in found if each.id == number and each.closed_by == "station"]

        (over,) = await until(is_over)
        return over

    async def says(self, status: str, charging: str | None = None, number: int = 1) -> None:
        """Wait until the central system knows this of a connector."""

        async def is_so() -> bool:
            found = [c for c in await self.here.connectors(self.station.id) if c.evse_id == number]
            return (
                bool(found)
                and found[0].status == status
                and charging
                in (
                    None,
                    found[0].charging_state,
                )
            )

        await until(is_so)


@asynccontextmanager
async def site(
    here: World, versions: Iterable[str], station_id: str = "CS-1", **settings: Any
) -> AsyncIterator[Site]:
    """A station that runs; settings are 1.6 configuration keys."""
    hardware = [VirtualEvse(speed=SPEED) for _ in range(2)]
    about = ChargingStation(vendor_name="Vendor", model="Model", firmware_version="1")
    station = build(station_id, about, list(hardware))
    for key, value in (SOON | settings).items():
        component, variable, _ = read_key(key)
        station.model.put(name_of(component, variable), str(value))
    job = asyncio.create_task(run(station, Link(url=here.url, versions=tuple(versions))))
    found = Site(here, station)
    try:
        await found.is_ready()
        yield found
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
