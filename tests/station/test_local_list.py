"""The local list: the official test cases of block D, and 1.6 §5.10 and §5.15."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.tokens import (
    AuthorizationData,
    GetLocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
    Token,
    TokenInfo,
)
from chargeplane.domain.variables import Component, GetVariables, Variable, VariableQuery
from chargeplane.station import local_list
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Place, place

TWO = ("2.0.1", "2.1")


def entry(
    name: str, status: Any = "Accepted", *, ends_in_s: float | None = None, **members: Any
) -> AuthorizationData:
    ends = None if ends_in_s is None else datetime.now(UTC) + timedelta(seconds=ends_in_s)
    info = TokenInfo(status=status, cache_expiry_date_time=ends, **members)
    return AuthorizationData(id_token=Token(name), id_token_info=info)


def gone(name: str) -> AuthorizationData:
    return AuthorizationData(id_token=Token(name))


async def send(
    there: Place, version: int, kind: Any, *entries: AuthorizationData
) -> SendLocalListAnswer:
    sent = SendLocalList(
        version_number=version, update_type=kind, local_authorization_list=entries or None
    )
    answer: SendLocalListAnswer = await there.desk.ask(sent)
    return answer


async def version_of(there: Place) -> int:
    return int((await there.desk.ask(GetLocalListVersion())).version_number)


def names(there: Place) -> set[str]:
    return {each.id_token.id_token for each in local_list.entries(there.station).values()}


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_D_01_CS_TC_D_08_CS_a_full_list(version: str) -> None:
    async with place(version) as there:
        assert await version_of(there) == 0  # D02.FR.02
        assert (await send(there, 3, "Full", entry("A"), entry("B"))).status == "Accepted"
        assert await version_of(there) == 3
        assert (await send(there, 1, "Full", entry("C"))).status == "Accepted"
        assert (await version_of(there), names(there)) == (1, {"C"})


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_D_02_CS_a_differential_list(version: str) -> None:
    async with place(version) as there:
        await send(there, 1, "Full", entry("A"), entry("B"))
        changed = entry("A", "Blocked")
        assert (await send(there, 2, "Differential", changed, entry("C"))).status == "Accepted"
        assert (await version_of(there), names(there)) == (2, {"A", "B", "C"})
        found = local_list.find(there.station, Token("a"))
        assert found is not None
        assert found.status == "Blocked"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_D_03_CS_a_differential_list_removes(version: str) -> None:
    async with place(version) as there:
        await send(there, 1, "Full", entry("A"), entry("B"))
        assert (await send(there, 2, "Differential", gone("A"), gone("X"))).status == "Accepted"
        assert (await version_of(there), names(there)) == (2, {"B"})


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_D_04_CS_a_full_list_of_nothing(version: str) -> None:
    async with place(version) as there:
        await send(there, 1, "Full", entry("A"))
        assert (await send(there, 5, "Full")).status == "Accepted"
        assert names(there) == set()
        # In 1.6 §5.10 a version of 0 says that the list is empty, in D02 that there is none.
        assert await version_of(there) == (0 if version == "1.6" else 5)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_D_05_CS_a_differential_list_of_nothing(version: str) -> None:
    async with place(version) as there:
        await send(there, 1, "Full", entry("A"))
        assert (await send(there, 2, "Differential")).status == "Accepted"
        assert (await version_of(there), names(there)) == (2, {"A"})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("older", [1, 2])
async def test_TC_D_06_CS_an_older_differential_list(version: str, older: int) -> None:
    async with place(version) as there:
        await send(there, 2, "Full", entry("A"))
        assert (await send(there, older, "Differential", entry("B"))).status == "VersionMismatch"
        assert (await version_of(there), names(there)) == (2, {"A"})


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_D_07_CS_a_list_survives_a_power_cut(version: str, tmp_path: Path) -> None:
    for number in range(2):
        documents = Documents(tmp_path / "station.db")
        async with place(version, documents=documents) as there:
            if number == 0:
                await send(there, 4, "Full", entry("A"))
            assert (await version_of(there), names(there)) == (4, {"A"})
        documents.close()


@pytest.mark.parametrize(("version", "number"), [("1.6", -1), ("2.0.1", 0), ("2.1", 0)])
async def test_TC_D_10_CS_a_list_that_is_off(version: str, number: int) -> None:
    async with place(version, values={"LocalAuthListCtrlr/Enabled": "false"}) as there:
        assert await version_of(there) == number
        answer = await send(there, 1, "Full", entry("A"))
        assert answer.status == ("NotSupported" if version == "1.6" else "Failed")


@pytest.mark.parametrize("version", TWO)
async def test_lists_that_cannot_be_taken_change_nothing(version: str) -> None:
    """D01.FR.06, FR.11, FR.12, FR.18."""
    async with place(version) as there:
        await send(there, 3, "Full", entry("A"))
        for number, entries in (
            (0, [entry("B")]),
            (4, [entry("B"), entry("b")]),
            (4, [gone("B")]),
            (4, [entry(f"T{n}") for n in range(251)]),
        ):
            assert (await send(there, number, "Full", *entries)).status == "Failed"
        assert (await version_of(there), names(there)) == (3, {"A"})


async def test_a_list_has_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async with place() as there:
        model = there.station.model
        monkeypatch.setattr(type(model), "maximum", lambda _self, _name: 2.0)
        await send(there, 1, "Full", entry("A"), entry("B"))
        assert (await send(there, 2, "Differential", entry("C"))).status == "Failed"
        assert (await send(there, 2, "Differential", entry("C"), gone("A"))).status == "Accepted"
        assert names(there) == {"B", "C"}


async def test_tokens_of_two_kinds_are_two() -> None:
    """C01.FR.25."""
    async with place() as there:
        card, code = Token("1234"), Token("1234", "KeyCode")
        info = TokenInfo(status="Accepted")
        listed = AuthorizationData(id_token=card, id_token_info=info)
        other = AuthorizationData(id_token=code, id_token_info=TokenInfo(status="Blocked"))
        await send(there, 1, "Full", listed, other)
        for token, status in ((card, "Accepted"), (code, "Blocked")):
            found = local_list.find(there.station, token)
            assert found is not None
            assert found.status == status
        assert local_list.find(there.station, Token("1234", "Local")) is None


async def test_a_list_of_1_x_knows_contracts_by_their_text() -> None:
    async with place("1.6") as there:
        await send(there, 1, "Full", entry("DEABC123"))
        assert local_list.find(there.station, Token("DEABC123", "eMAID")) is not None


async def test_how_much_is_listed_can_be_read() -> None:
    """D01.FR.12."""
    async with place() as there:
        await send(there, 1, "Full", entry("A"), entry("B"))
        queries = tuple(
            VariableQuery(component=Component("LocalAuthListCtrlr"), variable=Variable(name))
            for name in ("Entries", "Storage", "ItemsPerMessage")
        )
        results = (await there.desk.ask(GetVariables(queries=queries))).results
        entries, storage, items = (each.attribute_value for each in results)
        assert (entries, items) == ("2", "250")
        assert int(storage or 0) > 50
