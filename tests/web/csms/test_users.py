from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from chargeplane.access.users import User
from tests.web.csms.site import Place, assert_good, serving, visiting


async def people(place: Place) -> dict[str, User]:
    assert place.running.site is not None
    return {each.name: each for each in await place.running.site.users.all()}


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))


async def told_once(page: Page) -> str:
    """The secret in the dialog, which is closed."""
    secret = await page.locator("[data-secret]").inner_text()
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    return secret


async def test_a_user_is_added_and_signs_in_with_the_one_time_password(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/users") as page:
        await assert_good(page, "users")
        await page.get_by_role("button", name="New user").click()
        await page.get_by_label("Name", exact=True).fill("anna")
        await page.get_by_label("Stations", exact=True).fill("T-* CP1")
        await page.get_by_role("button", name="Add", exact=True).click()
        password = await told_once(page)
        await expect(row(page, "anna")).to_contain_text("T-* CP1")
        assert place.running.site is not None
        user = await place.running.site.users.sign_in("anna", password, "127.0.0.1")
        assert (user.role, user.must_change_password) == ("viewer", True)


async def test_a_user_that_cannot_be_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/users") as page:
        await page.get_by_role("button", name="New user").click()
        for name, problem in (("viewer", "already"), ("", "cannot be the name")):
            await page.get_by_label("Name", exact=True).fill(name)
            await page.get_by_role("button", name="Add", exact=True).click()
            await expect(page.get_by_role("alert").filter(has_text=problem)).to_be_visible()
        await page.get_by_role("button", name="Cancel").click()
        await row(page, "admin").get_by_role("button", name="Disable").click()
        await expect(
            page.get_by_role("alert").filter(has_text="last administrator")
        ).to_be_visible()
        assert (await people(place))["admin"].enabled


async def test_a_user_is_changed_and_removed(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/users") as page:
        await row(page, "viewer").get_by_role("button", name="Change").click()
        await page.get_by_role("combobox", name="Role").click()
        await page.get_by_role("option", name="Operator").click()
        await page.get_by_role("button", name="Save").click()
        await expect(row(page, "viewer")).to_contain_text("Operator")
        await row(page, "viewer").get_by_role("button", name="Disable").click()
        await expect(row(page, "viewer")).to_contain_text("Disabled")
        found = (await people(place))["viewer"]
        assert (found.role, found.stations, found.enabled) == ("operator", None, False)
        await row(page, "viewer").get_by_role("button", name="Enable").click()
        await expect(row(page, "viewer")).to_contain_text("Enabled")
        await row(page, "viewer").get_by_role("button", name="New password").click()
        await page.get_by_role("dialog").get_by_role("button", name="New password").click()
        assert await told_once(page)
        await expect(row(page, "viewer")).to_contain_text("one-time")
        await row(page, "viewer").get_by_role("button", name="Remove").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(row(page, "viewer")).to_have_count(0)
        assert "viewer" not in await people(place)


@pytest.mark.parametrize("path", ["/users", "/audit", "/keys", "/webhooks", "/webhooks/1"])
async def test_access_is_for_administrators(tmp_path: Path, path: str) -> None:
    async with serving(tmp_path) as place, visiting(place, path, "operator") as page:
        await expect(page.get_by_role("alert")).to_contain_text("not allowed")


async def test_who_was_disabled_meanwhile_does_nothing_any_more(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        assert place.running.site is not None
        await place.running.site.users.add("boss", "admin", password="another password")
        async with visiting(place, "/users") as page:
            await expect(row(page, "boss")).to_be_visible()
            await place.running.site.users.set_enabled("admin", False)
            await row(page, "boss").get_by_role("button", name="Disable").click()
            await expect(page).to_have_title("Sign in · Chargeplane")
        assert (await people(place))["boss"].enabled
