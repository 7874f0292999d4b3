"""The station's own certificates: asked for, taken, refused, renewed (TC_A_11 to TC_A_23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chargeplane.domain.certificates import (
    CertificateSigned,
    SecurityEventNotification,
    SignCertificate,
    SigningUse,
)
from chargeplane.domain.messages import Outcome
from chargeplane.domain.station import MessageTrigger, TriggerMessage
from chargeplane.station import certificates, signing
from chargeplane.station.certificates import Installed, Use
from chargeplane.storage.documents import Documents
from tests.net.certificates import Authority, Wish
from tests.station.desk import VERSIONS, Desk, Place, place

OWN: SigningUse = "ChargingStationCertificate"
V2G = {
    "ISO15118Ctrlr/SeccId": "DEABC0000001",
    "ISO15118Ctrlr/CountryName": "DE",
    "ISO15118Ctrlr/OrganizationName": "Charging Ltd",
}
YEAR = Wish(days=(-1, 365))


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path, wish=YEAR)


def trust(there: Place, authority: Authority, use: Use = "CSMSRootCertificate") -> None:
    installed = Installed(use=use, chain=authority.pem, since=there.station.now())
    certificates.keep(there.station, installed)


async def trigger(there: Place, message: MessageTrigger = "SignChargingStationCertificate") -> str:
    return str((await there.desk.ask(TriggerMessage(requested_message=message))).status)


async def signed(there: Place, asked: SignCertificate, chain: str, **members: Any) -> str:
    usual = {"certificate_type": asked.certificate_type, "request_id": asked.request_id}
    answer = await there.desk.ask(
        CertificateSigned(certificate_chain=chain, **{**usual, **members})
    )
    return str(answer.status)


def read(asked: SignCertificate) -> x509.CertificateSigningRequest:
    return x509.load_pem_x509_csr(asked.csr.encode())


def names(asked: SignCertificate) -> dict[Any, Any]:
    return {each.oid: each.value for each in read(asked).subject}


@pytest.fixture
def accepting() -> Any:
    def make(version: str) -> Desk:
        desk = Desk(version)
        desk.answers[SignCertificate] = Outcome(status="Accepted")
        return desk

    return make


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_11_CS_the_station_gets_a_new_certificate(
    root: Authority, accepting: Any, version: str
) -> None:
    values = {"SecurityCtrlr/OrganizationName": "Operator"}
    async with place(version, desk=accepting(version), values=values) as there:
        trust(there, root)
        assert await trigger(there) == "Accepted"
        asked = await there.desk.hears(SignCertificate)
        assert asked.certificate_type == (None if version == "1.6" else OWN)
        key = read(asked).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.key_size >= 224
        assert names(asked) == {NameOID.COMMON_NAME: "CS-1", NameOID.ORGANIZATION_NAME: "Operator"}
        chain = root.below("Sub", wish=YEAR).sign(asked.csr, YEAR)
        assert await signed(there, asked, chain) == "Accepted"
        mine = certificates.own(there.station)
        assert mine is not None
        assert mine.chain == chain
        assert mine.certificates()[0].public_key() == key
        assert not signing.pending(there.station)


async def test_the_private_key_leaves_the_station_never(root: Authority, accepting: Any) -> None:
    frames: list[bytes] = []
    async with place(desk=accepting("2.1"), version="2.1") as there:
        there.station.signals.frame.listen(lambda told: frames.append(told[1]))
        trust(there, root)
        await trigger(there)
        asked = await there.desk.hears(SignCertificate)
        await signed(there, asked, root.sign(asked.csr, YEAR))
        assert not any(b"PRIVATE" in each for each in frames)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_12_CS_a_certificate_for_cars(
    root: Authority, accepting: Any, version: str
) -> None:
    async with place(version, desk=accepting(version), values=V2G) as there:
        trust(there, root, "V2GRootCertificate")
        assert await trigger(there, "SignV2GCertificate") == "Accepted"
        asked = await there.desk.hears(SignCertificate)
        assert asked.certificate_type == "V2GCertificate"
        assert names(asked) == {
            NameOID.COMMON_NAME: "DEABC0000001",
            NameOID.ORGANIZATION_NAME: "Charging Ltd",
            NameOID.COUNTRY_NAME: "DE",
        }
        assert (asked.hash_root_certificate is not None) == (version == "2.1")
        chain = root.below("Sub", wish=YEAR).sign(asked.csr, YEAR)
        assert await signed(there, asked, chain) == "Accepted"
        assert len(certificates.of(there.station, "V2GCertificateChain")) == 1
        assert certificates.own(there.station) is None


async def test_iso_15118_20_takes_longer_keys(root: Authority, accepting: Any) -> None:
    async with place("2.1", desk=accepting("2.1"), values=V2G) as there:
        trust(there, root, "V2GRootCertificate")
        await trigger(there, "SignV2G20Certificate")
        asked = await there.desk.hears(SignCertificate)
        assert asked.certificate_type == "V2G20Certificate"
        key = read(asked).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.key_size == 521
        assert await signed(there, asked, root.sign(asked.csr, YEAR)) == "Accepted"


async def test_without_a_secc_there_is_nothing_to_sign(accepting: Any) -> None:
    async with place(desk=accepting("2.0.1")) as there:
        assert await trigger(there, "SignV2GCertificate") == "Rejected"
    off = V2G | {"ISO15118Ctrlr/V2GCertificateInstallationEnabled": "false"}
    async with place(desk=accepting("2.0.1"), values=off) as there:
        assert await trigger(there, "SignV2GCertificate") == "Rejected"


@pytest.mark.parametrize("use", ["CSMSRootCertificate", "V2GRootCertificate"])
async def test_TC_A_13_CS_one_certificate_for_both(
    root: Authority, accepting: Any, use: Use
) -> None:
    async with place(desk=accepting("2.0.1")) as there:
        trust(there, root, use)
        assert await trigger(there, "SignCombinedCertificate") == "Accepted"
        asked = await there.desk.hears(SignCertificate)
        assert asked.certificate_type is None
        assert await signed(there, asked, root.sign(asked.csr, YEAR)) == "Accepted"
        assert certificates.own(there.station) is not None
        assert certificates.of(there.station, "V2GCertificateChain")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", ["stranger", "expired", "other key", "nonsense", "not yet"])
async def test_TC_A_14_CS_an_invalid_certificate_is_discarded(
    root: Authority, accepting: Any, version: str, case: str
) -> None:
    async with place(version, desk=accepting(version)) as there:
        trust(there, root)
        await trigger(there)
        asked = await there.desk.hears(SignCertificate)
        chain = {
            "stranger": Authority(root.folder, "Stranger").sign(asked.csr),
            "expired": root.sign(asked.csr, Wish(days=(-3, -1))),
            "not yet": root.sign(asked.csr, Wish(days=(1, 3))),
            "other key": root.issue("CS-1")[0].read_text(),
            "nonsense": "nonsense",
        }[case]
        assert await signed(there, asked, chain) == "Rejected"
        await there.desk.hears(
            SecurityEventNotification, lambda e: e.type == "InvalidChargingStationCertificate"
        )
        assert certificates.own(there.station) is None
        assert await signed(there, asked, root.sign(asked.csr)) == "Rejected"  # A02.FR.20


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_15_CS_a_request_that_is_rejected_is_not_repeated(version: str) -> None:
    desk = Desk(version)
    desk.answers[SignCertificate] = Outcome(status="Rejected")
    async with place(version, desk=desk, values=AT_ONCE) as there:
        assert await trigger(there) == "Accepted"
        await desk.hears(SignCertificate)
        await there.until(lambda: not signing.pending(there.station))
        assert not there.station.has_alarm(f"signing {OWN}")


AT_ONCE = {"SecurityCtrlr/CertSigningWaitMinimum": "0", "SecurityCtrlr/CertSigningRepeatTimes": "1"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_A_23_CS_it_asks_again_for_a_certificate_that_does_not_come(
    root: Authority, accepting: Any, version: str
) -> None:
    async with place(version, desk=accepting(version), values=AT_ONCE) as there:
        trust(there, root)
        await trigger(there)
        asked = await there.desk.hears(SignCertificate, count=3)
        await there.until(lambda: signing.pending(there.station)[OWN].sent == 3)
        assert not there.station.has_alarm(f"signing {OWN}")
        assert len({each.csr for each in there.desk.all(SignCertificate)}) == 1
        assert await signed(there, asked, root.sign(asked.csr, YEAR)) == "Accepted"


async def test_each_wait_is_twice_the_one_before(
    root: Authority, accepting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    async with place(desk=accepting("2.1"), version="2.1") as there:
        trust(there, root)
        alarm = there.station.alarm

        def hasten(name: str, seconds: float, work: Any) -> None:
            if name.startswith("signing"):
                waits.append(seconds)
                seconds = 0
            alarm(name, seconds, work)

        monkeypatch.setattr(there.station, "alarm", hasten)
        await trigger(there)
        await there.desk.hears(SignCertificate, count=5)
        await there.until(lambda: signing.pending(there.station)[OWN].sent == 5)
        assert waits == [30, 60, 120, 240]


async def test_an_unknown_request_id(root: Authority, accepting: Any) -> None:
    async with place("2.1", desk=accepting("2.1")) as there:
        trust(there, root)
        await trigger(there)
        asked = await there.desk.hears(SignCertificate)
        chain = root.sign(asked.csr, YEAR)
        assert await signed(there, asked, chain, request_id=99) == "Rejected"
        assert await signed(there, asked, chain) == "Accepted"
        assert await signed(there, asked, chain) == "Rejected"


async def test_a_chain_that_is_too_long(root: Authority, accepting: Any) -> None:
    values = {"SecurityCtrlr/MaxCertificateChainSize": "1000"}
    async with place(desk=accepting("2.0.1"), values=values) as there:
        trust(there, root)
        await trigger(there)
        asked = await there.desk.hears(SignCertificate)
        chain = root.below("Sub", wish=YEAR).sign(asked.csr, YEAR)
        assert await signed(there, asked, chain) == "Rejected"
        assert await signed(there, asked, root.sign(asked.csr, YEAR)) == "Accepted"


# Renewing


def own(there: Place, root: Authority, days: float) -> None:
    certificate, key = root.issue("CS-1", Wish(days=(-1, days)))
    mine = Installed(
        use="ChargingStationCertificate",
        chain=certificate.read_text(),
        since=datetime.now(UTC) - timedelta(days=1),
        key=key.read_text(),
    )
    certificates.keep(there.station, mine)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_certificate_that_expires_within_a_month_is_renewed(
    root: Authority, accepting: Any, version: str
) -> None:
    async with place(version, desk=accepting(version)) as there:
        trust(there, root)
        own(there, root, days=29)
        await there.desk.hang_up()
        asked = await there.desk.hears(SignCertificate)
        assert await signed(there, asked, root.sign(asked.csr, YEAR)) == "Accepted"
        assert there.station.has_alarm("renewal")


async def test_one_that_is_good_for_longer_is_not(root: Authority, accepting: Any) -> None:
    async with place(desk=accepting("2.0.1")) as there:
        own(there, root, days=31)
        signing.watch(there.station)
        assert there.station.has_alarm("renewal")
        assert not signing.pending(there.station)


async def test_what_was_asked_for_before_a_power_cut_is_taken_after_it(
    root: Authority, accepting: Any, tmp_path: Path
) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place("2.1", desk=accepting("2.1"), documents=documents) as there:
        trust(there, root)
        await trigger(there)
        asked = await there.desk.hears(SignCertificate)
        await there.until(lambda: signing.pending(there.station)[OWN].sent == 1)
    documents.close()
    again = Documents(tmp_path / "station.db")
    async with place("2.1", desk=accepting("2.1"), documents=again) as there:
        assert await signed(there, asked, root.sign(asked.csr, YEAR)) == "Accepted"
    again.close()


async def test_what_could_not_be_asked_for_is_when_the_connection_is_back(
    root: Authority, accepting: Any
) -> None:
    async with place(desk=accepting("2.0.1")) as there:
        trust(there, root)
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        await signing.sign(there.station, OWN)
        assert signing.pending(there.station)[OWN].sent == 0
        there.desk.is_reachable = True
        await there.desk.hears(SignCertificate)
