from __future__ import annotations

from datetime import UTC, datetime
from math import inf, nan
from typing import Any

import pytest

from chargeplane.domain.readings import Reading, Sample
from chargeplane.storage.measured import Measured, measure, milli

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POWER, CURRENT, VOLTAGE = "Power.Active.Import", "Current.Import", "Voltage"

CASES: dict[str, tuple[list[Sample], dict[str, Any]]] = {
    "nothing": ([], {}),
    "energy": ([Sample(1.5)], {"import_mwh": 1500}),
    "export": ([Sample(2.0, "Energy.Active.Export.Register")], {"export_mwh": 2000}),
    "the last total": ([Sample(1.0), Sample(2.0)], {"import_mwh": 2000}),
    "phases are added": (
        [Sample(1.0, phase="L1"), Sample(2.0, phase="L2-N")],
        {"import_mwh": 3000},
    ),
    "a total beats phases": ([Sample(9.0), Sample(1.0, phase="L1")], {"import_mwh": 9000}),
    "outlet first": ([Sample(9.0), Sample(1.0, location="Inlet")], {"import_mwh": 9000}),
    "else elsewhere": ([Sample(1.0, location="Inlet")], {"import_mwh": 1000}),
    "power": ([Sample(7000.0, POWER, "W")], {"power_w": 7000.0}),
    "to the grid": ([Sample(5.0, "Power.Active.Export", "W")], {"power_w": -5.0}),
    "currents": (
        [Sample(v, CURRENT, "A", phase=p) for v, p in ((1.0, "L1"), (2.0, "L2"), (3.0, "L3"))],
        {"current_l1_a": 1.0, "current_l2_a": 2.0, "current_l3_a": 3.0},
    ),
    "one current": ([Sample(6.0, CURRENT, "A")], {"current_l1_a": 6.0}),
    "voltages": (
        [Sample(230.0, VOLTAGE, "V", phase="L1-N"), Sample(400.0, VOLTAGE, "V", phase="L1-L2")],
        {"voltage_l1_v": 230.0},
    ),
    "charge": ([Sample(55.0, "SoC", "Percent", location="EV")], {"soc_percent": 55.0}),
    "no numbers": ([Sample(None), Sample(nan), Sample(inf, POWER)], {}),
    "more than a register holds": ([Sample(1e300)], {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_measure(case: str) -> None:
    samples, columns = CASES[case]
    context = "Sample.Periodic" if samples else None
    assert measure(Reading(NOW, tuple(samples))) == Measured(NOW, context, **columns)


def test_the_largest_current() -> None:
    assert Measured(NOW).current_a is None
    assert Measured(NOW, current_l1_a=1.0, current_l3_a=2.0).current_a == 2.0


def test_milli_rounds() -> None:
    assert milli(0.0016) == 2
    assert milli(None) is None
    assert milli(-1.0) == -1000
