from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from fastapi import FastAPI
from msgspec import Meta
from nicegui import app as pages
from nicegui import ui
from playwright.async_api import Page, expect

from chargeplane.api.native import examples
from chargeplane.csms.operations import OPERATIONS
from chargeplane.net import http
from chargeplane.web import host
from chargeplane.web.csms.fields import words
from chargeplane.web.csms.forms import Form, read_error
from chargeplane.web.texts import Texts
from tests.web.browser import browsing

BERLIN = Texts("en", ZoneInfo("Europe/Berlin"))
PATH = "/form-for-tests"


class Inner(msgspec.Struct, frozen=True):
    """A part."""

    name: Annotated[str, Meta(max_length=10, pattern="^[a-z]+$")]
    weight: float | None = None


class Outer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a form can have."""

    count: Annotated[int, Meta(ge=1, le=9)]
    kind: Literal["Round", "Square"]
    parts: Annotated[list[Inner], Meta(min_length=1)]
    is_open: bool
    at: datetime | None = None
    extra: Inner | None = None
    data: dict[str, Any] | None = None


@asynccontextmanager
async def shown(initial: Any = None) -> AsyncIterator[tuple[Page, asyncio.Queue[Outer | None]]]:
    """A page with a form and a button; what it gives is in the queue."""
    given: asyncio.Queue[Outer | None] = asyncio.Queue()

    @ui.page(PATH)
    def page() -> None:
        form = Form(BERLIN, Outer, initial=initial, known={"count": [3, 4]})
        ui.button("Give", on_click=lambda: given.put_nowait(form.value()))
        state = ui.label()
        ui.timer(0.01, lambda: state.set_text("Connected"), once=True)

    application = FastAPI()
    try:
        async with (
            host.shown_by(application, object()),
            http.serve(application, "127.0.0.1", 0) as port,
            browsing() as opened,
        ):
            await opened.goto(f"http://127.0.0.1:{port}{host.PATH}{PATH}")
            await expect(opened.get_by_text("Connected")).to_be_visible()
            yield opened, given
    finally:
        pages.remove_route(PATH)


async def test_what_is_entered_is_given() -> None:
    async with shown() as (page, given):
        await page.get_by_label("Count *").fill("4")
        await page.get_by_label("Kind *").click()
        await page.get_by_role("option", name="Square").click()
        await page.get_by_label("Name *").fill("lid")
        await page.get_by_label("Weight").fill("1.5")
        await page.get_by_role("button", name="Add to Parts").click()
        await page.get_by_label("Name *").nth(1).fill("box")
        await page.get_by_role("checkbox", name="Is open").click()
        await page.get_by_label("At", exact=True).fill("2026-07-01T08:30")
        await page.get_by_label("Data (JSON)").fill('{"a": 1}')
        await page.get_by_role("button", name="Give").click()
        assert await given.get() == Outer(
            count=4,
            kind="Square",
            parts=[Inner("lid", 1.5), Inner("box")],
            is_open=True,
            at=datetime(2026, 7, 1, 6, 30, tzinfo=UTC),
            data={"a": 1},
        )


async def test_what_is_wrong_is_told_at_its_field() -> None:
    async with shown() as (page, given):
        give = page.get_by_role("button", name="Give")
        await give.click()
        assert await given.get() is None
        await expect(page.get_by_text("Look at the marked fields.")).to_be_visible()
        await expect(page.get_by_text("This is needed.")).to_have_count(3)
        await page.get_by_label("Count *").fill("10")
        await page.get_by_label("Kind *").click()
        await page.get_by_role("option", name="Round").click()
        await page.get_by_label("Name *").fill("LID")
        await give.click()
        assert await given.get() is None
        await expect(page.get_by_text("Expected int <= 9")).to_be_visible()
        await page.get_by_label("Count *").fill("9")
        await give.click()
        assert await given.get() is None
        await expect(page.get_by_text("Expected str matching regex")).to_be_visible()
        await page.get_by_label("Name *").fill("lid")
        await page.get_by_label("Data (JSON)").fill("[1]")
        await give.click()
        assert await given.get() is None
        await expect(page.get_by_text("This is not a JSON object.")).to_be_visible()
        await page.get_by_label("Data (JSON)").fill("")
        await give.click()
        assert await given.get() == Outer(
            count=9, kind="Round", parts=[Inner("lid")], is_open=False
        )


async def test_a_value_is_shown_and_changed() -> None:
    value = Outer(
        count=2,
        kind="Round",
        parts=[Inner("a"), Inner("b")],
        is_open=True,
        extra=Inner("c"),
        at=datetime(2026, 7, 1, 6, 30, 15, tzinfo=UTC),
    )
    async with shown(value) as (page, given):
        names = page.get_by_label("Name *")
        await expect(names).to_have_count(3)
        await page.get_by_role("button", name="Remove").first.click()
        await expect(names).to_have_count(2)
        await page.get_by_role("checkbox", name="Extra").click()
        await expect(names.nth(1)).to_be_hidden()
        await page.get_by_role("button", name="Give").click()
        changed = msgspec.structs.replace(value, parts=[Inner("b")], extra=None)
        assert await given.get() == changed


async def test_every_operation_has_a_form_that_gives_what_it_shows() -> None:
    seen: dict[str, Any] = {}

    @ui.page(PATH)
    def page() -> None:
        for name, entry in OPERATIONS.items():
            form: Form[Any] = Form(BERLIN, entry.request, initial=examples.REQUESTS[name])
            seen[name] = form.value()

    application = FastAPI()
    try:
        async with (
            host.shown_by(application, object()),
            http.serve(application, "127.0.0.1", 0) as port,
            browsing() as opened,
        ):
            await opened.goto(f"http://127.0.0.1:{port}{host.PATH}{PATH}")
    finally:
        pages.remove_route(PATH)
    assert seen == {name: examples.REQUESTS[name] for name in OPERATIONS}


@pytest.mark.parametrize(
    ("error", "reason", "path"),
    [
        ("Expected `int`, got `str` - at `$.a[1].b`", "Expected int, got str", ("a", 1, "b")),
        ("Object missing required field `a`", "Object missing required field a", ()),
    ],
)
def test_the_place_of_an_error_is_found(error: str, reason: str, path: tuple[Any, ...]) -> None:
    assert read_error(error) == (reason, path)


def test_names_are_written_for_people() -> None:
    said = ("evse_id", "set_der_control", "price_kwh", "limit_l2", "custom_data")
    assert [words(each) for each in said] == [
        "EVSE ID",
        "Set DER control",
        "Price kWh",
        "Limit L2",
        "Custom data",
    ]
