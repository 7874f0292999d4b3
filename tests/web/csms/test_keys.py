from __future__ import annotations

from pathlib import Path

import httpx
from playwright.async_api import expect

from chargeplane.csms.central import Unit
from chargeplane.csms.webhooks import subscribe
from tests.web.csms.site import Place, assert_good, serving, visiting
from tests.web.csms.test_users import row, told_once


async def ask(place: Place, key: str) -> int:
    """What the API answers whoever shows the key."""
    async with httpx.AsyncClient() as client:
        address = place.url("").replace("/ui", "/v1/transactions")
        return (await client.get(address, headers={"X-API-Key": key})).status_code


async def test_a_key_is_made_used_and_revoked(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/keys") as page:
        await page.get_by_role("button", name="New key").click()
        await page.get_by_role("button", name="Make").click()
        await expect(page.get_by_role("alert").filter(has_text="name is needed")).to_be_visible()
        await page.get_by_label("Name", exact=True).fill("home")
        await page.get_by_role("button", name="Make").click()
        key = await told_once(page)
        assert await ask(place, key) == 200
        await expect(row(page, "home")).to_contain_text("In force")
        assert key not in await page.content()
        await assert_good(page, "keys")
        await page.get_by_role("button", name="New key").click()
        await page.get_by_label("Name", exact=True).fill("home")
        await page.get_by_role("button", name="Make").click()
        await expect(page.get_by_role("alert").filter(has_text="before")).to_be_visible()
        await page.get_by_role("button", name="Cancel").click()
        await row(page, "home").get_by_role("button", name="Revoke").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        await expect(row(page, "home")).to_contain_text("Revoked")
        assert await ask(place, key) == 401


async def test_a_webhook_is_made_and_its_calls_are_seen(tmp_path: Path) -> None:
    def happen(unit: Unit) -> None:
        unit.emit("test.happened", station_id="CP1")

    async with serving(tmp_path) as place, visiting(place, "/webhooks") as page:
        await page.get_by_role("button", name="New webhook").click()
        await page.get_by_label("URL").fill("ftp://nowhere")
        await page.get_by_role("button", name="Make").click()
        await expect(page.get_by_role("alert").filter(has_text="not a URL")).to_be_visible()
        await page.get_by_label("URL").fill("http://127.0.0.1:9/events")
        await page.get_by_label("Events").fill("test.* other")
        await page.get_by_role("button", name="Make").click()
        assert (await told_once(page)).startswith("whsec_")
        await expect(row(page, "test.* other")).to_contain_text("In force")
        await assert_good(page, "webhooks")
        await place.central.commit(happen)
        await page.get_by_role("link", name="1", exact=True).click()
        await expect(page.get_by_role("row").nth(1)).to_contain_text("test.happened")
        await expect(page.get_by_role("row").nth(1)).to_contain_text("Waits")
        await assert_good(page, "webhook")


async def test_a_webhook_is_paused_and_deleted(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/webhooks") as page:
        await place.central.database.write(
            subscribe, "http://127.0.0.1:9/", ("test.*", "other"), None, place.central.now()
        )
        await page.reload()
        await page.get_by_role("button", name="Pause").click()
        await expect(row(page, "test.* other")).to_contain_text("Pauses")
        await page.get_by_role("button", name="Go on").click()
        await expect(row(page, "test.* other")).to_contain_text("In force")
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("Nothing here.")).to_be_visible()
        await page.goto(place.url("/webhooks/1"))
        await expect(page.get_by_role("alert")).to_contain_text("no such webhook")
