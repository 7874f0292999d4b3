"""The command line: what each command does lives elsewhere and is imported when it runs.

Exit codes: 0 done, 1 it failed, 2 it was asked wrongly (arguments or settings).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from chargeplane.errors import ChargeplaneError, ConfigurationError

FAILURE = 1
USAGE = 2

WIDE = 200  # columns of a table that is not read on a terminal


class Commands(TyperGroup):
    """Turns an error that Chargeplane raises on purpose into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            _fail(error, USAGE)
        except ChargeplaneError as error:
            _fail(error, FAILURE)


def _fail(error: ChargeplaneError, code: int) -> NoReturn:
    typer.echo(f"Error: {error}", err=True)
    raise typer.Exit(code)


app = typer.Typer(
    name="chargeplane",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from chargeplane import __version__

        typer.echo(f"chargeplane {__version__}")
        raise typer.Exit


def _flag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not of the form section.key=value")
    return name.strip(), value.strip()


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else CHARGEPLANE_CONFIG or chargeplane.toml."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override one setting, as section.key=value; repeatable."),
]
VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
]


@app.callback()
def main(version: VersionOption = False) -> None:
    """Chargeplane: the open control stack for electric-vehicle charging."""


@app.command("config")
def show_config(
    file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False
) -> None:
    """Print the settings in force and where each comes from; secrets are masked."""
    from chargeplane import config

    configuration = config.load(file, dict(_flag(text) for text in sets or []))
    if json:
        _print_json(configuration.shown())
    else:
        typer.echo(config.as_toml(configuration))


@app.command("routes")
def show_routes(json: JsonOption = False) -> None:
    """List every OCPP action with its domain request and its handlers."""
    from chargeplane import routes

    found = routes.installed()
    if json:
        _print_json(found)
    else:
        _print(routes.table(found))


@app.command("serve")
def serve(file: ConfigOption = None, sets: SetOption = None) -> None:
    """Run the central system until it is interrupted."""
    from chargeplane import app as composition

    configuration = _configuration(file, sets)
    _run(composition.serve(configuration.settings))


@app.command("demo")
def demo(
    sets: SetOption = None,
    seconds: Annotated[float | None, typer.Option(help="End it after so many seconds.")] = None,
) -> None:
    """Run a central system with virtual stations that charge, and show it live."""
    from chargeplane import demo as demonstration

    configuration = _configuration(None, ["log.level=warning", *(sets or [])])
    _run(demonstration.demonstrate(configuration.settings.server, seconds=seconds))


@app.command("simulate")
def simulate(
    stations: Annotated[int, typer.Option(min=1, help="How many stations.")] = 10,
    url: Annotated[
        str, typer.Option(help="OCPP endpoint, without a station's id.")
    ] = "ws://127.0.0.1:9000/ocpp",
    version: Annotated[str, typer.Option(help="OCPP version of the stations.")] = "1.6",
    seconds: Annotated[float, typer.Option(min=1, help="How long.")] = 60.0,
    interval: Annotated[int, typer.Option(min=1, help="Seconds between meter values.")] = 10,
    tag: Annotated[str, typer.Option(help="Tag that charges.")] = "DEMO0001",
) -> None:
    """Drive a fleet of virtual stations against a central system, and measure its answers."""
    from rich.console import Console

    from chargeplane import config, fleet, logs

    logs.configure(config.Log(level="error"))
    load = fleet.Load(
        url=url,
        stations=stations,
        version=version,
        seconds=seconds,
        interval=interval,
        tag=tag,
    )
    console = Console()
    tally = _run(fleet.simulate(load, console))
    if tally is not None:
        console.print(fleet.summary(load, tally))


@app.command("migrate")
def migrate(file: ConfigOption = None, sets: SetOption = None) -> None:
    """Bring the database to the schema of this version."""
    from chargeplane.storage import database

    url = _configuration(file, sets).settings.storage.url.get_secret_value()
    _run(database.migrate(url))


@app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(help="File to write.")],
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Copy the database to a file; the server may be running."""
    from chargeplane import maintenance

    _run(maintenance.backup(_configuration(file, sets).settings, target))


@app.command("prune")
def prune(
    what: Annotated[str, typer.Argument(help="Table, such as messages or meter_values.")],
    days: Annotated[int, typer.Option(min=0, help="Forget what is older.")],
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Forget what is older than so many days."""
    from chargeplane import maintenance

    gone = _run(maintenance.prune(_configuration(file, sets).settings, what, days))
    typer.echo(f"{gone} rows of {what} forgotten")


@app.command("export")
def export(
    what: Annotated[str, typer.Argument(help="List, such as transactions or meter_values.")],
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Write a whole list to standard output, as CSV or JSON Lines."""
    import sys

    from chargeplane import maintenance

    settings = _configuration(file, sets).settings
    _run(maintenance.export(settings, what, form, sys.stdout))


@app.command("stations")
def list_stations(
    file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False
) -> None:
    """List the stations, whether they are online, and the state of their connectors."""
    from chargeplane import console

    rows = console.stations(_configuration(file, sets).settings)
    _print_json(rows) if json else _print(console.station_table(rows))


@app.command("transactions")
def list_transactions(
    file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False
) -> None:
    """List the latest charges."""
    from chargeplane import console

    rows = console.transactions(_configuration(file, sets).settings)
    _print_json(rows) if json else _print(console.transaction_table(rows))


StationArgument = Annotated[str, typer.Argument(help="Id of the station.")]
ConnectorOption = Annotated[
    int | None, typer.Option(help="Connector (1.x) or EVSE (2.x); else the station chooses.")
]


@app.command("start")
def start(
    station: StationArgument,
    tag: Annotated[str, typer.Option(help="Tag to charge with.")],
    connector: ConnectorOption = None,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Ask a connected station to begin a charge."""
    from chargeplane import console

    _answer(console.start(_configuration(file, sets).settings, station, connector, tag))


@app.command("stop")
def stop(
    station: StationArgument,
    connector: ConnectorOption = None,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Ask a connected station to end its charge."""
    from chargeplane import console

    _answer(console.stop(_configuration(file, sets).settings, station, connector))


@app.command("command")
def command(
    name: Annotated[str, typer.Argument(help="Operation, such as reset or set_variables.")],
    station: StationArgument,
    request: Annotated[str, typer.Argument(help="Its members as a JSON object.")] = "{}",
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Ask a connected station for any operation; its answer as JSON."""
    from chargeplane import console

    _print_json(console.command(_configuration(file, sets).settings, station, name, request))


@app.command("limit")
def limit(
    station: StationArgument,
    value: Annotated[str, typer.Argument(help="Such as 16A or 11000W; off takes it back.")],
    connector: Annotated[int, typer.Option(help="Connector (1.x) or EVSE (2.x); 0: each.")] = 0,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Keep a connected station below a constant limit."""
    from chargeplane import console

    _answer(console.limit(_configuration(file, sets).settings, station, value, connector))


@app.command("unlock")
def unlock(
    station: StationArgument,
    connector: Annotated[int, typer.Option(help="Connector (1.x) or EVSE (2.x).")] = 1,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Open the lock of a connector."""
    from chargeplane import console

    _answer(console.unlock(_configuration(file, sets).settings, station, connector))


@app.command("call")
def call(
    station: StationArgument,
    action: Annotated[str, typer.Argument(help="Action as OCPP calls it.")],
    payload: Annotated[str, typer.Argument(help="Payload as a JSON object.")] = "{}",
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Make any call to a connected station as raw JSON; its answer as JSON."""
    from chargeplane import console

    _print_json(console.call(_configuration(file, sets).settings, station, action, payload))


keys_app = typer.Typer(no_args_is_help=True, help="Keys of the HTTP faces.")
app.add_typer(keys_app, name="keys", cls=Commands)


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Name under which its acts are recorded.")],
    scope: Annotated[str, typer.Option(help="read, operate or admin.")] = "read",
    station: Annotated[
        list[str] | None, typer.Option(help="Only this station; repeatable.")
    ] = None,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Make a key in the database and print it, this once."""
    from chargeplane.api import keys

    url = _configuration(file, sets).settings.storage.url.get_secret_value()
    stations = tuple(station) if station else None
    typer.echo(_run(keys.make(url, name, scope, stations)))


@keys_app.command("list")
def list_keys(file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False) -> None:
    """List the keys, revoked ones too; never the keys themselves."""
    from chargeplane.api import keys

    url = _configuration(file, sets).settings.storage.url.get_secret_value()
    rows = _run(keys.listed(url))
    _print_json(rows) if json else _print(keys.table(rows))


@keys_app.command("revoke")
def revoke_key(
    name: Annotated[str, typer.Argument(help="Name of the key.")],
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Revoke a key for good."""
    from chargeplane.api import keys

    url = _configuration(file, sets).settings.storage.url.get_secret_value()
    _run(keys.revoke(url, name))


def _configuration(file: Path | None, sets: list[str] | None) -> Any:
    from chargeplane import config, logs

    configuration = config.load(file, dict(_flag(text) for text in sets or []))
    logs.configure(configuration.settings.log)
    return configuration


def _answer(answer: dict[str, Any]) -> None:
    """Print a station's answer; what it refuses is a failure."""
    typer.echo(answer["status"])
    if answer["status"] not in {"Accepted", "Unlocked"}:
        raise typer.Exit(FAILURE)


def _run(work: Any) -> Any:
    """Run to the end or to Ctrl-C, which gives None, on the fastest event loop there is."""
    import asyncio
    import contextlib
    import sys

    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)
    return None


def _print_json(value: Any) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def _print(renderable: Any) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)  # nothing is to be wrapped for a pipe or a file
    console.print(renderable)
