"""`make bench`: measure, print a table, write docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import codec, composite, faces, idle
from benchmarks.measure import Figure

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEADINGS = ("What", "Chargeplane", "Against", "takes", "Times faster", "Promised")


def main() -> None:
    """Run every benchmark."""
    figures = list(codec.measure())
    rows = [_row(figure) for figure in figures]
    table = Table(*HEADINGS)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    schedules = list(composite.lines(composite.measure()))
    Console().print(*schedules, sep="\n")
    costs = list(idle.lines(idle.measure()))
    Console().print(*costs, sep="\n")
    answers = list(faces.lines(list(faces.measure())))
    Console().print(*answers, sep="\n")
    PAGE.write_text(_page(rows, schedules, costs, answers), "utf-8")


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{figure.ours_us:.2f} µs",
        figure.other,
        f"{figure.other_us:.2f} µs",
        f"{figure.ratio:.1f}",
        f"{figure.target:g}" if figure.target else "",
    )


def _page(
    rows: Iterable[tuple[str, ...]],
    schedules: Iterable[str],
    costs: Iterable[str],
    answers: Iterable[str],
) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Both sides of each row are measured in turns in the same run;",
        "a figure is the best of all rounds, and the ratio is what counts.",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {_machine()}.",
        "",
        "| " + " | ".join(HEADINGS) + " |",
        "|" + "---|" * len(HEADINGS),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        "Composite schedules, each the best of many:",
        "",
        *(f"- {schedule}" for schedule in schedules),
        "",
        "Stations that are connected and say nothing, to a central system of one process:",
        "",
        *(f"- {cost}" for cost in costs),
        "",
        "What the HTTP faces take over loopback, with the clients in the same process:",
        "",
        *(f"- {answer}" for answer in answers),
        "",
    ]
    return "\n".join(lines)


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("msgspec", "ocpp"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {packages}"
    )


if __name__ == "__main__":
    main()
