"""Network profiles and security profiles: what may be set, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.station import Reset
from chargeplane.domain.variables import (
    Component,
    GetVariables,
    SettingResult,
    SetVariables,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.net.tls import Fault
from chargeplane.net.websocket import Unreachable
from chargeplane.ocpp.v2 import wire
from chargeplane.station import certificates, network, security_events
from chargeplane.station.certificates import Installed, Use
from chargeplane.storage.documents import Documents
from tests.net.certificates import Authority, Wish
from tests.station.desk import Desk, Place, place

OLD, NEW = "0123456789abcdef", "fedcba9876543210"
BASIC = {
    "NetworkConfiguration[1]/SecurityProfile": "1",
    "NetworkConfiguration[1]/BasicAuthPassword": OLD,
}
MODERN = ("2.0.1", "2.1")


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


class Door(Desk):
    """A desk that lets in only whom it likes."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.likes: Callable[[str, dict[str, Any]], bool] = lambda _url, _how: True
        self.fault: Fault | None = "credentials"

    async def dial(self, url: str, subprotocols: Any, **how: Any) -> Any:
        if not self.likes(url, how):
            self.dialled.append({"url": url, **how})
            raise Unreachable(f"{url}: refused", self.fault)
        return await super().dial(url, subprotocols, **how)

    def passwords(self) -> list[bytes | None]:
        found = (each["credentials"] for each in self.dialled)
        return [credentials and credentials[1] for credentials in found]


async def put(there: Place, component: str, variable: str, value: str) -> SettingResult:
    name, _, instance = component.partition("#")
    setting = VariableSetting(
        component=Component(name, instance or None),
        variable=Variable(variable),
        attribute_value=value,
    )
    answer = await there.desk.ask(SetVariables(settings=(setting,)))
    (result,) = answer.results
    assert isinstance(result, SettingResult)
    return result


async def get(there: Place, component: str, variable: str) -> str | None:
    query = VariableQuery(component=Component(component), variable=Variable(variable))
    answer = await there.desk.ask(GetVariables(queries=(query,)))
    (result,) = answer.results
    return str(result.attribute_value)


async def put_password(there: Place, password: str) -> str:
    if there.desk.version == "1.6":
        return (await put(there, "", "AuthorizationKey", password)).attribute_status
    return (await put(there, "SecurityCtrlr", "BasicAuthPassword", password)).attribute_status


def trust(there: Place, authority: Authority, use: Use = "CSMSRootCertificate") -> None:
    if use != "ChargingStationCertificate":
        installed = Installed(use=use, chain=authority.pem, since=there.station.now())
    else:
        certificate, key = authority.issue("CS-1")
        installed = Installed(
            use=use,
            chain=certificate.read_text(),
            since=there.station.now(),
            key=key.read_text(),
        )
    certificates.keep(there.station, installed)


# Passwords


@pytest.mark.parametrize("version", MODERN)
async def test_TC_A_01_CS_basic_authentication(version: str) -> None:
    async with place(version, values=BASIC, desk=Door(version)) as there:
        assert there.desk.dialled[0]["credentials"] == ("CS-1", OLD.encode())
        assert there.desk.dialled[0]["url"].endswith("/CS-1")
        assert there.desk.dialled[0]["tls"] is None


async def test_TC_088_the_way_of_1_6_to_its_central_system() -> None:
    async with place("1.6", values=BASIC, desk=Door("1.6")) as there:
        assert there.desk.dialled[0]["credentials"] == ("CS-1", bytes.fromhex(OLD))
        assert there.desk.dialled[0]["subprotocols"] == ["ocpp1.6"]
    text = BASIC | {"NetworkConfiguration[1]/BasicAuthPassword": "no hexadecimal digits"}
    async with place("1.6", values=text, desk=Door("1.6")) as there:
        assert there.desk.dialled[0]["credentials"] == ("CS-1", b"no hexadecimal digits")


@pytest.mark.parametrize("version", ["1.6", *MODERN])
async def test_TC_A_09_CS_a_new_password(version: str) -> None:
    desk = Door(version)
    async with place(version, values=BASIC, desk=desk, hurry=20) as there:
        assert await put_password(there, NEW) == "Accepted"
        await there.until(lambda: len(desk.dialled) == 2)
        await there.until(lambda: there.station.peer is not None)
        expected = bytes.fromhex(NEW) if version == "1.6" else NEW.encode()
        assert desk.passwords()[1] == expected
        assert not network.former(there.station)
        kept = [each.tech_info or "" for each in security_events.log(there.station).values()]
        assert any("BasicAuthPassword changed" in each for each in kept)
        assert not any(NEW in each or OLD in each for each in kept)


@pytest.mark.parametrize("version", ["1.6", *MODERN])
async def test_TC_A_10_CS_a_password_that_is_too_short(version: str) -> None:
    async with place(version, values=BASIC, desk=Door(version)) as there:
        assert await put_password(there, "0123456789abcde") == "Rejected"
        assert await put_password(there, "x" * 65) == "Rejected"
        assert not there.station.has_alarm("reconnect")


async def test_a_password_that_does_not_work_gives_way_to_the_former() -> None:
    desk = Door("2.0.1")
    desk.likes = lambda _url, how: how["credentials"] == ("CS-1", OLD.encode())
    async with place(values=BASIC, desk=desk, hurry=20) as there:
        await put_password(there, NEW)
        await there.until(lambda: len(desk.dialled) >= 3 and there.station.peer is not None)
        assert desk.passwords()[1:3] == [NEW.encode(), OLD.encode()]
        assert there.station.model.text("NetworkConfiguration[1]/BasicAuthPassword") == OLD
        assert not there.station.has_alarm("reconnect")
        await desk.hang_up()
        await there.until(lambda: len(desk.dialled) >= 4)
        assert desk.passwords()[3] == OLD.encode()


async def test_both_are_tried_in_turn_until_one_works_even_after_a_power_cut(
    tmp_path: Path,
) -> None:
    documents, desk = Documents(tmp_path / "station.db"), Door("2.0.1")
    async with place(values=BASIC, desk=desk, documents=documents) as there:
        desk.likes = lambda _url, _how: False
        await put_password(there, NEW)
        await there.until(lambda: len(desk.dialled) >= 5)
        assert desk.passwords()[1:5] == [NEW.encode(), OLD.encode()] * 2
    documents.close()
    again, later = Documents(tmp_path / "station.db"), Door("2.0.1")
    later.likes = lambda _url, how: how["credentials"] == ("CS-1", OLD.encode())
    async with place(desk=later, documents=again):
        assert later.passwords() == [NEW.encode(), OLD.encode()]
    again.close()


# Faults


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        ("certificate", "InvalidCsmsCertificate", True),
        ("version", "InvalidTLSVersion", True),
        ("cipher", "InvalidTLSCipherSuite", True),
        ("credentials", "FailedToAuthenticateAtCsms", False),
    ],
)
async def test_TC_A_05_CS_TC_A_06_CS_what_kept_it_from_connecting_is_told_once(
    fault: Fault, kind: str, *, told: bool
) -> None:
    desk = Door("2.0.1")

    def dialled(count: int) -> bool:
        return len(desk.dialled) >= count

    async with place(values=BASIC, desk=desk) as there:
        for _ in range(2):
            tried = len(desk.dialled)
            desk.likes, desk.fault = lambda _url, _how: False, fault
            await desk.hang_up()
            await there.until(partial(dialled, tried + 3))
            desk.likes = lambda _url, _how: True
            await there.until(lambda: there.station.peer is not None)
            await there.until(lambda: not len(there.station.outbox))
        logged = [each for each in security_events.log(there.station).values() if each.type == kind]
        assert len(logged) == 2
        if told:
            await desk.hears(SecurityEventNotification, lambda e: e.type == kind, count=2)
        said = [each for each in desk.all(SecurityEventNotification) if each.type == kind]
        assert len(said) == (2 if told else 0)


# Security profiles of 2.x: slots, priorities and a reset


async def fill(there: Place, slot: int, security_profile: int, url: str = "") -> str:
    scheme = "wss" if security_profile >= 2 else "ws"
    data = wire.NetworkConnectionProfile(
        ocpp_interface="Wired0",
        ocpp_transport="JSON",
        ocpp_version="OCPP20",
        message_timeout=30,
        ocpp_csms_url=url or f"{scheme}://desk{slot}/ocpp",
        security_profile=security_profile,
    )
    request = wire.SetNetworkProfile(configuration_slot=slot, connection_data=data)
    return str((await there.desk.ask(request)).status)


async def prioritise(there: Place, value: str) -> str:
    result = await put(there, "OCPPCommCtrlr", "NetworkConfigurationPriority", value)
    return result.attribute_status


@pytest.mark.parametrize("level", [2, 3])
async def test_TC_A_19_CS_a_higher_security_profile(root: Authority, level: int) -> None:
    desk = Door("2.0.1")
    async with place(values=BASIC, desk=desk) as there:
        trust(there, root)
        trust(there, root, "ChargingStationCertificate")
        assert await fill(there, 2, level) == "Accepted"
        assert await prioritise(there, "2,1") == "RebootRequired"
        assert (await desk.ask(Reset(type="OnIdle"))).status == "Accepted"
        await there.until(lambda: there.station.active_slot == 2)
        await there.accepted()
        last = desk.dialled[-1]
        assert last["url"] == "wss://desk2/ocpp/CS-1"
        assert last["tls"] is not None
        assert (last["credentials"] is not None) == (level == 2)  # the one password of 2.0.1
        assert await get(there, "SecurityCtrlr", "SecurityProfile") == str(level)
        assert await get(there, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2"
        assert there.station.model.text("NetworkConfiguration[1]/OcppCsmsUrl") == ""


async def test_a_profile_that_does_not_work_leaves_the_station_where_it_was(
    root: Authority,
) -> None:
    desk = Door("2.0.1")
    once = BASIC | {"OCPPCommCtrlr/NetworkProfileConnectionAttempts": "1"}
    async with place(values=once, desk=desk) as there:
        trust(there, root)
        await fill(there, 2, 2)
        await prioritise(there, "2,1")
        desk.likes = lambda url, _how: url.startswith("ws://desk/")
        await desk.ask(Reset(type="Immediate"))
        await there.until(lambda: any("desk2" in each["url"] for each in desk.dialled))
        await there.accepted()
        assert there.station.active_slot == 1
        assert await get(there, "SecurityCtrlr", "SecurityProfile") == "1"
        assert await get(there, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2,1"


async def test_TC_A_20_CS_without_a_root_certificate(root: Authority) -> None:
    async with place(values=BASIC, desk=Door("2.0.1")) as there:
        assert await fill(there, 2, 2) == "Accepted"
        assert await prioritise(there, "2,1") == "Rejected"
        trust(there, root, "ManufacturerRootCertificate")
        trust(there, Authority(root.folder, "Expired", wish=Wish(days=(-2, -1))))
        assert await prioritise(there, "2,1") == "Rejected"
        trust(there, root)
        assert await prioritise(there, "2,1") == "RebootRequired"


async def test_TC_A_21_CS_without_a_certificate_of_the_station(root: Authority) -> None:
    async with place(values=BASIC, desk=Door("2.0.1")) as there:
        trust(there, root)
        assert await fill(there, 2, 3) == "Accepted"
        assert await prioritise(there, "2,1") == "Rejected"
        trust(there, root, "ChargingStationCertificate")
        assert await prioritise(there, "2,1") == "RebootRequired"


def at_level(level: int) -> dict[str, str]:
    return BASIC | {"NetworkConfiguration[1]/SecurityProfile": str(level)}


@pytest.mark.parametrize(
    ("current", "wanted", "downgrades", "status"),
    [
        (2, 1, "false", "Rejected"),
        (3, 2, "false", "Rejected"),
        (3, 2, "true", "Accepted"),
        (3, 1, "true", "Rejected"),
        (2, 1, "true", "Rejected"),
        (2, 2, "false", "Accepted"),
    ],
)
async def test_TC_A_22_CS_a_lower_security_profile(
    current: int, wanted: int, downgrades: str, status: str
) -> None:
    allowed = {"SecurityCtrlr/AllowSecurityProfileDowngrade": downgrades}
    async with place("2.1", values=at_level(current) | allowed, desk=Door("2.1")) as there:
        assert await fill(there, 2, wanted) == status


async def test_a_slot_in_use_changes_with_the_next_reset() -> None:
    desk = Door("2.0.1")
    async with place(values=BASIC, desk=desk) as there:
        assert await fill(there, 1, 1, "ws://other/ocpp") == "Accepted"
        assert not there.station.has_alarm("reconnect")
        assert there.station.peer is not None
        await desk.ask(Reset(type="Immediate"))
        await there.until(lambda: len(desk.dialled) == 2)
        assert desk.dialled[1]["url"] == "ws://other/ocpp/CS-1"


# Security profiles of 1.6: a key


async def raise_to(there: Place, level: int) -> str:
    return (await put(there, "", "SecurityProfile", str(level))).attribute_status


async def test_TC_083_the_security_profile_of_1_6_is_raised_at_once(root: Authority) -> None:
    desk = Door("1.6")
    async with place("1.6", values=BASIC, desk=desk, hurry=20) as there:
        assert await raise_to(there, 2) == "Rejected"  # no root certificate
        trust(there, root)
        assert await raise_to(there, 3) == "Rejected"  # no certificate of its own
        assert await raise_to(there, 2) == "Accepted"
        await there.until(lambda: len(desk.dialled) == 2)
        assert desk.dialled[1]["url"] == "wss://desk/ocpp/CS-1"
        await there.until(lambda: network.confirmed_security(there.station) == 2)
        for lower in (0, 1, 2):
            assert await raise_to(there, lower) == "Rejected"


async def test_1_6_needs_a_password_for_profile_1() -> None:
    async with place("1.6", desk=Door("1.6")) as there:
        assert await raise_to(there, 1) == "Rejected"
        await put_password(there, NEW)
        assert await raise_to(there, 1) == "Accepted"


async def test_1_6_falls_back_to_the_profile_that_worked(root: Authority) -> None:
    desk = Door("1.6")
    desk.likes = lambda url, _how: url.startswith("ws:")
    async with place("1.6", values=BASIC, desk=desk, hurry=20) as there:
        trust(there, root)
        await raise_to(there, 2)
        await there.until(lambda: len(desk.dialled) >= 3 and there.station.peer is not None)
        assert [each["url"][:4] for each in desk.dialled[1:3]] == ["wss:", "ws:/"]
        assert await get(there, "", "SecurityProfile") == "1"
        assert network.confirmed_security(there.station) == 1
