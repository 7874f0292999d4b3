from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.csms.central import utc_now
from chargeplane.domain.tokens import Token
from chargeplane.storage.repositories import tokens
from tests.e2e.harness import EVERYTHING, VERSIONS, World, published, token, world
from tests.e2e.words import words

HOUR = timedelta(hours=1)

# What is set of a token, and what it may do when presented and at a start, with one transaction
# of it open elsewhere or not.
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "good": ({}, "Accepted"),
    "blocked": ({"blocked": True}, "Blocked"),
    "expired": ({"expires_at": -HOUR}, "Expired"),
    "not yet expired": ({"expires_at": HOUR}, "Accepted"),
    "valid later": ({"valid_from": HOUR}, "NotAtThisTime"),
    "valid since": ({"valid_from": -HOUR}, "Accepted"),
    "limit 0": ({"max_active_transactions": 0}, "Blocked"),
    "no limit": ({"max_active_transactions": -1}, "Accepted"),
    "listed here": ({"stations": ("CS-1", "CS-9")}, "Accepted"),
    "listed elsewhere": ({"stations": ("CS-9",)}, "NotAtThisLocation"),
    "listed nowhere": ({"stations": ()}, "NotAtThisLocation"),
    "blocked and expired": ({"blocked": True, "expires_at": -HOUR}, "Blocked"),
    "expired and elsewhere": ({"expires_at": -HOUR, "stations": ()}, "Expired"),
    "in a group": ({"group_key": "fleet", "group_id": "Fleet"}, "Accepted"),
}
EVERY_VERSION = ("1.2", "1.5", *VERSIONS)


def made(settings: dict[str, Any]) -> dict[str, Any]:
    """Times that are given as distances from now."""
    return {
        name: utc_now() + value if isinstance(value, timedelta) else value
        for name, value in settings.items()
    }


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        yield here


@pytest.mark.parametrize("version", EVERY_VERSION)
async def test_TC_C_02_CSMS_one_decision_in_every_version(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    tags = {f"TAG{number}": case for number, case in enumerate(CASES)}
    await here.add_tokens(*(token(tag, **made(CASES[case][0])) for tag, case in tags.items()))
    for number, (tag, case) in enumerate(tags.items()):
        expected = said.status(CASES[case][1])
        assert (case, await said.authorize(tag)) == (case, expected)
        started = await said.start(tag, name=f"tx-{number}", seconds=number)
        assert (case, started.status) == (case, expected)
        await said.stop(started.name, seconds=number)


@pytest.mark.parametrize("version", EVERY_VERSION)
async def test_an_unknown_token_is_refused_and_remembered(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    refused = said.status("Unknown")
    assert await said.authorize("Stranger") == refused
    assert await said.authorize("STRANGER") == refused
    started = await said.start("stranger")
    assert started.status == refused
    page = await here.read(lambda connection: tokens.unknown(connection, EVERYTHING))
    (unknown,) = page.items
    assert (unknown.key, unknown.attempts, unknown.station_id) == ("stranger", 3, "CS-1")
    transaction = await here.transaction()
    assert (transaction.start_status, transaction.id_token) == ("Unknown", "stranger")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("limit", "second"), [(1, "ConcurrentTx"), (2, "Accepted")])
async def test_concurrent_limit_counts_at_the_start_only(
    here: World, version: str, limit: int, second: str
) -> None:
    await here.add_tokens(token("TAG", max_active_transactions=limit))
    said = words(version, await here.wire(version))
    first = await said.start("TAG", evse=1, name="a")
    assert first.status == "Accepted"
    assert await said.authorize("TAG") == "Accepted"
    other = await said.start("TAG", evse=2, name="b", seconds=1)
    assert other.status == second
    await said.stop(first.name)
    if second == "Accepted":
        await said.stop(other.name)
    # A start that was refused, and of which no more is heard, takes nobody's place.
    assert (await said.start("TAG", evse=1, name="c", seconds=5000)).status == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("tag", "canonical"),
    [("BEGAN", "Accepted"), ("began", "Accepted"), ("FRIEND", "Accepted"), ("OTHER", "Invalid")],
)
async def test_who_may_stop(here: World, version: str, tag: str, canonical: str) -> None:
    group = {"group_key": "family", "group_id": "Family"}
    await here.add_tokens(token("BEGAN", **group), token("FRIEND", **group), token("OTHER"))
    said = words(version, await here.wire(version))
    started = await said.start("BEGAN")
    assert await said.stop(started.name, tag=tag) == said.status(canonical)
    assert (await here.transaction()).stop_id_token == tag  # whoever it was, it has ended


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_group_is_told_to_the_station(here: World, version: str) -> None:
    await here.add_tokens(token("TAG", group_key="fleet", group_id="Fleet"))
    talker = await here.wire(version)
    if version == "1.6":
        info = (await talker.call("Authorize", {"idTag": "TAG"}))["idTagInfo"]
        assert info["parentIdTag"] == "Fleet"
    else:
        asked = {"idToken": {"idToken": "TAG", "type": "ISO14443"}}
        info = (await talker.call("Authorize", asked))["idTokenInfo"]
        assert info["groupIdToken"]["idToken"] == "Fleet"


@pytest.mark.parametrize("version", VERSIONS)
async def test_allow_list_of_a_station(here: World, version: str) -> None:
    await here.register("CS-1", allow_list_mode="listed")
    await here.add_tokens(token("ANYWHERE"), token("HERE", stations=("CS-1",)))
    said = words(version, await here.wire(version))
    assert await said.authorize("ANYWHERE") == said.status("NotAtThisLocation")
    assert await said.authorize("HERE") == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_free_vending_accepts_whoever_comes(here: World, version: str) -> None:
    await here.register("CS-1", free_vend=True)
    await here.add_tokens(token("BLOCKED", blocked=True))
    said = words(version, await here.wire(version))
    assert await said.authorize("NOBODY") == "Accepted"
    assert (await said.start("BLOCKED")).status == "Accepted"


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_TC_C_24_CSMS_a_station_without_authorisation_sends_no_token(
    here: World, version: str
) -> None:
    talker = await here.wire(version)
    asked = {"idToken": {"idToken": "", "type": "NoAuthorization"}}
    answer = await talker.call("Authorize", asked)
    assert answer["idTokenInfo"]["status"] == "Accepted"


async def test_a_contract_certificate_that_nobody_can_check_is_not_accepted(here: World) -> None:
    await here.add_tokens(token("DE-ABC-C123"))
    talker = await here.wire("2.0.1")
    asked = {"idToken": {"idToken": "DE-ABC-C123", "type": "eMAID"}, "certificate": "PEM"}
    answer = await talker.call("Authorize", asked)
    assert answer["certificateStatus"] == "NoCertificateAvailable"


async def test_what_was_presented_is_published(here: World) -> None:
    await here.add_tokens(token("TAG"))
    said = words("1.6", await here.wire("1.6"))
    with here.central.bus.subscribe() as listener:
        await said.authorize("TAG")
        event = await published(listener, "token.presented")
    assert event.kind == "token.presented"
    assert event.data == {"id_token": "TAG", "status": "Accepted"}
    assert Token("TAG").key == "tag"
