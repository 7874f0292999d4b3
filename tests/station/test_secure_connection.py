"""Security profiles 2 and 3 between our station and our central system, over real TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chargeplane.access.passwords import hash_password
from chargeplane.app import server_tls
from chargeplane.config import Csms
from chargeplane.csms.authority import LocalAuthority
from chargeplane.csms.providers import Providers
from chargeplane.csms.security import SetPassword, set_password
from chargeplane.domain.certificates import GetInstalledCertificateIds, InstallCertificate
from chargeplane.domain.station import ChargingStation, Reset, TriggerMessage
from chargeplane.domain.variables import Component, SetVariables, Variable, VariableSetting
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.ocpp.v2 import wire
from chargeplane.station import certificates, network, pki
from chargeplane.station.certificates import Installed, Use
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.station.station import Station
from chargeplane.storage.repositories import security_events
from tests.e2e.harness import EVERYTHING, PATIENCE, VERSIONS, World, listening, until
from tests.net.certificates import Authority, Wish

PASSWORD = "0123456789abcdef"
YEAR = Wish(days=(-1, 365))
AT_ONCE = {
    "OCPPCommCtrlr/RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr/RetryBackOffRandomRange": "0",
}


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path, wish=YEAR)


@asynccontextmanager
async def central(
    folder: Path, root: Authority, level: int, *, issuer: Authority | None = None, name: str = ""
) -> AsyncIterator[World]:
    """A central system with a certificate of the issuer; it signs those of stations as the root."""
    certificate, key = (issuer or root).issue(name or "server", YEAR)
    certificate.write_text(certificate.read_text() + (issuer or root).chain)
    settings: dict[str, Any] = {
        "tls_certificate": certificate,
        "tls_key": key,
        "tls_client_ca": root.certificate,
    }
    tls = server_tls(Csms(**settings))
    async with listening(folder, tls=tls, admission="known", **settings) as here:
        here.central.providers = Providers(signer=LocalAuthority(root.key, [root.value]))
        stored = hash_password(PASSWORD.encode())
        await here.register("CS-1", min_security_profile=level, password_hash=stored)
        yield here


def station(**values: str) -> Station:
    about = ChargingStation(vendor_name="Vendor", model="Model")
    made = build("CS-1", about, [VirtualEvse()])
    made.model.put("InternalCtrlr/UseSslDefaultVerifyPaths", "false")
    for name, value in (AT_ONCE | values).items():
        made.model.put(name.replace("__", "/"), value)
    return made


def trust(here: Station, authority: Authority, use: Use = "CSMSRootCertificate") -> None:
    installed = Installed(use=use, chain=authority.pem, since=here.now())
    certificates.keep(here, installed)


def own(here: Station, authority: Authority) -> Installed:
    certificate, key = authority.issue("CS-1", YEAR)
    installed = Installed(
        use="ChargingStationCertificate",
        chain=certificate.read_text(),
        since=here.now(),
        key=key.read_text(),
    )
    certificates.keep(here, installed)
    return installed


@asynccontextmanager
async def running(
    here: Station, there: World, version: str, level: int, *, waits: bool = True
) -> AsyncIterator[None]:
    url = there.url.replace("ws:", "wss:")
    password = PASSWORD.encode() if level < 3 else None
    link = Link(url=url, versions=(version,), password=password, security_profile=level)
    job = asyncio.create_task(run(here, link))
    try:
        if waits:
            await asyncio.wait_for(here.accepted.wait(), PATIENCE)
        yield
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def told(there: World) -> list[str]:
    found = await there.read(lambda sql: security_events.page(sql, "CS-1", EVERYTHING))
    return [each.type for each in found.items]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_01_CS_TC_A_04_CS_a_password_over_tls(
    tmp_path: Path, root: Authority, version: str
) -> None:
    async with central(tmp_path, root, 2) as there:
        here = station()
        trust(here, root)
        async with running(here, there, version, 2):
            assert (await there.station()).security_profile == 2
            talking = there.central.stations.require("CS-1")
            new = SetPassword(password="fedcba9876543210fedcba9876543210")
            assert (await set_password(there.central, "CS-1", new)).attribute_status == "Accepted"
            await until(lambda: there.central.stations.get("CS-1") not in (None, talking))
            await until(lambda: not network.former(here))


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_07_CS_TC_A_11_CS_a_certificate_that_is_renewed(
    tmp_path: Path, root: Authority, version: str
) -> None:
    async with central(tmp_path, root, 3) as there:
        here = station()
        trust(here, root)
        before = own(here, root)
        async with running(here, there, version, 3):
            assert (await there.station()).security_profile == 3
            talking = there.central.stations.require("CS-1")
            trigger = TriggerMessage(requested_message="SignChargingStationCertificate")
            assert (await talking.ask(trigger)).status == "Accepted"
            await until(lambda: there.central.stations.get("CS-1") not in (None, talking))
            await until(lambda: certificates.own(here, former=True) is None)
            mine = certificates.own(here)
            assert mine is not None
            assert mine.chain != before.chain


async def test_a_new_certificate_that_is_refused_gives_way_to_the_former(
    tmp_path: Path, root: Authority
) -> None:
    stranger = Authority(tmp_path / "stranger", "Stranger", wish=YEAR)
    async with central(tmp_path, root, 3) as there:
        there.central.providers = Providers(signer=LocalAuthority(stranger.key, [stranger.value]))
        here = station()
        trust(here, root)
        trust(here, stranger)
        before = own(here, root)
        async with running(here, there, "2.1", 3):
            talking = there.central.stations.require("CS-1")
            await talking.ask(TriggerMessage(requested_message="SignChargingStationCertificate"))
            await until(lambda: certificates.own(here, former=True) is not None)
            await until(lambda: certificates.own(here, former=True) is None)
            assert certificates.own(here) == before

            async def is_told() -> bool:
                return "DiscardedRenewedClientCertificate" in await told(there)

            await until(is_told)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_05_CS_a_server_that_is_not_trusted(
    tmp_path: Path, root: Authority, version: str
) -> None:
    async with central(tmp_path, root, 2) as there:
        here = station()
        trust(here, Authority(tmp_path / "stranger", "Stranger"))
        async with running(here, there, version, 2, waits=False):
            await until(lambda: here.faults)
            assert here.peer is None
            trust(here, root)
            await asyncio.wait_for(here.accepted.wait(), PATIENCE)

            async def is_told() -> bool:
                return (await told(there)).count("InvalidCsmsCertificate") == 1

            await until(is_told)


async def test_TC_A_05_CS_a_server_of_another_name(tmp_path: Path, root: Authority) -> None:
    async with central(tmp_path, root, 2) as there:
        there_is = there.url
        here = station()
        trust(here, root)
        here.model.put("NetworkConfiguration[1]/OcppCsmsUrl", "wss://localhost/ocpp")
        async with running(here, there, "2.0.1", 2, waits=False):
            here.model.put(
                "NetworkConfiguration[1]/OcppCsmsUrl",
                there_is.replace("ws:", "wss:").replace("127.0.0.1", "localhost"),
            )
            await until(lambda: "certificate" in here.faults)
            here.model.put("InternalCtrlr/VerifyCsmsCommonName", "false")
            await asyncio.wait_for(here.accepted.wait(), PATIENCE)


def names(*authorities: Authority) -> set[str]:
    return {pki.dump([each.value]) for each in authorities}


def roots(here: Station) -> set[str]:
    return {each.chain for _, each in certificates.of(here, "CSMSRootCertificate")}


async def replace_root(here: Station, there: World, new: Authority) -> None:
    talking = there.central.stations.require("CS-1")
    install = InstallCertificate(certificate_type="CSMSRootCertificate", certificate=new.pem)
    assert (await talking.ask(install)).status == "Accepted"
    assert len(roots(here)) == 2
    await talking.ask(Reset(type="Immediate"))
    await until(lambda: there.central.stations.get("CS-1") not in (None, talking))
    await until(lambda: here.accepted.is_set() and here.peer is not None)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_30_CS_a_new_root_takes_the_place_of_the_old(
    tmp_path: Path, root: Authority, version: str
) -> None:
    new = root.below("New", wish=YEAR)
    async with central(tmp_path, root, 2, issuer=new) as there:
        here = station(SecurityCtrlr__AdditionalRootCertificateCheck="true")
        trust(here, root)
        async with running(here, there, version, 2):
            await replace_root(here, there, new)
            assert roots(here) == names(new)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_31_CS_the_old_root_where_the_new_one_fails(
    tmp_path: Path, root: Authority, version: str
) -> None:
    new = root.below("New", wish=YEAR)
    async with central(tmp_path, root, 2) as there:
        here = station(SecurityCtrlr__AdditionalRootCertificateCheck="true")
        trust(here, root)
        async with running(here, there, version, 2):
            await replace_root(here, there, new)
            assert roots(here) == names(root, new)
            asked = GetInstalledCertificateIds(certificate_type=("CSMSRootCertificate",))
            found = await there.central.stations.require("CS-1").ask(asked)
            assert len(found.certificate_hash_data_chain or ()) == 2


async def move(there: World, url: str, new: Authority) -> None:
    """Let the station trust a new root, and go to another address first from its next start."""
    talking = there.central.stations.require("CS-1")
    install = InstallCertificate(certificate_type="CSMSRootCertificate", certificate=new.pem)
    assert (await talking.ask(install)).status == "Accepted"
    data = wire.NetworkConnectionProfile(
        ocpp_csms_url=url.replace("ws:", "wss:"),
        ocpp_interface="Wired0",
        ocpp_transport="JSON",
        message_timeout=30,
        security_profile=2,
        ocpp_version="OCPP20",
    )
    other = wire.SetNetworkProfile(configuration_slot=2, connection_data=data)
    assert (await talking.ask(other)).status == "Accepted"
    order = VariableSetting(
        component=Component("OCPPCommCtrlr"),
        variable=Variable("NetworkConfigurationPriority"),
        attribute_value="2,1",
    )
    answer = await talking.ask(SetVariables(settings=(order,)))
    assert answer.results[0].attribute_status in ("Accepted", "RebootRequired")
    assert (await talking.ask(Reset(type="OnIdle"))).status == "Accepted"


async def test_TC_B_50_CS_to_another_central_system_with_a_new_root(
    tmp_path: Path, root: Authority
) -> None:
    new = root.below("New", wish=YEAR)
    async with central(tmp_path, root, 2) as there, central(tmp_path, root, 2, issuer=new) as other:
        here = station(SecurityCtrlr__AdditionalRootCertificateCheck="true")
        trust(here, root)
        async with running(here, there, "2.0.1", 2):
            await move(there, other.url, new)
            await until(lambda: other.central.stations.get("CS-1"))
            await until(lambda: roots(here) == names(new))


async def test_TC_B_47_CS_back_from_a_central_system_that_the_new_root_does_not_vouch_for(
    tmp_path: Path, root: Authority
) -> None:
    new = root.below("New", wish=YEAR)
    async with central(tmp_path, root, 2) as there, central(tmp_path, root, 2) as other:
        here = station(
            SecurityCtrlr__AdditionalRootCertificateCheck="true",
            OCPPCommCtrlr__NetworkProfileConnectionAttempts="1",
        )
        trust(here, root)
        async with running(here, there, "2.0.1", 2):
            before = there.central.stations.require("CS-1")
            await move(there, other.url, new)
            await until(lambda: there.central.stations.get("CS-1") not in (None, before))
            await until(lambda: here.accepted.is_set() and here.active_slot == 1)
            assert pki.dump([root.value]) in roots(here)
            assert other.central.stations.get("CS-1") is None


def test_what_a_station_connects_with(root: Authority) -> None:
    here = station()
    trust(here, root)
    context = certificates.file_trust(here)()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
