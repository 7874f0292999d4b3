from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr

from chargeplane import app, evse_app
from chargeplane.config import (
    Csms,
    DatabaseUrl,
    Evse,
    EvseMqtt,
    Server,
    Settings,
    Storage,
)
from chargeplane.errors import ConfigurationError, DeviceRefused, NotConnected
from chargeplane.evse.car import Car
from chargeplane.evse.meter_decoding import spans
from chargeplane.evse.meter_types import find
from chargeplane.evse.settings import OcppSettings
from chargeplane.evse_app import Running
from chargeplane.net import modbus
from chargeplane.net.modbus import ModbusBus, Serial, Tcp
from tests.evse.meter_images import CASES
from tests.mqtt import listening, mosquitto
from tests.net.certificates import Authority
from tests.net.images import RegisterImage
from tests.net.lines import hub

CARD = "04A1B2C3D4E5F6"


def settings(folder: Path, **evse: Any) -> Settings:
    first = {"max_current_a": 16, **evse.pop("settings", {})}
    return Settings(
        evse=Evse(serial=4711, port=0, speed=600, data=folder, settings=first, **evse),
        evse_mqtt=EvseMqtt(prefix="here", password=SecretStr("secret")),
    )


def open_to_others(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.iterdir()) if file.stat().st_mode & 0o077]


async def until(wanted: Any, found: Running) -> None:
    """Let the virtual world go on until something is so."""
    done = asyncio.Event()

    def look(_: None) -> None:
        if wanted():
            done.set()

    stop = found.device.controller.changed.listen(look)
    await asyncio.wait_for(done.wait(), 20)
    stop()


async def test_a_device_runs_and_answers(tmp_path: Path) -> None:
    async with evse_app.running(settings(tmp_path)) as found:
        controller, virtual = found.device.controller, found.fitted.virtual
        assert virtual is not None
        virtual.board.plug_in(Car())
        await until(lambda: controller.is_charging, found)
        async with httpx.AsyncClient(base_url=found.device.url) as client:
            said = (await client.get("/settings")).json()
            assert (said["serialnr"], said["evse"]["state"]) == (4711, "Charging")
            assert said["mqtt"]["topic_prefix"] == "here"
            await client.post("/settings?mode=4")
        await until(lambda: not controller.is_charging, found)
        assert virtual.board.contactors[0].is_closed is False


async def test_what_was_set_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    async with evse_app.running(settings(tmp_path)) as found:
        found.device.controller.change(max_current_a=20)
        assert open_to_others(tmp_path) == []
    async with evse_app.running(settings(tmp_path)) as found:
        assert found.device.controller.settings.regulation.max_current_a == 20


async def test_when_it_ends_nothing_is_left_on(tmp_path: Path) -> None:
    async with evse_app.running(settings(tmp_path)) as found:
        virtual = found.fitted.virtual
        assert virtual is not None
        virtual.board.plug_in(Car())
        await until(lambda: found.device.controller.is_charging, found)
    assert [each.is_closed for each in virtual.board.contactors] == [False, False]


async def test_a_bug_in_the_regulation_switches_everything_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with evse_app.running(settings(tmp_path)) as found:
        virtual, controller = found.fitted.virtual, found.device.controller
        assert virtual is not None
        virtual.board.plug_in(Car())
        await until(lambda: controller.is_charging, found)
        with structlog.testing.capture_logs() as logs:
            monkeypatch.setattr(controller, "second", lambda: 1 / 0)
            await asyncio.wait_for(controller.reboot_wanted.wait(), 20)
            assert not virtual.board.contactors[0].is_closed
            await asyncio.sleep(0)
        assert [log["event"] for log in logs] == ["work failed"]


async def test_cards_at_the_reader_count(tmp_path: Path) -> None:
    wanted = settings(tmp_path, settings={"rfid_reader": "LEARN"})
    async with evse_app.running(wanted) as found:
        virtual, controller = found.fitted.virtual, found.device.controller
        assert virtual is not None
        virtual.board.rfid.show(CARD)
        await until(lambda: CARD in controller.cards, found)
        controller.change(rfid_reader="DISABLED")
        with structlog.testing.capture_logs() as logs:
            virtual.board.rfid.show(CARD)
            await until(lambda: logs, found)
        assert logs[0]["event"] == "card not taken"


# Who may use it


@pytest.mark.parametrize(
    ("evse", "token", "status"),
    [
        ({}, None, 200),
        ({"token": SecretStr("t")}, None, 401),
        ({"token": SecretStr("t")}, "t", 200),
        ({"host": "0.0.0.0", "open": True}, None, 200),  # noqa: S104 it is what is tested
        ({"host": "0.0.0.0", "token": SecretStr("t")}, None, 401),  # noqa: S104
        ({"host": "localhost"}, None, 200),
    ],
)
async def test_the_token(evse: Any, token: str | None, status: int, tmp_path: Path) -> None:
    async with evse_app.running(settings(tmp_path, **evse)) as found:
        headers = {"X-API-Key": token} if token else {}
        async with httpx.AsyncClient(headers=headers) as client:
            answer = await client.get(f"http://127.0.0.1:{found.device.port}/settings")
        assert answer.status_code == status


async def test_it_can_be_encrypted(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue("device")
    wanted = settings(tmp_path / "data", tls_certificate=certificate, tls_key=key)
    async with evse_app.running(wanted) as found:
        assert found.device.url.startswith("https://")
        async with httpx.AsyncClient(verify=authority.client()) as client:
            assert (await client.get(f"{found.device.url}settings")).status_code == 200
    broken = settings(tmp_path / "data", tls_certificate=key, tls_key=certificate)
    with pytest.raises(ConfigurationError, match=r"evse\.tls_certificate"):
        async with evse_app.running(broken):
            pass


async def test_nobody_opens_a_device_by_accident(tmp_path: Path) -> None:
    wanted = settings(tmp_path, host="0.0.0.0")  # noqa: S104 it is what is tested
    with pytest.raises(ConfigurationError, match=r"evse\.token: .*evse\.open"):
        async with evse_app.running(wanted):
            pass


@pytest.mark.parametrize(
    ("evse", "pin", "success"),
    [
        ({}, "anything", True),
        ({"pin": SecretStr("1234")}, "4321", False),
        ({"pin": SecretStr("1234")}, "1234", True),
        ({"host": "0.0.0.0", "open": True}, "", True),  # noqa: S104
        ({"host": "0.0.0.0", "token": SecretStr("t")}, "", False),  # noqa: S104
    ],
)
async def test_the_pin(evse: Any, pin: str, success: bool, tmp_path: Path) -> None:  # noqa: FBT001
    async with evse_app.running(settings(tmp_path, **evse)) as found:
        async with httpx.AsyncClient(headers={"X-API-Key": "t"}) as client:
            url = f"http://127.0.0.1:{found.device.port}/lcd-verify-password"
            answer = await client.post(url, content=f"password={pin}")
        assert answer.json() == {"success": success}


# The central system


async def test_a_device_is_a_station_as_long_as_it_is_to_be(tmp_path: Path) -> None:
    central = Settings(
        server=Server(ocpp_port=0, http_port=0),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{tmp_path / 'central.db'}")),
        csms=Csms(admission="open"),
    )
    wanted = settings(tmp_path / "data")
    async with app.central_system(central) as csms, evse_app.running(wanted) as found:
        controller = found.device.controller
        assert controller.mode.name == "NORMAL"
        url = f"ws://127.0.0.1:{csms.ocpp_port}/ocpp"
        controller.change(ocpp=OcppSettings(enabled=True, url=url, id="garage"))
        await asyncio.wait_for(found.device.ocpp.wait(), 20)
        assert controller.mode.name == "OFF"  # until the central system says so
        assert found.device.station is not None
        await asyncio.wait_for(found.device.station.accepted.wait(), 20)
        controller.change(ocpp=OcppSettings(url=url, id="garage"))
        await until(lambda: not found.device.ocpp.is_set(), found)
        assert controller.mode.name == "NORMAL"
        assert tmp_path / "data" not in open_to_others(tmp_path)


async def test_a_reset_from_the_central_system_starts_the_device_again(tmp_path: Path) -> None:
    wanted = settings(tmp_path, ocpp=True)
    async with evse_app.running(wanted) as found:
        controller = found.device.controller
        await until(lambda: found.device.station is not None, found)
        assert found.device.station is not None
        await asyncio.sleep(0)
        found.device.station.reset_wanted.set()
        await asyncio.wait_for(controller.reboot_wanted.wait(), 20)


# MQTT and mDNS


async def test_a_broker_is_told(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        wanted = settings(tmp_path / "data")
        mqtt = EvseMqtt(host="127.0.0.1", port=broker.port, prefix="here")
        async with (
            listening(broker) as listener,
            evse_app.running(wanted.model_copy(update={"evse_mqtt": mqtt})) as found,
        ):
            assert await listener.hears("here/Mode") == b"Normal"
            await listener.say("here/Set/Mode", "Pause")
            assert await listener.hears("here/Mode", 2) == b"Pause"
            assert found.device.controller.mode.name == "PAUSE"


@pytest.mark.parametrize("mdns", [True, False])
async def test_it_is_announced_where_others_can_ask_it(
    mdns: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[object, ...]] = []

    @asynccontextmanager
    async def announced(*args: object) -> AsyncIterator[None]:
        told.append(args)
        yield

    monkeypatch.setattr(evse_app, "announced", announced)
    monkeypatch.setattr(evse_app, "_address", lambda _host: "192.0.2.7")
    async with evse_app.running(settings(tmp_path / "private", mdns=mdns)):
        pass
    assert told == []
    wanted = settings(tmp_path, host="0.0.0.0", open=True, mdns=mdns)  # noqa: S104
    async with evse_app.running(wanted) as found:
        assert found.device.url == f"http://192.0.2.7:{found.device.port}/"
    assert told == ([("SmartEVSE-4711", "192.0.2.7", found.device.port)] if mdns else [])


# Modbus


async def test_its_registers_are_watched(tmp_path: Path) -> None:
    wanted = settings(tmp_path, monitor="127.0.0.1:0")
    with pytest.raises(ConfigurationError):
        async with evse_app.running(settings(tmp_path, monitor="nowhere")):
            pass
    async with evse_app.running(wanted) as found:
        assert found.monitor_port
        bus = ModbusBus(Tcp(host="127.0.0.1", port=found.monitor_port))
        assert (await bus.read(1, 4, 0x0007, 1)) == (16,)
        await bus.close()


async def test_a_master_needs_to_know_where_its_nodes_are(tmp_path: Path) -> None:
    lonely = settings(tmp_path, settings={"load_balancing": 1})
    with pytest.raises(ConfigurationError, match=r"evse\.nodes"):
        async with evse_app.running(lonely):
            pass


async def test_master_and_node_find_each_other(tmp_path: Path) -> None:
    node = settings(tmp_path / "n", settings={"load_balancing": 2}, monitor="127.0.0.1:0")
    async with evse_app.running(node) as second:
        nodes = [f"127.0.0.1:{second.monitor_port}"]
        master = settings(tmp_path / "m", settings={"load_balancing": 1}, nodes=nodes)
        async with evse_app.running(master) as first:
            await until(lambda: first.device.controller.status.nodes, first)
            await until(lambda: second.device.controller.status.mains_da != (0, 0, 0), second)


async def test_a_node_hears_what_its_meter_answers_the_master(tmp_path: Path) -> None:
    case = next(each for each in CASES if each.name == "Eastron3P")
    with hub(3) as (line, masters, meters):
        node = settings(
            tmp_path,
            settings={"load_balancing": 2},
            modbus={"port": line},
            ev_meter={"type": "Eastron3P", "unit": 12},
        )
        async with (
            modbus.serve(Serial(port=meters), {12: RegisterImage(case.image)}),
            evse_app.running(node) as found,
        ):
            bus = ModbusBus(Serial(port=masters))
            row = find("Eastron3P")
            for span in spans(row, full=False):
                await bus.read(12, row.function, span.address, span.count)
            await until(lambda: any(found.device.controller.status.ev_da), found)
            assert (await bus.read(2, 4, 0, 1)) == (0,)
            await bus.close()


async def test_a_node_on_a_serial_line_that_is_not_there(tmp_path: Path) -> None:
    node = settings(
        tmp_path, settings={"load_balancing": 2}, modbus={"port": str(tmp_path / "none")}
    )
    with pytest.raises((ConfigurationError, NotConnected, DeviceRefused)):
        async with evse_app.running(node):
            pass
