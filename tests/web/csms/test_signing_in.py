"""Signing in and out by a real browser, and what is not let through."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests.web.browser import browsing
from tests.web.csms.site import PASSWORD, assert_good, serving, visiting

NEW = "another password"


async def test_signing_in_and_out(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, browsing() as page:
        await page.goto(place.url("/energy"))
        await expect(page).to_have_title("Sign in · Chargeplane")
        await assert_good(page, "sign-in")
        await page.get_by_label("Name").fill("viewer")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
        await page.get_by_label("Name").fill("viewer")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Energy · Chargeplane")  # where it was to go
        await page.get_by_role("button", name="viewer").click()
        await page.get_by_text("Sign out").click()
        await expect(page).to_have_title("Sign in · Chargeplane")
        await page.goto(place.url("/"))
        await expect(page).to_have_title("Sign in · Chargeplane")


async def test_a_one_time_password_has_to_be_replaced(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, browsing() as page:
        assert place.running.site is not None
        password = await place.running.site.users.add("ann", "viewer")
        await page.goto(place.url("/"))
        await page.get_by_label("Name").fill("ann")
        await page.get_by_label("Password").fill(password)
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Change password · Chargeplane")
        await page.goto(place.url("/energy"))
        await expect(page).to_have_title("Change password · Chargeplane")
        await assert_good(page, "password")
        for new, again, problem in (
            ("short", "short", "A password needs at least 10 characters."),
            (NEW, NEW + "x", "The two new passwords differ."),
        ):
            await page.get_by_label("Present password").fill(password)
            await page.get_by_label("New password", exact=True).fill(new)
            await page.get_by_label("New password again").fill(again)
            await page.get_by_role("button", name="Change password").click()
            await expect(page.get_by_role("alert")).to_have_text(problem)
        await page.get_by_label("Present password").fill(password)
        await page.get_by_label("New password", exact=True).fill(NEW)
        await page.get_by_label("New password again").fill(NEW)
        await page.get_by_role("button", name="Change password").click()
        await expect(page).to_have_title("Overview · Chargeplane")


async def test_who_fails_too_often_is_told_to_wait(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, httpx.AsyncClient() as client:
        for _ in range(5):
            answer = await client.post(
                place.url("/sign-in"), data={"name": "viewer", "password": "x"}
            )
            assert answer.status_code == 303
            assert answer.headers["location"].endswith("problem=refused")
        answer = await client.post(
            place.url("/sign-in"), data={"name": "viewer", "password": PASSWORD}
        )
        assert "problem=locked&minutes=1" in answer.headers["location"]
        assert "set-cookie" not in answer.headers


async def test_forms_of_other_sites_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, httpx.AsyncClient() as client:
        good = {"name": "viewer", "password": PASSWORD, "next": "//evil.example/"}
        for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = await client.post(place.url("/sign-in"), data=good, headers=header)
            assert answer.status_code == 403
        big = {**good, "name": "x" * 10_000}
        assert (await client.post(place.url("/sign-in"), data=big)).status_code == 413
        answer = await client.post(place.url("/sign-in"), data=good)
        assert answer.headers["location"] == "/ui/"  # and nowhere else
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie


async def test_a_session_that_ended_may_do_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/", "viewer") as page:
        await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        assert place.running.site is not None
        await place.running.site.sessions.end_all("viewer")
        await page.reload()
        await expect(page).to_have_title("Sign in · Chargeplane")


@pytest.mark.parametrize(
    ("locale", "title", "button", "language"),
    [("de-DE", "Anmelden", "Anmelden", "de"), ("nl-NL", "Aanmelden", "Aanmelden", "nl")],
)
async def test_the_language_is_that_of_the_browser(
    tmp_path: Path, locale: str, title: str, button: str, language: str
) -> None:
    async with serving(tmp_path) as place, browsing(locale=locale) as page:
        await page.goto(place.url("/"))
        await expect(page).to_have_title(f"{title} · Chargeplane")
        await expect(page.get_by_role("button", name=button)).to_be_visible()
        assert await page.evaluate("document.documentElement.lang") == language
