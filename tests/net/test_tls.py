"""What a station accepts of a server, over real TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from chargeplane.net.tls import Identity, client_context, fault_of
from chargeplane.net.websocket import Unreachable, connect
from tests.net.certificates import PLAIN, Authority, Wish


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def listening(tls: ssl.SSLContext) -> Iterator[int]:
    """A server in a thread: asyncio would say nothing of why it hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def greet() -> None:
        with suppress(OSError), listener:
            plain, _ = listener.accept()
            plain.settimeout(20)
            with plain, tls.wrap_socket(plain, server_side=True) as peer:
                peer.sendall(b"hello\n")

    thread = threading.Thread(target=greet)
    thread.start()
    yield listener.getsockname()[1]
    thread.join()


async def greeted(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "127.0.0.1") -> bool:
    """Whether the client lets the server talk to it."""
    with listening(server) as port:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client, server_hostname=name
        )
        said = await reader.readline()
        writer.close()
        return said == b"hello\n"


async def test_TC_A_04_CS_a_certificate_of_a_trusted_authority(authority: Authority) -> None:
    assert await greeted(authority.server(), client_context([authority.pem]))


@pytest.mark.parametrize(
    ("common_name", "wanted", "wildcards", "right"),
    [
        ("csms.example.org", "csms.example.org", False, True),
        ("CSMS.example.org", "csms.Example.org.", False, True),
        ("192.0.2.7", "192.0.2.7", False, True),
        ("csms.example.org", "other.example.org", False, False),
        ("*.example.org", "csms.example.org", True, True),
        ("*.example.org", "csms.example.org", False, False),
        ("*.example.org", "a.csms.example.org", True, False),
        ("*.org", "example.org", True, False),
        ("*", "localhost", True, False),
    ],
)
async def test_the_server_is_the_one_that_was_asked_for(
    authority: Authority, common_name: str, wanted: str, *, wildcards: bool, right: bool
) -> None:
    server = authority.server(common_name, Wish(addresses=()))
    client = client_context([authority.pem], wildcards=wildcards)
    if right:
        assert await greeted(server, client, wanted)
        return
    with pytest.raises(ssl.SSLCertVerificationError, match="not of") as failed:
        await greeted(server, client, wanted)
    assert fault_of(failed.value) == "certificate"
    anybody = client_context([authority.pem], check_name=False)
    assert await greeted(authority.server(common_name, Wish(addresses=())), anybody, wanted)


@pytest.mark.parametrize("wish", [Wish(days=(-2, -1)), Wish(days=(1, 2))])
async def test_TC_A_05_CS_a_certificate_that_is_not_valid_now(
    authority: Authority, wish: Wish
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError) as failed:
        await greeted(authority.server("server", wish), client_context([authority.pem]))
    assert fault_of(failed.value) == "certificate"


async def test_TC_A_05_CS_a_certificate_of_a_stranger(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger", "Stranger")
    with pytest.raises(ssl.SSLCertVerificationError):
        await greeted(stranger.server(), client_context([authority.pem]))


async def test_a_new_root_that_the_old_one_signed_is_trusted_by_itself(
    authority: Authority,
) -> None:
    new = authority.below("New")
    assert await greeted(new.server(), client_context([new.pem]))
    with pytest.raises(ssl.SSLCertVerificationError):
        await greeted(authority.server(), client_context([new.pem]))


async def test_the_system_is_trusted_only_if_it_is_to_be(authority: Authority) -> None:
    assert client_context([]).cert_store_stats()["x509_ca"] == 0
    assert client_context([authority.pem]).cert_store_stats()["x509_ca"] == 1
    with pytest.raises(ssl.SSLCertVerificationError):
        await greeted(authority.server(), client_context([], system=True))


async def test_TC_A_06_CS_tls_below_1_2_is_refused(authority: Authority) -> None:
    server = authority.server()
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        server.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        server.maximum_version = ssl.TLSVersion.TLSv1_1
    server.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.raises(ssl.SSLError) as failed:
        await greeted(server, client_context([authority.pem]))
    assert fault_of(failed.value) == "version"


async def test_cipher_suites_that_are_not_allowed(authority: Authority) -> None:
    server = authority.server()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with pytest.raises(ssl.SSLError) as failed:
        await greeted(server, client_context([authority.pem]))
    assert fault_of(failed.value) == "cipher"


@pytest.mark.parametrize(
    "suite", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
)
async def test_TC_A_04_CS_the_suites_that_every_station_has(
    authority: Authority, suite: str
) -> None:
    server = authority.server()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers(suite)
    assert await greeted(server, client_context([authority.pem]))


def mutual(authority: Authority, version: ssl.TLSVersion) -> ssl.SSLContext:
    server = authority.server()
    server.load_verify_locations(authority.certificate)
    server.verify_mode = ssl.CERT_REQUIRED
    server.maximum_version = version
    return server


def identity(authority: Authority, wish: Wish = PLAIN) -> Identity:
    certificate, key = authority.issue("CS-1", wish)
    return Identity(chain=certificate.read_text() + authority.chain, key=key.read_text())


async def test_TC_A_07_CS_the_station_shows_its_certificate(authority: Authority) -> None:
    for owner in (authority, authority.below("Sub")):
        client = client_context([authority.pem], identity=identity(owner))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            assert await greeted(mutual(authority, version), client)


async def test_a_certificate_that_the_server_refuses(authority: Authority) -> None:
    expired = identity(authority, Wish(days=(-2, -1)))
    client = client_context([authority.pem], identity=expired)
    server = mutual(authority, ssl.TLSVersion.TLSv1_2)
    with listening(server) as port, pytest.raises(Unreachable) as failed:
        await connect(f"wss://127.0.0.1:{port}/CS-1", ["ocpp2.1"], tls=client)
    assert failed.value.fault == "credentials"


async def test_no_key_stays_on_disk(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = authority.folder / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    client_context([authority.pem], identity=identity(authority))
    assert not list(folder.iterdir())


async def test_other_failures_are_no_fault_of_security() -> None:
    with pytest.raises(Unreachable) as failed:
        await connect("ws://127.0.0.1:1/CS-1", ["ocpp2.1"])
    assert failed.value.fault is None
