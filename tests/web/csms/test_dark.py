from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from chargeplane.csms.webhooks import subscribe
from chargeplane.domain.tokens import Token
from chargeplane.storage.repositories import tokens
from tests.web.csms.site import TAG, assert_good, serving, visiting
from tests.web.csms.test_transactions import charged

PATHS = (
    *("/tags", f"/tags/{TAG}", "/unknown-tags", "/transactions", "/transactions/1", "/reports"),
    *("/events", "/keys", "/webhooks", "/webhooks/1", "/users", "/audit", "/settings", "/about"),
)


async def test_pages_of_what_is_kept_are_read_in_the_dark(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await charged(place)
        database, now = place.central.database, place.central.now()
        await database.write(subscribe, "http://127.0.0.1:9/", (), None, now)
        await database.write(tokens.note_unknown, Token("STRANGER"), "CP1", now)
        async with visiting(place, color_scheme="dark") as page:
            for path in PATHS:
                await page.goto(place.url(path))
                await expect(page.locator("body.body--dark")).to_have_count(1)
                await assert_good(page, f"dark{path.replace('/', '-')}")
