from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from chargeplane.csms.commands import Asked, send
from chargeplane.domain.station import Reset
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import commands
from chargeplane.storage.repositories.commands import CommandFilter
from tests.web.csms.site import assert_good, connected, serving, visiting


async def choose(page: Page, command: str) -> None:
    """Choose a command in the open dialog."""
    field = page.get_by_role("combobox", name="Command")
    await field.fill(command)
    await page.get_by_role("option", name=command, exact=True).click()


async def test_two_stations_are_asked_and_their_answers_are_shown(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        connected(place, "CP2", speaks="2.0.1"),
        visiting(place, "/commands", "operator") as page,
    ):
        await page.get_by_role("button", name="New command").click()
        picker = page.get_by_role("combobox", name="Stations")
        for name in ("CP1", "CP2"):
            await picker.fill(name)
            await page.get_by_role("option", name=name).click()
        await page.keyboard.press("Escape")
        await choose(page, "Change availability")
        await page.get_by_label("Operational status *").click()
        await page.get_by_role("option", name="Inoperative").click()
        await assert_good(page, "command-dialog")
        await page.get_by_role("button", name="Send").click()
        answers = page.get_by_role("dialog").get_by_role("row")
        await expect(answers.filter(has_text="CP1")).to_contain_text("Accepted")
        await expect(answers.filter(has_text="CP2")).to_contain_text("Accepted")
        await assert_good(page, "command-answers")
        found = await place.central.database.read(commands.page, CommandFilter(), Window())
        asked = [each for each in found.items if each.asked_by == "operator"]
        assert {each.station_id for each in asked} == {"CP1", "CP2"}
        assert len({each.task for each in asked}) == 1
        await page.get_by_role("button", name="Close").click()
        await expect(page.get_by_role("row").filter(has_text="CP2").first).to_contain_text(
            "ChangeAvailability"
        )
        await assert_good(page, "commands")


async def test_a_command_is_looked_at(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place, "CP1"):
        await send(place.central, "CP1", Reset(type="Immediate"), Asked(by="ann", task="t1"))
        async with visiting(place, "/commands?search=ann", "viewer") as page:
            await expect(page.get_by_role("button", name="New command")).to_have_count(0)
            await page.get_by_role("row").filter(has_text="Reset").get_by_role("link").first.click()
            await expect(page.get_by_text('"type": "Immediate"')).to_be_visible()
            await expect(page.get_by_text('"status": "Accepted"')).to_be_visible()
            await page.get_by_role("link", name="All of this task").click()
            await page.wait_for_url("**/commands?task=t1")
            await expect(page.get_by_role("row").filter(has_text="Reset")).to_have_count(1)
            await page.goto(place.url("/commands/1"))
            await assert_good(page, "command")
        async with visiting(place, "/commands/1", "tenant") as page:
            await expect(page.get_by_text("There is no such command.")).to_be_visible()
        async with visiting(place, "/commands/99999999999", "admin") as page:
            await expect(page.get_by_text("There is no such command.")).to_be_visible()


async def test_why_a_station_cannot_be_asked_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        async with connected(place, "CP1"):
            pass
        async with visiting(place, "/commands", "operator") as page:
            await page.get_by_role("button", name="New command").click()
            await choose(page, "Clear cache")
            await page.get_by_role("button", name="Send").click()
            await expect(page.get_by_text("Choose a station first.")).to_be_visible()
            await page.get_by_role("combobox", name="Stations").fill("CP1")
            await page.get_by_role("option", name="CP1").click()
            await page.keyboard.press("Escape")
            await page.get_by_role("button", name="Send").click()
            await expect(page.get_by_role("dialog").get_by_text("not connected")).to_be_visible()


async def test_a_station_is_asked_on_its_own_page(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1/commands", "operator") as page,
    ):
        await choose(page, "Unlock connector")
        await page.get_by_label("EVSE ID *").fill("1")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text('"status": "Unlocked"')).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text="UnlockConnector")).to_have_count(1)
        await assert_good(page, "station-commands")


async def test_stations_that_are_selected_are_asked(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations", "operator") as page,
    ):
        await page.get_by_role("row").filter(has_text="CP1").get_by_role("checkbox").click()
        await page.get_by_role("button", name="With the selected").click()
        await page.get_by_text("Any command").click()
        await choose(page, "Clear cache")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text('"status": "Accepted"')).to_be_visible()


async def test_dark_colours_have_contrast_too(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1/commands", "operator", color_scheme="dark") as page,
    ):
        await choose(page, "Reserve now")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("This is needed.").first).to_be_visible()
        await assert_good(page, "station-commands-dark")


async def test_who_may_no_longer_asks_nothing(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1/commands", "operator") as page,
    ):
        await choose(page, "Clear cache")
        assert place.running.site is not None
        await place.running.site.users.set_role("operator", "viewer", None)
        await page.get_by_role("button", name="Send").click()
        await page.wait_for_url("**/sign-in*")
        found = await place.central.database.read(
            commands.page, CommandFilter(asked_by="operator"), Window()
        )
        assert found.items == ()
