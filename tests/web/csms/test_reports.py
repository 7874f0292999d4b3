from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.async_api import expect

from tests.web.csms.site import TAG, assert_good, serving, visiting
from tests.web.csms.test_transactions import charged, sheet_of


async def test_a_report_by_day_station_and_tag(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await charged(place)
        await charged(place, "CP2", wh=500)
        await charged(place, "CP2", wh=1500)
        first = (place.central.now() - timedelta(days=3)).date().isoformat()
        async with visiting(place, f"/reports?since={first}") as page:
            await expect(page.get_by_text("3 charges, 14.50 kWh, €14.67")).to_be_visible()
            assert await page.get_by_role("row").count() in {5, 6}  # as the zones of days differ
            await assert_good(page, "report")
            await page.get_by_role("combobox", name="Grouped by").click()
            await page.get_by_role("option", name="Station").click()
            await expect(page.get_by_role("row").nth(1)).to_contain_text("CP1")
            await expect(page.get_by_role("row").nth(2)).to_contain_text("2.00 kWh")
            async with page.expect_download() as started:
                await page.get_by_role("button", name="XLSX").click()
            sheet = await sheet_of(await started.value)
            assert list(sheet.iter_rows(values_only=True)) == [
                ("Period or whose", "Charges", "Energy", "Cost", "Currency"),
                ("CP1", 1, 12.5, 4.89, "EUR"),
                ("CP2", 2, 2.0, 9.78, "EUR"),
            ]
            await page.get_by_role("combobox", name="Grouped by").click()
            await page.get_by_role("option", name="Tag").click()
            await expect(page.get_by_role("row").nth(1)).to_contain_text(TAG)


async def test_a_report_is_of_stations_that_are_seen(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await charged(place)
        async with visiting(place, "/reports?by=station", "tenant") as page:
            await expect(page.get_by_text("0 charges, 0.00 kWh")).to_be_visible()
            await expect(page.get_by_text("Nothing here.")).to_be_visible()
