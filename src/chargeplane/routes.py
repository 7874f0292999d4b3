"""Where every OCPP action goes: its version, sender, domain request and handlers, as a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from rich.table import Table

from chargeplane.csms import handlers as csms
from chargeplane.ocpp.action import Action, Sender
from chargeplane.ocpp.dialects import DIALECTS, Dialect
from chargeplane.station import handlers as station

Handlers = Mapping[type[Any], Callable[..., Any]]


class Route(msgspec.Struct, frozen=True):
    """One action of one version."""

    version: str
    action: str
    sender: Sender
    row: bool  # True: translated by a shared row; False: only 2.x has it
    request: str
    handlers: list[str]


def installed() -> list[Route]:
    """Return the routes of every version that this installation speaks."""
    return list(
        routes(DIALECTS.values(), csms=csms.HANDLERS, station=station.HANDLERS),
    )


def routes(dialects: Iterable[Dialect], *, csms: Handlers, station: Handlers) -> Iterator[Route]:
    """Yield one route for each action of each dialect, actions in alphabetical order."""
    receivers = {"station": [csms], "csms": [station], "both": [csms, station]}
    for dialect in dialects:
        for name, action in sorted(dialect.by_name.items()):
            requests = _requests(action)
            yield Route(
                version=dialect.version,
                action=name,
                sender=action.sender,
                row=action.shared,
                request=" | ".join(request.__name__ for request in requests),
                handlers=_names(receivers[action.sender], requests),
            )


def table(found: Iterable[Route]) -> Table:
    """Return the routes as a table for people."""
    drawn = Table()
    for heading in ("Version", "Action", "Sender", "Row"):
        drawn.add_column(heading, no_wrap=True)
    for heading in ("Request", "Handlers"):
        drawn.add_column(heading, overflow="fold")
    for route in found:
        drawn.add_row(
            route.version,
            route.action,
            route.sender,
            "shared" if route.row else "2.x only",
            "\n".join(route.request.split(" | ")),
            "\n".join(name.removeprefix("chargeplane.") for name in route.handlers),
        )
    return drawn


def _requests(action: Action[Any, Any]) -> tuple[type[Any], ...]:
    return action.requests if action.shared else (action.wire,)


def _names(tables: Iterable[Handlers], requests: Iterable[type[Any]]) -> list[str]:
    """Return "module:function" of every handler of these requests, each once."""
    found = [
        handlers[request] for handlers in tables for request in requests if request in handlers
    ]
    return list(dict.fromkeys(f"{each.__module__}:{each.__qualname__}" for each in found))
