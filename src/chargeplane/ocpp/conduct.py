"""What a station does otherwise in one family than in the other, as data.

The vocabulary covers what is said; a few rules of behaviour differ as well. The station asks for
the rule, never for the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from chargeplane.ocpp.dialects import Dialect
from chargeplane.ocpp.errors import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """The rules of a family, or of a version that has its own."""

    start_points: frozenset[str] | None  # None: TxStartPoint decides (2.x E01)
    stop_points: frozenset[str] | None  # None: TxStopPoint decides (2.x E06)
    tells_every_state: bool  # in StatusNotification, all nine of 1.6 §4.9
    availability_has_levels: bool  # station, EVSEs, connectors each (2.x G03); 1.6 §5.2 has one
    readings_name_transaction: bool  # MeterValues of 1.6 §4.7
    departed_car_times_out: bool  # while its charge goes on (2.x E10.FR.02)
    unlock_ends_charge: bool  # 1.6 §5.18; 2.x refuses (F05.FR.02)
    soft_reset_ends_charges: bool  # 1.6 §5.14; 2.x waits until idle (B12)
    boots_when_triggered: bool  # although it is accepted (1.6 §5.17; not F06.FR.17)
    has_keys: bool  # names settings by 1.6 configuration keys, not by variables
    has_transaction_events: bool  # 2.x E; 1.6 names a transaction in the answer to its start
    transfers_text: bool  # in DataTransfer; 2.x any JSON
    # What EVerest's stations tell those who run them:
    monitor_trigger: Literal["Alerting", "Delta"]  # of variables that were written
    connection_change: Literal["RebootRequired", "Accepted"]  # of network profiles not in use
    availability_needs_connector: bool  # of an EVSE that is put in or out of service
    has_notify_event: bool  # faults are told by NotifyEvent (2.x N07), else in the status
    lists_local_version: bool  # 1.6 §5.10: -1 says that local lists are not supported
    has_binary_passwords: bool  # given in hexadecimal digits (1.6J §6.2.2; not A00.FR.205)
    raises_security_at_once: bool  # 1.6 white paper A05; 2.x by network profiles and a reset
    keeps_root_in_use: bool  # 1.6 white paper M04.FR.06; 2.x M04 lets the last one go
    critical_events: frozenset[str]  # for security, of those that are reported to the station
    profiles_replace_their_like: bool  # of the same level and purpose (1.6 §5.16)
    ensures_phases: bool  # that no more are used than a profile says (K01.FR.43)
    assumed_phases: int | None  # of a limit that names none (K01.FR.49); None: not said either
    limits_by_phase: bool  # L2 and L3 may have limits of their own
    costs_are_custom: bool  # told by DataTransfer (California pricing), where a key allows it


# As EVerest's stations have it.
CRITICAL: Final = frozenset(
    (
        "FirmwareUpdated SettingSystemTime StartupOfTheDevice ResetOrReboot "
        "SecurityLogWasCleared MemoryExhaustion TamperDetectionActivated"
    ).split()
)
INVALID: Final = frozenset(
    (
        "InvalidFirmwareSignature InvalidFirmwareSigningCertificate InvalidCsmsCertificate "
        "InvalidChargingStationCertificate InvalidTLSVersion InvalidTLSCipherSuite "
        "MaintenanceLoginAccepted MaintenanceLoginFailed"
    ).split()
)

CONDUCT: Final[dict[Family, Conduct]] = {
    "1.x": Conduct(
        start_points=frozenset({"PowerPathClosed"}),
        stop_points=frozenset({"EVConnected", "Authorized"}),
        tells_every_state=True,
        availability_has_levels=False,
        readings_name_transaction=True,
        departed_car_times_out=False,
        unlock_ends_charge=True,
        soft_reset_ends_charges=True,
        boots_when_triggered=True,
        has_keys=True,
        has_transaction_events=False,
        transfers_text=True,
        monitor_trigger="Alerting",
        connection_change="RebootRequired",
        availability_needs_connector=True,
        has_notify_event=False,
        lists_local_version=True,
        has_binary_passwords=True,
        raises_security_at_once=True,
        keeps_root_in_use=True,
        critical_events=CRITICAL | INVALID,
        profiles_replace_their_like=True,
        ensures_phases=False,
        assumed_phases=None,
        limits_by_phase=False,
        costs_are_custom=True,
    ),
    "2.x": Conduct(
        start_points=None,
        stop_points=None,
        tells_every_state=False,
        availability_has_levels=True,
        readings_name_transaction=False,
        departed_car_times_out=True,
        unlock_ends_charge=False,
        soft_reset_ends_charges=False,
        boots_when_triggered=False,
        has_keys=False,
        has_transaction_events=True,
        transfers_text=False,
        monitor_trigger="Delta",
        connection_change="Accepted",
        availability_needs_connector=False,
        has_notify_event=True,
        lists_local_version=False,
        has_binary_passwords=False,
        raises_security_at_once=False,
        keeps_root_in_use=False,
        critical_events=CRITICAL,
        profiles_replace_their_like=False,
        ensures_phases=True,
        assumed_phases=3,
        limits_by_phase=True,
        costs_are_custom=False,
    ),
}

OF_VERSION: Final[Mapping[str, Conduct]] = MappingProxyType(
    {"2.0.1": replace(CONDUCT["2.x"], limits_by_phase=False)}
)


def conduct_of(dialect: Dialect) -> Conduct:
    """The rules of a version."""
    return OF_VERSION.get(dialect.version, CONDUCT[dialect.family])
