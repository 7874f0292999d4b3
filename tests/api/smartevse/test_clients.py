"""What the clients of a SmartEVSE read and write, exactly as they do it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chargeplane.api.smartevse.access import Pin
from chargeplane.api.smartevse.face import create
from chargeplane.evse.drivers.smartevse import SmartEvseConfig, SmartEvseWallbox
from chargeplane.net.device_http import DeviceHttp
from chargeplane.net.http import serve
from chargeplane.net.smartevse import SmartEvse
from tests.api.smartevse.conftest import Web
from tests.evse.worlds import World

# Home Assistant (the integration ha-SmartEVSEv3): groups in which a missing key loses the rest.
HOME_ASSISTANT = """
version serialnr mode mode_id car_connected
evse.temp evse.access evse.mode evse.solar_stop_timer evse.state evse.state_id evse.error
evse.error_id evse.loadbl
settings.charge_current settings.override_current settings.current_min settings.current_max
settings.current_main settings.current_max_circuit settings.current_max_sum_mains
settings.solar_max_import settings.solar_start_current settings.solar_stop_time
settings.enable_C2 settings.mains_meter settings.starttime
home_battery.current home_battery.last_update
ev_meter.import_active_power ev_meter.import_active_energy ev_meter.total_kwh
ev_meter.charged_kwh ev_meter.currents.TOTAL ev_meter.currents.L1 ev_meter.currents.L2
ev_meter.currents.L3
phase_currents.TOTAL phase_currents.L1 phase_currents.L2 phase_currents.L3
phase_currents.last_data_update
""".split()


def test_home_assistant_finds_what_it_reads(web: Web) -> None:
    web.world.plug_in(120)
    said = web.get()
    for path in HOME_ASSISTANT:
        found: Any = said
        for key in path.split("."):
            found = found[key]
    assert said["settings"]["override_current"] / 10 == 0.0


def home_assistant(web: Web, **query: object) -> Any:
    """A POST without a body, with Content-Length 0."""
    text = "&".join(f"{key}={value}" for key, value in query.items())
    answer = web.ask("POST", f"/settings?{text}", headers={"Content-Length": "0"})
    assert answer.status_code == 200
    return answer.json()


def test_home_assistant_writes(web: Web) -> None:
    for mode in range(5):
        home_assistant(web, mode=mode)
        assert web.get()["mode_id"] == mode
    for choice, text in enumerate(("Not present", "Always Off", "Solar Off", "Always On", "Auto")):
        home_assistant(web, enable_C2=choice)
        assert web.get()["settings"]["enable_C2"] == text
    home_assistant(web, mode=3)
    home_assistant(web, override_current=8.3 * 10)
    assert web.get()["settings"]["override_current"] == 83
    home_assistant(web, override_current=13.700000000000001 * 10)
    assert web.get()["settings"]["override_current"] == 137
    home_assistant(web, stop_timer=5.0, solar_start_current=4.0, solar_max_import=2.0)
    said = web.get()["settings"]
    assert [
        said[key] for key in ("solar_stop_time", "solar_start_current", "solar_max_import")
    ] == [
        5,
        4,
        2,
    ]


# evcc (charger type `smart-evse`): its decoder refuses a number that is none.


class Evse(msgspec.Struct):
    connected: bool
    access: int
    mode: int
    loadbl: int
    state: str
    state_id: int
    error: str
    error_id: int
    rfidreader: str
    nrofphases: int
    rfid_lastread: str = ""


class Settings(msgspec.Struct):
    charge_current: int
    override_current: int
    current_min: int
    current_max: int
    enable_C2: str  # noqa: N815 the key of the API


class Currents(msgspec.Struct):
    TOTAL: int
    L1: int
    L2: int
    L3: int


class EvMeter(msgspec.Struct):
    description: str
    address: int
    import_active_power: int
    currents: Currents
    import_active_energy: int = 0


class Evcc(msgspec.Struct):
    mode: str
    mode_id: int
    car_connected: bool
    evse: Evse
    settings: Settings
    ev_meter: EvMeter


class Charger:
    """evcc's charger, over one of our devices."""

    def __init__(self, web: Web) -> None:
        self.web = web

    def read(self) -> Evcc:
        return msgspec.json.decode(self.web.ask("GET", "/settings").content, type=Evcc)

    def post(self, query: str) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        assert self.web.ask("POST", f"/settings?{query}", headers=form).status_code == 200

    def status(self) -> str:
        found = self.read()
        if not found.car_connected:
            return "A"
        return "C" if found.evse.state_id in {2, 3, 6, 7, 10} else "B"

    def enabled(self) -> bool:
        found = self.read()
        return found.evse.state_id not in {9, 10} and found.mode_id not in {0, 4}

    def enable(self, *, on: bool) -> None:
        self.post("mode=1" if on else "mode=4")

    def phases(self, phases: int) -> None:
        self.enable(on=False)
        self.post(f"enable_C2={1 if phases == 1 else 3}")
        self.enable(on=True)


def test_evcc_charges(web: Web) -> None:
    charger = Charger(web)
    assert (charger.status(), charger.enabled()) == ("A", True)
    charger.enable(on=False)
    web.world.plug_in(5)
    assert (charger.status(), charger.enabled()) == ("B", False)
    charger.enable(on=True)
    web.world.run(20)
    assert (charger.status(), charger.enabled()) == ("C", True)
    charger.post("override_current=100")
    web.world.run(4)
    found = charger.read()
    assert found.settings.charge_current == 100
    assert pytest.approx(100, abs=1) == found.ev_meter.currents.L1  # the pilot has 1024 steps
    assert found.ev_meter.import_active_power == pytest.approx(6900, abs=70)
    assert found.ev_meter.description not in ("", "Disabled")
    charger.phases(1)
    web.world.run(60)
    found = charger.read()
    assert (found.ev_meter.currents.L1 >= 99, found.ev_meter.currents.L2) == (True, 0)
    charger.phases(3)
    web.world.run(60)
    assert charger.read().ev_meter.currents.L3 >= 99
    charger.enable(on=False)
    web.world.run(20)
    assert (charger.status(), charger.enabled()) == ("B", False)


def test_evcc_waits_for_a_card() -> None:
    web = Web(World(rfid_reader="ENABLE_ALL"))
    web.world.controller.cards.add("04A1B2C3D4E5F6")
    web.world.plug_in(5)
    found = Charger(web).read()
    assert found.evse.rfidreader != "Disabled"
    assert (found.evse.access, found.car_connected) == (0, True)
    web.world.controller.show_card("04A1B2C3D4E5F6")
    assert Charger(web).read().evse.rfid_lastread == "04A1B2C3D4E5F6"


@pytest.mark.parametrize("mode", [0, 1, 2, 3, 4])
def test_numbers_are_integers_in_every_mode(mode: int, web: Web) -> None:
    web.post(f"/settings?mode={mode}")
    web.world.plug_in(30)
    assert Charger(web).read().mode_id == mode


# Our own driver of SmartEVSEs, over a real connection


async def test_our_own_client_drives_it() -> None:
    world = World()
    world.plug_in(20)
    async with serve(create(world.device, Pin(None)), "127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}"
        wallbox = SmartEvseWallbox(SmartEvseConfig(url=url))
        status = await wallbox.status()
        assert (status.state, status.offered_a) == ("C", 16.0)
        await wallbox.offer(10.0)
        world.run(4)
        status = await wallbox.status()
        assert status.offered_a == 10.0
        assert status.currents_a == pytest.approx((10.0, 10.0, 10.0), abs=0.1)
        await wallbox.offer(0.0)
        world.run(20)
        assert (await wallbox.status()).state == "B"
        await wallbox.close()
        device = SmartEvse(DeviceHttp(url))
        assert (await device.status()).mode == "PAUSE"
        await device.close()
