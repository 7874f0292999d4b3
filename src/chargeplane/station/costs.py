"""The charge of a driver as it is shown: whose it is, what it has cost so far."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from chargeplane.domain.messages import MessageContent
from chargeplane.domain.tokens import Token
from chargeplane.station import display
from chargeplane.station.signals import Cost
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

Texts = tuple[MessageContent, ...]


class Session(msgspec.Struct, kw_only=True):
    """The charge of an EVSE, from its token until the car has gone."""

    token: Token
    transaction_id: str | None = None
    is_over: bool = False
    cost: Decimal | None = None  # as the central system told last


def sessions(station: Station) -> Any:
    """The sessions: by the number of their EVSE."""
    return station.documents.collection("sessions", Session)


def forget_names(station: Station, _told: object) -> None:
    """Forget how the central system calls transactions that nobody can speak of any more."""
    known = {each.transaction_id for each in sessions(station).values()}
    past = set(station.names) - known - set(station.transactions)
    if past:
        for name in past - station.outbox.named():
            del station.names[name]


def session(station: Station, evse: EvseUnit) -> Session | None:
    """The session of an EVSE, if somebody charges there or has charged."""
    found: Session | None = sessions(station).get(str(evse.id))
    return found


def keep(station: Station, evse: EvseUnit, changed: Session) -> None:
    """Keep what was changed of a session."""
    sessions(station)[str(evse.id)] = changed


def find(station: Station, name: str) -> tuple[EvseUnit, Session] | None:
    """The session of the transaction that we or the central system call so."""
    for key, each in sessions(station).items():
        own = each.transaction_id
        if own is not None and name in (own, station.names.get(own)):
            return station.evses[int(key) - 1], each
    return None


def show(
    station: Station,
    evse: EvseUnit,
    amount: Decimal,
    currency: str | None = None,
    *,
    texts: Texts = (),
    is_final: bool = False,
) -> None:
    """Show what a charge costs; in the station's currency unless another is given."""
    found = session(station, evse)
    if found is None:
        return
    currency = currency or station.model.text("TariffCostCtrlr/Currency")
    texts = texts or text(money(station, amount, currency))
    display.notify(station, evse.id, "cost", texts)
    station.signals.cost.emit(
        Cost(
            transaction_id=found.transaction_id or "",
            evse_id=evse.id,
            amount=amount,
            currency=currency,
            is_final=is_final,
            texts=texts,
        )
    )


def money(station: Station, amount: Decimal, currency: str) -> str:
    """An amount as drivers read it."""
    decimals = station.model.number("TariffCostCtrlr/NumberOfDecimalsForCostValues")
    return f"{amount:.{decimals}f} {currency}".rstrip()


def text(content: str | None) -> Texts:
    """A text in no language in particular; nothing for nothing."""
    return () if not content else (MessageContent(format="UTF8", content=content),)


def exact(number: float) -> Decimal:
    """A number of a message as it was written there."""
    return Decimal(repr(number))


ON_ANSWER = (forget_names,)
