"""What the pages answer, beside what a browser shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chargeplane.config import Payments
from tests.web.pay.town import PRICES, Town, town

NOBODY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
async def found(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def test_pages_are_private(found: Town) -> None:
    async with found.client("") as browser:
        page = await browser.get("/pay/CP1/1")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    "path",
    [
        "/pay/CP2/1",
        "/pay/CP1/2",
        "/pay/CP1/0",
        "/pay/CP1/x",
        "/pay/CP1",
        "/pay/",
        "/pay/%00/1",
        "/pay/%27%3Cscript%3E/1",
        f"/pay/r/{NOBODY}",
        "/pay/r/none",
        f"/pay/r/{NOBODY}/state",
    ],
)
async def test_what_is_not_there(found: Town, path: str) -> None:
    async with found.client("") as browser:
        page = await browser.get(path)
    assert page.status_code == 404
    assert "<script>" not in page.text


@pytest.mark.parametrize("what", ["stop", "cancel", "resume"])
async def test_nothing_can_be_done_to_what_is_not_there(found: Town, what: str) -> None:
    async with found.client("") as browser:
        gone = await browser.post(f"/pay/r/{NOBODY}/{what}")
        assert gone.status_code == 303
        assert (await browser.get(gone.headers["location"])).status_code == 404


async def test_nobody_pays_by_saying_so(found: Town) -> None:
    async with found.client("") as browser:
        opened = await browser.post("/pay/CP1/1")
        assert opened.headers["location"].startswith(found.stand_in.url)
        record = await found.newest()
        for claimed in (record.checkout_id, "cs_test_other"):
            gone = await browser.get(f"/pay/r/{record.id}?paid={claimed}&lang=de")
            assert gone.headers["location"] == f"/pay/r/{record.id}?lang=de"
        assert (await found.newest()).state == "Pending"
        told = (await browser.get(f"/pay/r/{record.id}/state")).json()
    assert told == {"step": "pay", "values": {}}


async def test_a_connector_in_use_is_told(found: Town) -> None:
    async with found.client("") as browser:
        await browser.post("/pay/CP1/1")
        again = await browser.post("/pay/CP1/1", headers={"Accept-Language": "de"})
        seen = await browser.get("/pay/CP1/1?lang=de")
    for page in (again, seen):
        assert page.status_code == 200
        assert "Der Anschluss ist belegt" in page.text
        assert " disabled" in page.text


async def test_without_prices_it_is_free(tmp_path: Path) -> None:
    async with town(tmp_path, payments=Payments()) as found, found.client("") as browser:
        page = await browser.get("/pay/CP1/1")
        assert "costs nothing" in page.text
        found.hardware.plug_in()
        started = await browser.post("/pay/CP1/1")
    assert "The charger was told to start" in started.text
    assert found.stand_in.books.sessions == {}


async def test_a_station_may_be_free(found: Town) -> None:
    async with found.client() as client:
        changed = await client.patch("/v1/stations/CP1", json={"free_vend": True})
        assert changed.status_code == 200
        page = await client.get("/pay/CP1/1")
        assert "costs nothing" in page.text
        found.hardware.plug_in()
        assert "was told to start" in (await client.post("/pay/CP1/1")).text
    assert found.stand_in.books.sessions == {}


async def test_whoever_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    few = Payments(**PRICES, page_requests_per_minute=2)
    async with town(tmp_path, payments=few) as found, found.client("") as browser:
        codes = [(await browser.get("/pay/CP1/1")).status_code for _ in range(3)]
        refused = await browser.get("/pay/CP1/1")
    assert codes == [200, 200, 429]
    assert refused.headers["retry-after"] == "60"


async def test_connectors_cannot_be_kept_from_others_without_end(found: Town) -> None:
    async with found.client("") as browser:
        codes = [(await browser.post("/pay/CP1/1")).status_code for _ in range(11)]
    assert codes == [303, *[200] * 9, 429]
