from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.async_api import Download, expect

from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.tokens import Token
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station import authorization
from chargeplane.station.station import Station
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import meter_values, transactions
from chargeplane.storage.repositories.transactions import TransactionStart, TransactionStop
from tests.web.csms.site import TAG, Place, assert_good, connected, serving, visiting

WH = 1000


async def charged(place: Place, station: str = "CP1", *, wh: int = 12_500) -> TransactionRecord:
    """A charge of half an hour that ended now, with a reading every minute."""
    database, now = place.central.database, place.central.now()
    began = now - timedelta(minutes=30)
    start = TransactionStart(
        station_id=station,
        evse_id=1,
        started_at=began,
        start_key=f"{station} {wh}",
        token=Token(TAG),
        start_energy_mwh=0,
        start_status="Accepted",
    )
    made, _ = await database.write(transactions.start, start, now)
    for minute in range(31):
        samples = (
            Sample(wh * minute / 30),
            Sample(11_000.0 + 100 * minute, "Power.Active.Import", "W"),
            Sample(20.0 + minute, "SoC", "Percent"),
        )
        reading = Reading(began + timedelta(minutes=minute), samples)
        await database.write(meter_values.append, station, 1, (reading,), made.id)
    stop = TransactionStop(
        stopped_at=now, closed_by="station", energy_mwh=wh * WH, reason="EVDisconnected"
    )
    await database.write(transactions.stop, made.id, stop)
    await database.write(transactions.set_cost, made.id, 489, "EUR")
    found = await database.read(transactions.get, made.id)
    assert found is not None
    return found


async def sheet_of(download: Download) -> Any:
    """The sheet of a workbook that was saved."""
    return load_workbook(BytesIO((await download.path()).read_bytes())).active


async def plug_in(station: Station, tag: str = TAG) -> None:
    """Let a car come and its driver show the tag."""
    hardware = station.evses[0].hardware
    assert isinstance(hardware, VirtualEvse)
    hardware.plug_in(Car(soc_percent=30))
    await authorization.swipe(station, Token(tag), (1,))


async def test_charges_are_listed_filtered_and_exported(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await charged(place)
        other = await charged(place, "T-2", wh=500)
        async with visiting(place, "/transactions") as page:
            await expect(page.get_by_role("row")).to_have_count(3)
            await assert_good(page, "charges")
            await page.get_by_label("Station", exact=True).fill("T-2")
            await expect(page.get_by_role("row")).to_have_count(2)
            await expect(page.get_by_role("row").last).to_contain_text("0.50 kWh")
            async with page.expect_download() as started:
                await page.get_by_role("button", name="XLSX").click()
            sheet = await sheet_of(await started.value)
            rows = list(sheet.iter_rows(values_only=True))
            assert rows[0][:4] == ("Number", "Station", "EVSE", "Tag")
            assert [row[:4] for row in rows[1:]] == [(other.id, "T-2", 1, TAG)]
            assert rows[1][6:8] == (0.5, 4.89)
            await page.get_by_label("To", exact=True).fill("2020-01-01")
            await expect(page.get_by_text("Nothing here.")).to_be_visible()
            await page.reload()
            await expect(page.get_by_label("To", exact=True)).to_have_value("2020-01-01")
            await expect(page.get_by_text("Nothing here.")).to_be_visible()


async def test_a_charge_is_shown_with_its_readings(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        made = await charged(place)
        async with visiting(place, f"/transactions/{made.id}") as page:
            for text in ("12.50 kWh", "0:30:00", "EVDisconnected", "€4.89", "Accepted"):
                await expect(page.get_by_text(text)).to_be_visible()
            await expect(page.get_by_role("img", name="Energy")).to_be_visible()
            points = await page.evaluate(POINTS)
            assert [len(each) for each in points] == [31, 31, 31]
            assert [each[-1][1] for each in points] == [14.0, 50, 12.5]
            await assert_good(page, "charge")
            async with page.expect_download() as started:
                await page.get_by_role("button", name="Readings").click()
            written = (await (await started.value).path()).read_text("utf-8-sig").splitlines()
            assert len(written) == 1 + 31 * 3
            assert written[0].startswith("measured_at,context,measurand")


POINTS = """() => Array.from(document.querySelectorAll('.nicegui-echart')).flatMap(
  each => getElement(each.id.slice(1)).chart.getOption().series.map(one => one.data))"""


async def test_a_running_charge_is_watched_and_stopped(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        visiting(place, "/transactions", "operator") as page,
        connected(place) as station,
    ):
        await plug_in(station)
        await page.get_by_role("link", name="1", exact=True).click()
        stop = page.get_by_role("button", name="Stop")
        await expect(stop).to_be_visible()
        await expect(page.get_by_text("kWh", exact=False).first).to_be_visible()
        await stop.click()
        await expect(page.get_by_text("The station says: Accepted")).to_be_visible()
        await expect(stop).not_to_be_visible(timeout=15_000)
        await expect(page.get_by_text("Remote", exact=True)).to_be_visible()


async def test_an_operator_closes_a_charge_of_a_station_that_is_gone(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        start = TransactionStart(
            station_id="CP9", evse_id=1, started_at=place.central.now(), uid="lost"
        )
        made, _ = await place.central.database.write(transactions.start, start, place.central.now())
        async with visiting(place, f"/transactions/{made.id}", "operator") as page:
            await page.get_by_role("button", name="Stop").click()
            await expect(page.get_by_role("alert").filter(has_text="CP9")).to_be_visible()
            await page.get_by_role("button", name="Close here").click()
            await page.get_by_role("dialog").get_by_role("button", name="Close here").click()
            await expect(page.get_by_text("Operator", exact=True)).to_be_visible()
        closed = await place.central.database.read(transactions.get, made.id)
        assert closed is not None
        assert (closed.state, closed.closed_by) == ("closed", "operator")


@pytest.mark.parametrize("number", ["1", "99", "x", "9" * 30])
async def test_what_is_not_for_the_user_is_not_there(tmp_path: Path, number: str) -> None:
    async with serving(tmp_path) as place:
        await charged(place)
        await charged(place, "T-1")
        async with visiting(place, f"/transactions/{number}", "tenant") as page:
            await expect(page.get_by_role("alert")).to_contain_text("no such charge")
            await page.goto(place.url("/transactions"))
            await expect(page.get_by_role("row")).to_have_count(2)
            await page.get_by_role("link", name="2", exact=True).click()
            await expect(page.get_by_text("12.50 kWh")).to_be_visible()
            await expect(page.get_by_role("button", name="Stop")).not_to_be_visible()
