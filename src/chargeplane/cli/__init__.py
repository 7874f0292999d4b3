"""The command line: what each command does lives elsewhere and is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli import (
    commands,
    events,
    evse,
    keys,
    maintenance,
    profiles,
    schedule,
    server,
    station,
    stations,
    tokens,
    transactions,
    users,
    virtual,
)
from chargeplane.cli.exits import EXIT_CODES, Commands
from chargeplane.cli.shared import Command


def _version(wanted: bool) -> None:
    if wanted:
        from chargeplane import __version__

        typer.echo(f"chargeplane {__version__}")
        raise typer.Exit


def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Chargeplane: the open control stack for electric-vehicle charging."""


def _joined() -> typer.Typer:
    joined = typer.Typer(
        name="chargeplane",
        cls=Commands,
        callback=main,
        no_args_is_help=True,
        epilog=EXIT_CODES,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in COMMANDS.items():
        joined.command(name)(command)
    for name, group in GROUPS.items():
        joined.add_typer(group, name=name)
    return joined


COMMANDS: dict[str, Command] = {
    **server.COMMANDS,
    **virtual.COMMANDS,
    **station.COMMANDS,
    **maintenance.COMMANDS,
    **events.COMMANDS,
    **commands.COMMANDS,
    **schedule.COMMANDS,
}
GROUPS: dict[str, typer.Typer] = {
    "stations": stations.GROUP,
    "transactions": transactions.GROUP,
    "tokens": tokens.GROUP,
    "profiles": profiles.GROUP,
    "keys": keys.GROUP,
    "users": users.GROUP,
    "evse": evse.GROUP,
}
app = _joined()
