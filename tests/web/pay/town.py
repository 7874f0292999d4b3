"""A central system that takes payments by the stand-in, with one virtual station."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from chargeplane import app
from chargeplane.config import (
    Api,
    Csms,
    DatabaseUrl,
    Mail,
    Payments,
    Server,
    Settings,
    Storage,
    Stripe,
)
from chargeplane.config.central import Web
from chargeplane.domain.station import ChargingStation
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.payments.stand_in import StandIn
from chargeplane.payments.stand_in import running as standing_in
from chargeplane.station import handlers
from chargeplane.station.connection import Link, run
from chargeplane.station.station import Station
from chargeplane.storage.paging import Window
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import connectors, payments
from chargeplane.storage.repositories.payments import PaymentFilter
from tests.e2e.harness import until

KEY = "the key of the settings"
PATIENCE = 30.0  # s on a busy machine
SPEED = 600.0  # ten minutes of charging in a second
PRICES: dict[str, Any] = {
    "price_per_kwh": Decimal("0.49"),
    "session_fee": Decimal("0.50"),
    "min_energy_kwh": Decimal("0.01"),
    "reconcile_seconds": 5,
}


@dataclass(frozen=True, slots=True)
class Town:
    """What runs."""

    running: app.Running
    stand_in: StandIn
    station: Station
    hardware: VirtualEvse
    url: str

    @property
    def page(self) -> str:
        """Where a driver begins."""
        return f"{self.url}/pay/CP1/1"

    def client(self, key: str = KEY) -> httpx.AsyncClient:
        """A client of the APIs."""
        return httpx.AsyncClient(base_url=self.url, headers={"X-API-Key": key}, timeout=PATIENCE)

    async def newest(self) -> PaymentReservationRecord:
        """The reservation that was made last."""
        database = self.running.central.database
        found = await database.read(payments.page, PaymentFilter(), Window(1))
        return found.items[0]

    async def reaches(self, state: str) -> PaymentReservationRecord:
        """Wait for a state of the newest reservation."""

        async def there() -> PaymentReservationRecord | None:
            found = await self.newest()
            return found if found.state == state else None

        found = await until(there)
        assert found is not None
        return found


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def settings(folder: Path, stand_in: StandIn, port: int, **changes: Any) -> Settings:
    url = f"http://127.0.0.1:{port}"
    stripe = {
        "enabled": True,
        "api_key": stand_in.api_key,
        "webhook_secret": stand_in.webhook_secret,
        "api_base": stand_in.url,
        "return_base_url": url,
        "return_base_urls": ["https://portal.example"],
    }
    given = {
        "server": Server(ocpp_port=0, http_port=port),
        "storage": Storage(url=DatabaseUrl(f"sqlite:///{folder / 'town.db'}")),
        "csms": Csms(admission="open"),
        "api": Api(key=KEY),
        "stripe": Stripe(**stripe),
        "payments": Payments(**PRICES),
        "mail": Mail(),
        "web": Web(enabled=False),  # those of operators
        **changes,
    }
    return Settings(**given)


@asynccontextmanager
async def town(folder: Path, version: Any = "2.0.1", **changes: Any) -> AsyncIterator[Town]:
    """Run it all."""
    stand_in = StandIn()
    async with standing_in(stand_in):
        port = _free_port()
        wanted = settings(folder, stand_in, port, **changes)
        async with app.central_system(wanted) as running:
            url = f"http://127.0.0.1:{port}"
            stand_in.deliveries.url = f"{url}/API/Payments/Webhook"
            async with _station(running, version) as (station, hardware):
                yield Town(running, stand_in, station, hardware, url)


@asynccontextmanager
async def _station(
    running: app.Running, version: Any
) -> AsyncIterator[tuple[Station, VirtualEvse]]:
    about = ChargingStation(vendor_name="Chargeplane", model="Virtual AC", serial_number="CP1")
    hardware = VirtualEvse(speed=SPEED)
    station = handlers.build("CP1", about, [hardware])
    station.model.put("SampledDataCtrlr/TxUpdatedInterval", "1")
    link = Link(url=f"ws://127.0.0.1:{running.ocpp_port}/ocpp", versions=(version,))
    job = asyncio.create_task(run(station, link))
    try:
        await until(lambda: _is_known(running))
        yield station, hardware
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def _is_known(running: app.Running) -> bool:
    """Whether the station is connected and its connector has told how it is."""
    known = await running.central.database.read(connectors.of_station, "CP1")
    is_told = any(each.evse_id == 1 and each.status for each in known)
    return is_told and running.central.stations.get("CP1") is not None
