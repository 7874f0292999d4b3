from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.web.csms.site import assert_good, serving, visiting


async def test_settings_are_shown_without_secrets(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/settings") as page:
        assert place.running.site is not None
        place.running.site.origins["csms.admission"] = "/etc/chargeplane.toml"
        await page.reload()
        await page.get_by_label("Search").fill("api.key")
        row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="api.key"))
        await expect(row).to_contain_text("****")
        assert "a key for tests" not in await page.content()
        await page.get_by_label("Search").fill("")
        await page.get_by_role("combobox", name="Origin").click()
        await page.get_by_role("option", name="Set by somebody").click()
        row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="csms.admission"))
        await expect(row).to_contain_text("/etc/chargeplane.toml")
        await expect(page.get_by_role("cell", name="csms.strict")).to_have_count(0)
        await assert_good(page, "settings")


@pytest.mark.parametrize("who", ["operator", "viewer", "tenant"])
async def test_settings_are_for_administrators(tmp_path: Path, who: str) -> None:
    async with serving(tmp_path) as place, visiting(place, "/settings", who) as page:
        await expect(page.get_by_role("alert")).to_contain_text("not allowed")
        await expect(page.get_by_role("link", name="Settings")).to_have_count(0)
