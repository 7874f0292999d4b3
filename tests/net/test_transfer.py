from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.net import transfer
from chargeplane.net.transfer import Download, TransferFailed, upload
from tests.e2e.harness import until
from tests.net.certificates import Authority
from tests.net.file_servers import FtpsFiles, HttpFiles, ftp_files, http_files

IMAGE = bytes(range(256)) * 1000
system = ssl.create_default_context


@pytest.fixture
async def http() -> AsyncIterator[HttpFiles]:
    async with http_files() as files:
        files.files["/image.bin"] = IMAGE
        yield files


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served/image.bin").write_bytes(IMAGE)
    with ftp_files(tmp_path / "served") as url:
        yield url


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


# HTTP


async def test_a_file_is_fetched(http: HttpFiles, tmp_path: Path) -> None:
    to = tmp_path / "got"
    await Download(http.url("image.bin"), to, system).attempt()
    assert to.read_bytes() == IMAGE


async def test_an_attempt_goes_on_where_the_last_broke_off(http: HttpFiles, tmp_path: Path) -> None:
    http.cuts = [1000, 2000]
    download = Download(http.url("image.bin"), tmp_path / "got", system)
    for _ in range(2):
        with pytest.raises(TransferFailed):
            await download.attempt()
    await download.attempt()
    assert download.to.read_bytes() == IMAGE
    assert http.asked[1:] == ["GET /image.bin bytes=1000-", "GET /image.bin bytes=3000-"]


async def test_a_file_that_changed_is_fetched_anew(http: HttpFiles, tmp_path: Path) -> None:
    http.cuts = [1000]
    download = Download(http.url("image.bin"), tmp_path / "got", system)
    with pytest.raises(TransferFailed):
        await download.attempt()
    http.files["/image.bin"], http.etag = b"other", '"2"'
    await download.attempt()
    assert download.to.read_bytes() == b"other"


async def test_what_was_left_by_an_earlier_download_is_forgotten(
    http: HttpFiles, tmp_path: Path
) -> None:
    (tmp_path / "got").write_bytes(b"left over")
    await Download(http.url("image.bin"), tmp_path / "got", system).attempt()
    assert (tmp_path / "got").read_bytes() == IMAGE


async def test_a_file_that_is_too_large(http: HttpFiles, tmp_path: Path) -> None:
    download = Download(http.url("image.bin"), tmp_path / "got", system, limit_bytes=70_000)
    with pytest.raises(TransferFailed, match="larger than 70000 bytes"):
        await download.attempt()
    assert download.to.stat().st_size <= 70_000


async def test_a_missing_file(http: HttpFiles, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed, match="404"):
        await Download(http.url("missing"), tmp_path / "got", system).attempt()


@pytest.mark.parametrize(
    ("where", "stored"),
    [("logs/", "/logs/station.log"), ("upload?for=me", "/upload?for=me"), ("", "/station.log")],
)
async def test_a_file_is_stored(http: HttpFiles, where: str, stored: str) -> None:
    await upload(http.url(where), b"content", "station.log", system)
    assert http.files[stored] == b"content"
    assert http.asked == [f"PUT {stored}"]


async def test_where_put_is_not_allowed_it_is_posted(http: HttpFiles) -> None:
    http.statuses = {"PUT": 405}
    await upload(http.url("form"), b"content", "station.log", system)
    assert http.headers[-1]["content-type"].startswith("multipart/form-data")
    assert b'filename="station.log"' in http.files["/form"]
    assert b"content" in http.files["/form"]


async def test_the_url_may_hold_a_password(http: HttpFiles) -> None:
    http.password = "se:cret"
    url = http.url("x").replace("//", "//user:se%3Acret@")
    await upload(url, b"content", "station.log", system)
    assert http.files["/x"] == b"content"
    with pytest.raises(TransferFailed) as failed:
        await upload(url.replace("cret", "cres"), b"content", "station.log", system)
    assert failed.value.reason == "permission_denied"
    assert "cres" not in str(failed.value)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "bad_message"),
        (403, "permission_denied"),
        (302, "redirected"),
        (500, "failed"),
        (405, "not_supported"),
    ],
)
async def test_why_a_file_was_not_stored(http: HttpFiles, status: int, reason: str) -> None:
    http.statuses = {"PUT": status, "POST": status}
    with pytest.raises(TransferFailed) as failed:
        await upload(http.url("x"), b"content", "station.log", system)
    assert failed.value.reason == reason


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sftp://host/x", "not_supported"),
        ("file:///etc/passwd", "not_supported"),
        ("nonsense", "not_supported"),
        ("http://", "not_supported"),
        ("http://host:port/x", "bad_message"),
        ("http://[::1/x", "bad_message"),
        ("http://127.0.0.1:1/x", "failed"),
        ("ftp://127.0.0.1:1/x", "failed"),
    ],
)
async def test_urls_that_cannot_be_used(url: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed) as failed:
        await upload(url, b"content", "station.log", system)
    assert failed.value.reason == reason
    with pytest.raises(TransferFailed):
        await Download(url, tmp_path / "got", system).attempt()


@given(url=st.text(max_size=40) | st.text(max_size=20).map("ftp://u:secret@{}".format))
async def test_no_url_shows_its_password_or_breaks(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer, "_by_ftp", _refuse)
        patch.setattr(transfer, "_put", _refuse)
        with pytest.raises(TransferFailed) as failed:
            await upload(url, b"content", "station.log", system)
    assert "secret" not in str(failed.value)


async def _refuse(*_: object) -> None:
    raise ConnectionRefusedError


async def test_a_server_that_says_nothing_is_given_up(
    http: HttpFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(transfer, "QUIET", 0.05)
    http.hold = asyncio.Event()
    with pytest.raises(TransferFailed):
        await Download(http.url("image.bin"), tmp_path / "got", system).attempt()
    http.hold.set()


async def test_https_trusts_the_authority_that_it_is_given(authority: Authority) -> None:
    async with http_files(authority.server()) as files:
        await upload(files.url("x"), b"content", "station.log", authority.client)
        assert files.files["/x"] == b"content"
        with pytest.raises(TransferFailed, match="CERTIFICATE_VERIFY_FAILED"):
            await upload(files.url("x"), b"other", "station.log", system)


# FTP


async def test_ftp_fetches_and_stores(ftp: str, tmp_path: Path) -> None:
    download = Download(f"{ftp}/image.bin", tmp_path / "got", system)
    await download.attempt()
    assert download.to.read_bytes() == IMAGE
    await upload(f"{ftp}/", b"content", "station.log", system)
    await upload(f"{ftp}/other.log", b"", "station.log", system)
    assert (tmp_path / "served/station.log").read_bytes() == b"content"
    assert (tmp_path / "served/other.log").read_bytes() == b""


async def test_ftp_goes_on_where_it_broke_off(ftp: str, tmp_path: Path) -> None:
    download = Download(f"{ftp}/image.bin", tmp_path / "got", system)
    await download.attempt()
    download.to.write_bytes(IMAGE[:1000])
    await download.attempt()
    assert download.to.read_bytes() == IMAGE


async def test_why_ftp_failed(ftp: str, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed) as failed:
        await upload(ftp.replace("pa%3A", "x") + "/x", b"content", "station.log", system)
    assert failed.value.reason == "permission_denied"
    with pytest.raises(TransferFailed):
        await Download(f"{ftp}/missing", tmp_path / "got", system).attempt()
    limited = Download(f"{ftp}/image.bin", tmp_path / "got", system, limit_bytes=10)
    with pytest.raises(TransferFailed, match="larger"):
        await limited.attempt()


@pytest.mark.parametrize("implicit", [False, True])
async def test_ftps(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, *, implicit: bool
) -> None:
    for number, work in enumerate((_store, _fetch)):
        with FtpsFiles(tmp_path, authority.server(), implicit=implicit) as server:
            if implicit:
                monkeypatch.setattr(transfer, "IMPLICIT", server.port)
            await work(f"ftps://user:x@127.0.0.1:{server.port}", tmp_path, authority)
        assert (tmp_path / ("station.log", "got")[number]).read_bytes() == b"content"


async def _store(url: str, _folder: Path, authority: Authority) -> None:
    await upload(f"{url}/station.log", b"content", "station.log", authority.client)


async def _fetch(url: str, folder: Path, authority: Authority) -> None:
    await Download(f"{url}/station.log", folder / "got", authority.client).attempt()


async def test_ftps_refuses_a_foreign_certificate(tmp_path: Path, authority: Authority) -> None:
    stranger = Authority(tmp_path / "stranger", "Stranger")
    with (
        FtpsFiles(tmp_path, authority.server()) as server,
        pytest.raises(TransferFailed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        await _store(f"ftps://127.0.0.1:{server.port}", tmp_path, stranger)


async def test_a_cancelled_transfer_ends(http: HttpFiles, tmp_path: Path) -> None:
    http.hold = asyncio.Event()
    task = asyncio.create_task(Download(http.url("image.bin"), tmp_path / "got", system).attempt())
    await until(lambda: http.asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    http.hold.set()
