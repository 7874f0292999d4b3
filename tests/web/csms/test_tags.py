from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from chargeplane.csms import token_files
from chargeplane.domain.tokens import Token
from chargeplane.storage.paging import Window
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens, transactions
from tests.storage.repositories.test_tokens import record
from tests.web.browser import PATIENCE_MS
from tests.web.csms.site import TAG, Place, assert_good, connected, serving, visiting
from tests.web.csms.test_transactions import plug_in

STRANGER = "DEADBEEF"


async def known(place: Place, key: str) -> TokenRecord | None:
    return await place.central.database.read(tokens.get, key.lower())


async def keep(place: Place, *records: TokenRecord) -> None:
    await place.central.database.write(tokens.save, records)


async def test_a_tag_is_made_changed_and_deleted(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/tags") as page:
        await assert_good(page, "tags")
        await page.get_by_role("button", name="New tag").click()
        await page.get_by_label("Tag", exact=True).fill("Abc123")
        await page.get_by_label("Name", exact=True).fill("Anna")
        await page.get_by_label("Group", exact=True).last.fill("Family")
        await page.get_by_label("Valid until").fill("2099-07-01T12:00")
        await page.get_by_label("Stations").fill("CP1 CP2")
        await page.get_by_role("button", name="Add", exact=True).click()
        await page.get_by_role("link", name="Abc123").click()
        made = await known(place, "abc123")
        assert made is not None
        assert (made.name, made.group_key, made.stations) == ("Anna", "family", ("CP1", "CP2"))
        assert made.expires_at is not None
        assert made.expires_at.isoformat() == "2099-07-01T10:00:00+00:00"  # a summer in Berlin
        await expect(page.get_by_label("Name", exact=True)).to_have_value("Anna")
        await assert_good(page, "tag")
        await page.get_by_label("Comment").fill("blue card")
        await page.get_by_role("checkbox", name="Blocked").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
        changed = await known(place, "abc123")
        assert changed is not None
        assert (changed.comment, changed.blocked) == ("blue card", True)
        assert (changed.expires_at, changed.created_at) == (made.expires_at, made.created_at)


async def test_a_tag_is_deleted(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, f"/tags/{TAG}") as page:
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page).to_have_url(place.url("/tags"))
        assert await known(place, TAG) is None


@pytest.mark.parametrize(
    ("entered", "problem"),
    [(TAG.lower(), "is known already"), ("", "id_token"), ("x" * 256, "id_token")],
)
async def test_a_tag_that_cannot_be_is_told(tmp_path: Path, entered: str, problem: str) -> None:
    async with serving(tmp_path) as place, visiting(place, "/tags") as page:
        await page.get_by_role("button", name="New tag").click()
        await page.get_by_label("Tag", exact=True).fill(entered)
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_role("alert").filter(has_text=problem)).to_be_visible()
        await expect(page.get_by_role("button", name="Add", exact=True)).to_be_visible()


async def test_tags_are_found_and_changed_together(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        await keep(place, *(record(f"T{n:03}", name=f"Name {n}") for n in range(60)))
        async with visiting(place, "/tags?sort=key") as page:
            await expect(page.get_by_role("link", name="T023")).to_be_visible()
            await expect(page.get_by_role("link", name="T030")).not_to_be_visible()
            await page.get_by_label("Search").fill("name 5")
            await expect(page.get_by_role("link", name="T059")).to_be_visible()
            await expect(page.get_by_role("link", name="T023")).not_to_be_visible()
            assert "search=name+5" in page.url
            await page.get_by_role("checkbox").first.click()
            await page.get_by_role("button", name="Block", exact=True).click()
            await expect(page.get_by_text("Blocked")).to_have_count(11)
            found = await known(place, "t055")
            assert found is not None
            assert found.blocked
            await page.get_by_role("button", name="Group").click()
            await page.get_by_role("dialog").get_by_label("Group").fill("Fleet")
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_role("cell", name="Fleet")).to_have_count(11)
            found = await known(place, "t050")
            assert found is not None
            assert (found.group_id, found.group_key) == ("Fleet", "fleet")


async def test_tags_come_from_files_and_go_into_them(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    async with serving(tmp_path) as place, visiting(place, "/tags") as page:
        for text, told in (
            ("id_token,colour\nA,red\n", "unknown column colour"),
            ("id_token;name\nNEW1;=Anna\nNEW2;Bob\n", "Saved."),
        ):
            file.write_text(text)
            await page.get_by_role("button", name="Read a file").click()
            await page.locator("input[type=file]").set_input_files(file)
            await expect(
                page.locator(".q-uploader__file-status, .q-uploader__file--uploaded").first
            ).to_be_visible()
            await page.get_by_role("button", name="Read", exact=True).click()
            await expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
            if told != "Saved.":
                await page.get_by_role("button", name="Cancel").click()
        await expect(page.get_by_role("link", name="NEW2")).to_be_visible()
        async with page.expect_download() as started:
            await page.get_by_role("button", name="Write a file").click()
        written = (await (await started.value).path()).read_bytes()
        rows = {row.id_token: row for row in token_files.read(written)}
        assert set(rows) == {TAG, "NEW1", "NEW2"}
        assert rows["NEW1"].name == "=Anna"


async def test_unknown_tags_are_adopted_or_forgotten(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        database = place.central.database
        for tag in (STRANGER, "OTHER"):
            await database.write(tokens.note_unknown, Token(tag), "CP1", place.central.now())
        async with visiting(place, "/unknown-tags") as page:
            await assert_good(page, "unknown-tags")
            await page.get_by_role("row", name="OTHER").get_by_role("checkbox").click()
            await page.get_by_role("button", name="Forget").click()
            await expect(page.get_by_role("row", name="OTHER")).not_to_be_visible()
            await page.get_by_role("row", name=STRANGER).get_by_role("checkbox").click()
            await page.get_by_role("button", name="Adopt").click()
            await expect(page.get_by_label("Tag", exact=True)).to_have_value(STRANGER)
            await page.get_by_role("button", name="Add", exact=True).click()
            await expect(page.get_by_role("row", name=STRANGER)).not_to_be_visible()
        assert await known(place, STRANGER) is not None
        assert (await database.read(tokens.unknown, Window())).items == ()


@pytest.mark.parametrize("who", ["viewer", "operator"])
async def test_who_is_no_admin_only_looks(tmp_path: Path, who: str) -> None:
    async with serving(tmp_path) as place, visiting(place, "/tags", who) as page:
        await page.get_by_role("link", name=TAG).click()
        await expect(page.get_by_label("Name", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Save")).not_to_be_visible()


async def test_who_sees_some_stations_does_not_see_tags(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/tags", "tenant") as page:
        await expect(page.get_by_role("alert")).to_contain_text("not allowed")
        await page.goto(place.url(f"/tags/{TAG}"))
        await expect(page.get_by_role("alert")).to_contain_text("not allowed")


@pytest.mark.parametrize("tag", ["a/b c", "x%2Fy", "öß?#&"])
async def test_any_tag_has_a_page(tmp_path: Path, tag: str) -> None:
    async with serving(tmp_path) as place:
        await keep(place, record(tag, name="Odd"))
        async with visiting(place, "/tags") as page:
            await page.get_by_role("link", name=tag).click()
            await expect(page.get_by_label("Name", exact=True)).to_have_value("Odd")


async def test_a_tag_is_made_used_and_blocked(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as place,
        visiting(place, "/tags") as page,
        connected(place) as station,
    ):
        await page.get_by_role("button", name="New tag").click()
        await page.get_by_label("Tag", exact=True).fill("ANNA1")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
        await plug_in(station, "ANNA1")
        await page.get_by_role("link", name="ANNA1").click()
        await expect(page.get_by_role("cell", name="CP1")).to_be_visible(timeout=PATIENCE_MS)
        found = await place.central.database.read(transactions.open_of, "CP1")
        assert [(each.id_token, each.start_status) for each in found] == [("ANNA1", "Accepted")]
        await page.get_by_role("checkbox", name="Blocked").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
        standing = await place.central.database.read(tokens.get, "anna1")
        assert standing is not None
        assert standing.blocked
