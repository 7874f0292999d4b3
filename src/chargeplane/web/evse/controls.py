"""What people look at and touch most: how it goes, the mode, the current, when to charge."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from nicegui import ui

from chargeplane.energy.schedule import NONE, Schedule, plan
from chargeplane.energy.states import STATE_TEXTS, Error, UserMode, error_text
from chargeplane.web.evse.parts import Update, Visit, card

DA_PER_A: Final = 10
WH_PER_KWH: Final = 1000
FORM: Final = "%Y-%m-%dT%H:%M"
COLORS: Final = {
    UserMode.OFF: "grey",
    UserMode.NORMAL: "green",
    UserMode.SOLAR: "orange",
    UserMode.SMART: "blue",
    UserMode.PAUSE: "grey",
}


def now(visit: Visit) -> Update:
    """What the car draws, what it was given, and how it goes."""
    controller = visit.controller
    with card("Now"):
        state = ui.label().classes("text-lg")
        with ui.row().classes("w-full justify-between items-end no-wrap"):
            current = ui.label().classes("text-4xl font-bold")
            power = ui.label().classes("text-xl")
            energy = ui.label().classes("text-xl")
        mains = ui.label().classes("text-sm text-gray-600")
        error = ui.label().classes("text-red-600 font-bold")

    def update() -> None:
        status, ledger = controller.status, controller.ledger
        state.text = STATE_TEXTS[status.state][0]
        drawn_a = max(status.ev_da) / DA_PER_A if controller.is_charging else 0.0
        current.text = f"{drawn_a:.1f} A"
        power.text = f"{(ledger.power_w('ev') or 0) / WH_PER_KWH:.1f} kW"
        energy.text = f"{ledger.charged_wh / WH_PER_KWH:.2f} kWh"
        phases = "  ".join(
            f"L{number} {each / DA_PER_A:.1f} A" for number, each in enumerate(status.mains_da, 1)
        )
        mains.text = f"Mains {phases}" if "mains" in controller.meters else "No mains meter"
        error.text = error_text(status.errors) if status.errors else ""
        error.visible = bool(status.errors)
        if status.errors == Error.LESS_6A:
            error.text = "Waiting for power"

    return update


def mode(visit: Visit) -> Update:
    """The five modes, and how much a car may draw."""
    controller = visit.controller
    buttons = {}
    with card("Mode"):
        with ui.row().classes("w-full gap-1 no-wrap"):
            for each in UserMode:
                button = ui.button(
                    each.name.capitalize(), on_click=partial(_choose, visit, each)
                ).props("no-caps dense unelevated")
                buttons[each] = button.classes("grow min-w-0 px-1")
        update_limit = _limit(visit)
        phases = ui.label().classes("text-sm text-gray-600")

    def update() -> None:
        for each, button in buttons.items():
            is_set = each is controller.mode
            button.props(f"color={COLORS[each] if is_set else 'blue-grey-1'}")
            button.props(f"text-color={'white' if is_set else 'black'}")
        update_limit()
        phases.text = f"{controller.status.phases} phases, offers {_offer(visit)}"

    return update


def _limit(visit: Visit) -> Update:
    """How much a car may draw; a slider that moves is left alone until it rests."""
    controller, seen_a = visit.controller, -1

    def override(value_a: int) -> None:
        _override(visit, value_a)
        show()

    def show() -> None:
        slider.set_value(controller.override_da // DA_PER_A)

    with ui.row().classes("w-full items-center no-wrap"):
        slider = ui.slider(min=0, max=controller.regulation.max_current_a, step=1)
        slider.classes("grow").on("change", lambda event: override(int(event.args)))
        limit = ui.label().classes("w-32 text-right text-sm")
    show()

    def update() -> None:
        nonlocal seen_a
        current_a = controller.override_da // DA_PER_A
        slider.props(f"max={controller.regulation.max_current_a}")
        if slider.value == seen_a != current_a:  # its values may come after what was made of them
            show()
        seen_a = slider.value
        limit.text = f"at most {current_a} A" if current_a else "no override"

    return update


def _offer(visit: Visit) -> str:
    status = visit.controller.status
    offered_a = status.balanced_da[0] / DA_PER_A if visit.controller.is_charging else 0
    return f"{offered_a:.1f} A"


def _choose(visit: Visit, chosen: UserMode) -> None:
    visit.do(partial(visit.controller.set_mode, chosen))


def _override(visit: Visit, value_a: int) -> None:
    """Offer at most so much; on the way below the minimum nothing is overridden any more."""
    controller = visit.controller
    least_a, before_a = controller.regulation.min_current_a, controller.override_da // DA_PER_A
    if value_a < least_a:
        value_a = least_a if value_a > before_a else 0
    visit.do(partial(controller.set_override, value_a * DA_PER_A))


def times(visit: Visit) -> Update:
    """When charging begins and ends by itself."""
    controller = visit.controller
    with card("Delayed charging"):
        with ui.grid().classes("w-full grid-cols-1 sm:grid-cols-2 gap-2"):
            start = ui.input("Start").props("type=datetime-local stack-label dense")
            stop = ui.input("Stop").props("type=datetime-local stack-label dense")
        with ui.row().classes("w-full items-center justify-between"):
            daily = ui.switch("Every day")
            button = ui.button("Set", on_click=lambda: visit.do(apply))
            button.props("no-caps dense")
        said = ui.label().classes("text-sm text-gray-600")

    def apply() -> None:
        planned = plan(
            int(controller.clock()),
            _seconds(visit, start.value),
            _seconds(visit, stop.value),
            is_daily=daily.value,
        )
        chosen = controller.mode
        if chosen in (UserMode.OFF, UserMode.PAUSE):
            chosen = UserMode[controller.status.mode.name]
        controller.set_mode(chosen, planned)

    def update() -> None:
        said.text = _said(visit, controller.settings.schedule)

    return update


def _seconds(visit: Visit, text: str | None) -> int:
    """A local time in s since the epoch; 0 without one."""
    controller = visit.controller
    try:
        local = datetime.strptime(text or "", FORM)  # noqa: DTZ007 it is of the device's zone
    except ValueError:
        return 0
    return int(local.replace(tzinfo=controller.local(controller.clock()).tzinfo).timestamp())


def _said(visit: Visit, schedule: Schedule) -> str:
    if schedule == NONE:
        return "Nothing is planned."
    local = visit.controller.local
    parts = [
        f"{name} {local(seconds):%d.%m. %H:%M}"
        for name, seconds in (("Starts", schedule.start_s), ("stops", schedule.stop_s))
        if seconds
    ]
    return ", ".join(parts) + (", every day." if schedule.is_daily else ".")
