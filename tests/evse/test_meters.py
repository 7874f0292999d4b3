from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chargeplane.errors import (
    AnswerTimeout,
    ConfigurationError,
    DeviceError,
    DeviceRefused,
    NoMeasurement,
    NotConnected,
)
from chargeplane.evse import meter_types
from chargeplane.evse.meter_types import METERS, Register
from chargeplane.evse.meters import (
    HomeWizardMeter,
    Meter,
    MeterConfig,
    ModbusMeter,
    PushedMeter,
    open_meter,
)
from chargeplane.evse.readings import Push
from chargeplane.evse.registers import DataType, Endianness
from chargeplane.net.device_http import DeviceHttp
from chargeplane.net.http import serve as serve_http
from chargeplane.net.modbus import Line, ModbusBus, Serial, Tcp, serve
from tests.evse.meter_images import CASES, SENSORBOX_P1, Case, floats, low_first, shorts
from tests.net.images import RegisterImage
from tests.net.lines import hub

HOST = "127.0.0.1"
UNIT = 10


def at_7() -> float:
    return 7.0


def opened(config: MeterConfig, bus: ModbusBus | None = None) -> Meter:
    meter = open_meter(config, bus, clock=at_7)
    assert meter is not None
    return meter


def by_name(case: Case) -> str:
    return case.name


@pytest.fixture(params=["tcp", "serial"])
async def lines(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Line, Line | None]]:
    """Where a server may listen, and where it is asked if that is known before."""
    if request.param == "tcp":
        yield Tcp(host=HOST, port=0), None
        return
    with hub() as (ours, theirs):
        yield Serial(port=theirs), Serial(port=ours)


@pytest.mark.parametrize("case", CASES, ids=by_name)
async def test_a_meter_is_read(case: Case, lines: tuple[Line, Line | None]) -> None:
    server_line, client_line = lines
    registers = RegisterImage(case.image, function=case.function)
    async with serve(server_line, {UNIT: registers}) as port:
        bus = ModbusBus(client_line or Tcp(host=HOST, port=port))
        meter = opened(MeterConfig(type=case.name, unit=UNIT), bus)
        quick = await meter.read(full=False)
        asked = [(address, count) for _, address, count in registers.asked]
        registers.asked.clear()
        reading = await meter.read()
        await bus.close()
    assert asked == case.quick
    assert (quick.currents_da, quick.power_w) == (case.currents_da, case.power_w)
    assert quick.import_wh is quick.export_wh is quick.energy_at is None
    assert (reading.currents_da, reading.power_w) == (case.currents_da, case.power_w)
    assert (reading.import_wh, reading.export_wh) == (case.import_wh, case.export_wh)
    assert reading.voltages_v == case.voltages_v
    assert reading.at == 7.0
    assert reading.energy_at == (None if case.import_wh is None else 7.0)
    assert len(registers.asked) == case.requests


def test_every_type_has_a_case() -> None:
    modbus = {row.name for row in METERS if row.source in ("modbus", "sensorbox")}
    assert modbus - {"Custom"} == {case.name for case in CASES}
    assert [row.id for row in METERS] == list(range(20))


@pytest.mark.parametrize("row", METERS, ids=lambda row: row.name)
def test_a_type_is_found_by_number_and_by_name(row: meter_types.MeterType) -> None:
    assert meter_types.find(row.id) is meter_types.find(row.name.upper()) is row


async def read_image(image: dict[int, int], **config: Any) -> Any:
    registers = RegisterImage(image)
    async with serve(Tcp(host=HOST, port=0), {UNIT: registers}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        try:
            return await opened(MeterConfig(unit=UNIT, **config), bus).read()
        finally:
            await bus.close()


async def test_a_custom_meter_has_the_registers_of_its_user() -> None:
    custom = meter_types.custom(
        endianness=Endianness.HIGH_BYTE_LOW_WORD,
        data_type=DataType.INT32,
        function=3,
        currents=Register(500, 2),
        power=Register(600),
        import_energy=Register(700, 3),
    )
    image = low_first(500, 1602, -699, 70) | low_first(600, -2150) | low_first(700, 1234)
    reading = await read_image(image, type="Custom", custom=custom)
    assert (reading.currents_da, reading.power_w) == ((160, -69, 7), -2150)
    assert (reading.import_wh, reading.export_wh, reading.voltages_v) == (1234, None, None)


async def test_a_custom_meter_of_single_registers_with_the_low_byte_first() -> None:
    custom = meter_types.custom(
        endianness=Endianness.LOW_BYTE_LOW_WORD,
        data_type=DataType.INT16,
        currents=Register(5, 1),
    )
    image = {5: 0xA000, 6: 0xFFFF, 7: 0x0000}
    reading = await read_image(image, type=19, custom=custom)
    assert (reading.currents_da, reading.power_w) == ((160, -1, 0), None)


@pytest.mark.parametrize(("times", "expected"), [(1, (105, -3, 0)), (2, (210, -6, 1))])
async def test_a_sensorbox_with_clamps(times: int, expected: tuple[int, int, int]) -> None:
    image = dict(enumerate([0x0116, 0x3203, *[0] * 12])) | floats(14, 10.5, -0.34, 0.09)
    reading = await read_image(image, type="Sensorbox", double_clamps=times > 1)
    assert (reading.currents_da, reading.voltages_v) == (expected, None)


async def test_clamps_are_not_doubled_where_the_p1_port_measures() -> None:
    image = dict(enumerate(SENSORBOX_P1))
    reading = await read_image(image, type="Sensorbox", double_clamps=True)
    assert reading.currents_da == (1, 12, -1)


async def test_a_sensorbox_that_measures_nothing_is_no_measurement() -> None:
    image = dict(enumerate(SENSORBOX_P1)) | {1: 0x3200}
    with pytest.raises(NoMeasurement, match="measures nothing"):
        await read_image(image, type="Sensorbox")


@pytest.mark.parametrize("first", [float("nan"), float("inf"), 1e38, 5000.0])
async def test_what_no_meter_measures_is_no_measurement(first: float) -> None:
    image = floats(0x00, *[230.0] * 3) | floats(0x06, first, 1, 1) | floats(0x0C, 0, 0, 0)
    with pytest.raises(NoMeasurement):
        await read_image(image | floats(0x48, 0, 0), type="Eastron3P")


async def test_a_meter_that_is_not_there() -> None:
    async with serve(Tcp(host=HOST, port=0), {UNIT: RegisterImage({})}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        with pytest.raises(DeviceRefused):
            await opened(MeterConfig(type="ABB"), bus).read()
        await bus.close()
    with hub() as (ours, _):
        silent = ModbusBus(Serial(port=ours), timeout_s=0.05)
        with pytest.raises(AnswerTimeout):
            await opened(MeterConfig(type="ABB"), silent).read()
        await silent.close()


async def test_several_meters_share_a_line() -> None:
    eastron, sinotimer = (next(c for c in CASES if c.name == n) for n in ("Eastron3P", "Sinotimer"))
    units = {11: RegisterImage(eastron.image), 12: RegisterImage(sinotimer.image)}
    with hub() as (ours, theirs):
        async with serve(Serial(port=theirs), units):
            bus = ModbusBus(Serial(port=ours))
            meters = [
                opened(MeterConfig(type="Eastron3P", unit=11), bus),
                opened(MeterConfig(type="Sinotimer", unit=12), bus),
            ]
            readings = await asyncio.gather(*(meter.read() for meter in meters * 3))
            await bus.close()
    assert [each.import_wh for each in readings] == [1_234_567, 1_234_560] * 3


# HomeWizard

P1 = {
    "wifi_strength": 86,
    "total_power_import_kwh": 7412.085,
    "total_power_export_kwh": 6551.330,
    "active_power_w": -2725.0,
    "active_power_l1_w": -2725.0,
    "active_voltage_l1_v": 238.4,
    "active_current_l1_a": -11.43,
}
KWH = {
    "total_power_import_kwh": 2940.101,
    "active_power_w": 7100.278,
    "active_power_l1_w": 0.0,
    "active_power_l2_w": 3547.015,
    "active_power_l3_w": 3553.263,
    "active_current_l1_a": 0.0,
    "active_current_l2_a": 15.521,
    "active_current_l3_a": -15.477,
}


async def homewizard(answer: bytes, status: int = 200) -> Any:
    async def application(scope: Any, _receive: Any, send: Any) -> None:
        assert (scope["method"], scope["path"]) == ("GET", "/api/v1/data")
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body", "body": answer})

    async with (
        serve_http(application, HOST, 0) as port,
        DeviceHttp(f"{HOST}:{port}") as http,
    ):
        return await HomeWizardMeter(http=http, clock=at_7).read()


def as_json(data: Any) -> bytes:
    return json.dumps(data).encode()


async def test_a_homewizard_p1_meter_of_one_phase() -> None:
    reading = await homewizard(as_json(P1))
    assert (reading.currents_da, reading.power_w) == ((-114, 0, 0), -2725)
    assert (reading.import_wh, reading.export_wh, reading.energy_at) == (7_412_085, 6_551_330, 7.0)
    assert (reading.voltages_v, reading.at) == ((238.4,), 7.0)


async def test_a_homewizard_meter_takes_the_sign_from_the_power() -> None:
    reading = await homewizard(as_json(KWH))
    assert (reading.currents_da, reading.power_w) == ((0, 155, 154), 7100)
    assert (reading.import_wh, reading.export_wh) == (2_940_101, None)
    assert reading.powers_w == (0, 3547, 3553)


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (as_json({"wifi_strength": 86}), 200, NoMeasurement),
        (as_json(P1 | {"active_current_l1_a": "much"}), 200, NoMeasurement),
        (as_json(P1 | {"active_power_l1_w": float("inf")}), 200, DeviceError),
        (as_json([1]), 200, DeviceError),
        (b"<html>", 200, DeviceError),
        (as_json({"error": "api is off"}), 403, DeviceRefused),
    ],
)
async def test_what_a_homewizard_meter_does_wrong(
    answer: bytes, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await homewizard(answer, status)


async def test_a_homewizard_meter_that_is_not_there() -> None:
    async with DeviceHttp("127.0.0.1:1") as http:
        with pytest.raises(NotConnected):
            await HomeWizardMeter(http=http).read()


# Pushed, and configured


async def test_what_is_pushed_is_read_with_its_age() -> None:
    now = [100.0]
    meter = PushedMeter(lambda: now[0])
    assert (await meter.read()).age_s(now[0]) == float("inf")
    meter.push(Push(import_wh=5000, export_wh=100, power_w=1400))
    reading = await meter.read()
    assert (reading.age_s(now[0]), reading.energy_at, reading.power_w) == (float("inf"), 100, 1400)
    now[0] += 5
    meter.push(Push(currents_da=(60, 0, -3)))
    now[0] += 2
    reading = await meter.read()
    assert (reading.age_s(now[0]), reading.energy_at) == (2, 100)
    assert (reading.currents_da, reading.import_wh, reading.power_w) == ((60, 0, -3), 5000, 1400)
    assert (reading.sum_da, reading.highest_da) == (57, 60)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (MeterConfig(type="Sundial"), "Sundial"),
        (MeterConfig(type=20), "20"),
        (MeterConfig(type="ABB"), "Modbus line"),
        (MeterConfig(type="HmWzrd P1"), "host"),
    ],
)
def test_a_meter_that_cannot_be(config: MeterConfig, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        open_meter(config)


async def test_what_a_configuration_opens() -> None:
    assert open_meter(MeterConfig()) is None
    assert isinstance(open_meter(MeterConfig(type="API")), PushedMeter)
    found = open_meter(MeterConfig(type=13, host="p1.local"))
    assert isinstance(found, HomeWizardMeter)
    await found.http.close()
    bus = ModbusBus(Tcp(host=HOST))
    assert isinstance(open_meter(MeterConfig(type=6), bus), ModbusMeter)


async def test_single_precision_decides_where_a_tenth_begins() -> None:
    image = floats(0x00, 0, 0, 0) | floats(0x06, 0.7, 16.1, 0.29) | floats(0x0C, 0, 0, 0)
    reading = await read_image(image | floats(0x48, 0, 0), type="Eastron3P")
    assert reading.currents_da == (7, 161, 2)


async def test_phases_that_sunspec_says_are_absent() -> None:
    (case,) = (case for case in CASES if case.name == "SolarEdge")
    image = case.image | shorts(40191, 5, -0x8000, -0x8000, -0x8000)
    assert (await read_image(image, type="SolarEdge")).currents_da == (50, 0, 0)
    with pytest.raises(NoMeasurement, match="scale"):
        await read_image(image | shorts(40194, 11), type="SolarEdge")
