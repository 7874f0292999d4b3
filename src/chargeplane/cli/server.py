"""The central system as a process: run it, its settings, what it handles."""

from __future__ import annotations

from chargeplane.cli.shared import Choice, Command, JsonOption, configured, listing, run, show


@configured
def serve(choice: Choice) -> None:
    """Run the central system until it is interrupted."""
    from chargeplane import app as composition

    run(composition.serve(choice.settings(), choice.configuration().origins))


@listing
def show_config(choice: Choice) -> None:
    """Print the settings in force and where each comes from; secrets are masked."""
    from chargeplane import config

    configuration = choice.configuration()
    value = configuration.shown()
    show(value, lambda _: config.as_toml(configuration), json=choice.json)


def show_routes(json: JsonOption = False) -> None:
    """List every OCPP action with its domain request and its handlers."""
    from chargeplane import routes

    show(routes.installed(), routes.table, json=json)


COMMANDS: dict[str, Command] = {"serve": serve, "config": show_config, "routes": show_routes}
