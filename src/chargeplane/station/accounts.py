"""What running charges cost, counted here: the bills of `energy/tariff.py` kept and told (2.1 I12).

An account is by a tariff of 2.1, and then its breakdown is told in the events of its transaction;
or it goes on from a cost that the central system has told, only to be shown until it tells again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from chargeplane.domain.messages import Json
from chargeplane.domain.station import Evse
from chargeplane.domain.tariffs import EvseKind, Tariff
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent, TransactionStarted
from chargeplane.domain.variables import Component, Variable
from chargeplane.energy.tariff import Bill, Party, Usage, advance, change, open_bill, total
from chargeplane.energy.tariff_details import details
from chargeplane.station import costs, events, local_time, transaction_events
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit, Transaction

# Types of connectors (2.x ConnectorEnumType) that give direct current.
DC: Final = ("cCCS", "cChaoJi", "cUltraChaoJi", "cG105", "cGBT-DC", "cLECCS", "cMCS", "cNACS")
PROBLEM: Final = "TariffCostCtrlr/Problem"
BACKWARDS: Final = "the energy register went backwards"

logger = structlog.get_logger()


class Account(msgspec.Struct, kw_only=True):
    """The bill of a running transaction."""

    bill: Bill
    base: Decimal = Decimal(0)  # what it cost before
    is_central: bool = False  # an estimate; the central system counts
    is_told: bool = False  # by which tariff it is
    failure: str | None = None


def accounts(station: Station) -> Any:
    """The accounts: by the id of their transaction."""
    return station.documents.collection("accounts", Account)


def of(station: Station, evse: EvseUnit) -> Account | None:
    """The account of the transaction of an EVSE, if there is one."""
    transaction = evse.transaction
    found: Account | None = None if transaction is None else accounts(station).get(transaction.id)
    return found


def cost(account: Account) -> Decimal:
    """What the charge costs so far, with taxes."""
    return account.base + (total(account.bill).incl_tax or Decimal(0))


def currency(account: Account) -> str:
    """The currency of a charge."""
    return account.bill.parts[-1].tariff.currency


# Opening and counting


def begin(
    station: Station,
    evse: EvseUnit,
    tariff: Tariff,
    *,
    base: Decimal | None = None,
) -> None:
    """Count by a tariff from now on; with a `base` as an estimate that goes on from it."""
    transaction = evse.transaction
    if transaction is None:
        return
    is_central = base is not None
    bill = open_bill(
        tariff,
        _party(station, evse, transaction, is_central=is_central),
        usage(station, evse),
        partial(local_time.offset, station),
    )
    account = Account(bill=bill, base=base or Decimal(0), is_central=is_central)
    accounts(station)[transaction.id] = account
    _look_again(station, evse)


def alter(station: Station, evse: EvseUnit, tariff: Tariff) -> None:
    """Count by another tariff from now on (I11.FR.08)."""
    account, transaction = of(station, evse), evse.transaction
    if account is None or transaction is None or account.is_central:
        begin(station, evse, tariff)
        return
    change(account.bill, tariff, usage(station, evse), partial(local_time.offset, station))
    account.is_told = False
    accounts(station)[transaction.id] = account


def go_on(station: Station, evse: EvseUnit, tariff: Tariff) -> None:
    """Go on with an estimate by other prices."""
    account, transaction = of(station, evse), evse.transaction
    if account is not None and transaction is not None and account.is_central:
        change(account.bill, tariff, usage(station, evse), partial(local_time.offset, station))
        accounts(station)[transaction.id] = account


def _party(
    station: Station, evse: EvseUnit, transaction: Transaction, *, is_central: bool
) -> Party:
    by = evse.authorization
    since = None if by is None or is_central else by.reserved_since
    details_of = _additional(transaction.token)
    return Party(
        began=transaction.began,
        evse_kind=kind(station, evse),
        payment_brand=details_of.get("PaymentBrand"),
        payment_recognition=details_of.get("PaymentRecognition"),
        reserved_s=None if since is None else _seconds(station.now() - since),
    )


def _seconds(length: timedelta) -> int:
    return max(0, round(length.total_seconds()))


def _additional(token: Token | None) -> dict[str, str]:
    infos = () if token is None else token.additional_info or ()
    return {each.type: each.additional_id_token for each in infos}


def kind(station: Station, evse: EvseUnit) -> EvseKind:
    """Whether an EVSE gives alternating or direct current, by the type of its connector."""
    name = f"Connector@{evse.id}.{evse.in_use}/ConnectorType"
    return "DC" if station.model.text(name).startswith(DC) else "AC"


def usage(station: Station, evse: EvseUnit) -> Usage:
    """What the meter says of the transaction of an EVSE."""
    shown, transaction = evse.hardware.measure(), evse.transaction
    start_wh = shown.energy_wh if transaction is None else transaction.meter_start_wh
    return Usage(
        at=station.now(),
        energy_wh=_exact(shown.energy_wh) - _exact(start_wh),
        is_charging=evse.hardware.is_plugged_in() and evse.flow() == "charging",
        current_a=_exact(sum(shown.currents_a)),
        power_w=_exact(shown.power_w),
    )


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(value, 6)))


def look(station: Station, evse: EvseUnit) -> Account | None:
    """Count what was used since the last look."""
    account, transaction = of(station, evse), evse.transaction
    if account is None or transaction is None:
        return None
    now = usage(station, evse)
    if now.energy_wh < account.bill.last.energy_wh and account.failure is None:
        _fail(station, account, BACKWARDS)
    advance(account.bill, now, partial(local_time.offset, station))
    accounts(station)[transaction.id] = account
    return account


def _look_again(station: Station, evse: EvseUnit) -> None:
    """Look at least every TariffCostCtrlr.Interval[Tariff] (I12.FR.31, FR.32)."""
    seconds = max(1, station.model.number("TariffCostCtrlr/Interval[Tariff]"))

    def work(_station: Station) -> None:
        account = look(station, evse)
        if account is not None:
            costs.show(station, evse, cost(account), currency(account))
            _look_again(station, evse)

    station.alarm(f"account {evse.id}", seconds, work)


# Problems


def _fail(station: Station, account: Account, reason: str) -> None:
    """I12.FR.14, FR.18, FR.19."""
    logger.warning("cost cannot be calculated", station=station.id, reason=reason)
    account.failure = reason
    set_problem(station, is_so=True, reason="InternalError")


def set_problem(station: Station, *, is_so: bool, reason: str | None = None) -> None:
    """Say whether tariffs can be used, if that has changed (I08.FR.30 to FR.37, I12.FR.43)."""
    value = str(is_so).lower()
    if station.model.text(PROBLEM) == value:
        return
    station.model.put(PROBLEM, value)
    said = events.event(
        station, Component("TariffCostCtrlr"), Variable("Problem"), value, tech_code=reason
    )
    events.notify(station, said)


# Telling


def in_event(station: Station, evse: EvseUnit, kind_of: type[TransactionEvent]) -> dict[str, Any]:
    """The tariff, once, and the breakdown where it is due (I07.FR.32, I12.FR.01, FR.02)."""
    account, transaction = look(station, evse), evse.transaction
    if account is None or transaction is None or account.is_central:
        return {}
    said: dict[str, Any] = {}
    if not account.is_told:
        said["tariff_id"] = account.bill.parts[-1].tariff.tariff_id
        account.is_told = True
        accounts(station)[transaction.id] = account
        _run(station, evse)
    if kind_of is TransactionEnded:
        said["cost_details"] = breakdown(station, account, is_final=True)
    elif kind_of is TransactionStarted and _tells_running(station):
        said["cost_details"] = breakdown(station, account, is_final=False)
    return said


def breakdown(station: Station, account: Account, *, is_final: bool) -> Json:
    """The cost as messages tell it; what could not be counted is said to be so (I12.FR.14)."""
    said = details(account.bill, is_final=is_final)
    if account.failure is None:
        if is_final:
            set_problem(station, is_so=False)
        return said
    return {**said, "failureToCalculate": True, "failureReason": account.failure}


def _tells_running(station: Station) -> bool:
    return station.model.flag("TariffCostCtrlr/Enabled[RunningCost]")


def _run(station: Station, evse: EvseUnit) -> None:
    """Tell the running cost every TariffCostCtrlr.Interval[Cost] (I12.FR.02, FR.03)."""
    if not _tells_running(station):
        return

    def work(_station: Station) -> None:
        account = look(station, evse)
        if account is None or not _tells_running(station):
            return
        said = breakdown(station, account, is_final=False)
        transaction_events.update(station, evse, "RunningCost", cost_details=said)
        _run(station, evse)

    station.alarm(f"cost {evse.id}", station.model.number("TariffCostCtrlr/Interval[Cost]"), work)


def on_running(station: Station, _value: str) -> None:
    """Begin or stop telling running costs."""
    for evse in station.evses:
        account = of(station, evse)
        if account is not None and not account.is_central:
            _run(station, evse)


def on_event(station: Station, event: TransactionEvent) -> None:
    """Close the account of a transaction that has ended."""
    if isinstance(event, TransactionEnded) and event.transaction_id is not None:
        accounts(station).pop(event.transaction_id, None)
        place = event.evse or Evse(0)
        for what in ("account", "cost"):
            station.silence(f"{what} {place.id}")


def on_start(station: Station) -> None:
    """Go on where the power went: nobody pays for the time in which it was away."""
    kept, now = accounts(station), station.now()
    for key, account in list(kept.items()):
        if key not in station.transactions:
            del kept[key]
            continue
        account.bill.last = _rested(account.bill.last, now)
        kept[key] = account
        evse = station.evse(station.transactions[key].evse_id)
        if evse is not None:
            _look_again(station, evse)


def _rested(last: Usage, now: datetime) -> Usage:
    return msgspec.structs.replace(last, at=max(last.at, now), is_charging=False)


EFFECTS: dict[str, Any] = {"TariffCostCtrlr/Enabled[RunningCost]": on_running}
IN_EVENT = (in_event,)
ON_EVENT = (on_event,)
ON_START = (on_start,)
