from __future__ import annotations

from chargeplane.energy.states import UserMode
from chargeplane.evse.panel import ENTRIES, Button, Panel
from tests.evse.worlds import World


class Hand:
    """A device and a finger."""

    def __init__(self) -> None:
        self.world = World()
        self.panel = Panel(self.world.controller)

    def press(self, *buttons: Button) -> tuple[str, str, bool] | None:
        for button in buttons:
            self.panel.press(button, is_down=True)
            self.panel.press(button, is_down=False)
        return self.panel.menu


def test_the_menu_shows_all_entries_around() -> None:
    hand = Hand()
    assert hand.press("left") is None
    shown = [hand.press("middle")] + [hand.press("right") for _ in ENTRIES]
    titles = [each[0] for each in shown if each]
    assert titles == [*(entry.title for entry in ENTRIES), "MODE"]
    assert hand.press("left") == ("EXIT", "", False)
    assert hand.press("middle") is None


def test_a_value_is_changed_and_kept() -> None:
    hand = Hand()
    assert hand.press("middle", "right") == ("MAX", "16 A", False)
    assert hand.press("middle", "right", "right", "left") == ("MAX", "17 A", True)
    assert hand.world.controller.settings.regulation.max_current_a == 16
    assert hand.press("middle") == ("MAX", "17 A", False)
    assert hand.world.controller.settings.regulation.max_current_a == 17


def test_values_go_around() -> None:
    hand = Hand()
    assert hand.press("middle", "middle", "left", "left") == ("MODE", "PAUSE", True)
    hand.press("middle")
    assert hand.world.controller.mode is UserMode.PAUSE


def test_what_is_not_allowed_is_not_shown_as_set() -> None:
    hand = Hand()
    hand.world.controller.regulation = World(meters={}).controller.regulation
    assert hand.press("middle", "middle", "right", "middle") == ("MODE", "NORMAL", False)


def test_the_menu_closes_when_the_light_goes_out() -> None:
    hand = Hand()
    hand.press("middle")
    hand.world.run(121)
    assert hand.panel.menu is None
    assert hand.press("right") is None


def test_locked_buttons_do_nothing() -> None:
    hand = Hand()
    hand.world.controller.change(lcd_lock=True)
    assert hand.press("middle") is None
    assert hand.panel.lit_s == 0


def test_a_button_that_is_held_is_pressed_once() -> None:
    hand = Hand()
    hand.press("middle")
    for _ in range(3):
        hand.panel.press("right", is_down=True)
    assert hand.panel.menu == ("MAX", "16 A", False)
