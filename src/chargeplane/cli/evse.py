"""The EVSE controller: doing a recorded day again."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli.exits import FAILURE
from chargeplane.cli.shared import group


def replay(
    file: Annotated[str, typer.Argument(help="JSON Lines, also compressed with gzip; -: stdin.")],
    sharing: Annotated[
        bool, typer.Option("--sharing", help="The lines are steps of load sharing.")
    ] = False,
) -> None:
    """Run a recorded day again and print it with the outputs computed anew."""
    import sys

    from chargeplane.evse import replay as replaying

    again = replaying.replay_sharing if sharing else replaying.replay
    lines = replaying.lines_of(file)
    are_good = replaying.replay_all(lines, again, sys.stdout.buffer.write, _complain)
    if not are_good:
        raise typer.Exit(FAILURE)


def _complain(message: str) -> None:
    typer.echo(f"Error: {message}", err=True)


GROUP = group("The EVSE controller.", {"replay": replay})
