"""When meters are read, and what is said of it (2.x block J; 1.6 §3.16)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from chargeplane.domain.readings import MeterValues, Reading
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.evse.ocmf import Signer
from chargeplane.station import authorization
from chargeplane.station.sampling import until_next
from tests.station.desk import VERSIONS, Place, place

TAG = Token("TAG")
V2 = ("2.0.1", "2.1")
UPDATED = "SampledDataCtrlr/TxUpdatedInterval"
ENDED = "SampledDataCtrlr/TxEndedInterval"
ALIGNED = "AlignedDataCtrlr/Interval"


async def charge(there: Place) -> TransactionStarted:
    there.hardware().plug_in()
    await authorization.swipe(there.station, TAG)
    return await there.desk.hears(TransactionStarted)


def contexts(readings: tuple[Reading, ...]) -> list[str]:
    return [reading.samples[0].context for reading in readings]


def measurands(readings: tuple[Reading, ...]) -> set[str]:
    return {each.measurand for reading in readings for each in reading.samples}


def clock(event: TransactionUpdated) -> bool:
    return event.trigger_reason == "MeterValueClock"


def periodic(event: TransactionUpdated) -> bool:
    return event.trigger_reason == "MeterValuePeriodic"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_J_01_CS_aligned_without_a_transaction(version: str) -> None:
    values = {ALIGNED: "1", "AlignedDataCtrlr/Measurands": "Voltage"}
    async with place(version, evses=2, values=values, hurry=20) as there:
        await there.desk.hears(MeterValues, count=4)
        said = there.desk.all(MeterValues)
        assert {each.evse_id for each in said} == {1, 2}
        assert measurands(said[0].readings) == {"Voltage"}
        assert contexts(said[0].readings) == ["Sample.Clock"]


@pytest.mark.parametrize("version", V2)
async def test_TC_J_02_CS_aligned_with_a_transaction(version: str) -> None:
    async with place(version, values={ALIGNED: "1", UPDATED: "0"}, hurry=20) as there:
        await charge(there)
        said = await there.desk.hears(TransactionUpdated, clock)
        assert contexts(said.readings) == ["Sample.Clock"]
        assert not there.desk.all(MeterValues) or there.desk.all(MeterValues)[0].evse_id == 1


async def test_TC_J_03_CS_aligned_for_the_end() -> None:
    values = {"AlignedDataCtrlr/TxEndedInterval": "1", UPDATED: "0"}
    async with place("2.0.1", values=values, hurry=20) as there:
        await charge(there)
        await there.until(lambda: len(there.evse().transaction.readings) >= 2)  # type: ignore[union-attr]
        await authorization.swipe(there.station, TAG)
        ended = await there.desk.hears(TransactionEnded)
        assert contexts(ended.readings)[:2] == ["Sample.Clock"] * 2
        assert contexts(ended.readings)[-1] == "Transaction.End"


async def test_TC_J_06_CS_aligned_while_idle_only() -> None:
    values = {ALIGNED: "1", UPDATED: "0", "AlignedDataCtrlr/SendDuringIdle": "true"}
    async with place("2.0.1", evses=2, values=values, hurry=20) as there:
        await charge(there)
        there.desk.forget()
        await asyncio.sleep(0.2)
        assert not there.desk.all(MeterValues)
        assert not [each for each in there.desk.all(TransactionUpdated) if clock(each)]


@pytest.mark.parametrize("version", V2)
async def test_TC_J_07_CS_TC_J_08_CS_values_of_the_start(version: str) -> None:
    values = {"SampledDataCtrlr/TxStartedMeasurands": "Energy.Active.Import.Register,Voltage"}
    async with place(version, values=values) as there:
        began = await charge(there)
        assert contexts(began.readings) == ["Transaction.Begin"]
        assert measurands(began.readings) == {"Energy.Active.Import.Register", "Voltage"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_J_09_CS_values_meanwhile(version: str) -> None:
    values = {UPDATED: "1", "SampledDataCtrlr/TxUpdatedMeasurands": "Current.Import,SoC"}
    async with place(version, values=values, hurry=20) as there:
        await charge(there)
        said = await there.desk.hears(TransactionUpdated, lambda each: bool(each.readings), 2)
        assert contexts(said.readings) == ["Sample.Periodic"]
        assert measurands(said.readings) == {"Current.Import", "SoC"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_J_10_CS_values_of_the_end(version: str) -> None:
    values = {
        ENDED: "1",
        UPDATED: "0",
        "SampledDataCtrlr/TxEndedMeasurands": "Energy.Active.Import.Register,SoC",
    }
    async with place(version, values=values, hurry=20) as there:
        await charge(there)
        await there.until(lambda: there.evse().transaction.readings)  # type: ignore[union-attr]
        await authorization.swipe(there.station, TAG)
        ended = await there.desk.hears(TransactionEnded)
        assert contexts(ended.readings)[0] == "Sample.Periodic"
        assert contexts(ended.readings)[-1] == "Transaction.End"
        assert "SoC" in measurands(ended.readings)


@pytest.mark.parametrize("version", V2)
@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("Never", (False, False)),
        ("OncePerTransaction", (True, False)),
        ("EveryMeterValue", (True, True)),
    ],
)
async def test_TC_J_04_CS_TC_J_11_CS_signed_values(
    version: str, keys: str, shown: tuple[bool, bool]
) -> None:
    values = {
        "SampledDataCtrlr/SignReadings": "true",
        "OCPPCommCtrlr/PublicKeyWithSignedMeterValue": keys,
    }
    async with place(version, values=values) as there:
        there.evse().signer = Signer("METER")
        began = await charge(there)
        await authorization.swipe(there.station, TAG)
        ended = await there.desk.hears(TransactionEnded)
        signed = [each.readings[-1].samples[0].signed for each in (began, ended)]
        assert all(each and each.encoding_method == "OCMF" for each in signed)
        assert tuple(bool(each and each.public_key) for each in signed) == shown


async def test_an_interval_that_changes_counts_at_once() -> None:
    async with place("2.0.1", values={UPDATED: "3600"}, hurry=20) as there:
        await charge(there)
        there.station.model.put(UPDATED, "1")
        await there.desk.hears(TransactionUpdated, periodic)
        there.station.model.put(UPDATED, "0")
        there.desk.forget()
        await asyncio.sleep(0.2)
        assert not [each for each in there.desk.all(TransactionUpdated) if periodic(each)]


@pytest.mark.parametrize(
    ("now", "interval", "left"),
    [
        ("12:00:00", 900, 900),
        ("12:07:30", 900, 450),
        ("23:59:59", 900, 1),
        ("00:00:01", 86400, 86399),
        ("23:50:00", 7000, 600),
    ],
)
def test_aligned_moments_count_from_midnight(now: str, interval: int, left: float) -> None:
    moment: Any = datetime.fromisoformat(f"2026-01-01T{now}+00:00")
    assert until_next(moment, interval) == left
