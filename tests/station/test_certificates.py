"""Certificates that the central system installs, lists and deletes (TC_M)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from chargeplane.domain.certificates import (
    CertificateHashData,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificates,
    InstalledUse,
    RootUse,
)
from chargeplane.station import certificates, pki, security_events
from chargeplane.station.certificates import Installed
from chargeplane.storage.documents import Documents
from tests.net.certificates import Authority, Wish
from tests.station.desk import VERSIONS, Place, place

CHECKED = {"SecurityCtrlr/AdditionalRootCertificateCheck": "true"}


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def install(there: Place, pem: str, use: RootUse = "CSMSRootCertificate") -> str:
    request = InstallCertificate(certificate_type=use, certificate=pem)
    return str((await there.desk.ask(request)).status)


async def listed(there: Place, *uses: InstalledUse) -> InstalledCertificates:
    request = GetInstalledCertificateIds(certificate_type=uses or None)
    answer = await there.desk.ask(request)
    assert isinstance(answer, InstalledCertificates)
    return answer


async def hashes(there: Place, *uses: InstalledUse) -> list[CertificateHashData]:
    found = (await listed(there, *uses)).certificate_hash_data_chain or ()
    return [each.certificate_hash_data for each in found]


def hash_of(authority: Authority) -> CertificateHashData:
    above = authority.above or authority
    return pki.hash_data(authority.value, [above.value])


async def delete(there: Place, data: CertificateHashData) -> str:
    return str((await there.desk.ask(DeleteCertificate(certificate_hash_data=data))).status)


def own(authority: Authority, there: Place, use: Any, wish: Wish = Wish()) -> Installed:  # noqa: B008 immutable
    certificate, key = authority.issue("CS-1", wish)
    installed = Installed(
        use=use,
        chain=certificate.read_text() + authority.chain,
        since=there.station.now(),
        key=key.read_text(),
    )
    certificates.keep(there.station, installed)
    return installed


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("use", ["CSMSRootCertificate", "ManufacturerRootCertificate"])
async def test_TC_M_01_CS_TC_M_02_CS_TC_M_12_CS_TC_M_13_CS_install_and_list(
    root: Authority, version: str, use: RootUse
) -> None:
    async with place(version) as there:
        assert await install(there, root.pem, use) == "Accepted"
        found = await listed(there, use)
        assert found.status == "Accepted"
        (one,) = found.certificate_hash_data_chain or ()
        assert (one.certificate_type, one.certificate_hash_data) == (use, hash_of(root))


@pytest.mark.parametrize("use", ["V2GRootCertificate", "MORootCertificate", "OEMRootCertificate"])
async def test_TC_M_03_CS_TC_M_04_CS_TC_M_14_CS_TC_M_16_CS_roots_of_iso_15118(
    root: Authority, use: RootUse
) -> None:
    async with place("2.1") as there:
        assert await install(there, root.pem, use) == "Accepted"
        assert await hashes(there, use) == [hash_of(root)]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_07_CS_an_invalid_certificate_is_refused(root: Authority, version: str) -> None:
    expired = Authority(root.folder, "Expired", wish=Wish(days=(-3, -1)))
    leaf, _ = root.issue("leaf")
    both = root.pem + Authority(root.folder, "Other").pem
    async with place(version) as there:
        await install(there, root.pem)
        for pem in (expired.pem, leaf.read_text(), "nonsense", both):
            assert await install(there, pem) == "Rejected"
        assert await hashes(there, "CSMSRootCertificate") == [hash_of(root)]


async def test_TC_M_15_CS_a_chain_is_listed_with_those_above(root: Authority) -> None:
    sub = root.below("Sub")
    async with place() as there:
        await install(there, root.pem, "V2GRootCertificate")
        installed = own(sub, there, "V2GCertificateChain")
        (found,) = (await listed(there, "V2GCertificateChain")).certificate_hash_data_chain or ()
        leaf, above = installed.certificates()
        assert found.certificate_hash_data == pki.hash_data(leaf, [above])
        assert found.child_certificate_hash_data == (hash_of(sub),)


async def test_TC_M_17_CS_TC_M_18_CS_several_uses_or_all(root: Authority) -> None:
    other = Authority(root.folder, "Other")
    async with place() as there:
        await install(there, root.pem)
        await install(there, other.pem, "ManufacturerRootCertificate")
        both = ("CSMSRootCertificate", "ManufacturerRootCertificate")
        for asked in ((), both):
            found = (await listed(there, *asked)).certificate_hash_data_chain or ()
            assert [each.certificate_type for each in found] == list(both)
        assert len(await hashes(there, "CSMSRootCertificate")) == 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_19_CS_nothing_is_found(version: str) -> None:
    async with place(version) as there:
        answer = await listed(there, "ManufacturerRootCertificate")
        assert (answer.status, answer.certificate_hash_data_chain) == ("NotFound", None)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_20_CS_a_certificate_is_deleted(root: Authority, version: str) -> None:
    async with place(version) as there:
        await install(there, root.pem)
        assert await delete(there, hash_of(root)) == "Accepted"
        assert await hashes(there, "CSMSRootCertificate") == []


@pytest.mark.parametrize("algorithm", ["SHA384", "SHA512"])
async def test_a_certificate_is_known_by_any_hash(root: Authority, algorithm: Any) -> None:
    async with place() as there:
        await install(there, root.pem)
        data = pki.hash_data(root.value, [root.value], algorithm)
        assert await delete(there, data) == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_22_CS_there_is_no_such_certificate(root: Authority, version: str) -> None:
    async with place(version) as there:
        await install(there, root.pem)
        other = Authority(root.folder, "Other")
        assert await delete(there, hash_of(other)) == "NotFound"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_M_23_CS_the_certificate_of_the_station_stays(
    root: Authority, version: str
) -> None:
    async with place(version) as there:
        await install(there, root.pem)
        (leaf,) = own(root, there, "ChargingStationCertificate").certificates()
        assert await delete(there, pki.hash_data(leaf, [root.value])) == "Failed"
        assert certificates.own(there.station) is not None


async def test_1_6_keeps_the_root_that_tls_rests_on(root: Authority) -> None:
    for version, status in (("1.6", "Failed"), ("2.0.1", "Accepted")):
        async with place(version) as there:
            there.station.model.put("NetworkConfiguration[1]/SecurityProfile", "2")
            await install(there, root.pem)
            assert await delete(there, hash_of(root)) == status
            await install(there, root.pem)
            await install(there, Authority(root.folder, "Other").pem)
            assert await delete(there, hash_of(root)) == "Accepted"


async def test_installing_again_replaces(root: Authority) -> None:
    async with place() as there:
        for _ in range(3):
            assert await install(there, root.pem) == "Accepted"
        assert len(await hashes(there)) == 1


async def test_no_more_than_fit(root: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async with place() as there:
        monkeypatch.setattr(there.station.model, "maximum", lambda _name: 1)
        assert await install(there, root.pem) == "Accepted"
        other = Authority(root.folder, "Other")
        assert await install(there, other.pem) == "Rejected"
        assert await install(there, root.pem) == "Accepted"


async def test_TC_M_09_CS_a_root_that_the_old_one_has_not_signed(root: Authority) -> None:
    async with place(values=CHECKED) as there:
        assert await install(there, root.pem) == "Accepted"
        assert await install(there, Authority(root.folder, "Other").pem) == "Rejected"
        assert await hashes(there, "CSMSRootCertificate") == [hash_of(root)]
        new = root.below("New")
        assert await install(there, new.pem) == "Accepted"
        assert hash_of(new) in await hashes(there, "CSMSRootCertificate")


async def test_the_store_outlives_a_power_cut(root: Authority, tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place(documents=documents) as there:
        await install(there, root.pem)
    documents.close()
    assert oct((tmp_path / "station.db").stat().st_mode)[-2:] == "00"
    again = Documents(tmp_path / "station.db")
    async with place(documents=again) as there:
        assert await hashes(there) == [hash_of(root)]
        assert there.station.model.text("SecurityCtrlr/CertificateEntries") == "1"
    again.close()


async def test_changes_of_the_store_are_in_the_security_log(root: Authority) -> None:
    async with place() as there:
        await install(there, root.pem)
        await delete(there, hash_of(root))
        said = [each.tech_info for each in security_events.log(there.station).values()]
        assert said[-2:] == ["CSMSRootCertificate installed", "certificate deleted"]


def test_every_use_that_can_be_asked_for_is_listed() -> None:
    assert set(certificates.LISTED.values()) == set(get_args(InstalledUse))
