"""`make bench`: measure, print a table, write docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import codec, composite, device, faces, idle, regulation, soap, stations, web
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
    sections = {heading: list(work()) for heading, work in SECTIONS.items()}
    for heading, figures_of in sections.items():
        Console().print(heading, *figures_of, sep="\n")
    PAGE.write_text(_page(rows, sections), "utf-8")


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{figure.ours_us:.2f} µs",
        figure.other,
        f"{figure.other_us:.2f} µs",
        f"{figure.ratio:.1f}",
        f"{figure.target:g}" if figure.target else "",
    )


def _page(rows: Iterable[tuple[str, ...]], sections: Mapping[str, Iterable[str]]) -> str:
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
        *(
            line
            for heading, told in sections.items()
            for line in (heading, "", *(f"- {each}" for each in told), "")
        ),
    ]
    return "\n".join(lines)


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("msgspec", "ocpp"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {packages}"
    )


SECTIONS: dict[str, Callable[[], Iterable[str]]] = {
    "Composite schedules, each the best of many:": lambda: composite.lines(composite.measure()),
    "Virtual stations that charge:": lambda: stations.lines(stations.measure()),
    "Stations that are connected and say nothing, to a central system of one process:": lambda: (
        idle.lines(idle.measure())
    ),
    "What the HTTP faces take over loopback, with the clients in the same process:": lambda: (
        faces.lines(list(faces.measure()))
    ),
    "What a central system answers over SOAP, with the stations in another process:": lambda: (
        soap.lines(list(soap.measure()))
    ),
    "What a device takes while a car charges, its client in the same process:": lambda: (
        device.lines(list(device.measure()))
    ),
    "What the web pages take, with a server in a process of its own:": lambda: web.lines(
        web.measure()
    ),
    "What the regulation of EVSEs takes of the processor:": lambda: regulation.lines(
        regulation.measure()
    ),
}

if __name__ == "__main__":
    main()
