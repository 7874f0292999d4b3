from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.async_api import expect

from chargeplane.domain.tokens import Token
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import reservations
from chargeplane.storage.repositories.reservations import ReservationFilter, Reserve
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


async def test_only_reservations_of_ones_own_stations_are_shown(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        until = place.central.now() + timedelta(days=1)
        for station, tag in (("CP1", "AAAA"), ("T-1", "BBBB")):
            wanted = Reserve(station_id=station, token=Token(tag), expires_at=until)
            await place.central.database.write(reservations.add, wanted, place.central.now())
        async with visiting(place, "/reservations", "tenant") as page:
            await expect(page.get_by_role("row").filter(has_text="BBBB")).to_have_count(1)
            await expect(page.get_by_text("AAAA")).to_have_count(0)
            for name in ("Reserve", "Cancel those chosen"):
                await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)


async def test_why_a_reservation_cannot_be_given_up_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        until = place.central.now() + timedelta(days=1)
        wanted = Reserve(station_id="CP9", token=Token("AAAA"), expires_at=until)
        await place.central.database.write(reservations.add, wanted, place.central.now())
        async with visiting(place, "/reservations", "operator") as page:
            cancel = page.get_by_role("button", name="Cancel those chosen")
            await cancel.click()
            await expect(page.get_by_text("Choose reservations first.")).to_be_visible()
            await page.get_by_role("row").filter(has_text="AAAA").get_by_role("checkbox").click()
            await cancel.click()
            await expect(page.get_by_text("CP9 is not connected")).to_be_visible()
