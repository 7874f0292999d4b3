"""What the station asks for on behalf of cars: contracts and revocation status (TC_M_24 to 29)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chargeplane.domain.certificates import (
    CertificateStatusAnswer,
    EvCertificateAnswer,
    Get15118EVCertificate,
    GetCertificateStatus,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import certificates, iso15118, pki
from chargeplane.station.certificates import Installed
from tests.net.certificates import Authority, Wish
from tests.station.desk import VERSIONS, Desk, Place, place, quietly

ASKED = Get15118EVCertificate(
    iso15118_schema_version="urn:iso:15118:2:2013:MsgDef", action="Install", exi_request="RVhJ"
)
DONE = EvCertificateAnswer(status="Accepted", exi_response="UkVT")
GOOD = CertificateStatusAnswer(status="Accepted", ocsp_result="T0NTUA==")
RESPONDER = "http://ocsp.example.org/"


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def desk_with(version: str, kind: type, answer: Any) -> Desk:
    desk = Desk(version)
    desk.answers[kind] = answer
    return desk


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("action", ["Install", "Update"])
async def test_TC_M_26_CS_TC_M_28_CS_a_contract_certificate(version: str, action: Any) -> None:
    desk = desk_with(version, Get15118EVCertificate, DONE)
    async with place(version, desk=desk) as there:
        asked = replace(ASKED, action=action)
        assert await iso15118.install_contract(there.station, asked) == DONE
        assert (await desk.hears(Get15118EVCertificate)).action == action


@pytest.mark.parametrize(
    "answer",
    [
        EvCertificateAnswer(status="Failed", exi_response=""),
        quietly(OcppError("InternalError", "broken")),
    ],
)
async def test_TC_M_27_CS_TC_M_29_CS_a_contract_certificate_fails(answer: Any) -> None:
    async with place(desk=desk_with("2.0.1", Get15118EVCertificate, answer)) as there:
        assert (await iso15118.install_contract(there.station, ASKED)).status == "Failed"


async def test_a_car_is_told_of_a_failure_before_it_loses_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(iso15118, "PATIENCE", 0.05)
    never = asyncio.Event()

    async def wait(_request: Any) -> EvCertificateAnswer:
        await never.wait()
        return DONE

    async with place(desk=desk_with("2.0.1", Get15118EVCertificate, wait)) as there:
        assert (await iso15118.install_contract(there.station, ASKED)).status == "Failed"
        never.set()
        await there.desk.hang_up(reachable=False)
        assert (await iso15118.install_contract(there.station, ASKED)).status == "Failed"


async def test_contracts_can_be_switched_off() -> None:
    values = {"ISO15118Ctrlr/ContractCertificateInstallationEnabled": "false"}
    desk = desk_with("2.0.1", Get15118EVCertificate, DONE)
    async with place(desk=desk, values=values) as there:
        assert (await iso15118.install_contract(there.station, ASKED)).status == "Failed"
        assert not desk.all(Get15118EVCertificate)


# Our own certificates


def hold(there: Place, root: Authority) -> list[pki.Certificate]:
    """A chain for cars in which every certificate names its responder."""
    told = Wish(responder=RESPONDER)
    sub = root.below("Sub", wish=told)
    certificate, key = sub.issue("SECC", told)
    installed = Installed(
        use="V2GCertificateChain",
        chain=certificate.read_text() + sub.chain,
        since=there.station.now(),
        key=key.read_text(),
    )
    certificates.keep(there.station, installed)
    trusted = Installed(use="V2GRootCertificate", chain=root.pem, since=there.station.now())
    certificates.keep(there.station, trusted)
    return installed.certificates()


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_24_CS_the_status_of_the_chain_is_fetched_and_kept(
    root: Authority, version: str
) -> None:
    async with place(version, desk=desk_with(version, GetCertificateStatus, GOOD)) as there:
        chain = hold(there, root)
        iso15118.refresh(there.station)
        await there.desk.hears(GetCertificateStatus, count=2)
        await there.until(lambda: len(iso15118.responses(there.station)) == 2)
        asked = [each.ocsp_request_data for each in there.desk.all(GetCertificateStatus)]
        expected = [f"{each.serial_number:x}" for each in chain]
        assert [each.serial_number for each in asked] == expected
        assert {each.responder_url for each in asked} == {RESPONDER}
        iso15118.keep_fresh(there.station)
        await there.until(lambda: there.station.has_alarm("ocsp"))
        await asyncio.sleep(0)
        assert len(there.desk.all(GetCertificateStatus)) == 2
        iso15118.refresh(there.station)
        await there.desk.hears(GetCertificateStatus, count=4)


@pytest.mark.parametrize(
    "answer",
    [CertificateStatusAnswer(status="Failed"), quietly(OcppError("InternalError", "broken"))],
)
async def test_TC_M_25_CS_the_status_cannot_be_had(root: Authority, answer: Any) -> None:
    async with place(desk=desk_with("2.0.1", GetCertificateStatus, answer)) as there:
        hold(there, root)
        iso15118.refresh(there.station)
        await there.desk.hears(GetCertificateStatus, count=2)
        assert not iso15118.responses(there.station)
        assert there.station.has_alarm("ocsp")


async def test_what_is_older_than_the_interval_is_fetched_anew(root: Authority) -> None:
    async with place(desk=desk_with("2.0.1", GetCertificateStatus, GOOD)) as there:
        (leaf, _sub) = hold(there, root)
        week_ago = datetime.now(UTC) - timedelta(days=7, seconds=1)
        serial = f"{leaf.serial_number:x}"
        iso15118.responses(there.station)[serial] = iso15118.Ocsp("old", week_ago)
        await there.desk.hang_up()
        await there.desk.hears(GetCertificateStatus, count=2)
        await there.until(lambda: iso15118.responses(there.station)[serial].result != "old")


async def test_without_such_certificates_nothing_is_asked() -> None:
    async with place() as there:
        iso15118.refresh(there.station)
        assert not there.station.has_alarm("ocsp")


# Certificates of cars


def info(serial: str) -> wire.CertificateStatusRequestInfo:
    data = wire.CertificateHashData(
        hash_algorithm="SHA256", issuer_name_hash="aa", issuer_key_hash="bb", serial_number=serial
    )
    return wire.CertificateStatusRequestInfo(
        certificate_hash_data=data, source="OCSP", urls=[RESPONDER]
    )


def good(request: wire.GetCertificateChainStatus) -> wire.GetCertificateChainStatusResponse:
    until = datetime.now(UTC) + timedelta(days=30)
    return wire.GetCertificateChainStatusResponse(
        certificate_status=[
            wire.CertificateStatus(
                certificate_hash_data=each.certificate_hash_data,
                source=each.source,
                status="Failed" if each.certificate_hash_data.serial_number == "f" else "Good",
                next_update=until,
            )
            for each in request.certificate_status_requests
        ]
    )


async def test_the_chain_of_a_car_is_asked_for_once_a_week_at_most() -> None:
    desk = desk_with("2.1", wire.GetCertificateChainStatus, good)
    async with place("2.1", desk=desk) as there:
        asked = [info("1"), info("2"), info("f")]
        for _ in range(2):
            found = await iso15118.vehicle_status(there.station, asked)
            assert [each.status for each in found] == ["Good", "Good", "Failed"]
        first, second = desk.all(wire.GetCertificateChainStatus)
        assert len(first.certificate_status_requests) == 3
        assert second.certificate_status_requests == [info("f")]
        there.station.clock_offset += timedelta(days=8)
        await iso15118.vehicle_status(there.station, asked[:2])
        assert len(desk.all(wire.GetCertificateChainStatus)) == 3


async def test_more_than_fit_into_one_question() -> None:
    desk = desk_with("2.1", wire.GetCertificateChainStatus, good)
    async with place("2.1", desk=desk) as there:
        asked = [info(str(number)) for number in range(1, 10)]
        found = await iso15118.vehicle_status(there.station, asked)
        assert [each.status for each in found] == ["Good"] * 9
        sizes = [len(r.certificate_status_requests) for r in desk.all(type(_question()))]
        assert sizes == [4, 4, 1]


def _question() -> wire.GetCertificateChainStatus:
    return wire.GetCertificateChainStatus(certificate_status_requests=[info("1")])


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_where_it_cannot_be_asked_it_is_not_known(version: str) -> None:
    async with place(version) as there:
        found = await iso15118.vehicle_status(there.station, [info("1")])
        assert [each.status for each in found] == ["Failed"]
        with pytest.raises(Untranslatable):
            await there.station.ask(_question())
