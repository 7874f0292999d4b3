from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect
from pydantic import SecretStr

from chargeplane import evse_app
from chargeplane.config import Evse, Settings
from chargeplane.evse.controller import Controller
from chargeplane.evse_app import Running
from tests.web.browser import PATIENCE_MS, PHONE, browsing

DESK = (1280, 900)


@asynccontextmanager
async def running(folder: Path, **evse: Any) -> AsyncIterator[Running]:
    settings = Settings(
        evse=Evse(serial=4711, port=0, speed=100, data=folder, **evse),
    )
    async with evse_app.running(settings) as found:
        yield found


def is_set(controller: Controller, name: str) -> bool:
    return controller.mode.name == name.upper()


async def until(controller: Controller, so: Callable[[], object]) -> None:
    """Wait until something is so of the device."""
    done = asyncio.Event()

    def look(_: None) -> None:
        if so():
            done.set()

    stop = controller.changed.listen(look)
    look(None)
    await asyncio.wait_for(done.wait(), PATIENCE_MS / 1000)
    stop()


@pytest.mark.parametrize("size", [PHONE, DESK])
async def test_the_page_fits_and_shows_how_it_goes(size: tuple[int, int], tmp_path: Path) -> None:
    async with running(tmp_path) as found, browsing(size) as page:
        await page.goto(found.device.url)
        await expect(page).to_have_title("SmartEVSE-4711")
        await expect(page.get_by_text("Ready to Charge")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        await page.get_by_role("button", name="Plug in").click()
        await expect(page.get_by_text("Charging", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        assert found.device.controller.is_charging
        await page.get_by_role("button", name="Plug out").click()
        await expect(page.get_by_text("Ready to Charge")).to_be_visible()


async def test_modes_and_limits_are_chosen(tmp_path: Path) -> None:
    async with running(tmp_path) as found, browsing() as page:
        controller = found.device.controller
        await page.goto(found.device.url)
        for name in ("Solar", "Smart", "Pause", "Off", "Normal"):
            await page.get_by_role("button", name=name, exact=True).click()
            await until(controller, partial(is_set, controller, name))
        await page.locator(".q-slider__track-container").first.focus()
        slider = page.locator(".q-slider").first
        await page.keyboard.press("ArrowRight")  # from nothing to the minimum
        await until(controller, lambda: controller.override_da == 60)
        await expect(slider).to_have_attribute("aria-valuenow", "6")
        await page.keyboard.press("ArrowLeft")  # and below it to nothing
        await until(controller, lambda: controller.override_da == 0)
        await expect(slider).to_have_attribute("aria-valuenow", "0")


async def test_a_mode_that_cannot_be_is_told(tmp_path: Path) -> None:
    async with (
        running(tmp_path, mains_meter={"type": "Disabled"}) as found,
        browsing() as page,
    ):
        await page.goto(found.device.url)
        await page.get_by_role("button", name="Solar", exact=True).click()
        await expect(page.get_by_text("SOLAR needs a mains meter")).to_be_visible()


async def test_settings_and_cards_are_changed(tmp_path: Path) -> None:
    async with running(tmp_path) as found, browsing() as page:
        controller = found.device.controller
        await page.goto(found.device.url)
        await page.get_by_role("button", name="Settings").click()
        field = page.get_by_label("Most for a car [A]")
        await field.fill("20")
        await field.press("Enter")
        await until(controller, lambda: controller.settings.regulation.max_current_a == 20)
        await field.fill("99")
        await field.press("Enter")
        await expect(page.get_by_text("99 is not allowed")).to_be_visible()
        await expect(field).to_have_value("20")
        await page.get_by_label("Card", exact=True).fill("04a1b2c3d4e5f6")
        await page.get_by_label("Name").fill("Anna")
        await page.get_by_role("button", name="Add card").click()
        await expect(page.get_by_text("04A1B2C3D4E5F6 Anna")).to_be_visible()
        await page.get_by_role("button", name="Forget card").click()
        await until(controller, lambda: len(controller.cards) == 0)


async def test_times_are_planned(tmp_path: Path) -> None:
    async with running(tmp_path, timezone="UTC") as found, browsing() as page:
        controller = found.device.controller
        await page.goto(found.device.url)
        await page.get_by_label("Start", exact=True).fill("2099-01-02T03:04")
        await page.get_by_role("button", name="Set", exact=True).click()
        await expect(page.get_by_text("Starts 02.01. 03:04.")).to_be_visible()
        assert controller.mode.name == "OFF"
        assert controller.settings.schedule.start_s == 4_071_006_240


async def test_the_recording_is_downloaded(tmp_path: Path) -> None:
    async with running(tmp_path) as found, browsing() as page:
        await until(found.device.controller, lambda: found.device.controller.uptime_s > 3)
        await page.goto(found.device.url)
        async with page.expect_download() as started:
            await page.get_by_role("link", name="Recording").click()
        assert (await started.value).suggested_filename == "SmartEVSE-4711.jsonl"


async def test_nothing_is_changed_without_the_pin(tmp_path: Path) -> None:
    async with running(tmp_path, pin=SecretStr("1234")) as found, browsing() as page:
        controller = found.device.controller
        await page.goto(found.device.url)
        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(page.get_by_text("Unlock with the PIN first")).to_be_visible()
        assert controller.mode.name == "NORMAL"
        await page.get_by_placeholder("PIN").fill("4321")
        await page.get_by_role("button", name="Unlock").click()
        await expect(page.get_by_text("Wrong PIN")).to_be_visible()
        await page.get_by_placeholder("PIN").fill("1234")
        await page.get_by_role("button", name="Unlock").click()
        await page.get_by_role("button", name="Pause", exact=True).click()
        await until(controller, lambda: controller.mode.name == "PAUSE")


async def test_the_token_is_asked_for_once(tmp_path: Path) -> None:
    password = {"username": "me", "password": "secret"}
    async with (
        running(tmp_path, token=SecretStr("secret")) as found,
        browsing(http_credentials=password) as page,
    ):
        await page.goto(found.device.url)
        await page.get_by_role("button", name="Pause", exact=True).click()  # over a WebSocket
        await until(found.device.controller, lambda: found.device.controller.mode.name == "PAUSE")
        async with httpx.AsyncClient(base_url=found.device.url) as stranger:
            assert (await stranger.get("/ui/evse/4711")).status_code == 401


async def test_a_device_is_shown_by_its_own_server_only(tmp_path: Path) -> None:
    async with running(tmp_path / "one") as one:
        other = Settings(evse=Evse(serial=1, port=0, data=tmp_path / "other"))
        async with evse_app.running(other) as second, httpx.AsyncClient() as client:
            answers = [
                (await client.get(f"{each.device.url}ui/evse/{serial}")).status_code
                for each in (one, second)
                for serial in (4711, 1)
            ]
        assert answers == [200, 404, 404, 200]
