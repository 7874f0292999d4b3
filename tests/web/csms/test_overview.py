"""The first page: tiles that change by themselves, figures, alarms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, expect

from chargeplane.access.users import Users
from chargeplane.csms.central import utc_now
from chargeplane.domain.tokens import Token
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station import authorization
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import stations
from chargeplane.storage.repositories.stations import StationSettings
from tests.e2e.test_kill import SERVE, free_port
from tests.web.browser import PATIENCE_MS, PHONE, browsing
from tests.web.csms.site import DESK, PASSWORD, TAG, assert_good, connected, serving, visiting


async def test_a_tile_changes_within_a_second(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place) as station, visiting(place) as page:
        tile = page.locator("[data-place='CP1/1']")
        await expect(tile).to_have_attribute("data-state", "Available")
        hardware = station.evses[0].hardware
        assert isinstance(hardware, VirtualEvse)
        hardware.plug_in(Car(soc_percent=40))
        await authorization.swipe(station, Token(TAG), (1,))
        await expect(tile).to_have_attribute("data-state", "Charging")
        await expect(tile).to_contain_text("kW")
        await expect(page.get_by_text("Charge started").first).to_be_visible()
        await assert_good(page, "overview")
        await tile.focus()
        await authorization.swipe(station, Token(TAG), (1,))
        hardware.plug_out()
        await expect(tile).to_have_attribute("data-state", "Available")


async def test_what_needs_attention_comes_first(tmp_path: Path) -> None:
    async with serving(tmp_path, admission="pending") as place, visiting(place) as page:
        joining = asyncio.create_task(_join(place))
        alarm = page.get_by_text("NEW: Waits to be adopted")
        await expect(alarm).to_be_visible()
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)


async def _join(place: object) -> None:
    async with connected(place, "NEW"):  # type: ignore[arg-type]
        await asyncio.Event().wait()


async def test_tiles_are_searched_and_filtered(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "A1"),
        connected(place, "T-1"),
        visiting(place) as page,
    ):
        tiles = page.locator(".tile")
        await expect(tiles).to_have_count(2)
        await page.get_by_label("Search").fill("t-")
        await expect(tiles).to_have_count(1)
        await expect(tiles).to_contain_text("T-1")
        await page.get_by_label("State").click()
        await page.get_by_role("option", name="Faulted").click()
        await expect(page.get_by_text("No connectors here.")).to_be_visible()


async def test_a_tenant_sees_only_their_stations(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "A1"),
        connected(place, "T-1"),
        visiting(place, "/", "tenant") as page,
    ):
        await expect(page.locator(".tile")).to_have_count(1)
        await expect(page.get_by_text("1 / 1")).to_be_visible()
        assert "A1" not in await page.content()


async def test_names_are_no_markup(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>"
    async with serving(tmp_path) as place, connected(place, "CP1"), visiting(place) as page:
        await expect(page.locator(".tile")).to_have_count(1)

        await place.central.database.write(stations.change, "CP1", StationSettings(name=name))
        await page.reload()
        await expect(page.locator(".tile b")).to_have_text(name)


@asynccontextmanager
async def process(folder: Path, port: int) -> AsyncIterator[None]:
    """A server in a process of its own, which is ended as `kill` does it."""
    settings = (
        "server.ocpp_port=0",
        f"server.http_port={port}",
        f"storage.url=sqlite:///{folder / 'chargeplane.db'}",
        "log.level=error",
    )
    flags = [part for setting in settings for part in ("--set", setting)]
    run = await asyncio.create_subprocess_exec(*SERVE, *flags, cwd=folder)
    try:
        yield
    finally:
        run.terminate()
        await asyncio.wait_for(run.wait(), PATIENCE_MS / 1000)


async def test_a_server_that_stops_is_announced_and_comes_back(tmp_path: Path) -> None:
    port = free_port()
    async with await Database.open(f"sqlite:///{tmp_path / 'chargeplane.db'}") as database:
        await Users(database, utc_now).add("ann", "viewer", password=PASSWORD)
        async with browsing() as page:
            page.set_default_timeout(PATIENCE_MS)
            online = page.get_by_text("0 / 1")
            async with process(tmp_path, port):
                await _goto(page, f"http://127.0.0.1:{port}/")
                await page.get_by_label("Name").fill("ann")
                await page.get_by_label("Password").fill(PASSWORD)
                await page.keyboard.press("Enter")
                await expect(page.get_by_text("0 / 0")).to_be_visible()
            await expect(page.get_by_text("Connection lost.")).to_be_visible()
            await database.write(stations.register, "NEW", StationSettings(), utc_now())
            async with process(tmp_path, port):
                await expect(online).to_be_visible(timeout=2 * PATIENCE_MS)
                await expect(page.get_by_text("Connection lost.")).not_to_be_visible()


async def _goto(page: Page, url: str) -> None:
    """Open a page of a server that may still be starting."""
    for _ in range(100):
        with suppress(PlaywrightError):
            await page.goto(url)
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{url} does not answer")


async def test_the_menu_is_there_on_a_desk_and_can_be_called_on_a_phone(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        async with visiting(place, size=DESK) as page:
            await expect(page.get_by_role("link", name="Energy")).to_be_in_viewport()
            await page.wait_for_function("window.didHandshake || window.socket?.connected")
            await page.wait_for_timeout(500)  # a click before the server listens is lost
            await page.get_by_role("button", name="Menu").click()
            await expect(page.get_by_role("link", name="Energy")).not_to_be_in_viewport()
        async with visiting(place, size=PHONE) as page:
            await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
            await expect(page.get_by_role("link", name="Energy")).not_to_be_in_viewport()
            await page.wait_for_function("window.didHandshake || window.socket?.connected")
            await page.wait_for_timeout(500)  # a click before the server listens is lost
            await page.get_by_role("button", name="Menu").click()
            await page.get_by_role("link", name="Energy").click()
            await expect(page.get_by_role("heading", name="Energy")).to_be_visible()
