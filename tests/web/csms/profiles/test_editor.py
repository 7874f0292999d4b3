from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from chargeplane.csms import profile_templates as templates
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
)
from chargeplane.storage.repositories import charging_profiles, profile_templates
from chargeplane.web.csms.fields import Wrong
from chargeplane.web.csms.profiles.periods import read_clock, write_clock
from tests.web.csms.site import assert_good, connected, serving, visiting

PROFILE = ChargingProfile(
    id=1,
    stack_level=2,
    charging_profile_purpose="TxDefaultProfile",
    charging_profile_kind="Recurring",
    recurrency_kind="Daily",
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    charging_schedule=(
        ChargingSchedule(
            charging_rate_unit="A",
            start_schedule=datetime(2026, 3, 1, tzinfo=UTC),
            duration=86_400,
            charging_schedule_period=(
                ChargingSchedulePeriod(start_period=0, limit=16.0, number_phases=3),
                ChargingSchedulePeriod(start_period=21_600, limit=6.0, number_phases=1),
            ),
        ),
    ),
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0:00", 0), ("7:30", 27_000), ("30:00", 108_000), ("1:02:03", 3_723)]
)
def test_times_after_the_start_are_read_and_written(text: str, seconds: int) -> None:
    assert read_clock(text) == seconds
    assert write_clock(seconds) == text


@pytest.mark.parametrize("text", ["", "7", "7:60", "-1:00", "a:b"])
def test_what_is_no_time_is_wrong(text: str) -> None:
    with pytest.raises(Wrong):
        read_clock(text)


async def test_a_profile_is_made(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/profiles", "operator") as page:
        await page.get_by_role("button", name="New profile").click()
        await page.get_by_role("button", name="Add a period").click()
        await expect(page.get_by_label("From", exact=True)).to_have_count(2)  # it is connected
        await page.get_by_label("Name", exact=True).fill("Night")
        await page.get_by_label("Start", exact=True).fill("2026-03-01T00:00")
        await page.get_by_label("From", exact=True).nth(1).fill("6:30")
        await page.get_by_label("Limit", exact=True).nth(1).fill("-3")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("A limit is not below 0.")).to_be_visible()
        await page.get_by_label("Limit", exact=True).nth(1).fill("8")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("button", name="Send to stations")).to_be_visible()
        await assert_good(page, "profile")
        kept = await place.central.database.read(profile_templates.get, 1)
        assert kept is not None
        assert kept.name == "Night"
        (schedule,) = kept.profile.charging_schedule
        periods = schedule.charging_schedule_period
        assert [(each.start_period, each.limit) for each in periods] == [(0, 16), (23_400, 8)]


async def test_a_profile_is_sent_and_deleted(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, connected(place, "CP1"):
        central = place.central
        await central.commit(lambda unit: templates.keep(unit, "Night", PROFILE))
        async with visiting(place, "/profiles/1", "operator") as page:
            await page.get_by_role("button", name="Send to stations").click()
            await page.get_by_role("combobox", name="Stations").fill("CP1")
            await page.get_by_role("option", name="CP1").click()
            await page.keyboard.press("Escape")
            await page.get_by_role("button", name="Send", exact=True).click()
            await expect(page.get_by_role("dialog").get_by_text("Accepted").first).to_be_visible()
            (held,) = await central.database.read(charging_profiles.of_station, "CP1")
            assert held.profile == PROFILE
            await page.get_by_role("button", name="Close").click()
            await page.get_by_role("button", name="Delete").click()
            await expect(page.get_by_text("Nothing here.")).to_be_visible()
            assert await central.database.read(profile_templates.get, 1) is None


async def test_profiles_are_listed(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, visiting(place, "/profiles/new", "operator") as page:
        await page.get_by_role("button", name="Add a period").click()
        await expect(page.get_by_label("From", exact=True)).to_have_count(2)  # it is connected
        await page.get_by_label("Name", exact=True).fill("Day")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("button", name="Send to stations").wait_for()
        await page.goto(place.url("/profiles"))
        await expect(page.get_by_role("row").filter(has_text="Day")).to_contain_text("Recurring")
        await assert_good(page, "profiles")
        await page.goto(place.url("/profiles/77"))
        await expect(page.get_by_text("There is no such charging profile.")).to_be_visible()


async def test_rare_fields_are_changed_and_kept(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        central = place.central
        await central.commit(lambda unit: templates.keep(unit, "Night", PROFILE))
        async with visiting(place, "/profiles/1", "operator") as page:
            await page.get_by_role("button", name="All fields").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_text("More fields (9)").last.click()
            await dialog.get_by_label("Max offline duration").fill("600")
            await dialog.get_by_label("Valid from", exact=True).fill("")
            await dialog.get_by_label("Start period *").nth(1).fill("25200")
            await dialog.get_by_role("button", name="Use").click()
            await expect(page.get_by_label("From", exact=True).nth(1)).to_have_value("7:00")
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_text("The charging profile is saved.")).to_be_visible()
        kept = await central.database.read(profile_templates.get, 1)
        assert kept is not None
        schedule = PROFILE.charging_schedule[0]
        first, second = schedule.charging_schedule_period
        periods = (first, replace(second, start_period=25_200))
        assert kept.profile == replace(
            PROFILE,
            valid_from=None,
            max_offline_duration=600,
            charging_schedule=(replace(schedule, charging_schedule_period=periods),),
        )


async def test_a_profile_without_a_schedule_gets_one(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        bare = replace(PROFILE, charging_schedule=())
        await place.central.commit(lambda unit: templates.keep(unit, None, bare))
        async with visiting(place, "/profiles/1", "viewer") as page:
            await expect(page.get_by_label("Limit", exact=True)).to_have_value("16")
            await expect(page.get_by_role("button", name="Save")).to_have_count(0)
