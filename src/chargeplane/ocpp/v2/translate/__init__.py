"""The OCPP 2.x table: every action of 2.1, the shared ones in the words of the domain.

Shared are the actions that both families have; `ONLY` lists those that only
2.x has, because 1.x has no device model beyond its keys, no monitoring, no
display messages, no tariffs, no ISO 15118 schedules and no DER control. Their
wire types are used as they are.

Of customData the shared rows keep that of the message; that of the types
within it is lost.
"""

from __future__ import annotations

from typing import Any

from chargeplane.ocpp.action import Action
from chargeplane.ocpp.v2.translate import (
    plain,
    profiles,
    readings,
    station,
    transactions,
    variables,
)
from chargeplane.ocpp.v2.translate.rows import only

ONLY_STATION = (
    "BatterySwap",
    "ClearedChargingLimit",
    "GetCertificateChainStatus",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDERAlarm",
    "NotifyDERStartStop",
    "NotifyDisplayMessages",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyPeriodicEventStream",
    "NotifyPriorityCharging",
    "NotifyReport",
    "NotifySettlement",
    "OpenPeriodicEventStream",
    "ClosePeriodicEventStream",
    "PublishFirmwareStatusNotification",
    "PullDynamicScheduleUpdate",
    "ReportChargingProfiles",
    "ReportDERControl",
    "ReservationStatusUpdate",
    "VatNumberValidation",
)
ONLY_CSMS = (
    "AFRRSignal",
    "AdjustPeriodicEventStream",
    "ChangeTransactionTariff",
    "ClearDERControl",
    "ClearDisplayMessage",
    "ClearTariffs",
    "ClearVariableMonitoring",
    "CustomerInformation",
    "GetChargingProfiles",
    "GetDERControl",
    "GetDisplayMessages",
    "GetMonitoringReport",
    "GetPeriodicEventStream",
    "GetReport",
    "GetTariffs",
    "GetTransactionStatus",
    "NotifyAllowedEnergyTransfer",
    "NotifyWebPaymentStarted",
    "PublishFirmware",
    "RequestBatterySwap",
    "SetDERControl",
    "SetDefaultTariff",
    "SetDisplayMessage",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetNetworkProfile",
    "SetVariableMonitoring",
    "UnpublishFirmware",
    "UpdateDynamicSchedule",
    "UsePriorityCharging",
)

SHARED: tuple[Action[Any, Any], ...] = (
    *plain.ROWS,
    *station.ROWS,
    *transactions.ROWS,
    *readings.ROWS,
    *variables.ROWS,
    *profiles.ROWS,
)
ONLY: tuple[Action[Any, Any], ...] = (
    *(only("station", name) for name in ONLY_STATION),
    *(only("csms", name) for name in ONLY_CSMS),
)
ROWS = (*SHARED, *ONLY)
