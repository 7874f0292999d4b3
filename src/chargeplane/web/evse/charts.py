"""Mains, sun and car over the last hours, and the quarter hours of the day."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui

from chargeplane.web.evse.parts import Update, Visit, card

SERIES: Final = (
    ("Mains", "mains_w", "#5470c6"),
    ("Sun", "solar_w", "#fac858"),
    ("Car", "car_w", "#91cc75"),
)
MS: Final = 1000
W_PER_KW: Final = 1000
HOURS: Final = {1: "1 h", 6: "6 h", 24: "24 h"}
MINUTES_PER_H: Final = 60


def powers(visit: Visit) -> Update:
    """What the mains, the panels and the car had, minute by minute."""
    with card("Power [kW]"):
        hours = ui.toggle(HOURS, value=6).props("dense no-caps size=sm")
        chart = ui.echart(_options()).classes("w-full h-56")

    def update() -> None:
        shown = list(visit.controller.ledger.history.minutes())[-hours.value * MINUTES_PER_H :]
        for series, (_, member, _) in zip(chart.options["series"], SERIES, strict=True):
            series["data"] = [
                [round(each.at_s * MS), round(getattr(each, member) / W_PER_KW, 2)]
                for each in shown
                if getattr(each, member) is not None
            ]
        chart.update()

    hours.on_value_change(lambda _: update())
    return update


def _options() -> dict[str, Any]:
    return {
        "animation": False,
        "grid": {"left": 36, "right": 8, "top": 28, "bottom": 24},
        "legend": {"top": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value"},
        "series": [
            {
                "name": name,
                "type": "line",
                "showSymbol": False,
                "lineStyle": {"width": 1.5},
                "color": color,
                "data": [],
            }
            for name, _, color in SERIES
        ],
    }


def quarters(visit: Visit) -> Update:
    """What was taken from the grid in each quarter hour: what a tariff by capacity bills."""
    with card("Quarter hours [kW]"):
        chart = ui.echart(
            {
                "animation": False,
                "grid": {"left": 36, "right": 8, "top": 8, "bottom": 24},
                "tooltip": {"trigger": "axis"},
                "xAxis": {"type": "category", "data": []},
                "yAxis": {"type": "value"},
                "series": [{"type": "bar", "data": [], "color": "#5470c6"}],
            }
        ).classes("w-full h-40")

    def update() -> None:
        controller = visit.controller
        found = controller.ledger.history.quarters(controller.local(controller.clock()))
        chart.options["xAxis"]["data"] = [time for time, _ in found]
        chart.options["series"][0]["data"] = [round(watts / W_PER_KW, 2) for _, watts in found]
        chart.update()

    return update
