"""Questions for a composite schedule as JSON lines, each answered by one line.

docs/smart-charging.md describes both. Answers have single precision, and so the
same digits as those of libocpp.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import isinf
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec

from chargeplane.domain.profiles import RateUnit
from chargeplane.energy.composite import composite
from chargeplane.energy.composite_values import (
    Circumstances,
    Composite,
    Installed,
    Running,
    StationFacts,
    Window,
)
from chargeplane.errors import ConfigurationError
from chargeplane.ocpp.action import utc
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.v2 import wire

MOST_EVSES: Final = 1000
DRAWING: Final = (80, 20)  # columns and rows


class Place(msgspec.Struct):
    """A profile, as its version words it, and the EVSE that it is installed on."""

    profile: msgspec.Raw
    evse: int = 0


class Transaction(msgspec.Struct):
    """What runs on an EVSE. `confirmed`: whether 1.6's id has come from the central system."""

    id: str | int | None = None
    start: datetime | None = None
    confirmed: bool = False


class Call(msgspec.Struct):
    """What is asked for."""

    start: datetime
    end: datetime
    evse: Annotated[int, msgspec.Meta(ge=0)]
    unit: RateUnit
    is_offline: bool = False
    simulate_transaction_active: bool = True


class Question(msgspec.Struct):
    """One line of input; members that it does not have are ignored."""

    call: Call
    evses: Annotated[int, msgspec.Meta(ge=1, le=MOST_EVSES)] = 1
    installed: list[Place] = []
    transactions: dict[int, Transaction] = {}
    offline_for_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How a version words questions and answers, and what its stations take for granted."""

    version: str
    evse: str
    profile: str
    start: str
    names_evse: bool
    level: str  # which level of a period is told
    same: frozenset[str]  # what may differ in periods that say the same
    ids_at_once: bool  # whether a transaction has its id from its beginning on
    facts: StationFacts


def single(value: float) -> float:
    """The nearest number of single precision; raises `OverflowError` if there is none."""
    number = float(struct.unpack("f", struct.pack("f", value))[0])
    if isinf(number):
        raise OverflowError(f"{value:g} is beyond single precision")
    return number


def wording(version: str) -> Wording:
    """How a version words it; raises `ConfigurationError` for one without charging profiles."""
    try:
        return WORDINGS[version]
    except KeyError:
        known = ", ".join(WORDINGS)
        raise ConfigurationError(
            f"no charging profiles in OCPP {version}, only in {known}"
        ) from None


def asked(line: bytes, how: Wording) -> Composite:
    """The answer to a question; raises `ValueError` with what is wrong with it."""
    try:
        return _asked(_question(line), how)
    except (msgspec.MsgspecError, OverflowError) as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


_question = msgspec.json.Decoder(Question).decode


def _asked(question: Question, how: Wording) -> Composite:
    call = question.call
    places = [call.evse, *(place.evse for place in question.installed)]
    if any(not 0 <= place <= question.evses for place in places):
        raise ValueError(f"there are EVSEs 0 to {question.evses}, not {max(places, key=abs)}")
    is_offline = call.is_offline or question.offline_for_s > 0
    circumstances = Circumstances(
        facts=replace(how.facts, evse_ids=tuple(range(1, question.evses + 1))),
        transactions={
            evse_id: _running(transaction, how)
            for evse_id, transaction in question.transactions.items()
        },
        offline_s=question.offline_for_s if is_offline else None,
    )
    return composite(
        [_installed(place, how) for place in question.installed],
        circumstances,
        Window(utc(call.start), utc(call.end)),
        call.unit,
        call.evse,
        assume_transaction=call.simulate_transaction_active,
    )


def _running(transaction: Transaction, how: Wording) -> Running:
    known = transaction.id is not None and (how.ids_at_once or transaction.confirmed)
    return Running(
        id=str(transaction.id) if known else None,
        start=None if transaction.start is None else utc(transaction.start),
    )


def _installed(place: Place, how: Wording) -> Installed:
    dialect = DIALECTS[how.version]
    row = dialect.by_name["SetChargingProfile"]
    payload = msgspec.json.encode({how.evse: place.evse, how.profile: place.profile})
    said, _ = dialect.decode(row, payload, answer=False, strict=False)
    request: Any = row.read(said)
    return Installed(evse_id=request.evse_id, profile=request.charging_profile)


def answer(found: Composite, how: Wording) -> bytes:
    """The schedule as one line of JSON, without its end."""
    members = {
        "chargingRateUnit": found.unit,
        "chargingSchedulePeriod": list(_periods(found, how)),
        "duration": found.duration_s,
        **({"evseId": found.evse_id} if how.names_evse else {}),
        how.start: f"{found.start:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    return msgspec.json.encode(members)


def _periods(found: Composite, how: Wording) -> Iterator[dict[str, Any]]:
    """The periods by the names of the specification, in alphabetical order."""
    last: dict[str, Any] | None = None
    level = attrgetter(how.level)
    for period in found.periods:
        values = msgspec.convert(period.values, wire.ChargingSchedulePeriod, from_attributes=True)
        members = {**msgspec.to_builtins(values), "stackLevel": level(period)}
        said = {name: value for name, value in members.items() if name not in how.same}
        if said != last:
            yield dict(sorted(members.items()))
        last = said


def refusal(error: Exception) -> bytes:
    """What is wrong with a question as one line of JSON, without its end."""
    return msgspec.json.encode({"error": str(error)})


def drawing(found: Composite) -> str:
    """The limit over the hours as a drawing of characters."""
    from plotext import figure  # noqa: PLC0415 only who draws waits for it

    starts = [period.values.start_period for period in found.periods]
    limits = [period.values.limit or 0.0 for period in found.periods]
    spans = zip(starts, [*starts[1:], found.duration_s], strict=True)
    hours = [moment / 3600 for span in spans for moment in span]
    figure.clear()
    figure.plot_size(*DRAWING)
    figure.title(f"EVSE {found.evse_id} from {found.start:%Y-%m-%d %H:%M:%S} UTC")
    figure.label(f"{found.unit} over h")
    figure.ruler("y").lim(0, max(*limits, 1.0))
    figure.draw(figure.signal(hours, [limit for limit in limits for _ in range(2)]).lines())
    return str(figure.build().string(colorless=True))


_2X: Final = Wording(
    version="2.1",
    evse="evseId",
    profile="chargingProfile",
    start="scheduleStart",
    names_evse=True,
    level="level_in_unit",
    same=frozenset({"startPeriod", "stackLevel"}),
    ids_at_once=True,
    facts=StationFacts(default_limit_a=57.0, default_limit_w=55612.0, precision=single),
)
WORDINGS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "1.6": Wording(
            version="1.6",
            evse="connectorId",
            profile="csChargingProfiles",
            start="startSchedule",
            names_evse=False,
            level="stack_level",
            same=frozenset({"startPeriod"}),
            ids_at_once=False,
            facts=StationFacts(
                default_limit_a=48.0,
                default_limit_w=33120.0,
                assumed_phases=None,
                per_phase=False,
                precision=single,
            ),
        ),
        "2.0.1": replace(_2X, version="2.0.1", facts=replace(_2X.facts, per_phase=False)),
        "2.1": _2X,
    }
)
