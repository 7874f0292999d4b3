from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.web.csms.site import TAG, assert_good, serving, visiting


async def test_what_was_done_and_what_failed_is_noted(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, f"/tags/{TAG}") as page:
        await page.get_by_label("Comment", exact=True).fill("blue")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
        await page.goto(place.url("/tags"))
        await page.get_by_role("button", name="New tag").click()
        await page.get_by_label("Tag", exact=True).fill(TAG)
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_role("alert").first).to_be_visible()
        await page.goto(place.url("/audit"))
        await expect(page.get_by_role("row").nth(2)).to_contain_text("change tag")
        await expect(page.get_by_role("row").nth(2)).to_contain_text(f"tag: {TAG.lower()}")
        await expect(page.get_by_role("row").nth(2)).to_contain_text("Done")
        await expect(page.get_by_role("row").nth(1)).to_contain_text("is known already")
        await assert_good(page, "audit")
        await page.get_by_label("Who", exact=True).fill("nobody")
        await expect(page.get_by_text("Nothing here.")).to_be_visible()
