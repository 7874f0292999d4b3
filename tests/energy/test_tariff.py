"""Bills: the examples of 2.1 part 2 §I 1.2 and 1.3, and the rules of I12."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargeplane.domain.tariffs import Price, Tariff, TaxRate
from chargeplane.energy.tariff import (
    Bill,
    Party,
    Usage,
    advance,
    change,
    open_bill,
    taxed,
    total,
)
from chargeplane.energy.tariff_details import details, problem
from chargeplane.ocpp.v2 import wire

START = datetime(2023, 4, 5, 14, tzinfo=UTC)  # a Wednesday
HOUR = 3600


def utc(_at: datetime) -> timedelta:
    return timedelta(0)


def tariff(**members: Any) -> Tariff:
    """A tariff as a message says it."""
    said = {"tariffId": "T", "currency": "EUR"} | members
    read = msgspec.convert(said, wire.Tariff)
    return msgspec.convert(read, Tariff, from_attributes=True)


def at(
    seconds: float, wh: float, *, charging: bool = True, watts: float = 0, start: datetime = START
) -> Usage:
    return Usage(
        at=start + timedelta(seconds=seconds),
        energy_wh=Decimal(str(wh)),
        is_charging=charging,
        power_w=Decimal(str(watts)),
        current_a=Decimal(str(watts)) / 230,
    )


def bill_of(of: Tariff, *looks: Usage, party: Party | None = None, offset: Any = utc) -> Bill:
    bill = open_bill(of, party or Party(began=looks[0].at), looks[0], offset)
    for look in looks[1:]:
        advance(bill, look, offset)
    return bill


def final(bill: Bill) -> Any:
    said = details(bill, is_final=True)
    read = msgspec.convert(msgspec.json.decode(msgspec.json.encode(said)), wire.CostDetails)
    assert read.total_cost.currency == "EUR"
    return said


FEDERAL = [{"type": "federal", "tax": 6.0}, {"type": "state", "tax": 4.0}]
KWH = {"taxRates": FEDERAL, "prices": [{"priceKwh": 0.25}]}


def test_a_simple_price_of_a_kwh() -> None:
    said = final(bill_of(tariff(energy=KWH), at(0, 0), at(HOUR, 10_000)))
    assert said["chargingPeriods"] == [
        {
            "tariffId": "T",
            "startPeriod": START,
            "dimensions": [{"type": "Energy", "volume": 10000.0}],
        }
    ]
    cost = said["totalCost"]
    assert cost["energy"] == {"exclTax": 2.5, "inclTax": 2.75, "taxRates": FEDERAL}
    assert cost["total"] == {"exclTax": 2.5, "inclTax": 2.75}
    assert cost["typeOfCost"] == "NormalCost"
    assert said["totalUsage"] == {"energy": 10000.0, "chargingTime": HOUR, "idleTime": 0}


OFFICE = {"startTimeOfDay": "08:00", "endTimeOfDay": "18:00"}
BY_DAY = {
    "energy": {"prices": [{"priceKwh": 0.4, "conditions": OFFICE}, {"priceKwh": 0.25}]},
    "idleTime": {"prices": [{"priceMinute": 1, "conditions": OFFICE}]},
}


def test_a_price_that_changes_with_the_time_of_day() -> None:
    late = datetime(2023, 4, 5, 17, 30, tzinfo=UTC)
    looks = (at(0, 0, start=late), at(HOUR, 8000, start=late))
    said = final(bill_of(tariff(**BY_DAY), *looks))
    assert [(p["startPeriod"], p["dimensions"][0]["volume"]) for p in said["chargingPeriods"]] == [
        (late, 4000.0),
        (late + timedelta(minutes=30), 4000.0),
    ]
    assert said["totalCost"]["energy"]["exclTax"] == 4 * 0.4 + 4 * 0.25


def test_times_of_day_are_local_and_clocks_may_be_set_back() -> None:
    """2023-10-29: in central Europe it is 02:00 to 03:00 twice (I12.FR.37)."""
    back = datetime(2023, 10, 29, 1, tzinfo=UTC)

    def berlin(moment: datetime) -> timedelta:
        return timedelta(hours=2 if moment < back else 1)

    night = {"startTimeOfDay": "02:30", "endTimeOfDay": "03:00"}
    prices = [{"priceMinute": 1, "conditions": night}]
    start = datetime(2023, 10, 28, 23, tzinfo=UTC)
    looks = (at(0, 0, start=start), at(5 * HOUR, 0, start=start))
    bill = bill_of(tariff(chargingTime={"prices": prices}), *looks, offset=berlin)
    assert total(bill).excl_tax == 60  # half an hour, twice
    starts = [f"{each.start:%H:%M}" for each in bill.periods]
    assert starts == ["23:00", "00:30", "01:00", "01:30", "02:00"]


HOURLY = {
    "fixedFee": {
        "taxRates": [{"type": "vat", "tax": 10}],
        "prices": [
            {"priceFixed": 3.0, "conditions": {"paymentRecognition": "CC"}},
            {"priceFixed": 2.5},
        ],
    },
    "chargingTime": {
        "taxRates": [{"type": "vat", "tax": 20}],
        "prices": [
            {"priceMinute": 1.0, "conditions": {"maxPower": 11000}},
            {"priceMinute": 2.0},
        ],
    },
    "idleTime": {
        "prices": [
            {
                "priceMinute": 1.0,
                "conditions": {
                    "startTimeOfDay": "09:00",
                    "endTimeOfDay": "18:00",
                    "minIdleTime": 300,
                    "dayOfWeek": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
                },
            },
            {
                "priceMinute": 0.6,
                "conditions": {
                    "startTimeOfDay": "10:00",
                    "endTimeOfDay": "17:00",
                    "dayOfWeek": ["Saturday"],
                },
            },
        ]
    },
}


def test_a_price_that_depends_on_power_with_a_fee_and_idle_time() -> None:
    looks = (
        at(0, 0, watts=10500),
        at(HOUR, 10500, watts=22000),
        at(HOUR + 1800, 21500, charging=False),
        at(HOUR + 1800 + 600, 21500, charging=False),
    )
    said = final(bill_of(tariff(**HOURLY), *looks))
    cost = said["totalCost"]
    assert cost["fixed"]["exclTax"] == 2.5
    assert cost["fixed"]["inclTax"] == 2.75
    assert cost["chargingTime"]["exclTax"] == 60 + 60
    assert cost["chargingTime"]["inclTax"] == 144
    assert cost["idleTime"] == {"exclTax": 5.0}  # 10 minutes, of which 5 are free
    assert cost["total"] == {"exclTax": 127.5, "inclTax": 151.75}
    powers = [
        {each["type"]: each["volume"] for each in period["dimensions"]}
        for period in said["chargingPeriods"]
    ]
    assert [(each["MinPower"], each["MaxPower"]) for each in powers][:2] == [
        (10500.0, 10500.0),
        (22000.0, 22000.0),
    ]
    assert said["totalUsage"] == {"energy": 21500.0, "chargingTime": 5400, "idleTime": 600}


@pytest.mark.parametrize(("recognition", "fee"), [("CC", 3.0), ("Debit", 2.5), (None, 2.5)])
def test_a_fee_by_how_it_is_paid(recognition: str | None, fee: float) -> None:
    party = Party(began=START, payment_recognition=recognition)
    said = final(bill_of(tariff(**HOURLY), at(0, 0), party=party))
    assert said["totalCost"]["fixed"]["exclTax"] == fee


@pytest.mark.parametrize(
    ("day", "cost"),
    [
        (datetime(2023, 4, 7, 12, tzinfo=UTC), 55),  # Friday: all but the first five minutes
        (datetime(2023, 4, 8, 12, tzinfo=UTC), 36),  # Saturday
        (datetime(2023, 4, 8, 16, 30, tzinfo=UTC), 18),  # until 17:00
        (datetime(2023, 4, 9, 12, tzinfo=UTC), 0),  # Sunday
        (datetime(2023, 4, 7, 17, 50, tzinfo=UTC), 5),  # from 17:55 to 18:00
    ],
)
def test_idle_time_by_the_day_of_the_week(day: datetime, cost: int) -> None:
    looks = (at(0, 0, charging=False, start=day), at(HOUR, 0, charging=False, start=day))
    bill = bill_of(tariff(idleTime=HOURLY["idleTime"]), *looks)
    assert total(bill).excl_tax == cost


def test_every_idle_period_has_its_own_grace() -> None:
    idle = {"prices": [{"priceMinute": 1, "conditions": {"minIdleTime": 300}}]}
    looks = (
        at(0, 0, charging=False),
        at(400, 0),  # 100 s beyond the grace
        at(500, 0, charging=False),
        at(700, 0),
    )
    bill = bill_of(tariff(idleTime=idle), *looks)
    assert total(bill).excl_tax == Decimal(100) / 60


@pytest.mark.parametrize(
    ("conditions", "cost"),
    [
        ({"minEnergy": 4000, "maxEnergy": 9000}, 5),
        ({"minTime": 900}, 7.5),
        ({"maxTime": 900}, 2.5),
        ({"minChargingTime": 900, "maxChargingTime": 1800}, 2.5),
        ({"validFromDate": "2023-04-05"}, 10),
        ({"validFromDate": "2023-04-06"}, 0),
        ({"validToDate": "2023-04-05"}, 0),
        ({"validToDate": "2023-04-06"}, 10),
        ({"evseKind": "AC"}, 10),
        ({"evseKind": "DC"}, 0),
        ({"startTimeOfDay": "22:00", "endTimeOfDay": "14:15"}, 2.5),
        ({"startTimeOfDay": "14:45"}, 2.5),
        ({"startTimeOfDay": "14:45", "endTimeOfDay": "00:00"}, 2.5),
        ({"minPower": 5000}, 10),
        ({"maxPower": 5000}, 0),
        ({"minCurrent": 40, "maxCurrent": 50}, 10),
        ({"maxCurrent": 40}, 0),
        ({"minPower": -1, "maxPower": -50000}, 0),
    ],
)
def test_conditions_of_energy(conditions: dict[str, Any], cost: float) -> None:
    """10 kWh in an hour from 14:00 on, a Wednesday, at 10 kW, for 1 a kWh where it applies."""
    prices = [{"priceKwh": 1, "conditions": conditions}]
    looks = (at(0, 0, watts=10000), at(HOUR, 10000, watts=10000))
    bill = bill_of(tariff(energy={"prices": prices}), *looks)
    assert total(bill).excl_tax == Decimal(str(cost))
    assert sum(each.energy_wh for each in bill.periods) == 10000


def test_energy_that_flows_back_is_paid_for() -> None:
    prices = [
        {"priceKwh": 0.5, "conditions": {"minPower": -1, "maxPower": -50000}},
        {"priceKwh": 0.3},
    ]
    looks = (at(0, 0, watts=5000), at(HOUR, 5000, watts=-5000), at(2 * HOUR, 3000))
    bill = bill_of(tariff(energy={"prices": prices}), *looks)
    assert total(bill).excl_tax == Decimal("0.5")  # 5 kWh at 0.3, 2 kWh back at 0.5


def test_a_reservation_is_paid_once() -> None:
    """I12.FR.06 to FR.08."""
    of = tariff(
        energy=KWH,
        reservationTime={"prices": [{"priceMinute": 0.1}]},
        reservationFixed={"prices": [{"priceFixed": 2}], "taxRates": FEDERAL},
    )
    party = Party(began=START, reserved_s=1200)
    said = final(bill_of(of, at(0, 0), at(60, 0), party=party))
    assert said["totalCost"]["reservationTime"] == {"exclTax": 2.0}
    assert said["totalCost"]["reservationFixed"]["inclTax"] == 2.2
    assert said["totalUsage"]["reservationTime"] == 1200
    without = final(bill_of(of, at(0, 0)))
    assert "reservationTime" not in without["totalCost"]
    assert "reservationTime" not in without["totalUsage"]


def test_taxes_stack() -> None:
    """I12.FR.13."""
    rates = (
        TaxRate(type="energy", tax=Decimal(10)),
        TaxRate(type="city", tax=Decimal(5), stack=0),
        TaxRate(type="vat", tax=Decimal(20), stack=1),
    )
    price = taxed(Decimal(100), rates)
    assert price == Price(excl_tax=Decimal(100), incl_tax=Decimal(138), tax_rates=rates)
    assert taxed(Decimal(100), None) == Price(excl_tax=Decimal(100))


def test_the_least_that_a_charge_costs() -> None:
    """I12.FR.38."""
    of = tariff(energy=KWH, minCost={"exclTax": 3.0, "inclTax": 3.3})
    bill = bill_of(of, at(0, 0), at(HOUR, 10_000))
    cost = final(bill)["totalCost"]
    assert cost == {
        "currency": "EUR",
        "typeOfCost": "MinCost",
        "fixed": {"exclTax": 3.0, "inclTax": 3.3},
        "total": {"exclTax": 3.0, "inclTax": 3.3},
    }
    running = details(bill, is_final=False)
    assert running["totalCost"]["typeOfCost"] == "NormalCost"
    assert "chargingPeriods" not in running
    advance(bill, at(2 * HOUR, 20_000), utc)
    assert final(bill)["totalCost"]["typeOfCost"] == "NormalCost"


@pytest.mark.parametrize("most", [{"exclTax": 4.0}, {"inclTax": 4.4}])
def test_the_most_that_a_charge_costs(most: dict[str, float]) -> None:
    """I12.FR.39, FR.40: costs stop exactly there, usage is counted on."""
    bill = bill_of(tariff(energy=KWH, maxCost=most), at(0, 0), at(HOUR, 10_000))
    assert total(bill).excl_tax == Decimal("2.5")
    for hour in (2, 3):
        advance(bill, at(hour * HOUR, hour * 10_000), utc)
    said = final(bill)
    assert said["totalCost"]["typeOfCost"] == "MaxCost"
    assert said["totalCost"]["total"] == {"exclTax": 4.0, "inclTax": 4.4}
    assert said["totalUsage"]["energy"] == 30_000


def test_a_tariff_that_changes() -> None:
    """I11.FR.08: nothing is counted anew, and a fee is due once."""
    first = tariff(energy=KWH, fixedFee={"prices": [{"priceFixed": 1}]})
    second = tariff(
        tariffId="U",
        energy={"prices": [{"priceKwh": 1}]},
        fixedFee={"prices": [{"priceFixed": 7}]},
    )
    bill = bill_of(first, at(0, 0), at(HOUR, 4000))
    change(bill, second, at(2 * HOUR, 8000), utc)
    advance(bill, at(3 * HOUR, 10_000), utc)
    said = final(bill)
    assert [each["tariffId"] for each in said["chargingPeriods"]] == ["T", "U"]
    assert said["totalCost"]["energy"] == {"exclTax": 4.0, "inclTax": 4.2}
    assert said["totalCost"]["fixed"] == {"exclTax": 1.0}
    assert said["totalCost"]["total"]["exclTax"] == 5.0


def test_a_bill_survives_being_kept() -> None:
    bill = bill_of(tariff(**HOURLY), at(0, 0, watts=9000), at(HOUR, 9000, watts=23000))
    kept = msgspec.json.decode(msgspec.json.encode(bill), type=Bill)
    assert kept == bill
    for each in (bill, kept):
        advance(each, at(2 * HOUR, 20_000), utc)
    assert details(kept, is_final=True) == details(bill, is_final=True)


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"energy": KWH}, None),
        (HOURLY, None),
        ({}, "no price"),
        ({"energy": KWH, "currency": "EU"}, "currency"),
        ({"energy": {"prices": [{"priceKwh": 1, "conditions": {"maxTime": 5}}]}}, None),
        ({"energy": {"prices": [{"priceKwh": 1, "conditions": {"endTimeOfDay": "24:00"}}]}}, "24"),
        ({"energy": {"prices": [{"priceKwh": 1, "conditions": {"startTimeOfDay": "8:00"}}]}}, "8"),
        ({"energy": {"prices": [{"priceKwh": 1, "conditions": {"validToDate": "soon"}}]}}, "soon"),
        (
            {"idleTime": {"prices": [{"priceMinute": 1, "conditions": {"validFromDate": "1"}}]}},
            "date",
        ),
        (
            {
                "chargingTime": {
                    "prices": [{"priceMinute": 1, "conditions": {"minTime": 9, "maxTime": 5}}]
                }
            },
            "min_time",
        ),
        (
            {"fixedFee": {"prices": [{"priceFixed": 1, "conditions": {"endTimeOfDay": ""}}]}},
            "time of day",
        ),
    ],
)
def test_tariffs_that_make_no_sense(members: dict[str, Any], wrong: str | None) -> None:
    """I07.FR.05."""
    found = problem(tariff(**members))
    if wrong is None:
        assert found is None
    else:
        assert found is not None
        assert wrong in found


# However often the meter is looked at, the bill is the same.

conditions = st.fixed_dictionaries(
    {},
    optional={
        "startTimeOfDay": st.sampled_from(["00:00", "14:02", "14:05", "22:00"]),
        "endTimeOfDay": st.sampled_from(["00:00", "14:03", "14:10"]),
        "dayOfWeek": st.sampled_from([["Wednesday"], ["Thursday"]]),
        "minTime": st.integers(0, 600),
        "maxTime": st.integers(0, 600),
        "minChargingTime": st.integers(0, 300),
        "maxIdleTime": st.integers(0, 300),
        "minIdleTime": st.integers(0, 200),
        "minEnergy": st.integers(0, 1500),
        "maxEnergy": st.integers(0, 1500),
    },
).map(lambda found: {"conditions": found} if found else {})
cents = st.integers(0, 500).map(lambda number: number / 100)
tariffs = st.builds(
    lambda energy, charging, idle: tariff(
        energy={"prices": energy},
        chargingTime={"prices": charging},
        idleTime={"prices": idle},
    ),
    st.lists(st.builds(lambda p, c: {"priceKwh": p, **c}, cents, conditions), min_size=1),
    st.lists(st.builds(lambda p, c: {"priceMinute": p, **c}, cents, conditions), min_size=1),
    st.lists(st.builds(lambda p, c: {"priceMinute": p, **c}, cents, conditions), min_size=1),
)
legs = st.lists(
    st.tuples(st.integers(1, 240), st.booleans(), st.sampled_from([0, 2, 3])),
    min_size=1,
    max_size=6,
)
"""Seconds, whether charging, and Wh a second."""


def looks_of(legs_: list[tuple[int, bool, int]], *, every: int | None) -> list[Usage]:
    found, seconds, wh = [at(0, 0, charging=legs_[0][1])], 0, 0
    for number, (length, charging, rate) in enumerate(legs_):
        flow = rate if charging else 0
        upcoming = legs_[min(number + 1, len(legs_) - 1)][1]
        steps = range(every or length, length, every or length)
        found += [at(seconds + step, wh + flow * step, charging=charging) for step in steps]
        seconds, wh = seconds + length, wh + flow * length
        found.append(at(seconds, wh, charging=upcoming))
    return found


@settings(max_examples=30, deadline=None)
@given(tariffs, legs)
def test_few_looks_count_as_much_as_many(of: Tariff, legs_: list[tuple[int, bool, int]]) -> None:
    few = bill_of(of, *looks_of(legs_, every=None))
    many = bill_of(of, *looks_of(legs_, every=11))
    some = bill_of(of, *looks_of(legs_, every=31))
    assert few.charging_s + few.idle_s == sum(length for length, _, _ in legs_)
    assert sum(each.energy_wh for each in few.periods) == few.last.energy_wh
    for other in (many, some):
        assert (few.charging_s, few.idle_s) == (other.charging_s, other.idle_s)
        assert total(few).excl_tax == pytest.approx(total(other).excl_tax, abs=Decimal("1e-5"))
        assert [each.prices for each in few.periods] == [each.prices for each in other.periods]


@settings(max_examples=30, deadline=None)
@given(tariffs, legs, st.integers(1, 400))
def test_the_maximum_is_never_passed(
    of: Tariff, legs_: list[tuple[int, bool, int]], most: int
) -> None:
    limit = Decimal(most) / 100
    capped = msgspec.structs.replace(of, max_cost=Price(excl_tax=limit))
    free, bill = (bill_of(each, *looks_of(legs_, every=None)) for each in (of, capped))
    reached = total(free).excl_tax or Decimal(0)
    assert total(bill).excl_tax == pytest.approx(min(limit, reached), abs=Decimal("1e-12"))
    assert bill.is_full == (reached >= limit)
