"""The command line: what each command does lives elsewhere and is imported when it runs.

Exit codes: 0 done; 1 the station refused, or it failed otherwise; 2 it was asked wrongly
(arguments or settings); 3 no server answers; 4 the server refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from chargeplane.errors import ChargeplaneError, ConfigurationError, NotConnected

FAILURE = 1
USAGE = 2
UNREACHABLE = 3
REFUSED = 4

EXIT_CODES = (
    "Exit codes: 0 done; 1 the station refused, or it failed otherwise; 2 asked wrongly; "
    "3 no server answers; 4 the server refused."
)

WIDE = 200  # columns of a table that is not read on a terminal


class Commands(TyperGroup):
    """Turns an error that Chargeplane raises on purpose into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ChargeplaneError as error:
            _fail(error)


def _fail(error: ChargeplaneError) -> NoReturn:
    typer.echo(f"Error: {' '.join(str(error).split())}", err=True)
    raise typer.Exit(_code(error))


def _code(error: ChargeplaneError) -> int:
    if isinstance(error, ConfigurationError):
        return USAGE
    if isinstance(error, NotConnected):
        return UNREACHABLE
    from chargeplane.client import ApiError

    return REFUSED if isinstance(error, ApiError) else FAILURE


app = typer.Typer(
    name="chargeplane",
    cls=Commands,
    no_args_is_help=True,
    epilog=EXIT_CODES,
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


StationArgument = Annotated[str, typer.Argument(help="Id of the station.")]
ConnectorOption = Annotated[
    int | None, typer.Option(help="Connector (1.x) or EVSE (2.x); else the station chooses.")
]
StationOption = Annotated[str | None, typer.Option(help="Only of this station.")]

stations_app = typer.Typer(invoke_without_command=True)
app.add_typer(stations_app, name="stations", cls=Commands)
transactions_app = typer.Typer(invoke_without_command=True)
app.add_typer(transactions_app, name="transactions", cls=Commands)
tokens_app = typer.Typer(no_args_is_help=True, help="Who may charge.")
app.add_typer(tokens_app, name="tokens", cls=Commands)


@stations_app.callback()
def stations(
    context: typer.Context,
    file: ConfigOption = None,
    sets: SetOption = None,
    json: JsonOption = False,
) -> None:
    """List the stations, whether they are online, and the state of their connectors."""
    if context.invoked_subcommand is None:
        list_stations(file, sets, json)


@stations_app.command("list")
def list_stations(
    file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False
) -> None:
    """List the stations, as without `list`."""
    from chargeplane import console

    rows = console.stations(_configuration(file, sets).settings)
    _print_json(rows) if json else _print(console.station_table(rows))


@stations_app.command("show")
def show_station(
    station: StationArgument,
    file: ConfigOption = None,
    sets: SetOption = None,
    json: JsonOption = False,
) -> None:
    """Show a station with its EVSEs, what runs there, and its connection."""
    from chargeplane import console

    row = console.station(_configuration(file, sets).settings, station)
    _print_json(row) if json else _print(console.detail_table(row))


@stations_app.command("adopt")
def adopt_station(
    station: StationArgument, file: ConfigOption = None, sets: SetOption = None
) -> None:
    """Accept a station that was refused or is pending."""
    from chargeplane import console

    typer.echo(console.adopt(_configuration(file, sets).settings, station)["registration"])


@transactions_app.callback()
def transactions(
    context: typer.Context,
    file: ConfigOption = None,
    sets: SetOption = None,
    json: JsonOption = False,
) -> None:
    """List the latest charges."""
    if context.invoked_subcommand is None:
        list_transactions(file, sets, json)


@transactions_app.command("list")
def list_transactions(
    file: ConfigOption = None, sets: SetOption = None, json: JsonOption = False
) -> None:
    """List the latest charges, as without `list`."""
    from chargeplane import console

    rows = console.transactions(_configuration(file, sets).settings)
    _print_json(rows) if json else _print(console.transaction_table(rows))


@transactions_app.command("export")
def export_transactions(
    station: StationOption = None, file: ConfigOption = None, sets: SetOption = None
) -> None:
    """Write all charges to standard output as CSV, as the server does."""
    from chargeplane import console

    text = console.transactions_csv(_configuration(file, sets).settings, station)
    typer.echo(text.encode(), nl=False)  # bytes, so that the ends of lines stay as they are


TokenArgument = Annotated[str, typer.Argument(help="The token, such as the UID of a card.")]


@tokens_app.command("list")
def list_tokens(
    search: Annotated[str | None, typer.Option(help="Only those that contain this.")] = None,
    file: ConfigOption = None,
    sets: SetOption = None,
    json: JsonOption = False,
) -> None:
    """List the tokens."""
    from chargeplane import console

    rows = console.tokens(_configuration(file, sets).settings, search)
    _print_json(rows) if json else _print(console.token_table(rows))


@tokens_app.command("add")
def add_token(
    token: TokenArgument,
    *,
    name: Annotated[str | None, typer.Option(help="Whose it is.")] = None,
    group: Annotated[str | None, typer.Option(help="Its group.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="Until when, such as 2027-01-31T00:00:00Z.")
    ] = None,
    at_once: Annotated[
        int | None, typer.Option(help="Charges at the same time; -1: any number.")
    ] = None,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Let a token charge; one that is known already is refused."""
    from chargeplane import console

    values = {
        "name": name,
        "group_id": group,
        "expires_at": expires,
        "max_active_transactions": at_once,
    }
    console.add_token(_configuration(file, sets).settings, token, values)


@tokens_app.command("block")
def block_token(
    token: TokenArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Let it charge again.")] = False,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Keep a token from charging."""
    from chargeplane import console

    console.block_token(_configuration(file, sets).settings, token, blocked=not undo)


@tokens_app.command("import")
def import_tokens(
    table: Annotated[Path, typer.Argument(help="CSV file; the first line names the columns.")],
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Add the tokens of a CSV file, or replace those that are known."""
    from chargeplane import console

    count = console.import_tokens(_configuration(file, sets).settings, table)
    typer.echo(f"{count} tokens saved")


@app.command("events")
def show_events(
    *,
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
    file: ConfigOption = None,
    sets: SetOption = None,
    json: JsonOption = False,
) -> None:
    """List the latest events, or follow them; --follow --json prints one object a line."""
    from chargeplane import console

    settings = _configuration(file, sets).settings
    wanted = {"kind": kind, "station": station}
    if follow:
        _follow(console.follow(settings, after, wanted), json)
        return
    rows = console.history(settings, {**wanted, "limit": limit})
    if json:
        _print_json(rows)
    else:
        for each in rows:
            typer.echo(console.event_line(each))


def _follow(events: Iterable[dict[str, Any]], json: bool) -> None:
    import contextlib

    import msgspec

    from chargeplane import console

    with contextlib.suppress(KeyboardInterrupt):
        for each in events:
            typer.echo(msgspec.json.encode(each).decode() if json else console.event_line(each))


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
    hard: Annotated[
        bool | None, typer.Option("--hard/--soft", help="reset: at once, or when idle.")
    ] = None,
    file: ConfigOption = None,
    sets: SetOption = None,
) -> None:
    """Ask a connected station for any operation; its answer as JSON."""
    from chargeplane import console

    settings = _configuration(file, sets).settings
    words = console.words(name, request, hard=hard)
    _answer_whole(console.command(settings, station, name, words))


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

    _answer_whole(console.call(_configuration(file, sets).settings, station, action, payload))


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


def _answer_whole(answer: dict[str, Any]) -> None:
    """Print all that a station answers; what it refuses is a failure."""
    from chargeplane import console

    _print_json(answer)
    if console.is_refused(answer):
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
