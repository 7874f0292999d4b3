"""What a station knows of a customer: N09 and N10 of 2.x."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chargeplane.domain.reservations import ReserveNow
from chargeplane.domain.tokens import AuthorizationData, SendLocalList, Token, TokenInfo
from chargeplane.domain.transactions import TransactionStarted
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, local_list, reservation
from tests.station.desk import Place, place

TWO = ("2.0.1", "2.1")
TAG = Token("TAG")
THEIRS: dict[str, Any] = {"id_token": wire.IdToken(id_token="tag", type="ISO14443")}
CERTIFICATE = wire.CertificateHashData(
    hash_algorithm="SHA256", issuer_name_hash="a", issuer_key_hash="b", serial_number="1"
)


async def ask(there: Place, *, report: bool = True, clear: bool = False, **who: Any) -> str:
    """What is said of a customer; or the status, if it is refused."""
    number = 1 + len(there.desk.all(wire.NotifyCustomerInformation))
    asked = wire.CustomerInformation(request_id=number, report=report, clear=clear, **who)
    answer = await there.desk.ask(asked)
    if answer.status != "Accepted":
        return str(answer.status)

    def is_last(each: wire.NotifyCustomerInformation) -> bool:
        return each.request_id == number and not each.tbc

    await there.desk.hears(wire.NotifyCustomerInformation, is_last)
    said = there.desk.all(wire.NotifyCustomerInformation)[number - 1 :]
    assert [each.seq_no for each in said] == list(range(len(said)))
    assert all(len(each.data) == 512 for each in said[:-1])
    return "".join(each.data for each in said)


async def be_known(there: Place) -> None:
    """Put the token on the local list and into the cache."""
    info = TokenInfo(status="Accepted", group_id_token=Token("FAMILY", "Central"))
    listed = AuthorizationData(id_token=TAG, id_token_info=info)
    sent = SendLocalList(version_number=1, update_type="Full", local_authorization_list=(listed,))
    assert (await there.desk.ask(sent)).status == "Accepted"
    authorization.remember(there.station, TAG, info)
    authorization.remember(there.station, Token("OTHER"), info)


@pytest.mark.parametrize("version", TWO)
async def test_TC_N_27_CS_what_is_known(version: str) -> None:
    async with place(version) as there:
        await be_known(there)
        said = await ask(there, **THEIRS)
        assert "local list: " in said
        assert "authorization cache: " in said
        assert "FAMILY" in said
        assert "OTHER" not in said


@pytest.mark.parametrize("version", TWO)
async def test_TC_N_28_CS_nothing_is_known(version: str) -> None:
    async with place(version) as there:
        assert await ask(there, **THEIRS) == ""


@pytest.mark.parametrize("who", [{}, {**THEIRS, "customer_identifier": "x"}])
@pytest.mark.parametrize("clear", ["TC_N_29_CS report", "TC_N_33_CS clear"])
async def test_one_customer_must_be_named(who: dict[str, Any], clear: str) -> None:
    async with place() as there:
        assert await ask(there, clear="clear" in clear, **who) == "Invalid"


async def test_something_must_be_asked_for() -> None:
    """N09.FR.07."""
    async with place() as there:
        assert await ask(there, report=False, **THEIRS) == "Rejected"


@pytest.mark.parametrize("version", TWO)
async def test_TC_N_30_CS_it_is_told_and_forgotten(version: str) -> None:
    """The local list is the central system's (N10.FR.02, FR.03)."""
    async with place(version) as there:
        await be_known(there)
        assert "authorization cache: " in await ask(there, clear=True, **THEIRS)
        said = await ask(there, **THEIRS)
        assert "local list: " in said
        assert "authorization cache: " not in said
        assert local_list.find(there.station, TAG) is not None
        assert set(authorization.cache(there.station)) == {"other"}


async def test_TC_N_31_CS_nothing_is_there_to_be_forgotten() -> None:
    async with place() as there:
        assert await ask(there, clear=True, **THEIRS) == ""


async def test_TC_N_32_CS_it_is_forgotten_without_a_report() -> None:
    async with place() as there:
        await be_known(there)
        assert "cleared" in await ask(there, report=False, clear=True, **THEIRS)
        assert set(authorization.cache(there.station)) == {"other"}


async def test_TC_N_62_CS_a_customer_by_a_text() -> None:
    """Of tokens of any kind."""
    async with place() as there:
        info = TokenInfo(status="Accepted")
        for kind in ("ISO14443", "KeyCode"):
            authorization.remember(there.station, Token("1234", kind), info)
        authorization.remember(there.station, Token("12345"), info)
        assert (await ask(there, clear=True, customer_identifier="1234")).count("cache") == 2
        assert await ask(there, customer_identifier="1234") == ""
        assert set(authorization.cache(there.station)) == {"12345"}


async def test_TC_N_63_CS_nothing_is_kept_of_certificates() -> None:
    async with place() as there:
        await be_known(there)
        for clear in (True, False):
            assert await ask(there, clear=clear, customer_certificate=CERTIFICATE) == ""


async def test_what_is_in_use_stays_until_it_is_not() -> None:
    async with place("2.1", evses=2) as there:
        there.hardware(1).plug_in()
        await authorization.swipe(there.station, TAG, (1,))
        await there.desk.hears(TransactionStarted)
        reserve = ReserveNow(
            id=1,
            id_token=TAG,
            evse_id=2,
            expiry_date_time=there.station.now() + timedelta(hours=1),
        )
        await there.desk.ask(reserve)
        said = await ask(there, clear=True, **THEIRS)
        for name in ("charge", "transaction", "reservation"):
            assert f"{name}: " in said
        assert there.evse(1).transaction is not None
        assert reservation.kept(there.station)
        await authorization.swipe(there.station, TAG)
        there.hardware(1).plug_out()
        said = await ask(there, **THEIRS)
        assert said.splitlines()[-1].startswith("reservation: ")


async def test_a_long_report_comes_in_parts() -> None:
    async with place("2.1") as there:
        info = TokenInfo(status="Accepted")
        for number in range(8):
            authorization.remember(there.station, Token("X", f"Kind{number}"), info)
        said = await ask(there, customer_identifier="X")
        assert said.count("cache") == 8
        assert len(there.desk.all(wire.NotifyCustomerInformation)) > 1
