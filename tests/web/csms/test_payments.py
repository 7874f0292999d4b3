"""Payments as operators see them: the list, every step, a refund, totals, prices and QR codes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chargeplane.config.central import Web
from chargeplane.evse.virtual import Car
from chargeplane.web.csms.payments.details import minor_of
from tests.e2e.harness import until
from tests.web.csms.site import Place, assert_good, place_of, serving, visiting
from tests.web.pay.test_flow import CREATE, is_charged, pay
from tests.web.pay.town import Town, town


async def charge(found: Town) -> int:
    """Let a driver pay and charge; what was taken."""
    async with found.client() as client:
        made = (await client.post("/API/Payments/Create", json=CREATE)).json()
        await pay(made["checkoutUrl"])
        await found.reaches("Authorized")
        found.hardware.plug_in(Car())
        await found.reaches("Charging")
        await until(lambda: is_charged(client, made["reservationId"]))
        await client.post("/API/Payments/Stop", json={"reservationId": made["reservationId"]})
        await found.reaches("WaitingForDisconnect")
        found.hardware.plug_out()
        return int((await found.reaches("Completed")).captured_minor or 0)


async def test_a_payment_with_its_steps_and_a_refund(tmp_path: Path) -> None:
    async with town(tmp_path, web=Web()) as found:
        taken = await charge(found)
        place = await place_of(found.running)
        async with visiting(place, "/payments") as page:
            await expect(page.get_by_text("Completed")).to_be_visible()
            await assert_good(page, "payments")
            await page.locator("tbody a").first.click()
            await expect(page.get_by_text("Waits to be unplugged")).to_be_visible()
            await assert_good(page, "payment")
            await page.get_by_role("button", name="Refund").click()
            await page.get_by_label("Amount in EUR").fill("0.50")
            await page.get_by_role("dialog").get_by_role("button", name="Refund").click()
            await expect(page.get_by_text("The refund is on its way.")).to_be_visible()
            await expect(page.get_by_text("€0.50").first).to_be_visible()
            (intent,) = found.stand_in.books.intents.values()
            assert (intent.received, intent.refunded) == (taken, 50)
            await _totals(page, place, taken)


async def _totals(page: Page, place: Place, taken: int) -> None:
    await page.goto(place.url("/payments"))
    await page.get_by_role("tab", name="Totals").click()
    await expect(page.get_by_text("Days are those of UTC.")).to_be_visible()
    async with page.expect_download() as saved:
        await page.get_by_role("button", name="CSV").last.click()
    text = (await (await saved.value).path()).read_text("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Taken"], row["Given back"], row["Payments"]) == (str(taken), "50", "1")


async def test_prices_are_changed_and_codes_are_drawn(tmp_path: Path) -> None:
    async with town(tmp_path, web=Web()) as found:
        place = await place_of(found.running)
        async with visiting(place, "/payments") as page:
            await page.get_by_role("tab", name="Prices and QR codes").click()
            await assert_good(page, "prices")
            await page.get_by_role("button", name="Change").nth(1).click()
            await page.get_by_label("Per kWh", exact=True).fill("0,59")
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_text("€0.59 per kWh")).to_be_visible()
            async with page.expect_download() as saved:
                await page.get_by_role("button", name="QR SVG").first.click()
            drawn = (await (await saved.value).path()).read_text("utf-8")
            assert drawn.startswith("<svg")
            await page.get_by_role("tab", name="Free of charge").click()
            await page.get_by_role("button", name="Add a tag").click()
            await page.get_by_label("Tag", exact=True).fill("STAFF")
            await page.get_by_role("button", name="Add", exact=True).click()
            await expect(page.get_by_text("staff")).to_be_visible()
            await assert_good(page, "privileges")
            await page.get_by_role("button", name="Remove").click()
            await expect(page.get_by_text("Nothing here.")).to_be_visible()


async def test_the_page_of_a_station_draws_codes_too(tmp_path: Path) -> None:
    async with town(tmp_path, web=Web()) as found:
        place = await place_of(found.running)
        async with visiting(place, "/stations/CP1", "viewer") as page:
            async with page.expect_download() as saved:
                await page.get_by_role("button", name="QR PDF").click()
            assert (await saved.value).suggested_filename == "CP1-1.pdf"
            assert (await (await saved.value).path()).read_bytes().startswith(b"%PDF")


async def test_a_viewer_may_look_only(tmp_path: Path) -> None:
    async with town(tmp_path, web=Web()) as found:
        place = await place_of(found.running)
        async with visiting(place, "/payments", "viewer") as page:
            await page.get_by_role("tab", name="Prices and QR codes").click()
            await expect(page.get_by_role("button", name="QR SVG").first).to_be_visible()
            await expect(page.get_by_role("button", name="Change")).to_have_count(0)


async def test_without_stripe_it_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/payments") as page:
        await expect(page.get_by_text("Payments are off.")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "digits", "minor"),
    [
        ("1", 2, 100),
        ("1.05", 2, 105),
        ("1,05", 2, 105),
        ("100", 0, 100),
        ("1.005", 2, None),
        ("0", 2, None),
        ("-1", 2, None),
        ("x", 2, None),
        ("NaN", 2, None),
        ("", 2, None),
    ],
)
def test_amounts(text: str, digits: int, minor: int | None) -> None:
    assert minor_of(text, digits) == minor
