"""One charging station, on its hardware or a virtual one."""

from __future__ import annotations

from typing import Annotated

import typer

from chargeplane.cli.shared import Choice, Command, configured, run


@configured
def station(
    choice: Choice,
    *,
    station_id: Annotated[str | None, typer.Option("--id", help="Identity.")] = None,
    url: Annotated[str | None, typer.Option(help="Endpoint of the central system.")] = None,
    version: Annotated[
        list[str] | None, typer.Option(help="OCPP version to offer; repeatable, best first.")
    ] = None,
    transport: Annotated[
        str | None, typer.Option(help="`websocket`, or `soap` for OCPP 1.2, 1.5 and 1.6.")
    ] = None,
    virtual: Annotated[bool, typer.Option("--virtual", help="Use virtual EVSEs.")] = False,
    control: Annotated[
        str | None, typer.Option(help="`-` reads a driver's commands from standard input.")
    ] = None,
    reboot_in_place: Annotated[
        bool, typer.Option("--reboot-in-place", help="Start again after a reset, do not exit.")
    ] = False,
) -> None:
    """Run a charging station; after a reset it exits with 75 for its supervisor to restart it."""
    import signal

    from chargeplane import station_app

    flags = {
        "id": station_id,
        "url": url,
        "versions": version and ",".join(version),
        "transport": transport,
    }
    sets = [f"station.{name}={value}" for name, value in flags.items() if value is not None]
    if virtual:
        sets.append("station.hardware=virtual")
    if control not in (None, "-"):
        raise typer.BadParameter("--control takes - for standard input")
    settings = Choice(choice.config, [*(choice.sets or []), *sets]).settings()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a power cut: everything is on disk
    work = station_app.run(settings, control=control == "-", in_place=reboot_in_place)
    raise typer.Exit(run(work) or 0)


COMMANDS: dict[str, Command] = {"station": station}
