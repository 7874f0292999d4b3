"""The tokens: list, add, block, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, configured, group, listing, show

TokenArgument = Annotated[str, typer.Argument(help="The token, such as the UID of a card.")]


@listing
def list_tokens(
    choice: Choice,
    search: Annotated[str | None, typer.Option(help="Only those that contain this.")] = None,
) -> None:
    """List the tokens."""
    from chargeplane.console import asks, tables

    show(asks.tokens(choice.settings(), search), tables.tokens, json=choice.json)


@configured
def add_token(
    choice: Choice,
    token: TokenArgument,
    name: Annotated[str | None, typer.Option(help="Whose it is.")] = None,
    group: Annotated[str | None, typer.Option(help="Its group.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="Until when, such as 2027-01-31T00:00:00Z.")
    ] = None,
    at_once: Annotated[
        int | None, typer.Option(help="Charges at the same time; -1: any number.")
    ] = None,
) -> None:
    """Let a token charge; one that is known already is refused."""
    from chargeplane.console import asks

    values = {
        "name": name,
        "group_id": group,
        "expires_at": expires,
        "max_active_transactions": at_once,
    }
    asks.add_token(choice.settings(), token, values)


@configured
def block_token(
    choice: Choice,
    token: TokenArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Let it charge again.")] = False,
) -> None:
    """Keep a token from charging."""
    from chargeplane.console import asks

    asks.block_token(choice.settings(), token, blocked=not undo)


@configured
def import_tokens(
    choice: Choice,
    table: Annotated[Path, typer.Argument(help="CSV file; the first line names the columns.")],
) -> None:
    """Add the tokens of a CSV file, or replace those that are known."""
    from chargeplane.console import asks

    count = asks.import_tokens(choice.settings(), table)
    typer.echo(f"{count} tokens saved")


GROUP = group(
    "Who may charge.",
    {"list": list_tokens, "add": add_token, "block": block_token, "import": import_tokens},
)
