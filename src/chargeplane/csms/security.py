"""Security events, certificates of stations, and their passwords."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any, Final, get_args

import structlog
from msgspec import Meta

from chargeplane.access.passwords import hash_password
from chargeplane.csms import providers
from chargeplane.csms.authority import flaw
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate, send
from chargeplane.csms.jobs import FOREIGN
from chargeplane.csms.registry import Station
from chargeplane.domain.certificates import (
    CertificateHashDataChain,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificates,
    InstalledUse,
    SecurityEventNotification,
    SignCertificate,
)
from chargeplane.domain.messages import Empty, Outcome, StatusInfo, Value
from chargeplane.domain.variables import (
    Component,
    SettingResult,
    SetVariables,
    Variable,
    VariableSetting,
)
from chargeplane.errors import ChargeplaneError, NotFound, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.repositories import certificate_requests, security_events, stations
from chargeplane.storage.repositories.stations import StationSettings

SHOWN: Final = "***"  # in place of a password (2.x A01.FR.09)
# With RebootRequired the new password is set as well, and will be used from the next start on.
CHANGED: Final = ("Accepted", "RebootRequired")
# Where stations keep it: in the device model, or in their key list (1.6 security white paper §7.2).
NEW_PLACE: Final = Component("SecurityCtrlr"), Variable("BasicAuthPassword")
OLD_PLACE: Final = Component(""), Variable("AuthorizationKey")

logger = structlog.get_logger()

_signing: set[asyncio.Task[None]] = set()


# Security events


async def on_event(station: Station, event: SecurityEventNotification) -> Empty:
    """Store what happened (2.x A04; 1.6 security extension)."""

    def work(unit: Unit) -> None:
        security_events.append(unit.connection, station.id, event, unit.now)
        unit.emit(
            "security.event",
            station_id=station.id,
            type=event.type,
            timestamp=event.timestamp.isoformat(),
            tech_info=event.tech_info,
        )

    await station.central.commit(work)
    return Empty()


# Certificates


async def on_sign(station: Station, request: SignCertificate) -> Outcome:
    """Store a certificate request, and have it signed if a signer is plugged in (2.x A02, A03)."""
    problem = flaw(request.csr)

    def work(unit: Unit) -> int:
        number = certificate_requests.add(unit.connection, station.id, request, unit.now)
        if problem is not None:
            certificate_requests.set_status(unit.connection, number, "Rejected", unit.now, problem)
        _tell(unit, station.id, number, "Rejected" if problem else "Requested", problem)
        return number

    number = await station.central.commit(work)
    if problem is not None:
        # A02.FR.12
        info = StatusInfo(reason_code="InvalidCSR", additional_info=problem)
        return Outcome(status="Rejected", status_info=info)
    if providers.of(station.central).signer is not None:
        task = asyncio.create_task(_sign(station, number, request), name="sign certificate")
        _signing.add(task)
        task.add_done_callback(_signing.discard)
    return Outcome(status="Accepted")


async def _sign(station: Station, number: int, request: SignCertificate) -> None:
    """Have a request signed and send the certificate; what goes wrong is stored."""
    signer = providers.of(station.central).signer
    try:
        assert signer is not None  # noqa: S101 the caller has looked
        chain = await signer.sign(station.id, request)
        signed = CertificateSigned(
            certificate_chain=chain,
            certificate_type=request.certificate_type,  # A02.FR.14
            request_id=request.request_id,
        )
        await _hand_over(station, number, signed, BY_SYSTEM)
    except Exception as error:  # noqa: BLE001 a signer may raise anything
        logger.warning("certificate not signed", station=station.id, error=str(error))
        await _note(station, number, "Failed", error=f"{type(error).__name__}: {error}")


async def send_signed(
    central: Central, number: int, chain: str, asked: Asked = BY_SYSTEM
) -> Outcome:
    """Send the chain (PEM) that was made elsewhere for a request (2.x A02, A03).

    Raises `NotFound` if there is no such request, and as `send` does.
    """
    found = await central.database.read(certificate_requests.get, number)
    if found is None:
        raise NotFound(f"there is no certificate request {number}")
    signed = CertificateSigned(
        certificate_chain=chain,
        certificate_type=found.certificate_type,  # type: ignore[arg-type]
        request_id=found.request_id,
    )
    return await _hand_over(central.stations.require(found.station_id), number, signed, asked)


async def _hand_over(
    station: Station, number: int, signed: CertificateSigned, asked: Asked
) -> Outcome:
    """Send a certificate, and store it with what the station made of it."""
    await _note(station, number, "Signed", chain=signed.certificate_chain)
    answer = await send(station.central, station.id, signed, asked)
    await _note(station, number, "Installed" if answer.status == "Accepted" else "Refused")
    return answer


async def _note(
    station: Station,
    number: int,
    status: str,
    *,
    chain: str | None = None,
    error: str | None = None,
) -> None:
    def work(unit: Unit) -> None:
        if chain is None:
            certificate_requests.set_status(unit.connection, number, status, unit.now, error)
        else:
            certificate_requests.signed(unit.connection, number, chain, unit.now)
        _tell(unit, station.id, number, status, error)

    try:
        await station.central.commit(work)
    except ChargeplaneError as problem:
        logger.warning("certificate request not stored", station=station.id, error=str(problem))


def _tell(unit: Unit, station_id: str, number: int, status: str, error: str | None) -> None:
    unit.emit(
        "certificate.request", station_id=station_id, request=number, status=status, error=error
    )


async def list_certificates(
    central: Central,
    station_id: str,
    request: GetInstalledCertificateIds,
    asked: Asked = BY_SYSTEM,
) -> InstalledCertificates:
    """The installed certificates (2.x M03), asked for kind by kind where the station needs that."""

    async def ask(station: Station) -> InstalledCertificates:
        try:
            return await station.ask(request, asked.timeout)
        except (Untranslatable, OcppError) as error:
            kinds = request.certificate_type or get_args(InstalledUse)
            if len(kinds) == 1 or not _is_foreign(error):
                raise
            return await _by_kind(station, kinds, asked)

    return await operate(central, station_id, request, ask, asked)


async def _by_kind(
    station: Station, kinds: tuple[InstalledUse, ...], asked: Asked
) -> InstalledCertificates:
    """What is installed of each kind that the station can be asked for; at least one."""
    found: list[CertificateHashDataChain] = []
    refusals: list[Exception] = []
    for kind in kinds:
        try:
            one = GetInstalledCertificateIds(certificate_type=(kind,))
            found.extend((await station.ask(one, asked.timeout)).certificate_hash_data_chain or ())
        except (Untranslatable, OcppError) as error:
            if not _is_foreign(error):
                raise
            refusals.append(error)
    if len(refusals) == len(kinds):
        raise refusals[0]
    return InstalledCertificates(
        status="Accepted" if found else "NotFound",
        certificate_hash_data_chain=tuple(found) or None,
    )


def _is_foreign(error: Exception) -> bool:
    return not isinstance(error, OcppError) or error.code in FOREIGN


# Passwords


class SetPassword(Value, frozen=True, kw_only=True):
    """A new password for HTTP Basic authentication; without one a random one is made.

    Hexadecimal digits suit every version: 1.6 stations take them for bytes
    (security white paper A00.FR.205), 2.x stations as they are.
    """

    password: Annotated[str, Meta(min_length=16, max_length=40)] | None = None


async def set_password(
    central: Central, station_id: str, request: SetPassword, asked: Asked = BY_SYSTEM
) -> SettingResult:
    """Give a station a new password (2.x A01); ours changes only once it has taken it.

    Raises as `send` does; the password is in no record.
    """
    password = request.password or secrets.token_hex(20)
    stored = await asyncio.to_thread(hash_password, password.encode())

    async def ask(station: Station) -> SettingResult:
        try:
            answer = await station.ask(_setting(NEW_PLACE, password), asked.timeout)
        except Untranslatable:
            answer = await station.ask(_setting(OLD_PLACE, password), asked.timeout)
        (result,) = answer.results
        if result.attribute_status in CHANGED:
            # A01.FR.03: at once, because the station may connect anew at once.
            await central.commit(lambda unit: _change_password(unit, station_id, stored))
        return result

    shown = SetPassword(password=SHOWN)
    return await operate(central, station_id, request, ask, asked, shown=shown)


def _setting(place: tuple[Component, Variable], password: str) -> SetVariables:
    component, variable = place
    return SetVariables(
        settings=(
            VariableSetting(component=component, variable=variable, attribute_value=password),
        )
    )


def _change_password(unit: Unit, station_id: str, stored: str) -> None:
    stations.change(unit.connection, station_id, StationSettings(password_hash=stored))
    unit.emit("station.password_changed", station_id=station_id)


HANDLERS: dict[type, Any] = {
    SecurityEventNotification: on_event,
    SignCertificate: on_sign,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "install_certificate": (InstallCertificate, send),
    "delete_certificate": (DeleteCertificate, send),
    "list_certificates": (GetInstalledCertificateIds, list_certificates),
    "certificate_signed": (CertificateSigned, send),
    "set_password": (SetPassword, set_password),
}
