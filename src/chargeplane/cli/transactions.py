"""The transactions: list, export."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, StationOption, configured, group, listing, show


@listing
def list_transactions(
    choice: Choice,
    limit: Annotated[int, typer.Option(min=1, help="How many are listed.")] = 1000,
) -> None:
    """List the latest charges, as without `list`."""
    from chargeplane.console import asks, tables

    rows = asks.transactions(choice.settings(), limit)
    show(rows, tables.transactions, json=choice.json)


@configured
def export_transactions(choice: Choice, station: StationOption = None) -> None:
    """Write all charges to standard output as CSV, as the server does."""
    from chargeplane.console import asks

    for part in asks.transactions_csv(choice.settings(), station):
        typer.echo(part, nl=False)  # bytes, so that the ends of lines stay as they are


GROUP = group(
    "List the latest charges.",
    {"list": list_transactions, "export": export_transactions},
    default=list_transactions,
)
