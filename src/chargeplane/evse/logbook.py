"""What was done and seen since the last second, so that the second can be replayed."""

from __future__ import annotations

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.status import Inputs, NodeAnswer, Status
from chargeplane.evse.recording import Broadcast, Recorder, Second
from chargeplane.evse.replay import EVENTS


class Logbook:
    """Writes the recording of a device."""

    def __init__(self, recorder: Recorder, status: Status) -> None:
        self.recorder = recorder
        self._before = status
        self._events: list[str] = []
        self._answer: NodeAnswer | None = None
        self._broadcast: Broadcast | None = None

    def note(self, event: str) -> None:
        """Something was done that `replay.EVENTS` can do again."""
        self._events.append(event)

    def note_answer(self, answer: NodeAnswer) -> None:
        """The master answered."""
        self._answer = answer

    def note_broadcast(self, broadcast: Broadcast) -> None:
        """The master told all."""
        self._broadcast = broadcast

    def restart(self, status: Status) -> None:
        """Something was done that cannot be replayed, and led to this status."""
        self.recorder.cut()
        self._begin(status)

    def write(
        self, settings: Settings, inputs: Inputs, after: Status, *, verified: bool = True
    ) -> None:
        """A second is over; where that is not `verified`, see whether it can be replayed."""
        second = Second(
            inputs=inputs,
            events=tuple(self._events),
            answer=self._answer,
            broadcast=self._broadcast,
        )
        self.recorder.add(self._before, settings, second, after)
        if not verified and replayed(self._before, settings, second, after) != after:
            self.recorder.cut()
        self._begin(after)

    def _begin(self, status: Status) -> None:
        self._before = status
        self._events.clear()
        self._answer = self._broadcast = None


def replayed(status: Status, settings: Settings, second: Second, after: Status) -> Status:
    """What a replay makes of a second; `after` has what the second was told as levels."""
    for event in second.events:
        verb, _, argument = event.partition(":")
        status = EVENTS[verb](status, settings, argument)
    if second.answer is not None:
        status = regulation.receive_answer(status, settings, second.answer)
    if second.broadcast is not None:
        heard = second.broadcast
        status = regulation.receive_broadcast(status, settings, heard.balanced_da, heard.mains_da)
    status = regulation.set_ocpp_limit(status, settings, after.ocpp_limit_a)
    status = regulation.set_grid_relay(status, settings, is_open=after.grid_relay_open)
    return regulation.second(status, settings, second.inputs)
