"""Cars that show their contract: C07 of 2.x, and 1.6 by Plug & Charge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.tokens import (
    Authorize,
    AuthorizeAnswer,
    CertificateCheck,
    OcspRequestData,
    Token,
    TokenInfo,
)
from chargeplane.domain.transactions import TransactionEvent, TransactionStarted
from chargeplane.station import authorization, certificates, contracts
from chargeplane.station.certificates import Installed
from tests.net.certificates import Authority, Wish
from tests.station.desk import VERSIONS, Desk, Place, place

EMAID = "DEABCC00123"
CONTRACT = Token(EMAID, "eMAID")
RESPONDER = "http://ocsp.example.org/"
CENTRAL = "ISO15118Ctrlr/CentralContractValidationAllowed"
OFFLINE = "ISO15118Ctrlr/ContractValidationOffline"


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def operator(root: Authority) -> Authority:
    """Who signs contracts."""
    return root.below("MO", wish=Wish(responder=RESPONDER))


def contract(operator: Authority, **wish: Any) -> str:
    """A contract certificate with those above it."""
    certificate, _ = operator.issue(EMAID, Wish(responder=RESPONDER, addresses=(), **wish))
    return certificate.read_text() + operator.chain


@asynccontextmanager
async def car_at(
    version: str = "2.0.1",
    *,
    trusts: Authority | None = None,
    values: dict[str, str] | None = None,
    answer: AuthorizeAnswer | None = None,
) -> AsyncIterator[Place]:
    desk = Desk(version)
    accepted = TokenInfo(status="Accepted")
    desk.answers[Authorize] = answer or AuthorizeAnswer(
        id_token_info=accepted, certificate_status="Accepted"
    )
    values = {"ISO15118Ctrlr/PnCEnabled": "true"} | (values or {})
    async with place(version, desk=desk, values=values) as there:
        if trusts is not None:
            now = there.station.now()
            installed = Installed(use="MORootCertificate", chain=trusts.pem, since=now)
            certificates.keep(there.station, installed)
        there.hardware().plug_in()
        yield there


async def show(there: Place, chain: str | None = None, **how: Any) -> authorization.Verdict:
    evse = there.evse()
    return await contracts.present(there.station, evse, EMAID, chain=chain, **how)


def refusal(status: Any, check: CertificateCheck) -> AuthorizeAnswer:
    return AuthorizeAnswer(id_token_info=TokenInfo(status=status), certificate_status=check)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_50_CS_a_contract_is_validated_here(
    version: str, root: Authority, operator: Authority
) -> None:
    chain = contract(operator)
    async with car_at(version, trusts=root) as there:
        verdict = await show(there, chain)
        assert (verdict.info.status, verdict.certificate_status) == ("Accepted", "Accepted")
        asked = await there.desk.hears(Authorize)
        assert (asked.id_token.id_token, asked.certificate) == (EMAID, None)
        data = asked.iso15118_certificate_hash_data or ()
        assert [each.responder_url for each in data] == [RESPONDER] * 2
        began = await there.desk.hears(TransactionStarted)
        assert began.id_token is not None
        assert began.id_token.id_token == EMAID
        if version != "1.6":
            assert began.id_token.type == asked.id_token.type == "eMAID"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_51_CS_a_contract_that_is_cancelled(
    version: str, root: Authority, operator: Authority
) -> None:
    answer = refusal("Invalid", "ContractCancelled")
    async with car_at(version, trusts=root, answer=answer) as there:
        verdict = await show(there, contract(operator))
        assert verdict.certificate_status == "ContractCancelled"
        assert (await there.desk.hears(Authorize)).iso15118_certificate_hash_data
        assert there.evse().authorization is None
        assert not there.desk.all(TransactionEvent)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_52_CS_a_contract_is_validated_by_the_central_system(
    version: str, operator: Authority
) -> None:
    chain = contract(operator)
    async with car_at(version, values={CENTRAL: "true"}) as there:
        assert (await show(there, chain)).info.status == "Accepted"
        assert (await there.desk.hears(Authorize)).certificate == chain
        await there.desk.hears(TransactionStarted)


async def test_TC_C_53_CS_the_central_system_finds_it_revoked(operator: Authority) -> None:
    answer = refusal("Invalid", "CertificateRevoked")
    async with car_at(values={CENTRAL: "true"}, answer=answer) as there:
        assert (await show(there, contract(operator))).certificate_status == "CertificateRevoked"
        assert there.evse().authorization is None


@pytest.mark.parametrize("known", ["listed or cached", "unknown"])
async def test_TC_C_54_CS_a_contract_without_a_central_system(
    known: str, root: Authority, operator: Authority
) -> None:
    unknown = "true" if known == "unknown" else "false"
    values = {OFFLINE: "true", "AuthCtrlr/OfflineTxForUnknownIdEnabled": unknown}
    async with car_at(trusts=root, values=values) as there:
        if known != "unknown":
            authorization.remember(there.station, CONTRACT, TokenInfo(status="Accepted"))
        await there.without_central()
        assert (await show(there, contract(operator))).info.status == "Accepted"
        await there.reconnected()
        began = await there.desk.hears(TransactionStarted)
        assert (began.id_token, began.offline) == (CONTRACT, True)
        assert not there.desk.all(Authorize)


@pytest.mark.parametrize(
    ("validates", "trusted", "knows"),
    [("false", True, True), ("true", False, True), ("true", True, False)],
    ids=["TC_C_55_CS not so configured", "root unknown", "contract unknown"],
)
async def test_a_contract_that_does_not_charge_without_a_central_system(
    validates: str,
    trusted: bool,  # noqa: FBT001 a column
    knows: bool,  # noqa: FBT001 a column
    root: Authority,
    operator: Authority,
) -> None:
    async with car_at(trusts=root if trusted else None, values={OFFLINE: validates}) as there:
        if knows:
            authorization.remember(there.station, CONTRACT, TokenInfo(status="Accepted"))
        await there.without_central()
        assert (await show(there, contract(operator))).info.status != "Accepted"
        assert there.evse().transaction is None


async def test_contracts_that_are_refused_without_asking(
    root: Authority, operator: Authority
) -> None:
    async with car_at(trusts=root) as there:
        for chain, check in (
            (contract(operator, days=(-2, -1)), "CertificateExpired"),
            ("no certificate", "CertChainError"),
            (contract(Authority(root.folder / "other")), "CertChainError"),
            (None, "NoCertificateAvailable"),
        ):
            assert (await show(there, chain)).certificate_status == check
        assert not there.desk.all(Authorize)


async def test_a_chain_that_is_too_long_to_be_told(operator: Authority) -> None:
    async with car_at(values={CENTRAL: "true"}) as there:
        chain = contract(operator) * 5
        assert (await show(there, chain)).certificate_status == "CertChainError"


async def test_what_was_validated_already_is_not_again() -> None:
    data = OcspRequestData(
        hash_algorithm="SHA256",
        issuer_name_hash="a",
        issuer_key_hash="b",
        serial_number="1",
        responder_url=RESPONDER,
    )
    async with car_at() as there:
        assert (await show(there, hash_data=(data,))).info.status == "Accepted"
        assert (await there.desk.hears(Authorize)).iso15118_certificate_hash_data == (data,)


async def test_plug_and_charge_may_be_off(root: Authority, operator: Authority) -> None:
    async with car_at(trusts=root, values={"ISO15118Ctrlr/PnCEnabled": "false"}) as there:
        assert (await show(there, contract(operator))).info.status == "Invalid"
        assert not there.desk.all(Authorize)


async def test_a_car_that_shows_its_contract_again_goes_on(
    root: Authority, operator: Authority
) -> None:
    chain = contract(operator)
    async with car_at(trusts=root) as there:
        await show(there, chain)
        assert (await show(there, chain)).info.status == "Accepted"
        assert len(there.desk.all(Authorize)) == 1
        assert there.evse().transaction is not None


async def test_a_contract_does_not_take_an_evse_from_others(
    root: Authority, operator: Authority
) -> None:
    async with car_at(trusts=root) as there:
        await authorization.swipe(there.station, Token("TAG"))
        used: list[str] = []
        there.station.signals.token.listen(lambda news: used.append(news[1]))
        await show(there, contract(operator))
        by = there.evse().authorization
        assert by is not None
        assert by.token == Token("TAG")
        assert used == ["Processing", "Rejected"]


async def test_contracts_are_cached(root: Authority, operator: Authority) -> None:
    async with car_at(trusts=root) as there:
        await show(there, contract(operator))
        there.station.clock_offset += timedelta(seconds=1)
        found = authorization.find(there.station, CONTRACT)
        assert found is not None
        assert found.info.status == "Accepted"
