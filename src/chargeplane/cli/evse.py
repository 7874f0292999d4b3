"""The EVSE controller: running it, and doing a recorded day again."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli.exits import FAILURE
from chargeplane.cli.shared import Choice, configured, group, run


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


@configured
def run_device(
    choice: Choice,
    *,
    virtual: Annotated[bool, typer.Option("--virtual", help="Use a virtual board.")] = False,
    speed: Annotated[float | None, typer.Option(help="How fast time runs for it.")] = None,
    control: Annotated[
        str | None, typer.Option(help="`-` reads what is done to it from standard input.")
    ] = None,
) -> None:
    """Run the EVSE controller; after a reboot it exits with 75 for its supervisor."""
    from chargeplane import evse_app

    if control not in (None, "-"):
        raise typer.BadParameter("--control takes - for standard input")
    flags = {"hardware": "virtual" if virtual else None, "speed": speed}
    sets = [f"evse.{name}={value}" for name, value in flags.items() if value is not None]
    settings = Choice(choice.config, [*(choice.sets or []), *sets]).settings()
    raise typer.Exit(run(evse_app.run(settings, control=control == "-")) or 0)


GROUP = group("The EVSE controller.", {"replay": replay}, default=run_device)
