"""Virtual stations: show the central system with them, or load it."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, Command, SetOption, run


def demo(
    sets: SetOption = None,
    seconds: Annotated[float | None, typer.Option(help="End it after so many seconds.")] = None,
) -> None:
    """Run a central system with virtual stations that charge, and show it live."""
    from chargeplane import demo as demonstration

    settings = Choice(sets=["log.level=warning", *(sets or [])]).settings()
    run(demonstration.demonstrate(settings.server, seconds=seconds))


def simulate(
    stations: Annotated[int, typer.Option(min=1, help="How many stations.")] = 10,
    url: Annotated[
        str, typer.Option(help="OCPP endpoint, without a station's id.")
    ] = "ws://127.0.0.1:9000/ocpp",
    version: Annotated[str, typer.Option(help="OCPP version of the stations.")] = "1.6",
    seconds: Annotated[float, typer.Option(min=1, help="How long.")] = 60.0,
    interval: Annotated[int, typer.Option(min=1, help="Seconds between meter values.")] = 10,
    tag: Annotated[str, typer.Option(help="Tag that charges.")] = "DEMO0001",
) -> None:
    """Drive a fleet of virtual stations against a central system, and measure its answers."""
    from rich.console import Console

    from chargeplane import config, fleet, logs

    logs.configure(config.Log(level="error"))
    load = fleet.Load(
        url=url,
        stations=stations,
        version=version,
        seconds=seconds,
        interval=interval,
        tag=tag,
    )
    console = Console()
    tally = run(fleet.simulate(load, console))
    if tally is not None:
        console.print(fleet.summary(load, tally))


COMMANDS: dict[str, Command] = {"demo": demo, "simulate": simulate}
