"""Tariffs by which costs are counted here: the usual ones and those of drivers (2.1 I07 to I11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from chargeplane.domain.messages import Json
from chargeplane.domain.tariffs import Tariff
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionEvent
from chargeplane.energy.tariff_details import has_conditions, most_prices, problem
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import accounts, california, display, transaction_events, transactions
from chargeplane.station.station import Station
from chargeplane.station.unit import Ending, EvseUnit


class Offer(msgspec.Struct, frozen=True):
    """The tariff that a driver was given, or that the central system counts (I08.FR.33)."""

    tariff: Tariff | None = None
    is_central: bool = False


class Offered(msgspec.Struct, frozen=True):
    """An offer to whoever may charge at an EVSE."""

    offer: Offer
    token: Token


def _defaults(station: Station) -> Any:
    """The usual tariffs: by the number of an EVSE and the tariff's id."""
    return station.documents.collection("default_tariffs", Tariff)


def offers(station: Station) -> Any:
    """What drivers were offered: by the number of an EVSE."""
    return station.documents.collection("tariff_offers", Offered)


# Which tariff applies


def is_enabled(station: Station) -> bool:
    """Whether costs are counted here by tariffs."""
    return all(station.model.flag(f"TariffCostCtrlr/Enabled[{x}]") for x in ("Tariff", "Cost"))


def default(station: Station, evse: EvseUnit) -> Tariff | None:
    """The usual tariff of an EVSE, if it has one that is valid already."""
    valid = [each for each in _of(station, evse.id) if _is_valid(station, each)]
    return max(valid, key=_valid_from, default=None)


def _of(station: Station, evse_id: int) -> list[Tariff]:
    prefix = f"{evse_id} "
    return [tariff for key, tariff in _defaults(station).items() if key.startswith(prefix)]


def _is_valid(station: Station, tariff: Tariff) -> bool:
    return tariff.valid_from is None or tariff.valid_from <= station.now()  # I07.FR.19


def _valid_from(tariff: Tariff) -> datetime:
    return tariff.valid_from or datetime.min.replace(tzinfo=UTC)


def offer(station: Station, evse: EvseUnit, offered: Offer, token: Token) -> None:
    """Let a driver charge by this offer at an EVSE (I08.FR.04)."""
    if offered == Offer():
        offers(station).pop(str(evse.id), None)
    else:
        offers(station)[str(evse.id)] = Offered(offered, token)


def _offered(station: Station, evse: EvseUnit) -> Offer | None:
    """What whoever may charge at an EVSE now was offered."""
    found: Offered | None = offers(station).get(str(evse.id))
    by = evse.authorization
    if found is None or by is None or by.token.key != found.token.key:
        return None
    return found.offer


def applicable(station: Station, evse: EvseUnit) -> Tariff | None:
    """The tariff of whoever charges at an EVSE: the driver's, else the usual (I07.FR.14)."""
    if not is_enabled(station):
        return None
    offered = _offered(station, evse)
    if offered is None:
        return default(station, evse)
    return None if offered.is_central else offered.tariff


def reject(station: Station, evse: EvseUnit) -> None:
    """The driver does not accept the tariff (I07.FR.30, FR.31, I08.FR.20, FR.21)."""
    if evse.transaction is not None:
        accounts.accounts(station).pop(evse.transaction.id, None)
    transactions.end(station, evse, Ending("TariffNotAccepted", "DeAuthorized"))


def in_event(station: Station, evse: EvseUnit, _kind: type[TransactionEvent]) -> dict[str, Any]:
    """Begin to count as soon as somebody charges by a tariff: plugging in accepts it."""
    if evse.authorization is None or accounts.of(station, evse) is not None:
        return {}
    tariff = applicable(station, evse)
    if tariff is not None:
        accounts.begin(station, evse, tariff)
    elif not station.is_online and (estimate := california.offline_tariff(station)):
        accounts.begin(station, evse, estimate, base=Decimal(0))
    return {}


# Reading tariffs


def read(tariff: wire.Tariff) -> Tariff:
    """A tariff in exact numbers."""
    return msgspec.convert(tariff, Tariff, from_attributes=True)


def examine(station: Station, said: Json | None) -> tuple[Offer, bool]:
    """What a tariff in an answer to Authorize comes to, and whether its driver may charge.

    What cannot be used is handled as HandleFailedTariff says (I08.FR.30 to FR.33).
    """
    if said is None or not is_enabled(station):
        return Offer(), True
    tariff = read(msgspec.convert(said, wire.Tariff))
    reason = _unusable(station, tariff)
    if reason is None:
        accounts.set_problem(station, is_so=False)
        return Offer(msgspec.structs.replace(tariff, valid_from=None)), True  # I08.FR.10
    accounts.set_problem(station, is_so=True, reason=reason)
    how = station.model.text("TariffCostCtrlr/HandleFailedTariff[Tariff]")
    return Offer(is_central=how == "CentralCost"), how != "Deauthorize"


def _unusable(station: Station, tariff: Tariff) -> str | None:
    """The status of 2.1 that says why a tariff cannot be used, or None."""
    if most_prices(tariff) > station.model.number("TariffCostCtrlr/MaxElements[Tariff]"):
        return "TooManyElements"
    supported = station.model.flag("TariffCostCtrlr/ConditionsSupported[Tariff]")
    if has_conditions(tariff) and not supported:
        return "ConditionNotSupported"
    return None if problem(tariff) is None else "InvalidValue"


def _require(station: Station) -> None:
    """I07.FR.01, I11.FR.01."""
    if not is_enabled(station):
        raise OcppError("NotSupported", "costs are not counted here")


# The usual tariffs


async def on_set_default(station: Station, request: wire.SetDefaultTariff) -> Any:
    """Install a usual tariff at an EVSE, or at each (I07)."""
    _require(station)
    tariff = read(request.tariff)
    status, reason = _verdict(station, request.evse_id, tariff)
    if status == "Accepted":
        _install(station, request.evse_id, tariff)
    return wire.SetDefaultTariffResponse(status=status, status_info=_info(reason))


def _verdict(station: Station, evse_id: int, tariff: Tariff) -> tuple[Any, str | None]:
    if evse_id and station.evse(evse_id) is None:
        return "Rejected", "UnknownEvse"  # I07.FR.06
    if tariff.tariff_id in {each.tariff_id for each in _all(station)}:
        return "DuplicateTariffId", None
    reason = _unusable(station, tariff)
    if reason == "InvalidValue":
        return "Rejected", reason  # I07.FR.05
    return reason or "Accepted", None


def _info(reason: str | None) -> wire.StatusInfo | None:
    return None if reason is None else wire.StatusInfo(reason_code=reason)


def _all(station: Station) -> Iterable[Tariff]:
    """The tariffs that are here."""
    yield from _defaults(station).values()
    for _, tariff in _of_drivers(station):
        yield tariff


def _of_drivers(station: Station) -> Iterable[tuple[EvseUnit, Tariff]]:
    """The tariffs of drivers that are in use, and where (I08.FR.07)."""
    usual = {each.tariff_id for each in _defaults(station).values()}
    for evse in station.evses:
        offered = _offered(station, evse)
        account = accounts.of(station, evse)
        if account is not None and not account.is_central:
            tariff: Tariff | None = account.bill.parts[-1].tariff
        else:
            tariff = None if offered is None else offered.tariff
        if tariff is not None and tariff.tariff_id not in usual:
            yield evse, tariff


def _install(station: Station, evse_id: int, tariff: Tariff) -> None:
    ids = [evse_id] if evse_id else [each.id for each in station.evses]
    kept = _defaults(station)
    with station.documents.together():
        for number in ids:
            if tariff.valid_from is None:
                for old in _of(station, number):
                    if _is_valid(station, old):
                        del kept[_key(number, old)]  # I07.FR.22
            kept[_key(number, tariff)] = tariff
        _replace(station)


def _key(evse_id: int, tariff: Tariff) -> str:
    return f"{evse_id} {tariff.tariff_id}"


def _replace(station: Station) -> None:
    """Remove what newer tariffs replace (I07.FR.20, FR.21), and wait for the next to be valid."""
    kept = _defaults(station)
    for evse in station.evses:
        current = default(station, evse)
        for each in _of(station, evse.id):
            if current is not None and each != current and _is_valid(station, each):
                del kept[_key(evse.id, each)]
    show(station)
    starts = [each.valid_from for each in kept.values() if not _is_valid(station, each)]
    if starts:
        seconds = (min(filter(None, starts)) - station.now()).total_seconds()
        station.alarm("tariffs", seconds, _replace)


def show(station: Station, _news: Any = None) -> None:
    """Show what charging usually costs at each EVSE (I07.FR.14; 1.6 DefaultPrice)."""
    for evse in station.evses:
        tariff = default(station, evse) if is_enabled(station) else None
        texts = tariff.description if tariff is not None else None
        texts = texts or california.default_price(station)
        display.notify(station, evse.id, "default price", texts)


async def on_get(station: Station, request: wire.GetTariffs) -> Any:
    """Which tariffs are here, and for what (I09)."""
    _require(station)
    evse_id = request.evse_id
    if evse_id and station.evse(evse_id) is None:
        return wire.GetTariffsResponse(status="Rejected", status_info=_info("UnknownEvse"))
    found = [*_assigned(station, evse_id), *_assigned_to_drivers(station, evse_id)]
    if not found:
        return wire.GetTariffsResponse(status="NoTariff")
    return wire.GetTariffsResponse(status="Accepted", tariff_assignments=found)


def _assigned(station: Station, evse_id: int) -> Iterable[wire.TariffAssignment]:
    found: dict[str, tuple[Tariff, list[int]]] = {}
    for key, tariff in _defaults(station).items():
        number = int(key.partition(" ")[0])
        if evse_id in (0, number):
            found.setdefault(tariff.tariff_id, (tariff, []))[1].append(number)
    for tariff, numbers in found.values():
        yield wire.TariffAssignment(
            tariff_id=tariff.tariff_id,
            tariff_kind="DefaultTariff",
            valid_from=tariff.valid_from,
            evse_ids=sorted(numbers),
        )


def _assigned_to_drivers(station: Station, evse_id: int) -> Iterable[wire.TariffAssignment]:
    for evse, tariff in _of_drivers(station):
        if evse_id not in (0, evse.id):
            continue
        holder = evse.authorization or evse.transaction
        token = None if holder is None else holder.token
        yield wire.TariffAssignment(
            tariff_id=tariff.tariff_id,
            tariff_kind="DriverTariff",
            evse_ids=None if evse.transaction is None else [evse.id],  # I09.FR.06
            id_tokens=None if token is None else [token.id_token],
        )


async def on_clear(station: Station, request: wire.ClearTariffs) -> Any:
    """Remove usual tariffs; where they are in use they stay so until the end (I10)."""
    _require(station)
    kept = _defaults(station)
    gone = {
        key: tariff.tariff_id
        for key, tariff in kept.items()
        if request.evse_id in (None, 0, int(key.partition(" ")[0]))
        if request.tariff_ids is None or tariff.tariff_id in request.tariff_ids
    }
    with station.documents.together():
        for key in gone:
            del kept[key]
    results = [
        wire.ClearTariffsResult(tariff_id=tariff_id, status="Accepted")
        for tariff_id in dict.fromkeys(gone.values())
    ]
    show(station)
    return wire.ClearTariffsResponse(
        clear_tariffs_result=results or [wire.ClearTariffsResult(status="NoTariff")]
    )


# A transaction's tariff


async def on_change(station: Station, request: wire.ChangeTransactionTariff) -> Any:
    """Count a transaction by another tariff from now on (I11)."""
    _require(station)
    tariff, evse = read(request.tariff), station.running(request.transaction_id)
    status, reason = _verdict_of_change(station, evse, tariff)
    if evse is not None and status == "Accepted":
        accounts.alter(station, evse, tariff)
        transaction_events.update(station, evse, "TariffChanged")  # I11.FR.07
        display.notify(station, evse.id, "price", tariff.description or ())
    return wire.ChangeTransactionTariffResponse(status=status, status_info=_info(reason))


def _verdict_of_change(
    station: Station, evse: EvseUnit | None, tariff: Tariff
) -> tuple[Any, str | None]:
    if evse is None:
        return "TxNotFound", None
    reason = _unusable(station, tariff)
    if reason is not None:
        return ("Rejected", reason) if reason == "InvalidValue" else (reason, None)
    account = accounts.of(station, evse)
    if account is not None and account.bill.parts[-1].tariff.currency != tariff.currency:
        return "NoCurrencyChange", None
    return "Accepted", None


HANDLERS: dict[type, Any] = {
    wire.SetDefaultTariff: on_set_default,
    wire.GetTariffs: on_get,
    wire.ClearTariffs: on_clear,
    wire.ChangeTransactionTariff: on_change,
}
EFFECTS: dict[str, Any] = {
    "OCPP16LegacyCtrlr/DefaultPrice": show,
    "OCPP16LegacyCtrlr/DefaultPriceText": show,
}
IN_EVENT = (in_event,)
ON_START = (_replace,)
ON_ACCEPTED = (show,)
ON_LINK = (show,)
