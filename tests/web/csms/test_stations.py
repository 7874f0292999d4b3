from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chargeplane.storage.repositories import refused_stations, stations
from chargeplane.storage.repositories.stations import StationSettings
from tests.web.browser import PATIENCE_MS
from tests.web.csms.site import Place, assert_good, connected, serving, visiting


async def register(place: Place, *names: str) -> None:
    for name in names:
        await place.central.database.write(
            stations.register, name, StationSettings(name=f"Name of {name}"), place.central.now()
        )


async def is_enabled(place: Place, name: str) -> bool | None:
    found = await place.central.database.read(stations.get, name)
    return None if found is None else found.enabled


async def select(page: Page, *names: str) -> None:
    for name in names:
        await page.get_by_role("row", name=name).get_by_role("checkbox").click()


async def test_the_list_is_searched_filtered_and_live(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place, "CP1", connectors=2):
        await register(place, *(f"A{number:02}" for number in range(30)))
        async with visiting(place, "/stations") as page:
            await expect(page.get_by_role("row")).to_have_count(26)
            await expect(page.get_by_text("1-25 of 31")).to_be_visible()
            await page.get_by_label("Search").fill("cp")
            row = page.get_by_role("row", name="CP1")
            await expect(row).to_contain_text("2 Available")
            await expect(row).to_contain_text("Online")
            assert "search=cp" in page.url
            await assert_good(page, "stations")
            async with connected(place, "CP2"):
                await expect(page.get_by_role("row", name="CP2")).to_contain_text("Online")
            await expect(page.get_by_role("row", name="CP2")).to_contain_text("Offline")
            await page.goto(place.url("/stations?presence=online"))
            await expect(page.get_by_role("row")).to_have_count(2)
            await page.get_by_role("link", name="CP1").click()
            await expect(page.get_by_role("heading", name="CP1")).to_be_visible()


async def test_a_station_is_registered_and_bad_input_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/stations") as page:
        await page.get_by_role("button", name="Register a station").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Id").fill("a b")
        await dialog.get_by_role("button", name="Register").click()
        await expect(page.get_by_text("no spaces or slashes")).to_be_visible()
        await expect(page.get_by_text("no spaces or slashes")).to_have_count(0, timeout=PATIENCE_MS)
        await dialog.get_by_label("Id").fill("NEW#1")
        await dialog.get_by_label("Name").fill("Gate")
        await dialog.get_by_role("button", name="Make up a password").click()
        await assert_good(page, "station-form")
        await dialog.get_by_role("button", name="Register").click()
        await expect(page.get_by_role("heading", name="NEW#1")).to_be_visible()
        found = await place.central.database.read(stations.get, "NEW#1")
        assert found is not None
        assert found.name == "Gate"
        assert found.password_hash is not None


async def test_selected_stations_are_asked_disabled_and_deleted(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place, "CP1"):
        await register(place, "CP2", "CP3")
        async with visiting(place, "/stations") as page:
            await select(page, "CP1", "CP2")
            await page.get_by_role("button", name="With the selected").click()
            await page.get_by_text("Put out of service").click()
            await page.get_by_role("dialog").get_by_role("button", name="Put out of").click()
            await expect(page.get_by_text("1 of 2 accepted.")).to_be_visible()
            await expect(page.get_by_role("row", name="CP1")).to_contain_text("1 Unavailable")
            await page.get_by_role("button", name="With the selected").click()
            await page.get_by_text("Disable", exact=True).click()
            await expect(page.get_by_role("row", name="CP2")).to_contain_text("Disabled")
            assert [await is_enabled(place, name) for name in ("CP1", "CP2", "CP3")] == [
                *(False, False),
                True,
            ]
            await page.get_by_role("button", name="With the selected").click()
            await page.get_by_text("Delete", exact=True).click()
            await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
            await expect(page.get_by_role("row", name="CP2")).to_have_count(0)
            assert await is_enabled(place, "CP2") is None


async def test_who_may_only_look_has_no_buttons_and_sees_only_theirs(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await register(place, "CP1", "T-1")
        async with visiting(place, "/stations", "tenant") as page:
            await expect(page.get_by_role("row", name="T-1")).to_be_visible()
            await expect(page.get_by_role("row", name="CP1")).to_have_count(0)
            for name in ("Register a station", "With the selected"):
                await expect(page.get_by_role("button", name=name)).to_have_count(0)
            await page.goto(place.url("/stations/CP1"))
            await expect(page.get_by_text("There is no such station.")).to_be_visible()


async def test_a_refused_station_is_adopted_and_comes_in(tmp_path: Path) -> None:
    async with serving(tmp_path, admission="known") as place:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3), connected(place, "CP1"):
                pass
        now = place.central.now()
        await place.central.database.write(refused_stations.note, "OLD", "::1", "why not", now)
        async with visiting(place, "/refused") as page:
            row = page.get_by_role("row", name="CP1")
            await expect(row).to_contain_text("not registered")
            await assert_good(page, "refused")
            await page.get_by_role("row", name="OLD").get_by_role("button", name="Forget").click()
            await expect(page.get_by_role("row", name="OLD")).to_have_count(0)
            await row.get_by_role("button", name="Adopt").click()
            await expect(page.get_by_text("in with its next attempt")).to_be_visible()
            await expect(row).to_have_count(0)
            async with connected(place, "CP1"):
                await page.goto(place.url("/stations"))
                await expect(page.get_by_role("row", name="CP1")).to_contain_text("Online")


async def test_an_id_may_hold_what_means_something_to_browsers(tmp_path: Path) -> None:
    name = """<img src="x" onerror='document.title=1'>#?%25&{{7*7}}""".replace(" ", "")
    async with serving(tmp_path) as place:
        await register(place, name)
        async with visiting(place, "/stations") as page:
            await page.get_by_role("link", name=name).click()
            await expect(page.get_by_role("heading", name=name)).to_be_visible()
            await page.get_by_role("link", name="Facts and settings").click()
            await page.get_by_role("button", name="Delete").click()
            await expect(page.get_by_role("dialog")).to_contain_text(name)
            await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
            await expect(page.get_by_role("heading", name="Stations")).to_be_visible()
            assert await is_enabled(place, name) is None
            assert await page.title() == "Stations · Chargeplane"
