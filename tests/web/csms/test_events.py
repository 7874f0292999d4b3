from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from chargeplane.csms.central import Unit
from tests.web.csms.site import Place, assert_good, connected, serving, visiting


async def tell(place: Place, kind: str, station: str) -> None:
    def work(unit: Unit) -> None:
        unit.emit(kind, station_id=station, evse_id=1, status="Available")

    await place.central.commit(work)


async def test_events_appear_while_they_are_looked_at(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/events") as page:
        await tell(place, "connector.status", "CP7")
        await expect(page.get_by_role("row").nth(1)).to_contain_text("CP7", timeout=2000)
        async with connected(place, "CP1"):
            await expect(page.get_by_role("cell", name="Started up").first).to_be_visible()
            await assert_good(page, "events")
            await page.get_by_label("Station", exact=True).fill("CP7")
            await expect(page.get_by_role("row")).to_have_count(2)
            await tell(place, "connector.status", "CP8")
            await tell(place, "connector.status", "CP7")
            await expect(page.get_by_role("row")).to_have_count(3)
            await expect(page.get_by_role("cell", name="CP8")).to_have_count(0)


async def test_events_of_other_stations_are_not_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await tell(place, "connector.status", "CP7")
        async with visiting(place, "/events", "tenant") as page:
            await expect(page.get_by_text("Nothing here.")).to_be_visible()
            await tell(place, "connector.status", "CP7")
            await tell(place, "connector.status", "T-1")
            await expect(page.get_by_role("cell", name="T-1")).to_be_visible()
            await expect(page.get_by_role("row")).to_have_count(2)
