from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chargeplane.domain.certificates import SecurityEventNotification, SignCertificate
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station.station import Station
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import (
    certificate_requests,
    commands,
    security_events,
    stations,
    transactions,
)
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.web.csms.visit import THEME
from tests.net.certificates import Authority
from tests.web.browser import PATIENCE_MS
from tests.web.csms.site import TAG, assert_good, connected, serving, visiting

VERSIONS = ["1.6", "2.0.1", "2.1"]


def plug_in(station: Station, evse: int = 0) -> None:
    hardware = station.evses[evse].hardware
    assert isinstance(hardware, VirtualEvse)
    hardware.plug_in(Car(soc_percent=40))


async def begin(page: Page) -> None:
    """Start a charge at the first connector."""
    await page.get_by_role("button", name="Start", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Tag").fill(TAG)
    await dialog.get_by_role("button", name="Start", exact=True).click()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_charge_is_started_watched_and_stopped(tmp_path: Path, version: str) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks=version, connectors=2) as station,
        visiting(place, "/stations/CP1", "operator") as page,
    ):
        card = page.locator('[data-place="1/1"]')
        await expect(card).to_contain_text("Available")
        plug_in(station)
        await expect(card).to_contain_text("Occupied")
        await begin(page)
        await expect(page.get_by_text("The station says: Accepted")).to_be_visible()
        await expect(card).to_contain_text("Charging")
        await expect(card).to_contain_text("kWh")
        await expect(card).to_contain_text(TAG)
        await expect(card.locator("canvas, svg").first).to_be_visible()
        if version == "2.1":
            await page.wait_for_timeout(3000)
            await assert_good(page, "station")
        await card.get_by_role("button", name="Stop").click()
        await expect(card.get_by_role("button", name="Start")).to_be_visible(timeout=PATIENCE_MS)
        assert await place.central.database.read(transactions.open_of, "CP1") == ()
        await page.goto(place.url("/stations/CP1/transactions"))
        await expect(page.get_by_role("row", name=TAG)).to_contain_text("Ended")
        await assert_good(page, "station-transactions")


async def test_connectors_are_unlocked_and_taken_out_of_service(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", connectors=2),
        visiting(place, "/stations/CP1") as page,
    ):
        second = page.locator('[data-place="2/1"]')
        await second.get_by_role("button", name="Put out of service").click()
        await expect(second).to_contain_text("Unavailable")
        await second.get_by_role("button", name="Put in service").click()
        await expect(second).to_contain_text("Available")
        await second.get_by_role("button", name="Unlock").click()
        await expect(page.get_by_text("The station says: Unlock")).to_be_visible()
        await page.get_by_role("button", name="Ask for its state").click()
        await expect(page.get_by_text("The station says: Accepted").first).to_be_visible()
        await page.get_by_role("button", name="Restart").click()
        await page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        await expect(page.get_by_text("The station says: Accepted").first).to_be_visible()
        await expect(page.locator(".q-notification__badge")).to_have_text("4")
        what = CommandFilter(action="Reset", status="answered", asked_by="admin")
        found = await place.central.database.read(commands.page, what, Window())
        assert [each.answer for each in found.items] == [{"status": "Accepted"}]


async def test_a_viewer_has_no_buttons(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1", "viewer") as page,
    ):
        await expect(page.locator('[data-place="1/1"]')).to_contain_text("Available")
        for name in ("Start", "Unlock", "Restart", "Put out of service"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
        await page.goto(place.url("/stations/CP1/nothing"))
        await expect(page.get_by_role("alert")).to_be_visible()


async def test_what_is_no_longer_allowed_is_refused_on_an_open_page(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1", "operator") as page,
    ):
        await expect(page.locator('[data-place="1/1"]')).to_contain_text("Available")
        assert place.running.site is not None
        await place.running.site.users.set_role("operator", "viewer", None)
        await page.get_by_role("button", name="Ask for its state").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        found = await place.central.database.read(commands.page, CommandFilter(), Window())
        assert [each for each in found.items if each.asked_by == "operator"] == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_variable_is_read_and_changed(tmp_path: Path, version: str) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks=version) as station,
        visiting(place, "/stations/CP1/variables") as page,
    ):
        await page.get_by_role("button", name="Read from the station").click()
        await expect(page.get_by_text("The station says: Accepted")).to_be_visible()
        await page.get_by_label("Search").fill("TxUpdatedInterval")
        row = page.get_by_role("row", name="TxUpdatedInterval").first
        await row.get_by_role("button", name="Change").click()
        dialog = page.get_by_role("dialog")
        if version == "2.0.1":
            await assert_good(page, "station-variable")
        await dialog.get_by_label("Value").fill("7")
        await dialog.get_by_role("button", name="Save").click()
        await expect(row).to_contain_text("7")
        assert station.model.text("SampledDataCtrlr/TxUpdatedInterval") == "7"
        await row.get_by_role("button", name="Read again").click()
        await page.get_by_label("Search").fill("")
        await expect(page.get_by_role("row")).to_have_count(26)
        await assert_good(page, "station-variables")


async def test_raw_messages_are_shown_whole_and_filtered(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1/messages") as page,
    ):
        await page.goto(place.url("/stations/CP1/messages?action=BootNotification"))
        row = page.get_by_role("row", name="BootNotification")
        for _ in range(20):
            if await row.count():
                break
            await page.wait_for_timeout(300)
            await page.get_by_role("button", name="Refresh").click()
        await expect(row).to_have_count(1)
        await row.get_by_role("button", name="Show").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text('"chargePointVendor": "Chargeplane"')
        await expect(dialog).to_contain_text('"currentTime"')
        await assert_good(page, "station-message")
        await dialog.get_by_role("button", name="Close").click()
        await page.goto(place.url("/stations/CP1/messages"))
        await assert_good(page, "station-messages")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="CSV").click()
        path = await (await download.value).path()
        said = await asyncio.to_thread(Path(path).read_text, encoding="utf-8-sig")
        assert "BootNotification" in said


async def test_security_events_are_seen_as_they_come(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1"),
        visiting(place, "/stations/CP1/security") as page,
    ):
        await expect(page.get_by_text("StartupOfTheDevice")).to_be_visible()
        now = place.central.now()
        event = SecurityEventNotification(type="TamperDetectionActivated", timestamp=now)

        def work(unit: object) -> None:
            security_events.append(unit.connection, "CP1", event, now)  # type: ignore[attr-defined]
            unit.emit("security.event", station_id="CP1")  # type: ignore[attr-defined]

        await place.central.commit(work)
        await expect(page.get_by_text("TamperDetectionActivated")).to_be_visible()
        await assert_good(page, "station-security")


@pytest.mark.parametrize("version", ["1.6", "2.1"])
async def test_a_log_and_a_firmware_are_asked_for(tmp_path: Path, version: str) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks=version),
        visiting(place, "/stations/CP1/jobs", "operator") as page,
    ):
        await page.get_by_role("button", name="Fetch a log").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Folder to upload to").fill("http://127.0.0.1:1/logs")
        await dialog.get_by_label("Attempts").fill("0")
        await dialog.get_by_role("button", name="Fetch").click()
        row = page.get_by_role("row", name="127.0.0.1:1/logs")
        await expect(row).to_contain_text("UploadFailure")
        await page.get_by_role("button", name="Update the firmware").click()
        await dialog.get_by_label("Address of the file").fill("http://127.0.0.1:1/new.bin")
        await dialog.get_by_label("Attempts").fill("0")
        await assert_good(page, f"station-firmware-{version}")
        await dialog.get_by_role("button", name="Update").click()
        row = page.get_by_role("row", name="127.0.0.1:1/new.bin")
        await expect(row).to_contain_text("Failed")
        await row.get_by_role("button", name="Details").click()
        await expect(page.get_by_role("dialog")).to_contain_text("no installer")
        await page.get_by_role("dialog").get_by_role("button", name="Close").click()
        await assert_good(page, "station-jobs")


async def test_certificates_are_installed_listed_and_deleted(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks="2.1"),
        visiting(place, "/stations/CP1/certificates") as page,
    ):
        await page.get_by_role("button", name="Install").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Certificate (PEM)").fill(Authority(tmp_path).pem)
        await dialog.get_by_role("button", name="Install").click()
        await expect(page.get_by_text("The station says: Accepted")).to_be_visible()
        await page.get_by_role("button", name="Read from the station").click()
        await expect(page.get_by_text("Serial number")).to_be_visible()
        await assert_good(page, "station-certificates")
        await page.reload()
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("Serial number")).to_have_count(0)


async def test_a_certificate_is_signed_elsewhere_and_sent(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks="2.1"),
        visiting(place, "/stations/CP1/certificates") as page,
    ):
        now, request = place.central.now(), SignCertificate(csr="BEGIN CERTIFICATE REQUEST")
        await place.central.database.write(certificate_requests.add, "CP1", request, now)
        await page.reload()
        row = page.get_by_role("row").filter(has_text="Requested")
        await row.get_by_role("button", name="Show").click()
        shown = page.get_by_role("dialog")
        await expect(shown).to_contain_text(request.csr)
        await shown.get_by_role("button", name="Close").click()
        await row.get_by_role("button", name="Send the signed certificate").click()
        await page.get_by_label("Certificate with its chain").fill("no certificate")
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_text("The station says: Rejected")).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text="Refused")).to_be_visible()


async def test_facts_are_shown_and_a_station_is_changed_and_deleted(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks="2.0.1"),
        visiting(place, "/stations/CP1/facts") as page,
    ):
        await expect(page.get_by_text("ocpp2.0.1")).to_be_visible()
        await assert_good(page, "station-facts")
        await page.reload()
        await page.get_by_role("button", name="Change", exact=True).click()
        await page.get_by_role("dialog").get_by_label("Location").fill("Garage")
        await page.get_by_role("dialog").get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Garage").first).to_be_visible()
        await page.get_by_role("button", name="Disconnect").click()
        await expect(page.get_by_text("most stations come back")).to_be_visible()
        await page.get_by_role("button", name="Disable").click()
        await page.get_by_role("dialog").get_by_role("button", name="Disable").click()
        await expect(page.get_by_role("button", name="Enable")).to_be_visible()
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.get_by_role("heading", name="Stations")).to_be_visible()
        assert await place.central.database.read(stations.get, "CP1") is None


async def test_the_pages_are_read_in_the_dark(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        connected(place, "CP1", speaks="2.1", connectors=2) as station,
        visiting(place, "/stations") as page,
    ):
        dark = {"name": THEME, "value": "dark", "url": place.url("")}
        await page.context.add_cookies([dark])  # type: ignore[list-item]
        await page.reload()
        await expect(page.locator("body.body--dark")).to_have_count(1)
        await expect(page.get_by_role("row", name="CP1")).to_contain_text("Online")
        await assert_good(page, "stations-dark")
        plug_in(station)
        for tab in ("", "/facts", "/messages"):
            await page.goto(place.url(f"/stations/CP1{tab}"))
            await expect(page.get_by_text("Chargeplane Virtual AC")).to_be_visible()
            await assert_good(page, f"station-dark{tab.replace('/', '-')}")
