from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chargeplane.access.passwords import hash_password
from chargeplane.csms import admission
from chargeplane.csms.admission import Admission, RateLimit, Visitor, negotiate
from chargeplane.errors import StorageError
from chargeplane.net.websocket import Admitted, Handshake, Refused
from chargeplane.storage.repositories import refused_stations
from tests.e2e.harness import EVERYTHING, World, kinds, world

PASSWORD = b"0123456789abcdef"
RIGHT = ("CS-1", PASSWORD)


def handshake(**members: Any) -> Handshake:
    """A plain one, but for what is given."""
    usual: dict[str, Any] = {
        "station_id": "CS-1",
        "subprotocols": ("ocpp1.6",),
        "address": "192.0.2.7",
        "secure": False,
        "credentials": None,
        "certificate_name": None,
    }
    return Handshake(**(usual | members))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        yield here


async def admit(here: World, **members: Any) -> Admitted[Visitor]:
    return await here.admission.admit(handshake(**members))


async def refusal(here: World, **members: Any) -> int:
    with pytest.raises(Refused) as refused:
        await admit(here, **members)
    assert "\n" not in refused.value.reason
    return refused.value.status


async def remembered(here: World) -> list[tuple[str, str | None, int]]:
    page = await here.read(lambda connection: refused_stations.page(connection, EVERYTHING))
    return [(each.station_id, each.address, each.attempts) for each in page.items]


# Unknown stations


async def test_known_refuses_and_remembers_who_is_not_registered(here: World) -> None:
    assert await refusal(here) == 404
    assert await refusal(here) == 404
    assert await remembered(here) == [("CS-1", "192.0.2.7", 2)]
    assert kinds(await here.events()) == ["station.refused"] * 2


@pytest.mark.parametrize(("policy", "registration"), [("pending", "Pending"), ("open", "Accepted")])
async def test_other_policies_register_on_the_way(
    tmp_path: Path, policy: str, registration: str
) -> None:
    async with world(tmp_path, admission=policy) as here:
        admitted = await asyncio.gather(*(admit(here) for _ in range(3)))
        assert {each.as_.registration for each in admitted} == {registration}
        assert (await here.station()).registration == registration
        assert kinds(await here.events()) == ["station.registered"]


async def test_a_known_station_keeps_its_registration(here: World) -> None:
    await here.register("CS-1", registration="Pending")
    assert (await admit(here)).as_.registration == "Pending"


async def test_a_disabled_station_is_refused(here: World) -> None:
    await here.register("CS-1", enabled=False)
    assert await refusal(here) == 403


async def test_no_station_is_let_in_while_its_record_cannot_be_read(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise StorageError("gone")

    monkeypatch.setattr(type(here.central.database), "read", fail)
    assert await refusal(here) == 503


# Passwords


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        (None, 401),
        (("CS-1", b"wrong"), 401),
        (("CS-1", b""), 401),
        (("CS-2", PASSWORD), 401),
        (("cs-1", PASSWORD), 401),
        (("", PASSWORD), 401),
    ],
)
async def test_TC_A_03_CSMS_a_password_that_is_not_right(
    here: World, credentials: tuple[str, bytes] | None, status: int
) -> None:
    await here.register("CS-1", password_hash=hash_password(PASSWORD))
    assert await refusal(here, credentials=credentials) == status


async def test_TC_A_02_CSMS_the_right_password(here: World) -> None:
    await here.register("CS-1", password_hash=hash_password(PASSWORD))
    for _ in range(2):  # the second time from memory
        assert (await admit(here, credentials=RIGHT)).as_.security_profile == 1
    assert await refusal(here, credentials=("CS-1", b"wrong")) == 401
    await here.register("CS-1", password_hash=hash_password(b"another"))
    assert await refusal(here, credentials=RIGHT) == 401


async def test_a_password_of_any_bytes(here: World) -> None:
    password = bytes(range(256))
    await here.register("CS-1", password_hash=hash_password(password))
    assert (await admit(here, credentials=("CS-1", password))).as_.security_profile == 1


async def test_a_password_that_nobody_set_proves_nothing(here: World) -> None:
    await here.register("CS-1")
    assert (await admit(here, credentials=RIGHT)).as_.security_profile == 0


async def test_a_hash_that_cannot_be_read_lets_nobody_in(here: World) -> None:
    await here.register("CS-1", password_hash="nonsense")
    assert await refusal(here, credentials=RIGHT) == 401


# Security profiles

WITH_PASSWORD: dict[str, Any] = {"credentials": RIGHT}
OVER_TLS: dict[str, Any] = {"credentials": RIGHT, "secure": True}
WITH_CERTIFICATE: dict[str, Any] = {"certificate_name": "CS-1", "secure": True}


SHOWN: tuple[tuple[dict[str, Any], int], ...] = (
    (WITH_PASSWORD, 1),
    (OVER_TLS, 2),
    (WITH_CERTIFICATE, 3),
)


@pytest.mark.parametrize("needed", [0, 1, 2, 3])
@pytest.mark.parametrize("by", ["station", "settings"])
async def test_the_profile_that_a_station_needs(tmp_path: Path, needed: int, by: str) -> None:
    files = {name: tmp_path / name for name in ("tls_certificate", "tls_key", "tls_client_ca")}
    settings: dict[str, Any] = {**files, "minimum_security_profile": needed}
    async with world(tmp_path, **(settings if by == "settings" else {})) as here:
        await here.register("CS-1", password_hash=hash_password(PASSWORD))
        if by == "station":
            await here.register("CS-1", min_security_profile=needed)
        for shown, profile in SHOWN:
            if profile >= needed:
                assert (await admit(here, **shown)).as_.security_profile == profile
            else:
                assert await refusal(here, **shown) == 401


async def test_without_a_password_the_profile_is_0_even_over_tls(here: World) -> None:
    await here.register("CS-1", min_security_profile=1)
    assert await refusal(here, secure=True) == 401


async def test_TC_A_08_CSMS_a_certificate_of_another_station(here: World) -> None:
    await here.register("CS-1", password_hash=hash_password(PASSWORD))
    assert await refusal(here, **OVER_TLS, certificate_name="CS-2") == 403


# Versions


@pytest.mark.parametrize(
    ("offered", "pinned", "version"),
    [
        (("ocpp1.6",), None, "1.6"),
        (("ocpp1.6", "ocpp2.0.1"), None, "2.0.1"),
        (("ocpp2.1", "ocpp2.0.1", "ocpp1.6"), None, "2.1"),
        (("ocpp1.2", "ocpp1.5"), None, "1.5"),
        (("ocpp1.2",), None, "1.2"),
        (("soap", "ocpp9.9", "ocpp1.6"), None, "1.6"),
        (("ocpp2.1", "ocpp1.6"), "1.6", "1.6"),
        (("ocpp2.1", "ocpp2.0.1"), "1.6", None),
        (("ocpp2.1",), "9.9", None),
        (("ocpp9.9",), None, None),
        (("OCPP1.6",), None, None),
        ((), None, None),
    ],
)
def test_the_newest_version_that_both_offer_or_the_pinned_one(
    offered: tuple[str, ...], pinned: str | None, version: str | None
) -> None:
    if version is not None:
        assert negotiate(offered, pinned).version == version
        return
    with pytest.raises(Refused) as refused:
        negotiate(offered, pinned)
    assert refused.value.status == 400


# Rates


async def test_too_many_attempts_of_a_station(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "PER_STATION", 3)
    here.admission = Admission(here.central)
    await here.register("CS-1")
    await here.register("CS-2")
    for _ in range(3):
        await admit(here)
    assert await refusal(here) == 429
    await admit(here, station_id="CS-2")


async def test_too_many_attempts_from_an_address(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PER_ADDRESS", 3)
    here.admission = Admission(here.central)
    await here.register("CS-1")
    for _ in range(3):
        await admit(here)
    assert await refusal(here) == 429
    await admit(here, address="192.0.2.8")


def test_a_rate_recovers_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(admission, "monotonic", lambda: now)
    limit = RateLimit(60)
    assert [limit.allows("a") for _ in range(61)] == [True] * 60 + [False]
    now += 2
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]
    assert limit.allows("b")


def test_a_rate_forgets_the_least_recent_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MAX_BUCKETS", 2)
    monkeypatch.setattr(admission, "monotonic", lambda: 0.0)
    limit = RateLimit(1)
    assert [limit.allows(key) for key in "aba"] == [True, True, False]
    assert limit.allows("c")  # b is forgotten, which was asked least recently
    assert [limit.allows(key) for key in "ab"] == [False, True]
