"""The users of the web pages: list, add, change, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chargeplane.cli.shared import Choice, configured, group, listing, run, show

if TYPE_CHECKING:
    from chargeplane.storage.access_records import Role

NameArgument = Annotated[str, typer.Argument(help="Name of the user.")]
RoleArgument = Annotated[str, typer.Argument(help="viewer, operator or admin.")]
StationsOption = Annotated[
    list[str] | None,
    typer.Option("--station", help="Only this station, or a pattern (north-*); repeatable."),
]


def _role(text: str) -> Role:
    from chargeplane.access.users import ROLES

    for role in ROLES:
        if role == text:
            return role
    raise typer.BadParameter(f"{text}: one of {', '.join(ROLES)}")


@listing
def list_users(choice: Choice) -> None:
    """List the users; never their passwords."""
    from chargeplane.access import commands

    show(run(commands.listed(choice.database())) or [], commands.table, json=choice.json)


@configured
def add_user(
    choice: Choice,
    name: NameArgument,
    role: Annotated[str, typer.Option(help="viewer, operator or admin.")] = "viewer",
    station: StationsOption = None,
) -> None:
    """Add a user and print a one-time password, this once."""
    from chargeplane.access import commands

    stations = tuple(station) if station else None
    typer.echo(run(commands.add(choice.database(), name, _role(role), stations)))


@configured
def reset_password(choice: Choice, name: NameArgument) -> None:
    """Replace a password by a one-time one and print it, this once."""
    from chargeplane.access import commands

    typer.echo(run(commands.reset_password(choice.database(), name)))


@configured
def set_role(
    choice: Choice, name: NameArgument, role: RoleArgument, station: StationsOption = None
) -> None:
    """Change what a user may do, and which stations are seen."""
    from chargeplane.access import commands

    stations = tuple(station) if station else None
    run(commands.set_role(choice.database(), name, _role(role), stations))


@configured
def disable_user(choice: Choice, name: NameArgument) -> None:
    """Sign a user out and do not let them in again."""
    from chargeplane.access import commands

    run(commands.set_enabled(choice.database(), name, enabled=False))


@configured
def enable_user(choice: Choice, name: NameArgument) -> None:
    """Let a user in again."""
    from chargeplane.access import commands

    run(commands.set_enabled(choice.database(), name, enabled=True))


@configured
def remove_user(choice: Choice, name: NameArgument) -> None:
    """Remove a user; what they did stays in the audit list."""
    from chargeplane.access import commands

    run(commands.remove(choice.database(), name))


GROUP = group(
    "Users of the web pages.",
    {
        "list": list_users,
        "add": add_user,
        "password": reset_password,
        "role": set_role,
        "disable": disable_user,
        "enable": enable_user,
        "remove": remove_user,
    },
)
