from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from chargeplane.csms import smart_charging
from chargeplane.storage.repositories import charging_profiles
from tests.web.csms.site import assert_good, connected, serving, visiting


async def test_limits_are_shown_read_and_cleared(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place, "CP1", speaks="2.0.1"):
        central = place.central
        await smart_charging.limit(central, "CP1", 1, 10.0, "A")
        async with visiting(place, "/stations/CP1/profiles", "operator") as page:
            await page.get_by_role("button", name="Ask the station").click()
            await expect(page.get_by_role("img", name="chart")).to_be_visible()
            await page.get_by_text("EVSE 1 · TxDefaultProfile").click()
            await expect(page.get_by_role("button", name="Clear", exact=True)).to_be_visible()
            await assert_good(page, "station-profiles")
            await page.get_by_role("button", name="Read from the station").click()
            await page.get_by_role("button", name="Send", exact=True).click()
            await expect(page.get_by_role("dialog").get_by_text("Accepted").first).to_be_visible()
            await page.get_by_role("button", name="Close").click()
            await page.get_by_text("EVSE 1 · TxDefaultProfile").click()
            await page.get_by_role("button", name="Clear", exact=True).click()
            await page.get_by_role("button", name="Send", exact=True).click()
            await expect(page.get_by_text("None that we know of.")).to_be_visible()
            assert await central.database.read(charging_profiles.of_station, "CP1") == ()


async def test_a_viewer_sees_what_is_installed_and_asks_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place, "CP1"):
        await smart_charging.limit(place.central, "CP1", 1, 10.0, "A")
        async with visiting(place, "/stations/CP1/profiles", "viewer") as page:
            await page.get_by_text("EVSE 1 · TxDefaultProfile").click()
            await expect(page.get_by_text("All of it")).to_be_visible()
            for name in ("Ask the station", "Set a limit", "Clear"):
                await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
