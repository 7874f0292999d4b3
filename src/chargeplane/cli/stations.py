"""The stations: list, show, adopt."""

from __future__ import annotations

import typer

from chargeplane.cli.shared import Choice, StationArgument, configured, group, listing, show


@listing
def list_stations(choice: Choice) -> None:
    """List the stations, as without `list`."""
    from chargeplane.console import asks, tables

    show(asks.stations(choice.settings()), tables.stations, json=choice.json)


@listing
def show_station(choice: Choice, station: StationArgument) -> None:
    """Show a station with its EVSEs, what runs there, and its connection."""
    from chargeplane.console import asks, tables

    show(asks.station(choice.settings(), station), tables.details, json=choice.json)


@configured
def adopt_station(choice: Choice, station: StationArgument) -> None:
    """Accept a station that was refused or is pending."""
    from chargeplane.console import asks

    typer.echo(asks.adopt(choice.settings(), station)["registration"])


GROUP = group(
    "List the stations, whether they are online, and the state of their connectors.",
    {"list": list_stations, "show": show_station, "adopt": adopt_station},
    default=list_stations,
)
