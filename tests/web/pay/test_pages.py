"""The driver's pages in a real browser, from the code on the charger to the receipt."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from chargeplane.evse.virtual import Car
from tests.web.browser import PHONE, browsing
from tests.web.pay.town import Town, town

SHOTS = os.environ.get("CHARGEPLANE_SHOTS")  # a folder for pictures of the pages


async def look(page: Page, name: str) -> None:
    """Check what holds for every page: nobody is shut out, nothing is wider than the screen."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    found = await Axe().run(page)
    serious = [
        each["id"]
        for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == [], found.generate_report()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) <= 0


async def pay(page: Page, town: Town, button: str) -> None:
    """Go to the checkout and pay there."""
    await page.goto(town.page)
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_text("Test payments")).to_be_visible()
    await page.get_by_role("button", name="Pay with a good test card").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_driver_pays_charges_and_gets_a_receipt(tmp_path: Path, scheme: Any) -> None:
    dark: Any = {"locale": "de-DE", "color_scheme": scheme}
    async with town(tmp_path) as found, browsing(PHONE, **dark) as page:
        await page.goto(found.page)
        await expect(page.get_by_text("0,49")).to_be_visible()
        await expect(page.get_by_text("39,70")).to_be_visible()
        await look(page, f"place-{scheme}")
        await pay(page, found, "Bezahlen und laden")
        await expect(page.get_by_role("heading", name="Stecken Sie Ihr Auto an")).to_be_visible()
        assert "paid=" not in page.url
        await look(page, f"plug-{scheme}")
        found.hardware.plug_in(Car())
        await expect(page.get_by_role("heading", name="Es lädt")).to_be_visible()
        await expect(page.locator("[data-value=cost]")).not_to_have_text("0,00\xa0€")
        await look(page, f"charge-{scheme}")
        await page.get_by_role("button", name="Laden beenden").click()
        await expect(page.get_by_role("heading", name="Das Laden ist beendet")).to_be_visible()
        await look(page, f"unplug-{scheme}")
        found.hardware.plug_out()
        await expect(page.get_by_role("heading", name="Danke")).to_be_visible()
        await expect(page.get_by_role("heading", name="Beleg")).to_be_visible()
        await look(page, f"done-{scheme}")
        done = await found.newest()
    assert done.state == "Completed"
    assert done.captured_minor


async def test_whoever_does_not_pay_may_go_on_or_cancel(tmp_path: Path) -> None:
    async with town(tmp_path) as found, browsing(PHONE, locale="nl-NL") as page:
        await page.goto(found.page)
        await page.get_by_role("button", name="Betalen en laden").click()
        await page.get_by_role("button", name="Go back without paying").click()
        await expect(page.get_by_role("heading", name="Nog niet betaald")).to_be_visible()
        await look(page, "pay")
        await page.get_by_role("button", name="Verder naar de betaling").click()
        await expect(page.get_by_text("Test payments")).to_be_visible()
        await page.get_by_role("button", name="Pay with a card that is declined").click()
        await expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
        await page.get_by_role("button", name="Go back without paying").click()
        await page.get_by_role("button", name="Annuleren").click()
        await expect(page.get_by_role("heading", name="Er is niets berekend")).to_be_visible()
        await look(page, "cancelled")
        assert (await found.newest()).state == "Cancelled"


async def test_the_language_can_be_switched(tmp_path: Path) -> None:
    async with town(tmp_path) as found, browsing((1280, 900), locale="fr-FR") as page:
        await page.goto(found.page)
        await expect(page.get_by_role("button", name="Pay and charge")).to_be_visible()
        await look(page, "desktop")
        await page.get_by_role("link", name="Deutsch").click()
        await expect(page.get_by_role("button", name="Bezahlen und laden")).to_be_visible()
        assert await page.locator("html").get_attribute("lang") == "de"
        assert await page.context.cookies() == []


async def test_pages_work_without_scripts(tmp_path: Path) -> None:
    plain: Any = {"locale": "en-GB", "java_script_enabled": False}
    async with town(tmp_path) as found, browsing(PHONE, **plain) as page:
        await pay(page, found, "Pay and charge")
        await expect(page.get_by_role("heading", name="Plug in your car")).to_be_visible()
        found.hardware.plug_in(Car())
        await found.reaches("Charging")
        await page.reload()
        await page.get_by_role("button", name="Stop charging").click()
        record = await found.reaches("WaitingForDisconnect")
        await page.goto(f"{found.url}/pay/r/{record.id}")
        await expect(page.get_by_role("heading", name="The charge is over")).to_be_visible()
