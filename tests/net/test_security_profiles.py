"""Security profiles 2 and 3 over real TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chargeplane.access.passwords import hash_password
from chargeplane.app import server_tls
from chargeplane.config import Csms
from chargeplane.errors import ConfigurationError, NotConnected
from tests.e2e.harness import Talker, World, listening
from tests.net.certificates import Authority

PASSWORD = b"0123456789abcdef"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def here(tmp_path: Path, authority: Authority) -> AsyncIterator[World]:
    certificate, key = authority.issue("server")
    settings: dict[str, Any] = {
        "tls_certificate": certificate,
        "tls_key": key,
        "tls_client_ca": authority.certificate,
    }
    tls = server_tls(Csms(**settings))
    async with listening(tmp_path, tls=tls, admission="known", **settings) as here:
        await here.register("CS-1", password_hash=hash_password(PASSWORD))
        yield here


async def dial(here: World, tls: ssl.SSLContext, **options: Any) -> Talker:
    from chargeplane.net import websocket

    url = here.url.replace("ws:", "wss:")
    return here._keep(
        Talker(await websocket.connect(f"{url}/CS-1", ["ocpp2.0.1"], tls=tls, **options))
    )


async def test_TC_A_04_CSMS_profile_2_is_a_password_over_tls(
    here: World, authority: Authority
) -> None:
    await here.register("CS-1", min_security_profile=2)
    talker = await dial(here, authority.client(), credentials=("CS-1", PASSWORD))
    await talker.call("Heartbeat", {})
    assert (await here.station()).security_profile == 2
    with pytest.raises(NotConnected, match="401"):
        await dial(here, authority.client(), credentials=("CS-1", b"wrong"))


async def test_TC_A_07_CSMS_profile_3_is_a_certificate_of_the_station(
    here: World, authority: Authority
) -> None:
    await here.register("CS-1", min_security_profile=3)
    talker = await dial(here, authority.client(authority.issue("CS-1")))
    await talker.call("Heartbeat", {})
    assert (await here.station()).security_profile == 3
    with pytest.raises(NotConnected, match="401"):
        await dial(here, authority.client(), credentials=("CS-1", PASSWORD))


async def test_a_certificate_of_another_station(here: World, authority: Authority) -> None:
    with pytest.raises(NotConnected, match="403"):
        await dial(here, authority.client(authority.issue("CS-2")))


async def test_a_certificate_of_another_authority(
    here: World, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    foreign = Authority(tmp_path / "other", "Other").issue("CS-1")
    with pytest.raises(NotConnected):
        await dial(here, authority.client(foreign))
    assert len(here.central.stations) == 0


async def test_TC_A_05_CSMS_tls_below_1_2_is_refused(here: World) -> None:
    tls = server_tls(here.central.settings)
    assert tls is not None
    assert tls.minimum_version == ssl.TLSVersion.TLSv1_2


async def test_without_tls_at_a_tls_port(here: World) -> None:
    with pytest.raises(NotConnected):
        await here.dial("2.0.1")


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue("server")
    missing = tmp_path / "missing.pem"
    with pytest.raises(ConfigurationError, match="tls"):
        server_tls(Csms(tls_certificate=certificate, tls_key=missing))
    with pytest.raises(ConfigurationError, match="tls"):
        server_tls(Csms(tls_certificate=key, tls_key=certificate))
    assert server_tls(Csms()) is None
