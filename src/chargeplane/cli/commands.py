"""What connected stations are asked for; a station that refuses makes the command fail."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chargeplane.cli.exits import FAILURE
from chargeplane.cli.shared import Choice, Command, StationArgument, configured, print_json

ConnectorOption = Annotated[
    int | None, typer.Option(help="Connector (1.x) or EVSE (2.x); else the station chooses.")
]


@configured
def start(
    choice: Choice,
    station: StationArgument,
    tag: Annotated[str, typer.Option(help="Tag to charge with.")],
    connector: ConnectorOption = None,
) -> None:
    """Ask a connected station to begin a charge."""
    from chargeplane.console import asks

    _answer(asks.start(choice.settings(), station, connector, tag))


@configured
def stop(choice: Choice, station: StationArgument, connector: ConnectorOption = None) -> None:
    """Ask a connected station to end its charge."""
    from chargeplane.console import asks

    _answer(asks.stop(choice.settings(), station, connector))


@configured
def command(
    choice: Choice,
    name: Annotated[str, typer.Argument(help="Operation, such as reset or set_variables.")],
    station: StationArgument,
    request: Annotated[str, typer.Argument(help="Its members as a JSON object.")] = "{}",
    hard: Annotated[
        bool | None, typer.Option("--hard/--soft", help="reset: at once, or when idle.")
    ] = None,
) -> None:
    """Ask a connected station for any operation; its answer as JSON."""
    from chargeplane.console import asks

    settings = choice.settings()
    words = asks.words(name, request, hard=hard)
    _answer_whole(asks.command(settings, station, name, words))


@configured
def limit(
    choice: Choice,
    station: StationArgument,
    value: Annotated[str, typer.Argument(help="Such as 16A or 11000W; off takes it back.")],
    connector: Annotated[int, typer.Option(help="Connector (1.x) or EVSE (2.x); 0: each.")] = 0,
) -> None:
    """Keep a connected station below a constant limit."""
    from chargeplane.console import asks

    _answer(asks.limit(choice.settings(), station, value, connector))


@configured
def unlock(
    choice: Choice,
    station: StationArgument,
    connector: Annotated[int, typer.Option(help="Connector (1.x) or EVSE (2.x).")] = 1,
) -> None:
    """Open the lock of a connector."""
    from chargeplane.console import asks

    _answer(asks.unlock(choice.settings(), station, connector))


@configured
def call(
    choice: Choice,
    station: StationArgument,
    action: Annotated[str, typer.Argument(help="Action as OCPP calls it.")],
    payload: Annotated[str, typer.Argument(help="Payload as a JSON object.")] = "{}",
) -> None:
    """Make any call to a connected station as raw JSON; its answer as JSON."""
    from chargeplane.console import asks

    _answer_whole(asks.call(choice.settings(), station, action, payload))


def _answer(answer: dict[str, Any]) -> None:
    """Print a station's answer; what it refuses is a failure."""
    typer.echo(answer["status"])
    if answer["status"] not in {"Accepted", "Unlocked"}:
        raise typer.Exit(FAILURE)


def _answer_whole(answer: dict[str, Any]) -> None:
    """Print all that a station answers; what it refuses is a failure."""
    from chargeplane.console import asks

    print_json(answer)
    if asks.is_refused(answer):
        raise typer.Exit(FAILURE)


COMMANDS: dict[str, Command] = {
    "start": start,
    "stop": stop,
    "command": command,
    "limit": limit,
    "unlock": unlock,
    "call": call,
}
