"""The keys of the HTTP faces: create, list, revoke."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, configured, group, listing, run, show


@configured
def create_key(
    choice: Choice,
    name: Annotated[str, typer.Argument(help="Name under which its acts are recorded.")],
    scope: Annotated[str, typer.Option(help="read, operate or admin.")] = "read",
    station: Annotated[
        list[str] | None, typer.Option(help="Only this station; repeatable.")
    ] = None,
) -> None:
    """Make a key in the database and print it, this once."""
    from chargeplane.access import keys

    stations = tuple(station) if station else None
    typer.echo(run(keys.make(choice.database(), name, scope, stations)))


@listing
def list_keys(choice: Choice) -> None:
    """List the keys, revoked ones too; never the keys themselves."""
    from chargeplane.access import keys

    show(run(keys.listed(choice.database())) or [], keys.table, json=choice.json)


@configured
def revoke_key(
    choice: Choice, name: Annotated[str, typer.Argument(help="Name of the key.")]
) -> None:
    """Revoke a key for good."""
    from chargeplane.access import keys

    run(keys.revoke(choice.database(), name))


GROUP = group(
    "Keys of the HTTP faces.",
    {"create": create_key, "list": list_keys, "revoke": revoke_key},
)
