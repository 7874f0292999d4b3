"""What the station knows of a customer: reported and forgotten (2.x N09, N10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from chargeplane.domain.tokens import Token
from chargeplane.ocpp.v2 import wire
from chargeplane.station import (
    authorization,
    costs,
    local_list,
    reports,
    reservation,
    tariff_cost,
    tariffs,
)
from chargeplane.station.station import Station

PART: Final = 512  # characters in one NotifyCustomerInformation
NOTHING: Final = ""
CLEARED: Final = "The data was cleared."

IsTheirs = Callable[[str], bool]
"""Whether something kept under this key of a token is of the customer."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where something is kept of customers, and of whom an entry is."""

    name: str
    entries: Callable[[Station], Any]
    owner: Callable[[str, Any], str]  # by the key and the entry
    may_clear: Callable[[Any], bool] = lambda _entry: True


def _own_key(key: str, _entry: Any) -> str:
    return key


def _holder(_key: str, entry: Any) -> str:
    return "" if entry.token is None else local_list.keys(entry.token)[0]


def _reserver(_key: str, entry: reservation.Reservation) -> str:
    return local_list.keys(entry.request.id_token)[0]


def _never(_entry: Any) -> bool:
    return False


# What is in use is not cleared: it is needed for the charge or the reservation that it is of.
STORES: Final = (
    Store("local list", local_list.entries, _own_key, _never),  # N10.FR.03
    Store("authorization cache", authorization.cache, _own_key),
    Store("price", tariff_cost.prices, _own_key),
    Store("tariff", tariffs.offers, _holder),
    Store("charge", costs.sessions, _holder, lambda each: each.is_over),
    Store("transaction", lambda station: station.transactions, _holder, _never),
    Store("reservation", reservation.kept, _reserver, _never),
)


async def on_request(station: Station, request: wire.CustomerInformation) -> Any:
    """Report what is known of a customer, forget it, or both."""
    references = (request.id_token, request.customer_certificate, request.customer_identifier)
    if sum(each is not None for each in references) != 1:
        return wire.CustomerInformationResponse(status="Invalid")  # N09.FR.09
    if not (request.report or request.clear):
        return wire.CustomerInformationResponse(status="Rejected")  # N09.FR.07
    is_theirs = _recognizer(request)
    known = "\n".join(_known(station, is_theirs)) if request.report else CLEARED
    if request.clear:
        _clear(station, is_theirs)
    station.spawn(_tell(station, request.request_id, known), "customer information")
    return wire.CustomerInformationResponse(status="Accepted")


def _recognizer(request: wire.CustomerInformation) -> IsTheirs:
    """How to know what is of the customer; of certificates nothing is kept (N10, TC_N_63)."""
    if request.id_token is not None:
        keys = local_list.keys(Token(request.id_token.id_token, request.id_token.type))
        return lambda key: key in keys
    if request.customer_identifier is not None:
        text = request.customer_identifier.lower()
        return lambda key: text in (key, key.rpartition(" ")[0])
    return _never


def _entries(station: Station, is_theirs: IsTheirs) -> Iterator[tuple[Store, str, Any]]:
    for store in STORES:
        for key, entry in store.entries(station).items():
            if is_theirs(store.owner(key, entry)):
                yield store, key, entry


def _known(station: Station, is_theirs: IsTheirs) -> Iterator[str]:
    for store, _, entry in _entries(station, is_theirs):
        yield f"{store.name}: {msgspec.json.encode(entry).decode()}"


def _clear(station: Station, is_theirs: IsTheirs) -> None:
    with station.documents.together():
        for store, key, entry in list(_entries(station, is_theirs)):
            if store.may_clear(entry):
                del store.entries(station)[key]


async def _tell(station: Station, request_id: int, known: str) -> None:
    """Send a text, or that there is none (N09.FR.05, FR.06, N10.FR.03, FR.04, FR.06)."""

    def say(number: int, more: bool, part: str) -> Any:  # noqa: FBT001 as `reports` calls
        return wire.NotifyCustomerInformation(
            request_id=request_id,
            generated_at=station.now(),
            seq_no=number,
            tbc=more,
            data=part,
        )

    parts = [known[at : at + PART] for at in range(0, len(known), PART)] or [NOTHING]
    await reports.send_parts(station, parts, say)


HANDLERS: dict[type, Any] = {wire.CustomerInformation: on_request}
