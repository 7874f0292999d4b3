"""A central system with its pages, people who may look at them, and stations that charge.

People are called by what they may do: `admin`, `operator` and `viewer`, and `tenant`, a viewer who
sees only stations whose names begin with `T-`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from pydantic import SecretStr

from chargeplane import app
from chargeplane.config import Api, Csms, DatabaseUrl, Server, Settings, Storage
from chargeplane.csms.central import Central
from chargeplane.demo import token
from chargeplane.domain.station import ChargingStation
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.station.station import Station
from chargeplane.storage.repositories import tokens
from chargeplane.web.csms.visit import SESSION, ZONE
from tests.web.browser import PATIENCE_MS, PHONE, browsing

DESK: Final = (1280, 900)
HERE: Final = "127.0.0.1"
PASSWORD: Final = "a password for tests"
TAG: Final = "04A1B2C3"
SHOTS: Final = os.environ.get("CHARGEPLANE_SHOTS")  # a folder for pictures of the pages
GRAVE: Final = {"serious", "critical"}


@dataclass(frozen=True, slots=True)
class Place:
    """A central system that runs with its pages."""

    running: app.Running
    settings: Settings
    tokens: dict[str, str]  # of the sessions, by the names of the people

    @property
    def central(self) -> Central:
        """The central system."""
        return self.running.central

    def url(self, path: str) -> str:
        """Where a page is."""
        return f"http://127.0.0.1:{self.running.http_port}/ui{path}"


@asynccontextmanager
async def serving(folder: Path, **csms: Any) -> AsyncIterator[Place]:
    """Run a central system with one tag that may charge, and people who are signed in."""
    settings = Settings(
        server=Server(ocpp_port=0, http_port=0),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}")),
        csms=Csms(**{"admission": "open", **csms}),
        api=Api(key=SecretStr("a key for tests")),
    )
    async with app.central_system(settings) as running:
        good = token(TAG, running.central.now(), limit=-1)
        await running.central.database.write(tokens.save, [good])
        yield await place_of(running)


async def place_of(running: app.Running) -> Place:
    """What runs, with people who are signed in."""
    assert running.site is not None
    return Place(running, running.site.settings, await _people(running))


async def _people(running: app.Running) -> dict[str, str]:
    """Let people be known and signed in; the tokens of their sessions."""
    assert running.site is not None
    assert running.first_password is not None
    users, sessions = running.site.users, running.site.sessions
    await users.change_password("admin", running.first_password, PASSWORD, HERE)
    await users.add("operator", "operator", password=PASSWORD)
    await users.add("viewer", "viewer", password=PASSWORD)
    await users.add("tenant", "viewer", stations=("T-*",), password=PASSWORD)
    return {each.name: await sessions.begin(each, HERE) for each in await users.all()}


@asynccontextmanager
async def visiting(
    place: Place,
    path: str = "/",
    who: str = "admin",
    size: tuple[int, int] = DESK,
    **context: Any,
) -> AsyncIterator[Page]:
    """A browser in which somebody is signed in and looks at a page; its errors fail the test."""
    async with browsing(size, locale="en-GB", timezone_id="Europe/Berlin", **context) as page:
        page.set_default_timeout(PATIENCE_MS)
        complaints: list[str] = []
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        cookies = {SESSION: place.tokens[who], ZONE: "Europe%2FBerlin"}
        await page.context.add_cookies(
            [{"name": n, "value": value, "url": place.url("")} for n, value in cookies.items()]
        )
        await page.goto(place.url(path))
        yield page
        assert complaints == [], complaints


async def assert_good(page: Page, name: str) -> None:
    """Assert that a page is fit for everyone on a desk and on a phone, and take its picture."""
    await page.mouse.move(0, 0)  # so that no hint is half shown
    await expect(page.locator(".q-notification")).to_have_count(0, timeout=PATIENCE_MS)
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await _picture(page, f"{name}-phone")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await _assert_accessible(page)
    await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    await _picture(page, f"{name}-desk")
    await _assert_accessible(page)


async def _assert_accessible(page: Page) -> None:
    found = await Axe().run(page)
    grave = [each for each in found.response["violations"] if each["impact"] in GRAVE]
    if grave:
        pytest.fail(
            str(
                [
                    (each["id"], [(node["html"], node["failureSummary"]) for node in each["nodes"]])
                    for each in grave
                ]
            )
        )


async def _picture(page: Page, name: str) -> None:
    await page.wait_for_timeout(300)  # until what moves has arrived
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@asynccontextmanager
async def connected(
    place: Place, station_id: str = "CP1", *, speaks: str = "1.6", connectors: int = 1
) -> AsyncIterator[Station]:
    """A virtual station that is connected and accepted; charging, an hour passes in a minute."""
    about = ChargingStation(vendor_name="Chargeplane", model="Virtual AC", serial_number=station_id)
    station = build(station_id, about, [VirtualEvse(speed=60) for _ in range(connectors)])
    station.model.put("SampledDataCtrlr/TxUpdatedInterval", "1")
    url = f"ws://127.0.0.1:{place.running.ocpp_port}/ocpp"
    job = asyncio.create_task(run(station, Link(url=url, versions=(speaks,))))
    try:
        await asyncio.wait_for(station.accepted.wait(), PATIENCE_MS / 1000)
        yield station
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
