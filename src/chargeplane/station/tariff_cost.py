"""What drivers are told of prices and costs (2.x I01 to I06; 1.6 California pricing).

Costs come from the central system, or from an account that is kept here (`accounts`).
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, Final

import msgspec

from chargeplane.domain.messages import Empty, Json, MessageContent
from chargeplane.domain.station import DataTransferAnswer
from chargeplane.domain.tariff_cost import CostUpdated, FinalCost
from chargeplane.domain.tokens import AuthorizeAnswer, SetUserPrice, Token, TokenInfo
from chargeplane.domain.transactions import TransactionAnswer, TransactionEnded, TransactionEvent
from chargeplane.energy.tariff_details import final_total
from chargeplane.station import accounts, california, costs, display, tariffs
from chargeplane.station.costs import Session, Texts
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.unit import Connector, EvseUnit

UNKNOWN_VENDOR: Final = DataTransferAnswer(status="UnknownVendorId")
TARIFF_FALLBACK: Final = "TariffFallbackMessage"
OFFLINE_FALLBACK: Final = "OfflineTariffFallbackMessage"
COST_FALLBACK: Final = "TotalCostFallbackMessage"
LANGUAGES: Final = (
    "CustomizationCtrlr/CustomImplementationEnabled[org.openchargealliance.multilanguage]"
)


def prices(station: Station) -> Any:
    """Prices of drivers who have not begun yet: by token (1.6 SetUserPrice)."""
    return station.documents.collection("user_prices", tuple[MessageContent, ...])


# A driver who may charge


def examine(station: Station, answer: AuthorizeAnswer) -> tuple[TokenInfo, tariffs.Offer]:
    """What an answer to Authorize comes to when its tariff is looked at (2.1 I08)."""
    info = answer.id_token_info
    if info.status != "Accepted":
        return info, tariffs.Offer()
    offer, may_charge = tariffs.examine(station, answer.tariff)
    if not may_charge:
        info = msgspec.structs.replace(info, status="Invalid")  # I08.FR.31
    return info, offer


def welcome(station: Station, evse: EvseUnit, info: TokenInfo, offer: tariffs.Offer) -> None:
    """Greet whoever may charge at an EVSE, with their price (I01, I04, I07, I08)."""
    by = evse.authorization
    if by is None:
        return
    tariffs.offer(station, evse, offer, by.token)
    running = evse.transaction.id if evse.transaction is not None else None
    costs.keep(station, evse, Session(token=by.token, transaction_id=running))
    display.speak(station, evse.id, (info.language1, info.language2))
    display.notify(station, evse.id, "price", _price(station, evse, info, by.token))


def _price(station: Station, evse: EvseUnit, info: TokenInfo, token: Token) -> Texts:
    """The price for a driver, in as many languages as it is known."""
    told: Texts | None = prices(station).pop(token.key, None)
    if told:
        return told
    if info.personal_message is not None:
        return (info.personal_message,)  # I01.FR.03
    tariff = tariffs.applicable(station, evse)
    if tariff is not None and tariff.description:
        return tariff.description  # I07.FR.14
    return _fallback(station, TARIFF_FALLBACK if station.is_online else OFFLINE_FALLBACK)


def _fallback(station: Station, name: str) -> Texts:
    """A text that was configured, in all languages that it has (I04.FR.01, I05.FR.02)."""
    model, found = station.model, []
    for tag in (None, *display.languages_of(station)):
        variable = f"TariffCostCtrlr/{name}" + ("" if tag is None else f"[{tag}]")
        content = model.text(variable) if model.has(variable) else ""
        if content:
            found.append(MessageContent(format="UTF8", content=content, language=tag))
    if not found and name == OFFLINE_FALLBACK:
        return _fallback(station, TARIFF_FALLBACK)
    return tuple(found)


async def await_price(station: Station, token: Token) -> None:
    """Wait a moment for a driver's price (1.6 WaitForSetUserPriceTimeout)."""
    milliseconds = station.model.number("OCPP16LegacyCtrlr/WaitForSetUserPriceTimeout")
    if not milliseconds or not california.is_enabled(station) or token.key in prices(station):
        return
    came = asyncio.Event()

    def note(told: tuple[Token, Texts]) -> None:
        if told[0].key == token.key:
            came.set()

    stop = station.signals.price.listen(note)
    try:
        async with asyncio.timeout(milliseconds / 1000):
            await came.wait()
    except TimeoutError:
        pass  # it is charged all the same
    finally:
        stop()


# What the central system tells


async def on_user_price(station: Station, request: SetUserPrice) -> Any:
    """Show a driver the price, now or when a charge begins (1.6 California pricing)."""
    if not california.is_enabled(station):
        return UNKNOWN_VENDOR
    token = request.id_token
    texts = costs.text(request.price_text) + request.price_text_extra
    here = [
        int(key)
        for key, each in costs.sessions(station).items()
        if each.token.key == token.key and not each.is_over
    ]
    for evse_id in here:
        display.notify(station, evse_id, "price", texts)
    if not here:
        prices(station)[token.key] = texts
    station.signals.price.emit((token, texts))
    return Empty()


async def on_cost_updated(station: Station, request: CostUpdated) -> Any:
    """Show what a running charge costs (2.x I02; 1.6 RunningCost)."""
    if station.conduct.costs_are_custom and not california.is_enabled(station):
        return UNKNOWN_VENDOR
    found = costs.find(station, request.transaction_id)
    if found is not None:
        evse, session = found
        cost = costs.exact(request.total_cost)
        said = request.running or request.custom_data
        if said is not None and california.is_enabled(station):
            california.follow(station, evse, cost, said)
        _take(station, evse, session, cost)
    return Empty()


async def on_final_cost(station: Station, request: FinalCost) -> Any:
    """Show what a charge cost in the end (1.6 California pricing)."""
    if not california.is_enabled(station):
        return UNKNOWN_VENDOR
    found = costs.find(station, request.transaction_id)
    if found is not None:
        evse, session = found
        texts = costs.text(request.price_text) + request.price_text_extra
        _finish(station, evse, session, costs.exact(request.cost), texts)
        _show_code(station, evse, request.qr_code_text)
    return Empty()


def on_answer(station: Station, told: tuple[TransactionEvent, TransactionAnswer]) -> None:
    """Show cost and texts that came with the answer to an event (I02.FR.04, I03, I06)."""
    event, answer = told
    found = costs.find(station, event.transaction_id or "")
    if found is None:
        return
    evse, session = found
    texts = _updated(station, answer)
    if texts:
        display.notify(station, evse.id, "price", texts)  # I06.FR.03
    if california.is_enabled(station):
        _show_code(station, evse, (answer.custom_data or {}).get("qrCodeText"))
    if answer.total_cost is None:
        return
    if not isinstance(event, TransactionEnded):
        _take(station, evse, session, costs.exact(answer.total_cost))
    elif not event.offline and not _has_left(station):
        _finish(station, evse, session, costs.exact(answer.total_cost))  # I03.FR.03


def _updated(station: Station, answer: TransactionAnswer) -> Texts:
    first = answer.updated_personal_message
    if first is None:
        return ()
    said = (first, *(answer.updated_personal_message_extra or ()))
    return (*said, *(_extra(answer.custom_data) if station.model.flag(LANGUAGES) else ()))


def _extra(custom: Json | None) -> Texts:
    """Further languages as 2.0.1 carries them (California pricing)."""
    said = (custom or {}).get("updatedPersonalMessageExtra") or ()
    try:
        return msgspec.convert(said, tuple[MessageContent, ...])
    except msgspec.ValidationError:
        return ()


def _has_left(station: Station) -> bool:
    """Whether the end of a transaction is that of parking: nobody is there (I03.FR.05)."""
    return station.model.words("TxCtrlr/TxStopPoint") == ("ParkingBayOccupancy",)


def _show_code(station: Station, evse: EvseUnit, content: str | None) -> None:
    if content:
        code = MessageContent(format="QRCODE", content=content)
        display.notify(station, evse.id, "payment", (code,))


def _take(station: Station, evse: EvseUnit, session: Session, cost: Decimal) -> None:
    """Take a cost that is not the last, unless costs are counted here (E16.FR.16)."""
    session.cost = cost
    costs.keep(station, evse, session)
    account = accounts.of(station, evse)
    if account is None or account.is_central:
        costs.show(station, evse, cost)


def _finish(
    station: Station, evse: EvseUnit, session: Session, cost: Decimal, texts: Texts = ()
) -> None:
    session.cost, session.is_over = cost, True
    costs.keep(station, evse, session)
    costs.show(station, evse, cost, texts=texts, is_final=True)


# What happens


def on_event(station: Station, event: TransactionEvent) -> None:
    """Know the transaction of a session; show what it cost, if that is known here."""
    evse = None if event.evse is None else station.evse(event.evse.id)
    session = None if evse is None else costs.session(station, evse)
    if evse is None or session is None or session.is_over:
        return
    if session.transaction_id is None:
        session.transaction_id = event.transaction_id
        costs.keep(station, evse, session)
    if isinstance(event, TransactionEnded):
        _end(station, evse, session)


def _end(station: Station, evse: EvseUnit, session: Session) -> None:
    session.is_over = True
    costs.keep(station, evse, session)
    california.forget(station, evse)
    account = accounts.of(station, evse)
    if account is not None and not account.is_central:
        _, price = final_total(account.bill)
        cost = price.incl_tax if price.incl_tax is not None else price.excl_tax
        currency = accounts.currency(account)
        costs.show(station, evse, cost or Decimal(0), currency, is_final=True)
    elif not station.is_online:
        display.notify(station, evse.id, "cost", _fallback(station, COST_FALLBACK))  # I05.FR.02


def on_status(station: Station, news: tuple[EvseUnit, Connector, State]) -> None:
    """Forget a session whose car has gone; tell so where an idle fee depends on it."""
    evse, _, state = news
    california.on_state(station, evse, state)
    session = costs.session(station, evse)
    if session is None or evse.hardware.is_plugged_in():
        return
    if evse.transaction is None and evse.authorization is None:
        if session.is_over and session.transaction_id is not None:
            california.tell_unplugged(station, session.transaction_id)
        del costs.sessions(station)[str(evse.id)]


HANDLERS: dict[type, Any] = {
    CostUpdated: on_cost_updated,
    FinalCost: on_final_cost,
    SetUserPrice: on_user_price,
}
CHECKS = california.CHECKS
ON_EVENT = (on_event,)
ON_ANSWER = (on_answer,)
ON_STATUS = (on_status,)
ON_START = (california.define_languages,)
