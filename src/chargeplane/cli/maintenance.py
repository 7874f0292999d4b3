"""The database: its schema, copies, and what is forgotten or taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, Command, configured, run


@configured
def migrate(choice: Choice) -> None:
    """Bring the database to the schema of this version."""
    from chargeplane.storage import database

    run(database.migrate(choice.database()))


@configured
def backup(choice: Choice, target: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Copy the database to a file; the server may be running."""
    from chargeplane import maintenance

    run(maintenance.backup(choice.settings(), target))


@configured
def prune(
    choice: Choice,
    what: Annotated[str, typer.Argument(help="Table, such as messages or meter_values.")],
    days: Annotated[int, typer.Option(min=0, help="Forget what is older.")],
) -> None:
    """Forget what is older than so many days."""
    from chargeplane import maintenance

    gone = run(maintenance.prune(choice.settings(), what, days))
    typer.echo(f"{gone} rows of {what} forgotten")


@configured
def export(
    choice: Choice,
    what: Annotated[str, typer.Argument(help="List, such as transactions or meter_values.")],
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
) -> None:
    """Write a whole list to standard output, as CSV or JSON Lines."""
    import sys

    from chargeplane import maintenance

    run(maintenance.export(choice.settings(), what, form, sys.stdout))


COMMANDS: dict[str, Command] = {
    "migrate": migrate,
    "backup": backup,
    "prune": prune,
    "export": export,
}
