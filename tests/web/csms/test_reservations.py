from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.async_api import expect

from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import reservations
from chargeplane.storage.repositories.reservations import ReservationFilter
from tests.web.csms.site import TAG, assert_good, connected, serving, visiting


async def test_an_evse_is_reserved_and_given_free(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/reservations", "operator") as page,
    ):
        await page.get_by_role("button", name="Reserve", exact=True).click()
        await page.get_by_role("combobox", name="Stations").fill("CP1")
        await page.get_by_role("option", name="CP1").click()
        await page.keyboard.press("Escape")
        until = place.central.now() + timedelta(days=1)
        await page.get_by_label("Expiry date time *").fill(f"{until:%Y-%m-%dT%H:%M}")
        await page.get_by_label("ID token *").fill(TAG)
        await page.get_by_label("EVSE ID").fill("1")
        await assert_good(page, "reserve")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("dialog").get_by_text("Accepted").first).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        row = page.get_by_role("row").filter(has_text=TAG)
        await expect(row).to_contain_text("Reserved")
        await assert_good(page, "reservations")
        await row.get_by_role("checkbox").click()
        await page.get_by_role("button", name="Cancel those chosen").click()
        await expect(row).to_contain_text("Cancelled")
        found = await place.central.database.read(reservations.page, ReservationFilter(), Window())
        assert [each.status for each in found.items] == ["Cancelled"]
