from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chargeplane.access.passwords import PasswordCheck
from chargeplane.csms import providers, security
from chargeplane.csms.authority import LocalAuthority
from chargeplane.csms.central import Central
from chargeplane.csms.providers import Providers
from chargeplane.csms.security import SetPassword
from chargeplane.domain.certificates import (
    CertificateHashData,
    CertificateHashDataChain,
    CertificateSigned,
    DeleteCertificate,
    DeleteCertificateAnswer,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstallCertificateAnswer,
    InstalledCertificates,
    SecurityEventNotification,
    SignCertificate,
)
from chargeplane.domain.messages import Outcome
from chargeplane.domain.variables import SettingResult, SettingResults, SetVariables
from chargeplane.errors import ConfigurationError, NotFound
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.records import CertificateRequestRecord, CommandRecord
from chargeplane.storage.repositories import (
    certificate_requests,
    commands,
    security_events,
    stations,
)
from chargeplane.storage.repositories.commands import CommandFilter
from tests.csms.conftest import PATIENCE, ConnectStation, ScriptedStation, everything
from tests.csms.stored import ID, everywhere, happened, in_2x

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
PEM = serialization.Encoding.PEM


def name(*parts: tuple[Any, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def csr(common_name: str = "SN-1", curve: ec.EllipticCurve | None = None) -> str:
    key = ec.generate_private_key(curve or ec.SECP256R1())
    subject = name((NameOID.ORGANIZATION_NAME, "CSO"), (NameOID.COMMON_NAME, common_name))
    request = x509.CertificateSigningRequestBuilder(subject).sign(key, hashes.SHA256())
    return request.public_bytes(PEM).decode()


def write_authority(folder: Path) -> tuple[Path, Path]:
    """A key and its root certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = name((NameOID.COMMON_NAME, "Root"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "ca.key").write_bytes(key.private_bytes(PEM, pkcs8, plain))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(PEM))
    return folder / "ca.key", folder / "ca.pem"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> x509.Certificate:
    """The root certificate of the authority that is plugged in."""
    key, certificate = write_authority(tmp_path)
    plugged = Providers(signer=LocalAuthority.open(key, certificate))
    monkeypatch.setattr(providers, "of", lambda _central: plugged)
    return x509.load_pem_x509_certificate(certificate.read_bytes())


async def requests(central: Central) -> list[CertificateRequestRecord]:
    return await everything(central, certificate_requests.page, ID)


async def statuses(central: Central) -> list[str]:
    return [event.data["status"] for event in await happened(central, "certificate.request")]


async def told(central: Central, times: int) -> None:
    """Wait until so much was told of the request."""
    async with asyncio.timeout(PATIENCE):
        while len(await statuses(central)) < times:  # noqa: ASYNC110 the last is told in the dark
            await asyncio.sleep(0.01)


async def renew(
    central: Central, station: ScriptedStation, request: SignCertificate, answer: str = "Accepted"
) -> CertificateSigned:
    """What the station is sent after it asked for a certificate."""
    station.on(CertificateSigned, Outcome(status=answer))  # type: ignore[arg-type]
    assert (await station.say(request)).status == "Accepted"
    await told(central, 3)
    (signed,) = station.asked
    assert isinstance(signed, CertificateSigned)
    return signed


def purposes(certificate: x509.Certificate) -> list[str]:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    return sorted(each._name for each in usage.value)


@everywhere
async def test_TC_A_11_CSMS_station_certificate(
    central: Central, connect_station: ConnectStation, version: str, authority: x509.Certificate
) -> None:
    station = await connect_station(version)
    signed = await renew(central, station, SignCertificate(csr=csr()))
    (certificate,) = x509.load_pem_x509_certificates(signed.certificate_chain.encode())
    certificate.verify_directly_issued_by(authority)
    (named,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert named.value == ID
    assert certificate.not_valid_after_utc <= authority.not_valid_after_utc
    (record,) = await requests(central)
    assert (record.status, record.chain) == ("Installed", signed.certificate_chain)
    assert await statuses(central) == ["Requested", "Signed", "Installed"]


@everywhere
async def test_TC_A_12_CSMS_v2g_certificate(
    central: Central, connect_station: ConnectStation, version: str, authority: x509.Certificate
) -> None:
    station = await connect_station(version)
    request = SignCertificate(csr=csr("SECC"), certificate_type="V2GCertificate")
    signed = await renew(central, station, request)
    assert signed.certificate_type == "V2GCertificate"
    (certificate,) = x509.load_pem_x509_certificates(signed.certificate_chain.encode())
    certificate.verify_directly_issued_by(authority)
    (named,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert named.value == "SECC"
    assert purposes(certificate) == ["serverAuth"]


@in_2x
@pytest.mark.usefixtures("authority")
async def test_TC_A_13_CSMS_combined_certificate(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    signed = await renew(central, await connect_station(version), SignCertificate(csr=csr()))
    assert signed.certificate_type is None
    (certificate,) = x509.load_pem_x509_certificates(signed.certificate_chain.encode())
    assert purposes(certificate) == ["clientAuth", "serverAuth"]


@everywhere
@pytest.mark.usefixtures("authority")
async def test_TC_A_14_CSMS_the_station_refuses_the_certificate(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await renew(central, station, SignCertificate(csr=csr()), "Rejected")
    (record,) = await requests(central)
    assert record.status == "Refused"


@pytest.mark.usefixtures("authority")
async def test_the_request_id_of_2_1_comes_back(
    central: Central, connect_station: ConnectStation
) -> None:
    request = SignCertificate(csr=csr(), request_id=5)
    assert (await renew(central, await connect_station("2.1"), request)).request_id == 5


@everywhere
async def test_without_a_signer_a_request_waits(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    request = SignCertificate(csr=csr())
    assert (await station.say(request)).status == "Accepted"
    (record,) = await requests(central)
    assert (record.status, record.csr) == ("Requested", request.csr)


@pytest.mark.parametrize(("answer", "status"), [("Accepted", "Installed"), ("Rejected", "Refused")])
async def test_a_certificate_that_was_signed_elsewhere_is_sent(
    central: Central, connect_station: ConnectStation, answer: Any, status: str
) -> None:
    station = await connect_station("2.0.1")
    station.on(CertificateSigned, Outcome(status=answer))
    await station.say(SignCertificate(csr=csr(), certificate_type="V2GCertificate"))
    (record,) = await requests(central)
    said = await security.send_signed(central, record.id, "a chain")
    assert said.status == answer
    (record,) = await requests(central)
    assert (record.status, record.chain) == (status, "a chain")
    assert station.asked[-1].certificate_type == "V2GCertificate"
    with pytest.raises(NotFound):
        await security.send_signed(central, record.id + 1, "a chain")


@everywhere
@pytest.mark.parametrize(
    "text", ["no request", csr(curve=ec.SECP192R1())], ids=["unreadable", "weak key"]
)
async def test_a_request_that_cannot_be_signed_is_rejected_and_stored(
    central: Central, connect_station: ConnectStation, version: str, text: str
) -> None:
    station = await connect_station(version)
    assert (await station.say(SignCertificate(csr=text))).status == "Rejected"
    (record,) = await requests(central)
    assert record.status == "Rejected"
    assert record.error


async def test_a_signer_that_fails_is_no_secret(
    central: Central, connect_station: ConnectStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        async def sign(self, _station_id: str, _request: SignCertificate) -> str:
            raise RuntimeError("out of ink")

    monkeypatch.setattr(providers, "of", lambda _central: Providers(signer=Broken()))
    station = await connect_station("2.0.1")
    await station.say(SignCertificate(csr=csr()))
    await told(central, 2)
    (record,) = await requests(central)
    assert (record.status, record.error) == ("Failed", "RuntimeError: out of ink")


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    key, _ = write_authority(tmp_path)
    _, certificate = write_authority(tmp_path / "other")
    with pytest.raises(ConfigurationError, match="not the key"):
        LocalAuthority.open(key, certificate)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        LocalAuthority.open(tmp_path / "nothing", certificate)


@everywhere
async def test_security_events_are_stored(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    event = SecurityEventNotification(type="SettingSystemTime", timestamp=AT, tech_info="NTP")
    await station.say(event)
    (stored,) = await everything(central, security_events.page, ID)
    assert (stored.type, stored.at, stored.tech_info) == ("SettingSystemTime", AT, "NTP")
    (told,) = await happened(central, "security.event")
    assert told.data["type"] == "SettingSystemTime"


# Passwords


def taken(status: Any) -> Any:
    def answer(request: SetVariables) -> SettingResults:
        (setting,) = request.settings
        return SettingResults(
            results=(
                SettingResult(
                    component=setting.component,
                    variable=setting.variable,
                    attribute_status=status,
                ),
            )
        )

    return answer


async def is_password(central: Central, password: str) -> bool:
    record = await central.database.read(stations.get, ID)
    assert record is not None
    hashed = record.password_hash
    return hashed is not None and await PasswordCheck().is_right(password.encode(), hashed)


async def the_command(central: Central) -> CommandRecord:
    (record,) = await everything(central, commands.page, CommandFilter(station_id=ID))
    assert isinstance(record, CommandRecord)
    return record


@everywhere
@pytest.mark.parametrize("status", ["Accepted", "RebootRequired"])
async def test_TC_A_09_CSMS_password_accepted(
    central: Central, connect_station: ConnectStation, version: str, status: str
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taken(status))
    new = "0123456789abcdef" * 2
    await security.set_password(central, ID, SetPassword(password=new))
    (setting,) = station.asked[0].settings
    assert setting.variable.name == "BasicAuthPassword"
    assert (setting.component.name == "SecurityCtrlr") == (version != "1.6")
    assert setting.attribute_value == new
    assert await is_password(central, new)
    record = await the_command(central)
    assert new not in f"{record.request}{record.answer}"


@everywhere
async def test_TC_A_10_CSMS_password_rejected(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taken("Accepted"), taken("Rejected"))
    old, new = "0" * 32, "1" * 32
    await security.set_password(central, ID, SetPassword(password=old))
    result = await security.set_password(central, ID, SetPassword(password=new))
    assert result.attribute_status == "Rejected"
    assert await is_password(central, old)


async def test_a_password_is_made_up(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("1.6")
    station.on(SetVariables, taken("Accepted"))
    await security.set_password(central, ID, SetPassword())
    made = station.asked[0].settings[0].attribute_value
    assert len(bytes.fromhex(made)) == 20
    assert await is_password(central, made)


# Certificates in stations

HASH = CertificateHashData(
    hash_algorithm="SHA256", issuer_name_hash="AA", issuer_key_hash="BB", serial_number="01"
)
TYPES = {
    "M_01": "CSMSRootCertificate",
    "M_02": "ManufacturerRootCertificate",
    "M_03": "V2GRootCertificate",
    "M_04": "MORootCertificate",
}


async def install(
    central: Central, connect_station: ConnectStation, version: str, kind: Any, status: Any
) -> None:
    station = await connect_station(version)
    _, operation = security.OPERATIONS["install_certificate"]
    station.on(InstallCertificate, InstallCertificateAnswer(status=status))
    request = InstallCertificate(certificate_type=kind, certificate="-----BEGIN CERTIFICATE-----")
    assert (await operation(central, ID, request)).status == status
    assert station.asked == [request]


@everywhere
@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
async def test_TC_M_01_CSMS_TC_M_02_CSMS_TC_M_03_CSMS_TC_M_04_CSMS_install(
    central: Central, connect_station: ConnectStation, version: str, kind: str
) -> None:
    await install(central, connect_station, version, kind, "Accepted")


@everywhere
async def test_TC_M_05_CSMS_install_failed(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    await install(central, connect_station, version, "CSMSRootCertificate", "Failed")


LISTED = {
    "M_12": ("CSMSRootCertificate",),
    "M_13": ("ManufacturerRootCertificate",),
    "M_14": ("V2GRootCertificate",),
    "M_15": ("V2GCertificateChain",),
    "M_16": ("MORootCertificate",),
    "M_17": ("CSMSRootCertificate", "ManufacturerRootCertificate"),
    "M_18": None,
}


def installed(request: GetInstalledCertificateIds) -> Any:
    """What a station has: one certificate of each kind."""
    kinds = request.certificate_type or ("CSMSRootCertificate", "ManufacturerRootCertificate")
    return InstalledCertificates(
        status="Accepted",
        certificate_hash_data_chain=tuple(
            CertificateHashDataChain(certificate_type=kind, certificate_hash_data=HASH)
            for kind in kinds
        ),
    )


@in_2x
@pytest.mark.parametrize("kinds", LISTED.values(), ids=LISTED)
async def test_TC_M_12_CSMS_TC_M_13_CSMS_TC_M_14_CSMS_TC_M_15_CSMS_list(
    central: Central, connect_station: ConnectStation, version: str, kinds: Any
) -> None:
    await check_list(central, await connect_station(version), kinds)


@in_2x
@pytest.mark.parametrize("kinds", LISTED.values(), ids=LISTED)
async def test_TC_M_16_CSMS_TC_M_17_CSMS_TC_M_18_CSMS_list(
    central: Central, connect_station: ConnectStation, version: str, kinds: Any
) -> None:
    await check_list(central, await connect_station(version), kinds)


async def check_list(central: Central, station: ScriptedStation, kinds: Any) -> None:
    station.on(GetInstalledCertificateIds, installed)
    request = GetInstalledCertificateIds(certificate_type=kinds)
    answer = await security.list_certificates(central, ID, request)
    assert station.asked == [request]
    assert answer == installed(request)


async def test_1_6_is_asked_kind_by_kind(central: Central, connect_station: ConnectStation) -> None:
    def answer(request: GetInstalledCertificateIds) -> Any:
        if request.certificate_type is None or "V2G" in str(request.certificate_type):
            return OcppError("NotSupported")
        return installed(request)

    station = await connect_station("1.6")
    station.on(GetInstalledCertificateIds, answer)
    request = GetInstalledCertificateIds()
    found = await security.list_certificates(central, ID, request)
    kinds = {each.certificate_type for each in found.certificate_hash_data_chain or ()}
    assert {"CSMSRootCertificate", "ManufacturerRootCertificate"} <= kinds
    assert len(await everything(central, commands.page, CommandFilter())) == 1


@everywhere
async def test_a_station_that_lists_nothing_says_so(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetInstalledCertificateIds, OcppError("NotSupported"))
    with pytest.raises(OcppError, match="NotSupported"):
        await security.list_certificates(central, ID, GetInstalledCertificateIds())


@everywhere
async def test_TC_M_19_CSMS_none_found(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetInstalledCertificateIds, InstalledCertificates(status="NotFound"))
    request = GetInstalledCertificateIds(certificate_type=("CSMSRootCertificate",))
    assert (await security.list_certificates(central, ID, request)).status == "NotFound"


@everywhere
@pytest.mark.parametrize("status", ["Accepted", "Failed"], ids=["M_20", "M_21"])
async def test_TC_M_20_CSMS_TC_M_21_CSMS_delete(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    _, operation = security.OPERATIONS["delete_certificate"]
    station.on(DeleteCertificate, DeleteCertificateAnswer(status=status))
    request = DeleteCertificate(certificate_hash_data=HASH)
    assert (await operation(central, ID, request)).status == status
    assert station.asked == [request]
