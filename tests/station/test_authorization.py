"""Who may charge: the official test cases of block C, and the rules that they leave out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import (
    AdditionalInfo,
    Authorize,
    AuthorizeAnswer,
    ClearCache,
    SendLocalList,
    Token,
    TokenInfo,
)
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.errors import AnswerTimeout
from chargeplane.station import authorization
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Place, place, quietly
from tests.station.test_local_list import entry

TAG = Token("TAG")
OTHER = Token("OTHER")
FAMILY = Token("FAMILY", "Central")
MASTER = Token("MASTER", "Central")
LOCALLY = {"AuthCtrlr/LocalPreAuthorize": "true"}
TWO = ("2.0.1", "2.1")


def info(status: Any = "Accepted", **members: Any) -> TokenInfo:
    return TokenInfo(status=status, **members)


def known(**infos: TokenInfo) -> Any:
    """An answer by the token that is asked for; strangers are unknown."""

    def answer(request: Authorize) -> AuthorizeAnswer:
        found = infos.get(request.id_token.id_token, info("Unknown"))
        return AuthorizeAnswer(id_token_info=found)

    return answer


@asynccontextmanager
async def charging(
    version: str = "2.0.1", token: Token = TAG, values: dict[str, str] | None = None, **keys: Any
) -> AsyncIterator[Place]:
    async with place(version, values=values, **keys) as there:
        there.desk.answers[Authorize] = known(
            TAG=info(group_id_token=FAMILY), OTHER=info(group_id_token=FAMILY)
        )
        there.hardware().plug_in()
        await authorization.swipe(there.station, token)
        await there.desk.hears(TransactionStarted)
        await there.until(lambda: there.evse().flow() == "charging")
        yield there


def remember(there: Place, token: Token, kept: TokenInfo) -> None:
    authorization.remember(there.station, token, kept)


def asked(there: Place) -> list[str]:
    return [each.id_token.id_token for each in there.desk.all(Authorize)]


async def swipe(there: Place, token: Token = TAG, **how: Any) -> str:
    return (await authorization.swipe(there.station, token, **how)).status


async def is_quiet(there: Place) -> None:
    """Nothing of a transaction has been told."""
    await there.until(lambda: not len(there.station.outbox))
    assert not there.desk.all(TransactionEvent)


# Online


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param("Invalid", "Invalid", id="TC_C_02_CS"),
        pytest.param("Blocked", "Blocked", id="TC_C_06_CS"),
        pytest.param("Expired", "Expired", id="TC_C_07_CS"),
        pytest.param("Unknown", "Unknown", id="TC_C_56_CS"),
    ],
)
async def test_a_token_that_is_refused(version: str, status: str, said: str) -> None:
    async with place(version) as there:
        there.desk.answers[Authorize] = known(TAG=info(status))
        there.hardware().plug_in()
        answer = await swipe(there)
        assert answer in (said, "Invalid")  # 1.6 has no Unknown
        assert asked(there) == ["TAG"]
        assert there.evse().authorization is None
        await is_quiet(there)


async def test_TC_C_05_CS_a_token_that_is_refused_before_the_cable_is_there() -> None:
    async with place(values={"TxCtrlr/TxStartPoint": "Authorized"}) as there:
        there.desk.answers[Authorize] = known()
        assert await swipe(there) == "Unknown"
        await is_quiet(there)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_04_CS_another_token_does_not_end_a_charge(version: str) -> None:
    async with charging(version) as there:
        there.desk.answers[Authorize] = known(OTHER=info())
        before = len(there.desk.all(TransactionEvent))
        assert await swipe(there, OTHER) == "Accepted"
        assert there.evse().transaction is not None
        assert len(there.desk.all(TransactionEvent)) == before


async def test_only_the_evses_that_are_named_may_be_used() -> None:
    """C01.FR.21."""
    async with place(evses=2) as there:
        there.desk.answers[Authorize] = known(TAG=info(evse_id=(2,)))
        there.hardware(1).plug_in()
        await swipe(there)
        assert there.evse(1).authorization is None
        assert there.evse(2).authorization is not None


async def test_who_lost_the_right_to_charge_gets_it_again_and_nobody_else() -> None:
    """C01.FR.23."""
    async with charging(values={"TxCtrlr/TxStopPoint": "EVConnected"}) as there:
        there.desk.answers[Authorize] = known(TAG=info(), OTHER=info())
        assert await swipe(there) == "Accepted"
        await there.desk.hears(TransactionUpdated, lambda e: e.trigger_reason == "StopAuthorized")
        await swipe(there, OTHER)
        assert there.evse().authorization is None
        await swipe(there)
        assert there.evse().authorization is not None


async def test_tokens_of_other_kinds_are_others() -> None:
    """C01.FR.25; what else is said of a token does not matter."""
    async with charging() as there:
        there.desk.answers[Authorize] = known()
        assert await swipe(there, Token("tag", "KeyCode")) == "Unknown"
        assert there.evse().transaction is not None
        more = (AdditionalInfo(additional_id_token="x", type="y"),)
        assert await swipe(there, Token("tag", "ISO14443", more)) == "Accepted"
        await there.desk.hears(TransactionEnded)


async def test_a_start_button_asks_nobody() -> None:
    """C02."""
    async with place() as there:
        there.hardware().plug_in()
        assert (await authorization.press(there.station, 1)).status == "Accepted"
        began = await there.desk.hears(TransactionStarted)
        assert began.id_token == Token("", "NoAuthorization")
        assert not there.desk.all(Authorize)
        assert not authorization.cache(there.station)
        await authorization.press(there.station, 1)
        await there.desk.hears(TransactionEnded)


async def test_nobody_is_authorised_where_that_is_off() -> None:
    """AuthCtrlr.Enabled: who plugs in charges."""
    async with place(values={"AuthCtrlr/Enabled": "false"}) as there:
        there.hardware().plug_in()
        began = await there.desk.hears(TransactionStarted)
        assert began.id_token == Token("", "NoAuthorization")
        assert not there.desk.all(Authorize)
        there.hardware().plug_out()
        await there.desk.hears(TransactionEnded)
        assert there.evse().authorization is None


async def test_a_token_of_the_central_system_is_not_asked_for() -> None:
    """C05.FR.01, FR.02, although remote starts are to be authorised."""
    async with place(values={"AuthCtrlr/AuthorizeRemoteStart": "true"}) as there:
        there.hardware().plug_in()
        ask = RequestStartTransaction(
            id_token=Token("APP", "Central"), evse_id=1, remote_start_id=1
        )
        assert (await there.desk.ask(ask)).status == "Accepted"
        began = await there.desk.hears(TransactionStarted)
        assert (began.id_token, began.remote_start_id) == (Token("APP", "Central"), 1)
        assert not there.desk.all(Authorize)
        assert not authorization.cache(there.station)


async def test_TC_E_52_CS_where_nobody_may_be_asked_only_known_tokens_charge() -> None:
    """AuthCtrlr.DisableRemoteAuthorization."""
    async with place(values={"AuthCtrlr/DisableRemoteAuthorization": "true"}) as there:
        remember(there, TAG, info())
        assert await swipe(there, OTHER) == "Unknown"
        assert await swipe(there) == "Accepted"
        assert not there.desk.all(Authorize)


async def test_a_central_system_that_does_not_answer_is_as_none() -> None:
    async with place() as there:
        remember(there, TAG, info())
        there.desk.answers[Authorize] = quietly(AnswerTimeout("too late"))
        there.station.model.put("OCPPCommCtrlr/MessageTimeout[Default]", "1")
        assert await swipe(there) == "Accepted"
        assert await swipe(there, OTHER) == "Unknown"


# The cache


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_08_CS_a_cached_token_charges_at_once(version: str) -> None:
    async with place(version, values=LOCALLY) as there:
        remember(there, TAG, info())
        there.hardware().plug_in()
        assert await swipe(there) == "Accepted"
        await there.desk.hears(TransactionStarted)
        assert not there.desk.all(Authorize)


@pytest.mark.parametrize(
    ("cached", "answer"),
    [
        pytest.param("Invalid", "Invalid", id="TC_C_09_CS"),
        pytest.param("Blocked", "Blocked", id="TC_C_10_CS"),
        pytest.param("Expired", "Expired", id="TC_C_11_CS"),
        pytest.param("Invalid", "Accepted", id="TC_C_12_CS"),
    ],
)
async def test_a_cached_token_that_was_refused_is_asked_for(cached: str, answer: str) -> None:
    async with place(values=LOCALLY) as there:
        remember(there, TAG, info(cached))
        there.desk.answers[Authorize] = known(TAG=info(answer))
        there.hardware().plug_in()
        assert await swipe(there) == answer
        assert asked(there) == ["TAG"]
        if answer == "Accepted":
            await there.desk.hears(TransactionStarted)
        else:
            await is_quiet(there)


@pytest.mark.parametrize("start_point", ["Authorized", "PowerPathClosed"])
async def test_TC_C_13_CS_a_cached_token_before_the_cable(start_point: str) -> None:
    values = LOCALLY | {"TxCtrlr/TxStartPoint": start_point}
    async with place(values=values) as there:
        remember(there, TAG, info())
        await swipe(there)
        if start_point == "Authorized":
            began = await there.desk.hears(TransactionStarted)
            assert (began.trigger_reason, began.id_token) == ("Authorized", TAG)
        there.hardware().plug_in()
        await there.desk.hears(TransactionUpdated, lambda each: each.charging_state == "Charging")
        assert not there.desk.all(Authorize)


async def test_TC_C_57_CS_a_refused_cached_token_is_not_asked_for_if_so_configured() -> None:
    async with place(values=LOCALLY | {"AuthCacheCtrlr/DisablePostAuthorize": "true"}) as there:
        remember(there, TAG, info("Invalid"))
        assert await swipe(there) == "Invalid"
        assert not there.desk.all(Authorize)


async def test_TC_C_32_CS_the_cache_survives_a_power_cut(tmp_path: Path) -> None:
    for number in range(2):
        documents = Documents(tmp_path / "station.db")
        async with place(values=LOCALLY, documents=documents) as there:
            if number == 0:
                remember(there, TAG, info())
                continue
            there.hardware().plug_in()
            assert await swipe(there) == "Accepted"
            await there.desk.hears(TransactionStarted)
            assert not there.desk.all(Authorize)
        documents.close()


async def test_TC_C_33_CS_an_answer_to_authorize_is_cached() -> None:
    async with place(values=LOCALLY) as there:
        there.desk.answers[Authorize] = known(TAG=info())
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        await swipe(there)
        await there.desk.hears(TransactionEnded)
        there.hardware().plug_out()
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted, count=2)
        assert asked(there) == ["TAG"]


async def test_TC_C_34_CS_an_answer_to_an_event_is_cached() -> None:
    async with place(values=LOCALLY) as there:
        remember(there, TAG, info())
        there.desk.answers[TransactionStarted] = TransactionAnswer(id_token_info=info("Invalid"))
        there.desk.answers[Authorize] = known(TAG=info("Invalid"))
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionEnded, lambda e: e.trigger_reason == "Deauthorized")
        there.hardware().plug_out()
        there.hardware().plug_in()
        assert await swipe(there) == "Invalid"
        assert asked(there) == ["TAG"]


async def test_TC_C_36_CS_the_cache_is_not_used_online_unless_configured() -> None:
    async with place(values={"AuthCtrlr/LocalPreAuthorize": "false"}) as there:
        remember(there, TAG, info())
        there.desk.answers[Authorize] = known(TAG=info("Invalid"))
        assert await swipe(there) == "Invalid"
        assert asked(there) == ["TAG"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_37_CS_the_cache_is_cleared(version: str) -> None:
    async with place(version, values=LOCALLY) as there:
        remember(there, TAG, info())
        assert (await there.desk.ask(ClearCache())).status == "Accepted"
        await swipe(there)
        assert asked(there) == ["TAG"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_38_CS_a_cache_that_is_off_is_not_cleared(version: str) -> None:
    async with place(version, values={"AuthCacheCtrlr/Enabled": "false"}) as there:
        assert (await there.desk.ask(ClearCache())).status == "Rejected"
        await swipe(there)
        assert not authorization.cache(there.station)


async def test_TC_C_46_CS_what_is_cached_is_forgotten_in_time() -> None:
    values = LOCALLY | {"AuthCacheCtrlr/LifeTime": "60"}
    async with place(values=values) as there:
        remember(there, TAG, info())
        there.station.clock_offset += timedelta(seconds=61)
        await swipe(there)
        assert asked(there) == ["TAG"]


async def test_what_has_its_own_date_is_forgotten_then() -> None:
    """C10.FR.13; C17.FR.01: what is over already is not kept at all."""
    async with place(values=LOCALLY | {"AuthCacheCtrlr/LifeTime": "60"}) as there:
        now = there.station.now()
        remember(there, TAG, info(cache_expiry_date_time=now + timedelta(seconds=90)))
        there.station.clock_offset += timedelta(seconds=80)
        assert authorization.find(there.station, TAG) is not None
        there.station.clock_offset += timedelta(seconds=20)
        assert authorization.find(there.station, TAG) is None
        assert not authorization.cache(there.station)
        remember(there, TAG, info())
        remember(there, TAG, info(cache_expiry_date_time=now))
        assert not authorization.cache(there.station)


@pytest.mark.parametrize(("policy", "gone"), [("LRU", "B"), ("LFU", "C"), ("FIFO", "A")])
async def test_a_full_cache_makes_room(
    policy: str, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C10.FR.07: first goes what is of no use, then what AuthCacheCtrlr.Policy says."""
    monkeypatch.setattr(authorization, "CACHED", 3)
    async with place(values={"AuthCacheCtrlr/Policy": policy}) as there:
        station = there.station
        for name in "ABC":
            remember(there, Token(name), info())
            station.clock_offset += timedelta(seconds=1)
        for name in ("B", "B", "A", "A", "C"):
            authorization.find(station, Token(name))
            station.clock_offset += timedelta(seconds=1)
        remember(there, Token("D"), info())
        assert set("ABC") - {each.upper() for each in authorization.cache(station)} == {gone}
        remember(there, Token("D"), info("Blocked"))
        remember(there, Token("E"), info())
        assert "d" not in authorization.cache(station)


# Offline while a token is accepted that the central system refuses


async def offline_charge(there: Place, refusal: str = "Invalid", token: Token = TAG) -> None:
    """Begin a charge without a central system that will not have it."""
    there.desk.answers[TransactionStarted] = TransactionAnswer(id_token_info=info(refusal))
    await there.without_central()
    there.hardware().plug_in()
    await swipe(there, token)
    assert there.evse().transaction is not None
    await there.reconnected()
    await there.desk.hears(TransactionStarted)


def offline_values(stops: str, energy: str) -> dict[str, str]:
    return LOCALLY | {
        "TxCtrlr/StopTxOnInvalidId": stops,
        "TxCtrlr/MaxEnergyOnInvalidId": energy,
        "SampledDataCtrlr/TxUpdatedInterval": "0",
    }


async def test_TC_C_15_CS_a_refused_token_gets_some_energy() -> None:
    async with place(values=offline_values("false", "500")) as there:
        remember(there, TAG, info())
        await offline_charge(there)
        await there.until(lambda: there.evse().flow() == "evse")
        assert there.hardware().measure().energy_wh >= 500
        assert there.evse().transaction is not None
        told = [each.trigger_reason for each in there.desk.all(TransactionEvent)]
        assert "Deauthorized" not in told


@pytest.mark.parametrize(
    "energy", [pytest.param("0", id="TC_C_16_CS"), pytest.param("500", id="TC_C_18_CS")]
)
async def test_a_refused_token_is_stopped(energy: str) -> None:
    async with place(values=offline_values("true", energy)) as there:
        remember(there, TAG, info())
        await offline_charge(there)
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.offline) == ("Deauthorized", False)
        assert all(each.offline for each in there.desk.all(TransactionStarted))


async def test_TC_C_17_CS_a_refused_token_is_suspended() -> None:
    async with place(values=offline_values("false", "0")) as there:
        remember(there, TAG, info())
        await offline_charge(there)
        await there.desk.hears(
            TransactionUpdated, lambda each: each.charging_state == "SuspendedEVSE"
        )
        assert there.evse().transaction is not None


async def test_TC_C_26_CS_a_stranger_offline() -> None:
    values = offline_values("false", "0") | {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}
    async with place(values=values) as there:
        await offline_charge(there)
        await there.desk.hears(
            TransactionUpdated, lambda each: each.charging_state == "SuspendedEVSE"
        )
        assert asked(there) == []
        await swipe(there)
        ended = await there.desk.hears(TransactionEnded)
        assert ended.trigger_reason == "StopAuthorized"


# The local list


@asynccontextmanager
async def with_list(
    *entries: Any, version: str = "2.0.1", values: dict[str, str] | None = None, **how: Any
) -> AsyncIterator[Place]:
    async with place(version, values=LOCALLY | (values or {}), **how) as there:
        sent = SendLocalList(
            version_number=1, update_type="Full", local_authorization_list=entries or None
        )
        assert (await there.desk.ask(sent)).status == "Accepted"
        yield there


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_27_CS_a_listed_token_charges_at_once(version: str) -> None:
    async with with_list(entry("TAG"), version=version) as there:
        assert await swipe(there) == "Accepted"
        there.hardware().plug_in()
        await there.desk.hears(TransactionStarted)
        assert not there.desk.all(Authorize)


@pytest.mark.parametrize(
    ("listed", "answer"),
    [
        pytest.param("Invalid", "Invalid", id="TC_C_28_CS"),
        pytest.param("Blocked", "Blocked", id="TC_C_29_CS"),
        pytest.param("Expired", "Expired", id="TC_C_30_CS"),
        pytest.param("Invalid", "Accepted", id="TC_C_31_CS"),
    ],
)
async def test_a_listed_token_that_is_refused_is_asked_for(listed: str, answer: str) -> None:
    async with with_list(entry("TAG", listed)) as there:
        there.desk.answers[Authorize] = known(TAG=info(answer))
        there.hardware().plug_in()
        assert await swipe(there) == answer
        assert asked(there) == ["TAG"]
        assert (there.evse().transaction is not None) == (answer == "Accepted")


async def test_TC_C_58_CS_a_refused_listed_token_is_not_asked_for_if_so_configured() -> None:
    values = {"LocalAuthListCtrlr/DisablePostAuthorize": "true"}
    async with with_list(entry("TAG", "Invalid"), values=values) as there:
        assert await swipe(there) == "Invalid"
        assert not there.desk.all(Authorize)


async def test_a_listed_token_past_its_date_is_asked_for() -> None:
    """C14.FR.05."""
    async with with_list(entry("TAG", ends_in_s=60)) as there:
        there.desk.answers[Authorize] = known()
        there.station.clock_offset += timedelta(seconds=61)
        assert await swipe(there) == "Unknown"
        assert asked(there) == ["TAG"]


async def without_central(there: Place) -> None:
    await there.without_central()
    there.hardware().plug_in()


@pytest.mark.parametrize(
    ("listed", "ends_in_s"),
    [
        pytest.param("Invalid", None, id="TC_C_22_CS"),
        pytest.param("Blocked", None, id="TC_C_23_CS"),
        pytest.param("Expired", None, id="TC_C_24_CS"),
        pytest.param("Accepted", -1, id="C13.FR.06"),
    ],
)
async def test_a_listed_token_that_is_refused_offline(listed: str, ends_in_s: float | None) -> None:
    """A token on the list is no stranger, even if strangers may charge."""
    values = {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}
    async with with_list(entry("TAG", listed, ends_in_s=ends_in_s), values=values) as there:
        await without_central(there)
        assert await swipe(there) != "Accepted"
        assert there.evse().transaction is None


async def test_TC_C_21_CS_a_listed_token_offline() -> None:
    async with with_list(entry("TAG")) as there:
        await without_central(there)
        assert await swipe(there) == "Accepted"
        await swipe(there)
        assert there.evse().transaction is None
        await there.reconnected()
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.offline) == ("StopAuthorized", True)


async def test_TC_C_25_CS_the_list_counts_more_than_the_cache() -> None:
    values = {
        "AuthCtrlr/OfflineTxForUnknownIdEnabled": "true",
        "TxCtrlr/StopTxOnInvalidId": "false",
    }
    async with with_list(entry("TAG", "Invalid"), values=values) as there:
        remember(there, TAG, info())
        await without_central(there)
        assert await swipe(there) == "Invalid"
        assert there.evse().transaction is None


async def test_known_tokens_do_not_charge_offline_unless_configured() -> None:
    values = {"AuthCtrlr/LocalAuthorizeOffline": "false"}
    async with with_list(entry("TAG"), values=values) as there:
        await without_central(there)
        assert await swipe(there) == "Unknown"


# Groups


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_C_39_CS_another_token_of_the_group_ends_the_charge(version: str) -> None:
    async with charging(version) as there:
        assert await swipe(there, OTHER) == "Accepted"
        assert asked(there) == ["TAG", "OTHER"]
        ended = await there.desk.hears(TransactionEnded)
        assert ended.id_token == OTHER
        if version != "1.6":
            assert ended.trigger_reason == "StopAuthorized"


@pytest.mark.parametrize("place_of", ["TC_C_40_CS the list", "TC_C_41_CS the cache"])
@pytest.mark.parametrize("pre_authorize", ["true", "false"])
async def test_another_token_of_the_group_that_is_known(place_of: str, pre_authorize: str) -> None:
    """C09.FR.07: nobody is asked."""
    entries = [entry(name, group_id_token=FAMILY) for name in ("TAG", "OTHER")]
    async with with_list(*(entries if "list" in place_of else ())) as there:
        for token in (TAG, OTHER):
            remember(there, token, info(group_id_token=FAMILY))
        there.hardware().plug_in()
        await swipe(there)
        there.station.model.put("AuthCtrlr/LocalPreAuthorize", pre_authorize)
        await swipe(there, OTHER)
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.id_token) == ("StopAuthorized", OTHER)
        assert not there.desk.all(Authorize)


async def test_TC_E_45_CS_another_token_of_the_group_ends_a_charge_offline() -> None:
    async with charging() as there:
        remember(there, OTHER, info(group_id_token=FAMILY))
        await there.without_central()
        assert await swipe(there, OTHER) == "Accepted"
        there.hardware().plug_out()
        await there.reconnected()
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.offline, ended.id_token) == (True, OTHER)
        assert ended.trigger_reason == "StopAuthorized"


@pytest.mark.parametrize(
    "known_as", ["TC_C_42_CS a stranger", "TC_C_43_CS listed", "TC_C_44_CS cached"]
)
async def test_a_refused_token_of_the_group_ends_nothing(known_as: str) -> None:
    listed = [entry("OTHER", "Invalid", group_id_token=FAMILY)] if "listed" in known_as else []
    async with with_list(*listed) as there:
        refused = info("Invalid", group_id_token=FAMILY)
        there.desk.answers[Authorize] = known(TAG=info(group_id_token=FAMILY), OTHER=refused)
        if "cached" in known_as:
            remember(there, OTHER, refused)
        there.hardware().plug_in()
        await swipe(there)
        assert await swipe(there, OTHER) == "Invalid"
        assert asked(there) == ["TAG", "OTHER"]
        assert there.evse().transaction is not None


# Master passes


def master_values(**values: str) -> dict[str, str]:
    return {"AuthCtrlr/MasterPassGroupId": "Master"} | values


@asynccontextmanager
async def two_charges(values: dict[str, str]) -> AsyncIterator[Place]:
    async with place(evses=2, values=values) as there:
        there.desk.answers[Authorize] = known(
            TAG=info(), OTHER=info(), POLICE=info(group_id_token=MASTER)
        )
        for number, token in enumerate((TAG, OTHER), start=1):
            there.hardware(number).plug_in()
            await authorization.swipe(there.station, token, (number,))
        await there.desk.hears(TransactionStarted, count=2)
        yield there


async def test_TC_C_49_CS_a_master_pass_ends_all_charges() -> None:
    async with two_charges(master_values()) as there:
        assert await swipe(there, Token("POLICE")) == "Accepted"
        ended = [await there.desk.hears(TransactionEnded, count=number) for number in (1, 2)]
        assert {each.evse for each in ended} == {Evse(1, 1), Evse(2, 1)}
        assert {each.stopped_reason for each in ended} == {"MasterPass"}
        assert {each.id_token for each in ended} == {Token("POLICE")}


@pytest.mark.parametrize(
    "chosen", [pytest.param((1, 2), id="TC_C_47_CS"), pytest.param((1,), id="TC_C_48_CS")]
)
async def test_a_master_pass_and_a_screen(chosen: tuple[int, ...]) -> None:
    async def choose(running: tuple[EvseUnit, ...]) -> Iterable[EvseUnit]:
        return [each for each in running if each.id in chosen]

    async with two_charges(master_values()) as there:
        await swipe(there, Token("POLICE"), choose=choose)
        for number in (1, 2):
            assert (there.evse(number).transaction is None) == (number in chosen)


@pytest.mark.parametrize("start", ["TC_C_45_CS by card", "by the central system"])
async def test_a_master_pass_begins_nothing(start: str) -> None:
    values = master_values() | {"AuthCtrlr/AuthorizeRemoteStart": "true"}
    async with place(values=values) as there:
        there.desk.answers[Authorize] = known(POLICE=info(group_id_token=MASTER))
        if "card" in start:
            assert await swipe(there, Token("POLICE")) == "Accepted"
        else:
            token = Token("POLICE")
            ask = RequestStartTransaction(id_token=token, evse_id=1, remote_start_id=1)
            await there.desk.ask(ask)
            await there.desk.hears(Authorize)
        there.hardware().plug_in()
        assert there.evse().authorization is None
        await is_quiet(there)


async def test_TC_C_14_CS_a_cached_master_pass() -> None:
    async with charging(values=master_values(**LOCALLY)) as there:
        remember(there, Token("POLICE"), info(group_id_token=MASTER))
        there.desk.forget()
        await swipe(there, Token("POLICE"))
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == ("StopAuthorized", "MasterPass")
        assert not there.desk.all(Authorize)


# Whoever runs the station


async def test_the_right_to_charge_is_taken_away() -> None:
    async with charging() as there:
        station = there.station
        assert authorization.withdraw(station, 7) == "EvseNotFound"
        assert authorization.withdraw(station, 1, OTHER) == "AuthorizationNotFound"
        assert authorization.withdraw(station, token=TAG) == "Accepted"
        ended = await there.desk.hears(TransactionEnded)
        assert ended.trigger_reason == "Deauthorized"
        assert authorization.withdraw(station) == "AuthorizationNotFound"


async def test_what_becomes_of_tokens_is_told() -> None:
    async with place() as there:
        told: list[str] = []
        there.station.signals.token.listen(lambda news: told.append(news[1]))
        there.desk.answers[Authorize] = known(TAG=info())
        await swipe(there, OTHER)
        there.hardware().plug_in()
        await swipe(there)
        await swipe(there)
        assert told[:2] == ["Processing", "Rejected"]
        assert told[2:] == ["Processing", "Accepted", "UsedToStart", "UsedToStop"]
