"""The charging profiles that are kept by number: list, show, add, import, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, configured, group, listing, show

NumberArgument = Annotated[int, typer.Argument(min=1, help="Number of the profile.")]


@listing
def list_profiles(choice: Choice) -> None:
    """List the charging profiles."""
    from chargeplane.console import asks, tables

    show(asks.profiles(choice.settings()), tables.profiles, json=choice.json)


@listing
def show_profile(choice: Choice, number: NumberArgument) -> None:
    """Show a charging profile."""
    from chargeplane.console import asks, tables

    show(asks.profile(choice.settings(), number), tables.details, json=choice.json)


@configured
def add_profile(
    choice: Choice,
    file: Annotated[Path, typer.Argument(help="JSON file of one charging profile.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
) -> None:
    """Keep a charging profile, and print the number that it gets."""
    from chargeplane.console import asks

    typer.echo(asks.add_profile(choice.settings(), file, name)["id"])


@configured
def import_profiles(
    choice: Choice,
    file: Annotated[Path, typer.Argument(help="JSON file of charging profiles by number.")],
) -> None:
    """Keep the charging profiles of a file under their numbers."""
    from chargeplane.console import asks

    typer.echo(f"{asks.import_profiles(choice.settings(), file)} charging profiles saved")


@configured
def remove_profile(choice: Choice, number: NumberArgument) -> None:
    """Forget a charging profile; stations keep what they were sent."""
    from chargeplane.console import asks

    asks.remove_profile(choice.settings(), number)


GROUP = group(
    "Charging profiles that are sent by their numbers.",
    {
        "list": list_profiles,
        "show": show_profile,
        "add": add_profile,
        "import": import_profiles,
        "remove": remove_profile,
    },
)
