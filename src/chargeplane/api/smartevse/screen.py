"""The display of a device as a picture, drawn as its LCD shows it."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from chargeplane.api.smartevse.document import state
from chargeplane.energy.states import State
from chargeplane.evse.device import Device

WIDTH, HEIGHT = 256, 128
DARK, LIGHT, DIMMED = (20, 40, 30), (190, 230, 160), (110, 140, 100)
LARGE, SMALL = 30, 15
MARGIN: Final = 8
DA_PER_A: Final = 10
WH_PER_KWH: Final = 1000


class Shown(NamedTuple):
    """What stands on the display; pictures of the same are the same."""

    title: str
    lines: tuple[str, ...]
    is_lit: bool
    is_menu: bool = False


def shown(device: Device) -> Shown:
    """What the display shows now."""
    menu, is_lit = device.panel.menu, device.panel.lit_s > 0
    if menu is not None:
        title, value, changes = menu
        return Shown(title, (f"< {value} >" if changes else value,), is_lit, is_menu=True)
    controller = device.controller
    status, ledger = controller.status, controller.ledger
    offered_a = status.balanced_da[0] / DA_PER_A if status.state is State.C else 0.0
    said = state(device)
    one, two, three = (each_da / DA_PER_A for each_da in status.mains_da)
    power_kw = (ledger.power_w("ev") or 0) / WH_PER_KWH
    return Shown(
        f"{controller.mode.name}  {offered_a:.1f} A",
        (
            said["error"] if said["error_id"] else said["state"],
            f"L1 {one:.1f}  L2 {two:.1f}  L3 {three:.1f} A",
            f"{ledger.charged_wh / WH_PER_KWH:.2f} kWh  {power_kw:.1f} kW",
            f"{controller.local(controller.clock()):%H:%M}  {status.temperature_c} C",
        ),
        is_lit,
    )


_font = lru_cache(maxsize=2)(ImageFont.load_default)


@lru_cache(maxsize=8)
def draw(what: Shown) -> bytes:
    """It as a picture in the format of Windows (BMP)."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), LIGHT if what.is_lit else DIMMED)
    pen = ImageDraw.Draw(picture)
    pen.text((MARGIN, 2), what.title, DARK, _font(LARGE))
    size = LARGE if what.is_menu else SMALL
    top = HEIGHT // 3
    for number, line in enumerate(what.lines):
        pen.text((MARGIN, top + number * (size + 5)), line, DARK, _font(size))
    data = io.BytesIO()
    picture.save(data, "BMP")
    return data.getvalue()
