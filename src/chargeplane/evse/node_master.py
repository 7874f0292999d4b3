"""A master asks its nodes, real SmartEVSEs or ours, over lines that meters may use too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Final, Protocol

import msgspec

from chargeplane.energy.status import NodeAnswer, NodeReport
from chargeplane.errors import DeviceError, NoAnswer
from chargeplane.evse.meter_decoding import decode, spans
from chargeplane.evse.meter_types import MeterType, find
from chargeplane.evse.nodes import (
    BALANCE,
    BROADCAST_UNIT,
    CONFIG_CHANGED,
    ERRORS,
    EV_METER,
    EVSES,
    STATUS,
    STATUS_WORDS,
    answer_words,
    broadcast_words,
    parse_report,
)
from chargeplane.evse.readings import MeterReading, Phases
from chargeplane.evse.registers import Bus, Span, fetched

PATIENCE: Final = 5  # questions that a node may leave unanswered before it is asked seldom
INPUT: Final = 4  # the function that a master asks with
WRITE_ONE: Final = 6


class NodeBus(Bus, Protocol):
    """A line on which all nodes can be told something at once."""

    async def tell(self, unit: int, address: int, values: Sequence[int]) -> None:
        """Write registers of everybody who listens to a unit, which nobody answers."""
        ...


class NodeMaster:
    """The nodes of a master by position, of which the first is unit 2.

    `bus_of` finds the line of a position: all on one serial line, or each behind its own address.
    """

    def __init__(
        self,
        bus_of: Callable[[int], NodeBus],
        nodes: int = EVSES - 1,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._buses = {position: bus_of(position) for position in range(1, nodes + 1)}
        self._patience = dict.fromkeys(self._buses, 0)
        self._clock = clock
        self._probed = 0  # the silent node that was asked last
        self._meters: dict[int, tuple[MeterType, int]] = {}  # of the nodes: type and unit
        self._learned: set[int] = set()  # the nodes that said whether they have one
        self._metered = 0  # the node whose meter was read last
        self._drawn_da: dict[int, int] = {}  # as those meters showed last

    async def poll(self) -> tuple[NodeReport | None, ...]:
        """What each node says: all that answer are asked, and one of those that do not."""
        asked = [position for position, patience in self._patience.items() if patience]
        silent = self._patience.keys() - set(asked)
        if silent:
            self._probed = _next(silent, self._probed)
            asked.append(self._probed)
        reports: dict[int, NodeReport] = {}
        for position in asked:
            with self._heard(position):
                report = await self._report(position)
                drawn_da = self._drawn_da.get(position)
                reports[position] = msgspec.structs.replace(report, drawn_da=drawn_da)
        return tuple(reports.get(position) for position in self._buses)

    async def answer(self, answers: Sequence[NodeAnswer | None]) -> None:
        """Write to each node what it is to know; one that does not take it is asked again."""
        for position, answer in enumerate(answers, 1):
            if answer is not None and position in self._buses:
                with self._heard(position):
                    words = answer_words(answer)
                    await self._buses[position].write(position + 1, STATUS, words)

    async def broadcast(self, balanced_da: Sequence[int], mains_da: Phases) -> None:
        """Tell all nodes their currents and those of the mains. Raises `NotConnected`."""
        words = broadcast_words(balanced_da, mains_da)
        for bus in set(self._buses.values()):
            await bus.tell(BROADCAST_UNIT, BALANCE, words)

    async def broadcast_errors(self, errors: int) -> None:
        """Tell all nodes that they have to stop. Raises `NotConnected`."""
        for bus in set(self._buses.values()):
            await bus.tell(BROADCAST_UNIT, ERRORS, [errors])

    async def read_meter(self) -> tuple[int, MeterReading] | None:
        """Read the EV meter of the next node that has one on its line: its position and reading.

        A node cannot ask itself; it listens. Raises `NoAnswer` or `DeviceError`.
        """
        if not self._meters:
            return None
        position = self._metered = _next(self._meters, self._metered)
        meter, unit = self._meters[position]
        bus = self._buses[position]
        self._drawn_da.pop(position, None)
        image = await fetched(bus, unit, meter.function, _expected(meter))
        reading = decode(meter, image, self._clock())
        self._drawn_da[position] = max(reading.currents_da)
        return position, reading

    async def _report(self, position: int) -> NodeReport:
        words = await self._buses[position].read(position + 1, INPUT, STATUS, STATUS_WORDS)
        report = parse_report(words)
        if words[CONFIG_CHANGED] or position not in self._learned:
            with suppress(NoAnswer, DeviceError):
                await self._learn(position)
        return report

    async def _learn(self, position: int) -> None:
        """Find out which meter the node has, and let it know."""
        bus, unit = self._buses[position], position + 1
        type_id, meter_unit = await bus.read(unit, INPUT, EV_METER, 2)
        self._meters.pop(position, None)
        self._drawn_da.pop(position, None)
        with suppress(KeyError):
            meter = find(type_id)
            if meter.source == "modbus" and meter.currents is not None:
                self._meters[position] = meter, meter_unit
        await bus.write(unit, CONFIG_CHANGED, [0], function=WRITE_ONE)
        self._learned.add(position)

    @contextmanager
    def _heard(self, position: int) -> Iterator[None]:
        """Count whether a node answers."""
        try:
            yield
            self._patience[position] = PATIENCE
        except (NoAnswer, DeviceError):
            self._patience[position] = max(0, self._patience[position] - 1)


def _next(positions: Iterable[int], last: int) -> int:
    """The position behind the last one, around the circle."""
    ordered = sorted(positions)
    return next((position for position in ordered if position > last), ordered[0])


def _expected(meter: MeterType) -> list[Span]:
    """The requests whose answers a SmartEVSE recognizes: each begins at a quantity it knows."""
    energies = [each for each in (meter.import_energy, meter.export_energy) if each is not None]
    return [
        *spans(meter, full=False),
        *(Span(each.address, meter.of_energy.size) for each in energies),
    ]
