from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import providers
from chargeplane.csms.central import Central
from chargeplane.csms.providers import Providers
from chargeplane.domain.certificates import (
    CertificateStatusAnswer,
    EvCertificateAnswer,
    Get15118EVCertificate,
    GetCertificateStatus,
)
from chargeplane.domain.tokens import OcspRequestData
from chargeplane.ocpp.v2 import wire
from tests.csms.conftest import ConnectStation
from tests.csms.stored import everywhere, happened, noted

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
OCSP = GetCertificateStatus(
    ocsp_request_data=OcspRequestData(
        hash_algorithm="SHA256",
        issuer_name_hash="AA",
        issuer_key_hash="BB",
        serial_number="01",
        responder_url="https://ocsp/",
    )
)
HASH = wire.CertificateHashData(
    hash_algorithm="SHA256", issuer_name_hash="AA", issuer_key_hash="BB", serial_number="01"
)
CHAIN = wire.GetCertificateChainStatus(
    certificate_status_requests=[
        wire.CertificateStatusRequestInfo(
            certificate_hash_data=HASH, source=source, urls=["https://status/"]
        )
        for source in ("OCSP", "CRL")
    ]
)


def contract(action: Any) -> Get15118EVCertificate:
    return Get15118EVCertificate(
        iso15118_schema_version="urn:iso:15118:2:2013:MsgDef", action=action, exi_request="RVhJ"
    )


class Knows:
    """Those who know, as a test has them."""

    async def ev_certificate(
        self, _station_id: str, request: Get15118EVCertificate
    ) -> EvCertificateAnswer:
        return EvCertificateAnswer(status="Accepted", exi_response=request.exi_request)

    async def certificate_status(
        self, _station_id: str, _request: GetCertificateStatus
    ) -> CertificateStatusAnswer:
        return CertificateStatusAnswer(status="Accepted", ocsp_result="T0NTUA==")

    async def chain_status(
        self, _station_id: str, request: wire.CertificateStatusRequestInfo
    ) -> wire.CertificateStatus:
        if request.source == "CRL":
            raise OSError("no route")
        return wire.CertificateStatus(
            certificate_hash_data=HASH, source=request.source, status="Good", next_update=AT
        )


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "of", lambda _central: Providers(contracts=Knows()))


@everywhere
@pytest.mark.usefixtures("known")
async def test_TC_M_24_CSMS_certificate_status(
    connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    answer = await station.say(OCSP)
    assert (answer.status, answer.ocsp_result) == ("Accepted", "T0NTUA==")


@everywhere
@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("action", ["Install", "Update"], ids=["M_26", "M_28"])
async def test_TC_M_26_CSMS_TC_M_28_CSMS_contract_certificate(
    central: Central, connect_station: ConnectStation, version: str, action: str
) -> None:
    station = await connect_station(version)
    answer = await station.say(contract(action))
    assert (answer.status, answer.exi_response) == ("Accepted", "RVhJ")
    (told,) = await happened(central, "certificate.contract")
    assert told.data["payload"]["action"] == action


@everywhere
async def test_nobody_knows(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    refusal = await station.say(contract("Install"))
    assert (refusal.status, refusal.exi_response) == ("Failed", "")
    assert refusal.status_info.reason_code == "NotEnabled"
    assert (await station.say(OCSP)).status == "Failed"
    assert len(await noted(central, "Get15118EVCertificate")) == 1
    assert len(await noted(central, "GetCertificateStatus")) == 1


@pytest.mark.usefixtures("known")
async def test_each_certificate_of_a_chain_has_its_status(connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    answer = await station.say(CHAIN)
    said = [(each.source, each.status) for each in answer.certificate_status]
    assert said == [("OCSP", "Good"), ("CRL", "Failed")]


async def test_nobody_knows_the_chain(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    answer = await station.say(CHAIN)
    assert [each.status for each in answer.certificate_status] == ["Failed", "Failed"]
    assert len(await noted(central, "GetCertificateChainStatus")) == 1
