"""The events: list, follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from chargeplane.cli.shared import Choice, Command, StationOption, listing, show


@listing
def show_events(
    choice: Choice,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print them as they happen, until Ctrl-C.")
    ] = False,
    kind: Annotated[
        list[str] | None, typer.Option(help="Such as transaction.started; repeatable.")
    ] = None,
    station: StationOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many are listed.")] = 20,
    after: Annotated[
        int | None, typer.Option(min=0, help="With --follow: begin after this number.")
    ] = None,
) -> None:
    """List the latest events, or follow them; --follow --json prints one object a line."""
    from chargeplane.console import asks, tables

    settings = choice.settings()
    wanted = {"kind": kind, "station": station}
    if follow:
        _follow(asks.follow(settings, after, wanted), json=choice.json)
        return
    rows = asks.history(settings, {**wanted, "limit": limit})
    show(rows, lambda rows: "\n".join(map(tables.event_line, rows)), json=choice.json)


def _follow(events: Iterable[dict[str, Any]], *, json: bool) -> None:
    import contextlib

    import msgspec

    from chargeplane.console import tables

    with contextlib.suppress(KeyboardInterrupt):
        for each in events:
            typer.echo(msgspec.json.encode(each).decode() if json else tables.event_line(each))


COMMANDS: dict[str, Command] = {"events": show_events}
