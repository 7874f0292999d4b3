"""Payment by a code on the display: C25 of 2.1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, web_payments
from tests.station.desk import Place, place

TAG = Token("TAG")
SECRET = "secure!Charging!"
AT = datetime(2024, 5, 23, 0, 23, 5, tzinfo=UTC)
SETTINGS = {
    "Enabled": "true",
    "URLTemplate": "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}",
    "SharedSecret": SECRET,
}


@asynccontextmanager
async def paying(
    displays: int = 1, version: str = "2.1", **settings: str
) -> AsyncIterator[tuple[Place, VirtualDisplay]]:
    screen = VirtualDisplay()
    async with place(version, evses=2, displays={0: screen} if displays else {}) as there:
        for name, value in (SETTINGS | settings).items():
            if displays:
                there.station.model.put(f"WebPaymentsCtrlr/{name}", value)
        yield there, screen


# The reference vectors of those who proposed the algorithm.
@pytest.mark.parametrize(
    ("validity_s", "length", "password"),
    [
        (30, 12, "CN63y502maVh"),
        (30, 23, "CN63y502maVhAsv27Sd7JlE"),
        (60, 12, "XJZr0L1DGKn0"),
    ],
)
def test_one_time_passwords(validity_s: int, length: int, password: str) -> None:
    assert web_payments.one_time_password(SECRET, AT, validity_s, length) == password
    later = AT.replace(second=29)
    assert web_payments.one_time_password(SECRET, later, validity_s, length) == password


async def test_a_code_for_each_evse() -> None:
    """C25.FR.01, FR.50 to FR.52."""
    async with paying() as (there, screen):
        await there.until(lambda: len(screen.lines) == 2)
        for number, line in enumerate(screen.lines, start=1):
            *_, name, evse, password, version = line.split("/")
            assert (name, evse, version) == ("CS-1", str(number), "v1")
            assert len(password) == 8
        assert {each.format for each in screen.texts} == {"QRCODE"}


async def test_a_code_that_is_somebody_else_s() -> None:
    """C25.FR.53."""
    async with paying(URLTemplate="https://x/{roamingevseid}?t={totp}&v={version}") as (
        there,
        screen,
    ):
        there.station.model.put("WebPaymentsCtrlr@1/RoamingEvseId", "DE*ICE*E1*1")
        await there.until(lambda: "DE*ICE*E1*1" in "".join(screen.lines))


async def test_a_code_is_made_anew_in_time() -> None:
    async with paying() as (there, screen):
        await there.until(lambda: screen.lines)
        assert there.station.has_alarm("web payments")
        before = list(screen.lines)
        there.station.clock_offset += timedelta(seconds=30)
        web_payments.refresh(there.station)
        assert set(screen.lines).isdisjoint(before)


@pytest.mark.parametrize(
    "settings", [{"Enabled": "false"}, {"URLTemplate": ""}, {"SharedSecret": ""}]
)
async def test_what_is_not_set_up_is_not_shown(settings: dict[str, Any]) -> None:
    async with paying(**settings) as (there, screen):
        assert screen.lines == []
        assert not there.station.has_alarm("web payments")


async def test_where_nobody_can_pay_no_code_is_shown() -> None:
    async with paying() as (there, screen):
        await there.until(lambda: len(screen.lines) == 2)
        await authorization.swipe(there.station, TAG, (1,))
        await there.until(lambda: len(screen.lines) == 1)
        await there.without_central()
        await there.until(lambda: screen.lines == [])
        await there.reconnected()
        await there.until(lambda: len(screen.lines) == 1)


async def test_limits_that_the_driver_wants() -> None:
    """C25.FR.03 to FR.06, FR.56 to FR.58."""
    async with paying() as (there, screen):
        wanted = TransactionLimit(max_energy=20_000, max_cost=12.5, max_time=3600)
        web_payments.want(there.station, there.evse(1), wanted)
        assert screen.lines[0].endswith("/v1?maxtime=3600&maxenergy=20000&maxcost=12.5")
        there.hardware(1).plug_in()
        token = Token("PSP1", "DirectPayment")
        start = RequestStartTransaction(id_token=token, evse_id=1, remote_start_id=1)
        await there.desk.ask(start)
        told = await there.desk.hears(
            TransactionUpdated, lambda each: each.trigger_reason == "LimitSet"
        )
        assert told.transaction_limit == wanted


async def started(there: Place, evse_id: int = 1, seconds: int = 60) -> None:
    asked = wire.NotifyWebPaymentStarted(evse_id=evse_id, timeout=seconds)
    assert await there.desk.ask(asked) == wire.NotifyWebPaymentStartedResponse()


async def test_while_somebody_pays_nobody_else_begins() -> None:
    """C25.FR.22, FR.27."""
    async with paying() as (there, screen):
        await started(there)
        assert screen.lines[0] == "Payment in progress"
        await authorization.swipe(there.station, TAG, (1,))
        assert there.evse(1).authorization is None
        await authorization.swipe(there.station, TAG, (2,))
        assert there.evse(2).authorization is not None
        there.hardware(1).plug_in()
        token = Token("PSP1", "DirectPayment")
        start = RequestStartTransaction(id_token=token, evse_id=1, remote_start_id=1)
        assert (await there.desk.ask(start)).status == "Accepted"
        assert (await there.desk.hears(TransactionStarted)).id_token == token


@pytest.mark.parametrize("ends", ["in time", "by the central system"])
async def test_a_payment_that_comes_to_nothing(ends: str, monkeypatch: Any) -> None:
    async with paying() as (there, screen):
        await there.until(lambda: len(screen.lines) == 2)
        codes = list(screen.lines)
        if ends == "in time":
            alarm = there.station.alarm
            monkeypatch.setattr(
                there.station,
                "alarm",
                lambda name, seconds, work: alarm(
                    name, 0.05 if name.startswith("payment") else seconds, work
                ),
            )
        await started(there, evse_id=0)
        assert screen.lines == ["Payment in progress"] * 2
        if ends == "by the central system":
            await started(there, evse_id=0, seconds=0)
        await there.until(lambda: [each[:20] for each in screen.lines] == [codes[0][:20]] * 2)
        await authorization.swipe(there.station, TAG, (1,))
        assert there.evse(1).authorization is not None


async def test_without_a_display_there_are_no_codes() -> None:
    async with paying(displays=0) as (there, _):
        assert not there.station.model.has("WebPaymentsCtrlr/Enabled")
        await started(there)
        await authorization.swipe(there.station, TAG, (1,))
        assert there.evse(1).authorization is None


async def test_a_secret_is_not_told() -> None:
    async with paying() as (there, _):
        named = {
            "component": {"name": "WebPaymentsCtrlr"},
            "variable": {"name": "SharedSecret"},
        }
        raw = await there.desk.call("GetVariables", {"getVariableData": [named]})
        (result,) = raw["getVariableResult"]
        assert result["attributeStatus"] == "Rejected"
        assert "attributeValue" not in result


async def test_vat_numbers() -> None:
    """C18.FR.08."""
    async with paying() as (there, _):
        answer = wire.VatNumberValidationResponse(vat_number="DE1", status="Accepted")
        there.desk.answers[wire.VatNumberValidation] = answer
        found = await web_payments.validate_vat_number(there.station, "DE1", 1)
        assert found == answer
        assert (await there.desk.hears(wire.VatNumberValidation)).evse_id == 1
