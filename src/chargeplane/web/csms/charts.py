"""Charts of the management pages, in the colours and the language of who looks at them.

Data come as points; a chart that changes is given new points by the function that it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from nicegui import ui

from chargeplane.web.csms.visit import Visit

MS: Final = 1000
QUIET: Final = "#808894"  # is read on light and on dark
COLORS: Final = ("#2f80c8", "#2a9d5c", "#c77d0a", "#8a5cc0", "#c0453d")

Points = Sequence[tuple[datetime, float | None]]
Bars = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: its translated name, its unit (which has an axis), how it goes on."""

    name: str
    unit: str
    shape: Literal["line", "step"] = "line"
    is_filled: bool = False
    digits: int = 2


def lines(
    visit: Visit, label: str, series: Sequence[Series], height: str = "h-64"
) -> Callable[[Sequence[Points]], None]:
    """Lines over time, each unit with an axis of its own; `label` is what screen readers say."""
    units = list(dict.fromkeys(each.unit for each in series))
    options = _common(visit, bool(len(series) > 1))
    options["xAxis"] = {"type": "time", "axisLabel": {"hideOverlap": True, "color": QUIET}}
    options["yAxis"] = [_axis(unit, number) for number, unit in enumerate(units)]
    options["series"] = [_line(each, units.index(each.unit), n) for n, each in enumerate(series)]
    chart = _shown(options, label, height)

    def update(points: Sequence[Points]) -> None:
        for number, (line, some) in enumerate(zip(chart.options["series"], points, strict=True)):
            line["data"] = [
                [_local(visit, at), _rounded(value, series[number])] for at, value in some
            ]
        chart.update()

    return update


def bars(visit: Visit, label: str, unit: str, height: str = "h-64") -> Callable[[Bars], None]:
    """Bars side by side, named by their labels."""
    options = _common(visit, has_legend=False)
    options["xAxis"] = {"type": "category", "data": [], "axisLabel": {"color": QUIET}}
    options["yAxis"] = [_axis(unit, 0)]
    options["series"] = [{"type": "bar", "data": [], "color": COLORS[0], "barMaxWidth": 48}]
    chart = _shown(options, label, height)

    def update(found: Bars) -> None:
        chart.options["xAxis"]["data"] = [name for name, _ in found]
        chart.options["series"][0]["data"] = [round(value, 3) for _, value in found]
        chart.update()

    return update


def _common(visit: Visit, has_legend: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "animation": False,
        "grid": {"left": 8, "right": 12, "top": 46, "bottom": 8, "containLabel": True},
        "legend": {"show": has_legend, "top": 0, "left": "center", "textStyle": {"color": QUIET}},
        "tooltip": {"trigger": "axis"},
        "aria": {"enabled": True},
        "textStyle": {"fontFamily": "inherit"},
        "media": [],
        "useUTC": True,  # moments are given as the clocks of the reader's zone show them
        "locale": visit.t.language.upper(),
    }


def _axis(unit: str, number: int) -> dict[str, Any]:
    return {
        "type": "value",
        "name": unit,
        "position": "right" if number else "left",
        "nameTextStyle": {"color": QUIET},
        "axisLabel": {"color": QUIET},
        "splitLine": {"show": not number, "lineStyle": {"color": QUIET, "opacity": 0.25}},
    }


def _line(series: Series, axis: int, number: int) -> dict[str, Any]:
    return {
        "name": series.name,
        "type": "line",
        "yAxisIndex": axis,
        "showSymbol": False,
        "color": COLORS[number % len(COLORS)],
        "step": "end" if series.shape == "step" else False,
        "areaStyle": {"opacity": 0.15} if series.is_filled else None,
        "data": [],
    }


def _shown(options: dict[str, Any], label: str, height: str) -> ui.echart:
    chart = ui.echart(options).classes(f"w-full {height}")
    return chart.props(f'role=img aria-label="{label}"')


def _local(visit: Visit, at: datetime) -> int:
    """The milliseconds that a clock in the reader's zone would show as UTC."""
    local = at.astimezone(visit.t.zone)
    return round(local.timestamp() + local.utcoffset().total_seconds()) * MS  # type: ignore[union-attr]


def _rounded(value: float | None, series: Series) -> float | None:
    return None if value is None else round(value, series.digits)
