from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from chargeplane.storage.repositories import local_lists
from tests.web.csms.site import TAG, assert_good, connected, serving, visiting


async def test_the_tags_are_sent_and_looked_at(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/local-lists", "operator") as page,
    ):
        await page.get_by_role("button", name="Send our tags").click()
        await expect(page.get_by_text("Choose stations first.")).to_be_visible()
        row = page.get_by_role("row").filter(has_text="CP1")
        await row.get_by_role("checkbox").click()
        await page.get_by_role("button", name="Send our tags").click()
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_role("dialog").get_by_text("Accepted").first).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        held = await place.central.database.read(local_lists.get, "CP1")
        assert held is not None
        assert [each.id_token.id_token for each in held.entries] == [TAG]
        await assert_good(page, "local-lists")
        await row.get_by_role("link", name="CP1").click()
        await expect(page.get_by_text("Version 1, sent")).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text=TAG)).to_contain_text("Accepted")
        await assert_good(page, "local-list")


async def test_only_stations_of_ones_own_are_shown(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        connected(place, "T-1"),
        visiting(place, "/local-lists", "tenant") as page,
    ):
        await expect(page.get_by_role("row").filter(has_text="T-1")).to_have_count(1)
        await expect(page.get_by_text("CP1")).to_have_count(0)
        await expect(page.get_by_role("button", name="Send our tags")).to_have_count(0)
        await page.goto(place.url("/local-lists/CP1"))
        await expect(page.get_by_text("You are not allowed to see this page.")).to_be_visible()
        await page.goto(place.url("/local-lists/T-1"))
        await expect(page.get_by_text("no list that we know of")).to_be_visible()
