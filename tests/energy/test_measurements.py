from __future__ import annotations

import pytest

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import ContactorTwo, Mode, State
from chargeplane.energy.status import Phases
from tests.energy.test_machine import seconds, status_of


def test_the_sum_and_the_highest_of_the_phases() -> None:
    status = regulation.measure_mains(regulation.start(Settings()), Settings(), (-50, 120, 7))
    assert (status.isum_da, status.mains_max_da, status.mains_fresh) == (77, 120, True)


@pytest.mark.parametrize(
    ("mode", "enable_c2", "battery_da", "expected"),
    [
        (Mode.SOLAR, ContactorTwo.ALWAYS_ON, 90, (70, 70, 70)),
        (Mode.SOLAR, ContactorTwo.ALWAYS_ON, -90, (130, 130, 130)),
        (Mode.SOLAR, ContactorTwo.AUTO, -50, (116, 116, 116)),
        (Mode.SOLAR, ContactorTwo.ALWAYS_OFF, 90, (10, 100, 100)),
        (Mode.SMART, ContactorTwo.ALWAYS_ON, 90, (100, 100, 100)),
        (Mode.NORMAL, ContactorTwo.ALWAYS_ON, 90, (100, 100, 100)),
    ],
)
def test_solar_leaves_the_home_battery_alone(
    mode: Mode, enable_c2: ContactorTwo, battery_da: int, expected: Phases
) -> None:
    settings = Settings(enable_c2=enable_c2)
    status = regulation.measure_battery(status_of(State.A, mode=mode), settings, battery_da)
    status = regulation.measure_mains(status, settings, (100, 100, 100))
    assert status.mains_da == expected
    assert status.mains_original_da == (100, 100, 100)


def test_what_the_battery_does_holds_for_a_minute() -> None:
    settings = Settings()
    status = regulation.measure_battery(status_of(State.A, mode=Mode.SOLAR), settings, 90)
    status = seconds(status, 59, "12", settings)
    assert regulation.measure_mains(status, settings, (0, 0, 0)).isum_da == -90
    status = seconds(status, 1, "12", settings)
    assert regulation.measure_mains(status, settings, (0, 0, 0)).isum_da == 0
