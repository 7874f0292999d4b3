from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest

from chargeplane.config import Evse
from chargeplane.errors import ConfigurationError
from chargeplane.evse.fitting import Fitted, fit
from chargeplane.evse.meters import HomeWizardMeter, ModbusMeter
from chargeplane.evse.pace import StepClock
from chargeplane.evse.registers import DataType
from tests.evse.worlds import NOON
from tests.net.lines import hub

GATEWAY = {"host": "127.0.0.1", "port": 1502}


async def fitted(**settings: Any) -> Fitted:
    async with AsyncExitStack() as stack:
        return await fit(Evse(**settings), StepClock(NOON), stack)


async def test_a_virtual_device_has_a_car_a_house_and_a_sun() -> None:
    made = await fitted(house={"pv_w": 3000.0, "cloudiness": 0.0, "battery": {"most_w": 500.0}})
    assert made.virtual is not None
    assert set(made.meters) == {"mains", "ev", "solar"}
    assert {each.name for each in made.described.values()} == {"Virtual"}
    sun = await made.meters["solar"].read()
    assert sun.power_w is not None
    assert 500 < sun.power_w < 3000
    assert made.virtual.house.battery is not None
    assert made.reader is made.board.rfid


async def test_configured_meters_count_more_than_those_of_the_hardware() -> None:
    made = await fitted(
        modbus=GATEWAY,
        mains_meter={"type": "API"},
        ev_meter={"type": 4, "unit": 12},
        circuit_meter={"type": "HmWzrd P1", "host": "p1"},
        solar_meter={"type": "Disabled"},
    )
    assert made.described["mains"].pushed is made.meters["mains"]
    assert isinstance(made.meters["ev"], ModbusMeter)
    assert (made.described["ev"].name, made.described["ev"].unit) == ("Eastron3P", 12)
    assert isinstance(made.meters["circuit"], HomeWizardMeter)
    assert made.described["circuit"].host == "p1"
    assert "solar" not in made.meters


async def test_a_meter_by_its_registers() -> None:
    custom = {"currents": [0x10, 2], "data_type": "UINT16", "function": 3}
    made = await fitted(modbus=GATEWAY, ev_meter={"type": "Custom", "custom": custom})
    meter = made.meters["ev"]
    assert isinstance(meter, ModbusMeter)
    assert meter.type.data_type is DataType.UINT16
    assert meter.type.currents == (0x10, 2, None)


async def test_a_wallbox_is_its_own_meter() -> None:
    made = await fitted(hardware="wallbox", modbus=GATEWAY, wallbox={"map": "alfen-eve"})
    assert made.described["ev"].name == "Wallbox"
    assert made.board.contactor_2 is not None  # this one can switch phases
    assert len(made.jobs) == 3
    plain = await fitted(hardware="wallbox", modbus=GATEWAY, wallbox={"map": "abb-terra-ac"})
    assert plain.board.contactor_2 is None


async def test_a_smartevse_is_driven_by_its_address() -> None:
    made = await fitted(hardware="smartevse", smartevse={"url": "http://127.0.0.1:1"})
    assert made.described["ev"].name == "Smartevse"


async def test_a_serial_line_and_a_card_reader() -> None:
    with hub() as (line, reader):
        made = await fitted(modbus={"port": line}, card_reader=reader)
        assert made.bus is not None
        assert made.reader is not made.board.rfid


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"modbus": {"hostname": "x"}}, r"evse\.modbus: unknown setting hostname"),
        ({"modbus": {"host": "x", "port": "y"}}, r"evse\.modbus: Expected `int`"),
        ({"mains_meter": {"type": "Nonsense"}}, r"evse\.mains_meter\.type: there is no 'Nonsense'"),
        ({"ev_meter": {"type": "ABB"}}, r"evse\.ev_meter\.type: ABB needs a Modbus line"),
        ({"ev_meter": {"type": 13}}, r"evse\.ev_meter\.host: HmWzrd P1 needs one"),
        ({"ev_meter": {"custom": {"data_type": "X"}}}, r"evse\.ev_meter\.custom: 'X'"),
        ({"ev_meter": {"custom": {"currents": 1}}}, r"evse\.ev_meter\.custom: Expected"),
        ({"house": {"pool_w": 1}}, r"evse\.house: unknown setting pool_w"),
        ({"house": {"battery": {"x": 1}}}, r"evse\.house\.battery: unknown setting x"),
        ({"hardware": "wallbox"}, r"evse\.wallbox: it needs evse\.modbus"),
        ({"hardware": "wallbox", "modbus": GATEWAY}, r"evse\.wallbox: .*map"),
        ({"hardware": "gpio", "gpio": {"pilot_adc": 1}}, r"evse\.gpio: "),
        ({"card_reader": "/dev/nothing"}, r"rfid\.port"),
    ],
)
async def test_what_cannot_be_opened_is_told(settings: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        await fitted(**settings)
