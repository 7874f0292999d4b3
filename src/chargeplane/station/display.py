"""What drivers read: messages of the central system (2.x O), and the station's own notices.

A station has a display for all of its EVSEs (number 0), or one at each, or both; without any the
central system is told that messages are not supported. A display is handed all that it is to show
in turn and shows one after the other by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from chargeplane.domain.messages import MessageContent
from chargeplane.domain.station import Evse
from chargeplane.domain.transactions import TransactionEvent
from chargeplane.domain.variables import Component
from chargeplane.ocpp.v2 import wire
from chargeplane.station.definition import flag, option
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.unit import Connector, EvseUnit

FALLBACK: Final = "en"  # C01.FR.12, O01.FR.09
PRIORITIES: Final = ("AlwaysFront", "InFront")  # the others are cycled with our own notices
# The states in which a message may be shown, of those of a connector.
STATES: Final[dict[State, str]] = {
    "Charging": "Charging",
    "SuspendedEV": "Suspended",
    "SuspendedEVSE": "Suspended",
    "Faulted": "Faulted",
    "Unavailable": "Unavailable",
}
IDLE: Final = "Idle"

What = Literal["default price", "pay", "price", "cost", "payment"]
ORDER: Final[tuple[What, ...]] = ("pay", "price", "cost", "payment")
"""In which notices are shown; the default price comes first, where there is no other."""
STAY: Final[tuple[What, ...]] = ("default price", "pay")
"""What is said to nobody in particular."""

Texts = tuple[MessageContent, ...]
"""The same in several languages or formats."""


class Driver(msgspec.Struct):
    """Whom an EVSE speaks to, in which languages, and what it says."""

    languages: tuple[str, ...] = ()
    notices: dict[str, Texts] = {}


def messages(station: Station) -> Any:
    """The messages of the central system: by their id."""
    return station.documents.collection("display_messages", wire.MessageInfo)


def _drivers(station: Station) -> Any:
    return station.documents.collection("drivers", Driver)


# Notices of the station


def speak(station: Station, evse_id: int, languages: Iterable[str | None]) -> None:
    """Use the languages of the driver at an EVSE from now on (C01.FR.08, O01.FR.08)."""
    driver = _drivers(station).get(str(evse_id)) or Driver()
    driver.languages = tuple(each for each in languages if each)
    _keep(station, evse_id, driver)


def notify(station: Station, evse_id: int, what: What, texts: Texts = ()) -> None:
    """Say something at an EVSE until something else is to be said about it; nothing ends it."""
    if not station.displays:
        return
    driver = _drivers(station).get(str(evse_id)) or Driver()
    if driver.notices.get(what, ()) == texts:
        return
    driver.notices = {**driver.notices, what: texts}
    if not texts:
        del driver.notices[what]
    _keep(station, evse_id, driver)


def forget(station: Station, evse_id: int) -> None:
    """Know nothing of a driver who has gone."""
    driver = _drivers(station).get(str(evse_id))
    if driver is not None:
        driver.languages = ()
        driver.notices = {k: v for k, v in driver.notices.items() if k in STAY}
        _keep(station, evse_id, driver)


def _keep(station: Station, evse_id: int, driver: Driver) -> None:
    if driver.languages or driver.notices:
        _drivers(station)[str(evse_id)] = driver
    else:
        _drivers(station).pop(str(evse_id), None)
    refresh(station)


# What is shown


def refresh(station: Station, _news: Any = None) -> None:
    """Let every display show what it should show now, and wait for the next change."""
    if not station.displays:
        return
    remove_outdated(station)
    for number, display in station.displays.items():
        display.show(tuple(_programme(station, number)))
    moments = [
        at
        for each in messages(station).values()
        for at in (each.start_date_time, each.end_date_time)
        if at is not None and at > station.now()
    ]
    if moments:
        station.alarm("display", (min(moments) - station.now()).total_seconds(), refresh)
    else:
        station.silence("display")


def remove_outdated(station: Station) -> None:
    """Remove messages whose time is over."""
    kept, now = messages(station), station.now()
    for key, each in list(kept.items()):
        if each.end_date_time is not None and each.end_date_time <= now:
            del kept[key]  # O01.FR.07


def _programme(station: Station, number: int) -> Iterator[MessageContent]:
    """What a display shows in turn (O01.FR.12 to FR.15)."""
    evses = _served(station, number)
    due = [each for each in messages(station).values() if _is_due(station, number, evses, each)]
    for priority in PRIORITIES:
        found = [each for each in due if each.priority == priority]
        if found:
            yield from _contents(station, number, evses, found)
            return
    for evse in evses:
        driver = _drivers(station).get(str(evse.id)) or Driver()
        for what in _shown(driver):
            yield in_language(station, number, driver.notices[what], driver.languages)
    yield from _contents(station, number, evses, due)


def _shown(driver: Driver) -> list[str]:
    order: list[str] = [what for what in ORDER if what in driver.notices]
    if "price" not in driver.notices and "default price" in driver.notices:
        order.insert(0, "default price")
    return order


def _contents(
    station: Station, number: int, evses: list[EvseUnit], due: list[wire.MessageInfo]
) -> Iterator[MessageContent]:
    languages = tuple(
        language
        for evse in evses
        for language in (_drivers(station).get(str(evse.id)) or Driver()).languages
    )
    for each in due:
        yield in_language(station, number, texts_of(each), languages)


def texts_of(message: wire.MessageInfo) -> Texts:
    """What a message says, in all its languages."""
    said = (message.message, *(message.message_extra or ()))
    return tuple(msgspec.convert(each, MessageContent, from_attributes=True) for each in said)


def _served(station: Station, number: int) -> list[EvseUnit]:
    return [each for each in station.evses if number in (0, each.id)]


def _is_due(
    station: Station, number: int, evses: list[EvseUnit], message: wire.MessageInfo
) -> bool:
    now = station.now()
    if message.start_date_time is not None and message.start_date_time > now:
        return False  # O01.FR.06
    if message.display is not None and number_of(message.display) != number:
        return False  # O01.FR.23
    if message.transaction_id is not None:
        evse = station.running(message.transaction_id)
        evses = [each for each in evses if each is evse]
    return any(_is_state(each, message.state) for each in evses)


def _is_state(evse: EvseUnit, state: str | None) -> bool:
    return state in (None, STATES.get(evse.state(evse.connector), IDLE))


def in_language(
    station: Station, number: int, texts: Texts, languages: tuple[str, ...]
) -> MessageContent:
    """The text for a driver: in a language of theirs, else in the station's, else in English."""
    display = station.displays[number]
    able = [each for each in texts if each.format in display.formats] or list(texts)
    own = _own_language(station)
    for wanted in (*languages, own, FALLBACK):
        for same in (_is_equal, is_alike):
            found = next((each for each in able if same(each.language, wanted)), None)
            if found is not None:
                return found
    return able[0]


def _is_equal(one: str | None, other: str) -> bool:
    return one is not None and one.lower() == other.lower()


def is_alike(one: str | None, other: str) -> bool:
    """Whether two tags are of one language, spoken anywhere (RFC 5646)."""
    return one is not None and _primary(one) == _primary(other)


def _primary(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]


def _own_language(station: Station) -> str:
    name = "DisplayMessageCtrlr/Language"
    return station.model.text(name) if station.model.has(name) else FALLBACK


def languages_of(station: Station) -> tuple[str, ...]:
    """The languages of all displays."""
    return tuple(dict.fromkeys(tag for d in station.displays.values() for tag in d.languages))


def formats_of(station: Station) -> tuple[str, ...]:
    """The formats of all displays."""
    return tuple(dict.fromkeys(each for d in station.displays.values() for each in d.formats))


def number_of(component: wire.Component) -> int | None:
    """Which display a component is, if it is one."""
    if component.name != "Display":
        return None
    return 0 if component.evse is None else component.evse.id


# What happens


def on_event(station: Station, event: TransactionEvent) -> None:
    """Show what is for another state, once the event is carried out."""
    del event
    if not station.displays:
        return
    station.alarm("display", 0, refresh)


def on_status(station: Station, news: tuple[EvseUnit, Connector, State]) -> None:
    """Show what is for this state; know nothing of a driver who has gone."""
    evse, _, _ = news
    gone = evse.authorization is None and evse.transaction is None
    if station.displays and gone and not evse.hardware.is_plugged_in():
        forget(station, evse.id)
    refresh(station)


def on_start(station: Station) -> None:
    """Have the variables of the displays, and show what was shown before."""
    for number in station.displays:
        place = Evse(number) if number else None
        row = flag("Available", default=True, mutability="ReadOnly")
        station.model.define(Component("Display", None, place), row)
    languages = languages_of(station)
    if languages:
        row = option("Language", ",".join(languages), languages[0])
        station.model.define(Component("DisplayMessageCtrlr"), row)
    refresh(station)


LIVE: dict[str, Any] = {
    "DisplayMessageCtrlr/Available": lambda station, *_: str(bool(station.displays)).lower(),
    "DisplayMessageCtrlr/DisplayMessages": lambda station, *_: str(len(messages(station))),
    "DisplayMessageCtrlr/SupportedFormats": lambda station, *_: ",".join(formats_of(station)),
    "OCPP16LegacyCtrlr/SupportedLanguages": lambda station, *_: ",".join(languages_of(station)),
    "OCPP16LegacyCtrlr/CustomMultiLanguageMessages": lambda station, *_: str(
        len(languages_of(station)) > 1
    ).lower(),
}
EFFECTS: dict[str, Any] = {"DisplayMessageCtrlr/Language": refresh}
ON_EVENT = (on_event,)
ON_STATUS = (on_status,)
ON_START = (on_start,)
