from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import customer_information
from chargeplane.csms.central import Central
from chargeplane.csms.customer_information import Customer, CustomerInformation
from chargeplane.domain.certificates import CertificateHashData
from chargeplane.domain.tokens import (
    AuthorizationData,
    SendLocalList,
    SendLocalListAnswer,
    Token,
    TokenInfo,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.repositories import local_lists
from tests.csms.conftest import ConnectStation, ScriptedStation
from tests.csms.stored import ID, happened, in_2x, noted

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
WHO = Token("TAG1", "ISO14443")
REPORT = CustomerInformation(report=True, clear=False, id_token=WHO)
CLEAR_AND_REPORT = CustomerInformation(report=True, clear=True, id_token=WHO)
CLEAR = CustomerInformation(report=False, clear=True, id_token=WHO)
HASH = CertificateHashData(
    hash_algorithm="SHA256", issuer_name_hash="AA", issuer_key_hash="BB", serial_number="01"
)


def part(request_id: int, number: int, text: str, *, more: bool) -> wire.NotifyCustomerInformation:
    return wire.NotifyCustomerInformation(
        data=text, tbc=more, seq_no=number, generated_at=AT, request_id=request_id
    )


def tells(station: ScriptedStation, *texts: str) -> None:
    """Let the station accept the request and tell so much, the last part first."""

    async def answer(asked: wire.CustomerInformation) -> wire.CustomerInformationResponse:
        for number, text in reversed(list(enumerate(texts))):
            more = number < len(texts) - 1
            await station.say(part(asked.request_id, number, text, more=more))
        return wire.CustomerInformationResponse(status="Accepted")

    station.on(wire.CustomerInformation, answer)


async def check(
    central: Central, station: ScriptedStation, wanted: CustomerInformation, *texts: str
) -> wire.CustomerInformation:
    """Ask; what the station was asked."""
    tells(station, *texts)
    answer = await customer_information.customer_information(central, ID, wanted)
    assert answer == Customer(status="Accepted", data="".join(texts))
    assert len(await noted(central, "NotifyCustomerInformation")) == len(texts)
    (asked,) = station.asked
    assert (asked.report, asked.clear) == (wanted.report, wanted.clear)
    assert isinstance(asked, wire.CustomerInformation)
    return asked


@in_2x
async def test_TC_N_27_CSMS_data(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    asked = await check(central, station, REPORT, "Jane ", "Doe")
    assert asked.id_token == wire.IdToken(id_token="TAG1", type="ISO14443")
    assert len(await happened(central, "customer.information")) == 2


@in_2x
async def test_TC_N_28_CSMS_no_data(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await check(central, await connect_station(version), REPORT, "")


@in_2x
@pytest.mark.parametrize("status", ["Rejected", "Invalid"])
async def test_TC_N_29_CSMS_not_accepted(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(wire.CustomerInformation, wire.CustomerInformationResponse(status=status))
    answer = await customer_information.customer_information(central, ID, REPORT)
    assert answer == Customer(status=status)


@in_2x
async def test_TC_N_30_CSMS_clear_and_report(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await check(central, await connect_station(version), CLEAR_AND_REPORT, "Jane Doe")


@in_2x
async def test_TC_N_31_CSMS_clear_and_report_nothing(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await check(central, await connect_station(version), CLEAR_AND_REPORT, "")


@in_2x
async def test_TC_N_32_CSMS_clear(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await check(central, await connect_station(version), CLEAR, "")


@in_2x
async def test_TC_N_62_CSMS_by_identifier(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    wanted = CustomerInformation(report=True, clear=True, customer_identifier="OpenChargeAlliance")
    asked = await check(central, await connect_station(version), wanted, "x")
    assert asked.customer_identifier == "OpenChargeAlliance"
    assert asked.id_token is None


@in_2x
async def test_TC_N_63_CSMS_by_certificate(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    wanted = CustomerInformation(report=True, clear=True, customer_certificate=HASH)
    asked = await check(central, await connect_station(version), wanted, "x")
    assert asked.customer_certificate is not None
    assert asked.customer_certificate.serial_number == "01"


async def listed(central: Central) -> None:
    """Let the station's local list have the customer."""
    entry = AuthorizationData(id_token=WHO, id_token_info=TokenInfo(status="Accepted"))
    await central.commit(lambda unit: local_lists.save(unit.connection, ID, 4, (entry,), unit.now))


@in_2x
async def test_TC_N_46_CSMS_the_local_list_follows(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await listed(central)
    station.on(SendLocalList, SendLocalListAnswer(status="Accepted"))
    tells(station, "")
    await customer_information.customer_information(central, ID, CLEAR_AND_REPORT)
    update = station.asked[-1]
    assert (update.update_type, update.version_number) == ("Differential", 5)
    (entry,) = update.local_authorization_list
    assert (entry.id_token.id_token, entry.id_token_info) == ("TAG1", None)


async def test_a_local_list_that_stays_does_not_spoil_the_answer(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.0.1")
    await listed(central)
    station.on(SendLocalList, OcppError("InternalError"))
    tells(station, "Jane")
    answer = await customer_information.customer_information(central, ID, CLEAR_AND_REPORT)
    assert answer.data == "Jane"


@in_2x
async def test_what_nobody_asked_for_is_kept(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await station.say(part(99, 0, "Jane", more=False))
    (kept,) = await noted(central, "NotifyCustomerInformation")
    assert kept.payload["requestId"] == 99
