"""Examples of what operations are sent and answer, for the OpenAPI document.

Requests are values of the vocabulary, so that a wrong one does not pass the type checker; answers
are the smallest values of their types. Tests hold both against the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from chargeplane.csms.battery_swap import RequestBatterySwap
from chargeplane.csms.customer_information import CustomerInformation
from chargeplane.csms.der import GetDERControl
from chargeplane.csms.display import DisplayMessage, GetDisplayMessages
from chargeplane.csms.firmware import Publication
from chargeplane.csms.local_list import UpdateLocalList
from chargeplane.csms.operations import RawCall
from chargeplane.csms.reservation import Reservation
from chargeplane.csms.security import SetPassword
from chargeplane.csms.smart_charging import ClearChargingLimit, SetChargingLimit
from chargeplane.domain.certificates import (
    CertificateHashData,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from chargeplane.domain.diagnostics import GetLog, LogParameters
from chargeplane.domain.firmware import Firmware, UpdateFirmware
from chargeplane.domain.messages import MessageContent
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ClearChargingProfile,
    GetCompositeSchedule,
    ProfileCriteria,
    SetChargingProfile,
)
from chargeplane.domain.reservations import CancelReservation
from chargeplane.domain.station import (
    ChangeAvailability,
    DataTransfer,
    Evse,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from chargeplane.domain.tariff_cost import CostUpdated, FinalCost
from chargeplane.domain.tokens import (
    AuthorizationData,
    ClearCache,
    GetLocalListVersion,
    SendLocalList,
    SetUserPrice,
    Token,
    TokenInfo,
)
from chargeplane.domain.transactions import RequestStartTransaction, RequestStopTransaction
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    GetVariables,
    SetVariables,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.ocpp.v2 import wire

NOW: Final = datetime(2026, 3, 1, 18, tzinfo=UTC)
CARD: Final = Token("04AABBCC")
TRANSACTION: Final = "17"
CHECKSUM: Final = "9b74c9897bac770ffc029102a200c5de"  # MD5, as 2.x asks for
PEM: Final = "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n"
COMPONENT: Final = Component("OCPPCommCtrlr")
VARIABLE: Final = Variable("HeartbeatInterval")
CERTIFICATE: Final = CertificateHashData(
    hash_algorithm="SHA256", issuer_name_hash="a1b2", issuer_key_hash="c3d4", serial_number="5e"
)
TARIFF: Final = wire.Tariff(
    tariff_id="day",
    currency="EUR",
    energy=wire.TariffEnergy(prices=[wire.TariffEnergyPrice(price_kwh=0.42)]),
)
EVENING: Final = ChargingProfile(
    id=1,
    stack_level=0,
    charging_profile_purpose="TxDefaultProfile",
    charging_profile_kind="Absolute",
    charging_schedule=(
        ChargingSchedule(
            charging_rate_unit="A",
            charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=10.0),),
            start_schedule=NOW,
        ),
    ),
)

REQUESTS: Final[Mapping[str, Any]] = {
    "adjust_periodic_event_stream": wire.AdjustPeriodicEventStream(
        id=1, params=wire.PeriodicEventStreamParams(interval=60)
    ),
    "afrr_signal": wire.AFRRSignal(timestamp=NOW, signal=10),
    "call": RawCall(action="GetConfiguration", payload={"key": ["HeartbeatInterval"]}),
    "cancel_reservation": CancelReservation(reservation_id=7),
    "certificate_signed": CertificateSigned(certificate_chain=PEM),
    "change_availability": ChangeAvailability(operational_status="Inoperative", evse=Evse(1)),
    "change_transaction_tariff": wire.ChangeTransactionTariff(
        tariff=TARIFF, transaction_id=TRANSACTION
    ),
    "clear_cache": ClearCache(),
    "clear_charging_limit": ClearChargingLimit(evse_id=1),
    "clear_charging_profile": ClearChargingProfile(
        charging_profile_criteria=ProfileCriteria(
            evse_id=1, charging_profile_purpose="TxDefaultProfile"
        )
    ),
    "clear_der_control": wire.ClearDERControl(is_default=False, control_id="night"),
    "clear_display_message": wire.ClearDisplayMessage(id=1),
    "clear_tariffs": wire.ClearTariffs(tariff_ids=["day"]),
    "clear_variable_monitoring": wire.ClearVariableMonitoring(id=[1, 2]),
    "cost_updated": CostUpdated(total_cost=3.14, transaction_id=TRANSACTION),
    "customer_information": CustomerInformation(report=True, clear=False, id_token=CARD),
    "data_transfer": DataTransfer(vendor_id="com.example", message_id="hello"),
    "delete_certificate": DeleteCertificate(certificate_hash_data=CERTIFICATE),
    "final_cost": FinalCost(transaction_id=TRANSACTION, cost=3.14, price_text="7.5 kWh for 3.14"),
    "get_base_report": GetBaseReport(report_base="FullInventory"),
    "get_charging_profiles": wire.GetChargingProfiles(
        request_id=1,
        charging_profile=wire.ChargingProfileCriterion(charging_profile_purpose="TxDefaultProfile"),
    ),
    "get_composite_schedule": GetCompositeSchedule(
        duration=3600, evse_id=1, charging_rate_unit="A"
    ),
    "get_der_control": GetDERControl(is_default=True),
    "get_display_messages": GetDisplayMessages(state="Idle"),
    "get_installed_certificate_ids": GetInstalledCertificateIds(
        certificate_type=("CSMSRootCertificate",)
    ),
    "get_local_list_version": GetLocalListVersion(),
    "get_log": GetLog(log=LogParameters(remote_location="sftp://user@example.com/logs")),
    "get_monitoring_report": wire.GetMonitoringReport(
        request_id=1, monitoring_criteria=["ThresholdMonitoring"]
    ),
    "get_periodic_event_stream": wire.GetPeriodicEventStream(),
    "get_report": wire.GetReport(request_id=1, component_criteria=["Problem"]),
    "get_tariffs": wire.GetTariffs(evse_id=0),
    "get_transaction_status": wire.GetTransactionStatus(transaction_id=TRANSACTION),
    "get_variables": GetVariables(queries=(VariableQuery(component=COMPONENT, variable=VARIABLE),)),
    "install_certificate": InstallCertificate(
        certificate_type="CSMSRootCertificate", certificate=PEM
    ),
    "list_certificates": GetInstalledCertificateIds(),
    "notify_allowed_energy_transfer": wire.NotifyAllowedEnergyTransfer(
        transaction_id=TRANSACTION, allowed_energy_transfer=["AC_three_phase"]
    ),
    "notify_web_payment_started": wire.NotifyWebPaymentStarted(evse_id=1, timeout=120),
    "publish_firmware": Publication(location="https://example.com/firmware.bin", checksum=CHECKSUM),
    "request_battery_swap": RequestBatterySwap(id_token=CARD),
    "request_start_transaction": RequestStartTransaction(id_token=CARD, evse_id=1),
    "request_stop_transaction": RequestStopTransaction(transaction_id=TRANSACTION),
    "reserve_now": Reservation(expiry_date_time=NOW, id_token=CARD, evse_id=1),
    "reset": Reset(type="OnIdle"),
    "send_local_list": SendLocalList(
        version_number=2,
        update_type="Full",
        local_authorization_list=(
            AuthorizationData(id_token=CARD, id_token_info=TokenInfo(status="Accepted")),
        ),
    ),
    "set_charging_limit": SetChargingLimit(evse_id=1, limit=16.0),
    "set_charging_profile": SetChargingProfile(evse_id=1, charging_profile=EVENING),
    "set_default_tariff": wire.SetDefaultTariff(evse_id=0, tariff=TARIFF),
    "set_der_control": wire.SetDERControl(
        is_default=False,
        control_id="night",
        control_type="LimitMaxDischarge",
        limit_max_discharge=wire.LimitMaxDischarge(priority=0, pct_max_discharge_power=50.0),
    ),
    "set_display_message": DisplayMessage(
        priority="NormalCycle", message=MessageContent(format="UTF8", content="Welcome")
    ),
    "set_monitoring_base": wire.SetMonitoringBase(monitoring_base="FactoryDefault"),
    "set_monitoring_level": wire.SetMonitoringLevel(severity=5),
    "set_network_profile": wire.SetNetworkProfile(
        configuration_slot=1,
        connection_data=wire.NetworkConnectionProfile(
            ocpp_interface="Wired0",
            ocpp_transport="JSON",
            message_timeout=30,
            ocpp_csms_url="wss://example.com/ocpp",
            security_profile=2,
        ),
    ),
    "set_password": SetPassword(),
    "set_user_price": SetUserPrice(id_token=CARD, price_text="0.42 EUR/kWh"),
    "set_variable_monitoring": wire.SetVariableMonitoring(
        set_monitoring_data=[
            wire.SetMonitoringData(
                value=80.0,
                type="UpperThreshold",
                severity=4,
                component=wire.Component(name="ChargingStation"),
                variable=wire.Variable(name="Temperature"),
            )
        ]
    ),
    "set_variables": SetVariables(
        settings=(VariableSetting(component=COMPONENT, variable=VARIABLE, attribute_value="300"),)
    ),
    "trigger_message": TriggerMessage(requested_message="StatusNotification", evse=Evse(1, 1)),
    "unlock_connector": UnlockConnector(evse_id=1, connector_id=1),
    "unpublish_firmware": wire.UnpublishFirmware(checksum=CHECKSUM),
    "update_dynamic_schedule": wire.UpdateDynamicSchedule(
        charging_profile_id=1, schedule_update=wire.ChargingScheduleUpdate(limit=8.0)
    ),
    "update_firmware": UpdateFirmware(
        firmware=Firmware(location="https://example.com/firmware.bin", retrieve_date_time=NOW)
    ),
    "update_local_list": UpdateLocalList(),
    "use_priority_charging": wire.UsePriorityCharging(transaction_id=TRANSACTION, activate=True),
}


def request(name: str) -> Any:
    """What an operation may be sent, as JSON."""
    return msgspec.to_builtins(REQUESTS[name])


def smallest(kind: Any) -> Any:
    """The smallest value of a type, as JSON; the first of a choice, one item of a list."""
    origin = get_origin(kind)
    if origin is Annotated:
        return smallest(get_args(kind)[0])
    if origin is Literal:
        return get_args(kind)[0]
    if origin in {Union, UnionType}:
        return smallest(next(each for each in get_args(kind) if each is not NoneType))
    if origin in {tuple, list}:
        return [smallest(get_args(kind)[0])]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return {each.encode_name: smallest(each.type) for each in fields if each.required}
    return SMALLEST.get(kind, {})


SMALLEST: Final[Mapping[Any, Any]] = {
    str: "...",
    int: 1,
    float: 1.0,
    bool: True,
    datetime: msgspec.to_builtins(NOW),
    NoneType: None,
}
