"""A master and its nodes: what these ask, what it answers, and what it says to all.

The first half is the master's, the second the nodes'.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from chargeplane.energy import balancing, commands
from chargeplane.energy.measurements import MAINS_TIMEOUT_S
from chargeplane.energy.pilot import duty
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Error, State, Strategy, Switch
from chargeplane.energy.status import Node, NodeAnswer, NodeReport, Phases, Status, put
from chargeplane.energy.transitions import LESS_6A_DELAY_S, enter, withhold

ONLINE: Final = 5  # times that a node may be silent before it counts as gone
TIMER_TOLERANCE_S: Final = 3
PER_EVSE: Final = (
    "balanced_da",
    "balanced_max_da",
    "charging_s",
    "connected_s",
    "waiting_s",
    "idle_s",
)


def receive_report(draft: Status, settings: Settings, position: int, report: NodeReport) -> None:
    """Take what a node says; `position` is 1 for the first."""
    grow(draft, position)
    is_paused = draft.nodes[position - 1].is_paused
    node = Node(
        online=ONLINE,
        state=report.state,
        errors=report.errors | Error.LESS_6A if is_paused else report.errors,
        mode=report.mode,
        solar_stop_timer_s=report.solar_stop_timer_s,
        is_paused=is_paused,
        drawn_da=report.drawn_da,
    )
    draft.nodes = put(draft.nodes, position - 1, node)
    state = State.B1 if is_paused and report.state is State.C else report.state
    draft.states = put(draft.states, position, state)
    draft.balanced_max_da = put(draft.balanced_max_da, position, report.max_current_a * 10)
    follows_nodes = settings.switch is not Switch.SMART_SOLAR_S and draft.new_mode is None
    if follows_nodes and report.mode is not draft.mode:
        draft.new_mode = report.mode


def grow(draft: Status, position: int) -> None:
    """Make room for all EVSEs up to a position."""
    more = position + 1 - len(draft.states)
    if more > 0:
        draft.states += (State.A,) * more
        draft.nodes += (Node(),) * more
        for name in PER_EVSE:
            setattr(draft, name, (*getattr(draft, name), *(0,) * more))


def answer_all(draft: Status, settings: Settings) -> None:
    """Decide what the nodes get to know, and forget those that were silent for too long."""
    for position in range(1, len(draft.states)):
        online = draft.nodes[position - 1].online - 1
        if online > 0:
            _answer(draft, settings, position, online)
        elif online == 0:
            draft.nodes = put(draft.nodes, position - 1, Node())
            draft.states = put(draft.states, position, State.A)
            draft.balanced_da = put(draft.balanced_da, position, 0)


def _answer(draft: Status, settings: Settings, position: int, online: int) -> None:
    node = draft.nodes[position - 1]
    state, errors, is_paused = node.state, node.errors, node.is_paused
    if state in _DECIDE or errors & Error.LESS_6A:
        if balancing.is_available(draft, settings, position):
            errors &= ~Error.LESS_6A
            is_paused = False
            if state in _DECIDE:
                state = _DECIDE[state](draft, settings, position)
        elif state in _DECIDE:
            errors |= Error.LESS_6A
            draft.balanced_da = put(draft.balanced_da, position, 0)
    errors |= draft.errors & Error.CT_NOCOMM
    if draft.new_mode is not None:
        commands.set_mode(draft, settings, draft.new_mode)
        draft.new_mode = None
    answered = msgspec.structs.replace(
        node,
        online=online,
        errors=errors,
        is_paused=is_paused,
        answer=_news(draft, settings, node, state, errors),
    )
    draft.nodes = put(draft.nodes, position - 1, answered)


def _news(
    status: Status, settings: Settings, node: Node, state: State, errors: int
) -> NodeAnswer | None:
    """What the node does not know yet."""
    # A node stops by itself when its timer runs out, which is not its turn under a strategy.
    is_equal = settings.sharing.strategy is Strategy.EQUAL
    timer_s = status.solar_stop_timer_s if is_equal else 0
    is_late = abs(timer_s - node.solar_stop_timer_s) > TIMER_TOLERANCE_S
    is_other_mode = node.mode is not status.mode
    if not (
        is_late or is_other_mode or node.is_paused or (state, errors) != (node.state, node.errors)
    ):
        return None
    return NodeAnswer(
        state=state,
        errors=errors,
        mode=status.mode if is_late or is_other_mode else None,
        solar_stop_timer_s=timer_s if is_late else None,
    )


def _let_connect(draft: Status, settings: Settings, position: int) -> State:
    draft.states = put(draft.states, position, State.B)
    draft.balanced_da = put(draft.balanced_da, position, settings.minimum_da(position))
    return State.COMM_B_OK


def _let_charge(draft: Status, settings: Settings, position: int) -> State:
    balancing.make_room(draft, settings, position)
    draft.balanced_da = put(draft.balanced_da, position, 0)  # so that nothing counts twice
    draft.states = put(draft.states, position, State.C)
    balancing.balance(draft, settings, joining=True)
    return State.COMM_C_OK


# The node's half.


def report_of(status: Status, settings: Settings) -> NodeReport:
    """What a node answers when its master asks."""
    limit_a = settings.max_current_a
    if not settings.fixed_cable:
        limit_a = min(limit_a, status.cable_limit_a)
    return NodeReport(
        state=status.state,
        errors=status.errors,
        mode=status.mode,
        solar_stop_timer_s=status.solar_stop_timer_s,
        max_current_a=limit_a,
    )


def receive_broadcast(
    draft: Status, settings: Settings, balanced_da: Sequence[int], mains_da: Phases
) -> None:
    """Take what the master says to all: the current of every EVSE, and the mains."""
    own_da = balanced_da[settings.load_balancing - 1]
    draft.balanced_da = put(draft.balanced_da, 0, own_da)
    if own_da == 0 and draft.state is State.C:
        enter(draft, settings, State.C1)
    elif draft.state in {State.B, State.C}:
        draft.pwm = duty(own_da)
    draft.mains_timeout_s = MAINS_TIMEOUT_S
    draft.mains_da = draft.mains_original_da = mains_da
    draft.mains_max_da = max(mains_da)
    draft.isum_da = sum(mains_da)


def receive_answer(draft: Status, settings: Settings, answer: NodeAnswer) -> None:
    """Obey the master, which may begin only what was asked of it."""
    if answer.state is _AGREED.get(draft.state):
        enter(draft, settings, answer.state)
    receive_errors(draft, settings, answer.errors)
    if answer.mode is not None and answer.mode is not draft.mode:
        commands.set_mode(draft, settings, answer.mode)
    if answer.solar_stop_timer_s is not None:
        draft.solar_stop_timer_s = answer.solar_stop_timer_s


def receive_errors(draft: Status, settings: Settings, errors: int) -> None:
    """Take over the errors that the master has seen."""
    draft.errors = errors
    if errors:
        if errors & Error.CT_NOCOMM:
            draft.mains_timeout_s = 0
        withhold(draft, settings)
        draft.charge_delay_s = LESS_6A_DELAY_S


_AGREED: Final = {State.COMM_B: State.COMM_B_OK, State.COMM_C: State.COMM_C_OK}
_DECIDE: Final = {State.COMM_B: _let_connect, State.COMM_C: _let_charge}
