"""The composite schedule of charging profiles, without a station."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chargeplane.cli.exits import FAILURE
from chargeplane.cli.shared import Command


def schedule(
    version: Annotated[
        str, typer.Option(help="OCPP version of the profiles: 1.6, 2.0.1 or 2.1.")
    ] = "2.0.1",
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw each schedule too, on standard error.")
    ] = False,
) -> None:
    """Say which limit charging profiles give: questions on standard input, as JSON lines.

    docs/smart-charging.md describes them. In 1.6 a profile that names a
    transaction counts if the transaction is "confirmed": true.
    """
    from chargeplane import schedule as face

    how = face.wording(version)
    failed = False
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            found = face.asked(line, how)
        except ValueError as error:
            failed = True
            typer.echo(face.refusal(error))
            continue
        typer.echo(face.answer(found, how))
        if plot:
            typer.echo(face.drawing(found), err=True)
    if failed:
        raise typer.Exit(FAILURE)


COMMANDS: dict[str, Command] = {"schedule": schedule}
