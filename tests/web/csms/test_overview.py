"""The first page: tiles that change by themselves, figures, alarms."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import expect

from chargeplane.domain.tokens import Token
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station import authorization
from tests.web.csms.site import TAG, assert_good, connected, serving, visiting


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

        def rename(connection: object) -> None:
            from chargeplane.storage.repositories import stations
            from chargeplane.storage.repositories.stations import StationSettings

            stations.change(connection, "CP1", StationSettings(name=name))  # type: ignore[arg-type]

        await place.central.database.write(rename)
        await page.reload()
        await expect(page.locator(".tile b")).to_have_text(name)


async def test_a_server_that_stops_is_announced(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place) as page:
        await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        await page.context.set_offline(True)
        await page.evaluate("window.socket?.disconnect?.()")
        await expect(page.get_by_text("Connection lost.")).to_be_visible(timeout=30_000)
        await page.context.set_offline(False)
