from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from chargeplane.ocpp.dialects import DIALECTS, Dialect
from chargeplane.routes import Handlers, Route, installed, routes, table


class Start: ...


class Event: ...


class Wire: ...


def on_start() -> None: ...


def on_event() -> None: ...


def on_wire() -> None: ...


def dialect(version: str, **actions: Any) -> Dialect:
    return cast("Dialect", SimpleNamespace(version=version, by_name=actions))


def action(sender: str, *requests: type, shared: bool = True) -> SimpleNamespace:
    return SimpleNamespace(sender=sender, requests=requests, shared=shared, wire=Wire)


def only(
    spoken: Dialect, *, csms: Handlers | None = None, station: Handlers | None = None
) -> Route:
    (route,) = routes([spoken], csms=csms or {}, station=station or {})
    return route


def test_a_shared_action_names_its_domain_requests_and_handlers() -> None:
    route = only(
        dialect("1.6", StopTransaction=action("station", Start, Event)),
        csms={Event: on_event, Start: on_start, Wire: on_wire},
    )
    assert route == Route(
        version="1.6",
        action="StopTransaction",
        sender="station",
        row=True,
        request="Start | Event",
        handlers=[f"{__name__}:on_start", f"{__name__}:on_event"],
    )


def test_a_2x_only_action_names_its_wire_type() -> None:
    route = only(dialect("2.1", NotifyEvent=action("station", shared=False)), csms={Wire: on_wire})
    assert (route.row, route.request, route.handlers) == (False, "Wire", [f"{__name__}:on_wire"])


@pytest.mark.parametrize(
    ("sender", "handlers"),
    [("station", ["on_start"]), ("csms", ["on_event"]), ("both", ["on_start", "on_event"])],
)
def test_the_side_that_receives_handles(sender: str, handlers: list[str]) -> None:
    route = only(
        dialect("1.6", X=action(sender, Start)), csms={Start: on_start}, station={Start: on_event}
    )
    assert route.handlers == [f"{__name__}:{name}" for name in handlers]


def test_one_handler_of_several_requests_is_named_once() -> None:
    route = only(
        dialect("1.6", X=action("station", Start, Event)), csms={Start: on_start, Event: on_start}
    )
    assert route.handlers == [f"{__name__}:on_start"]


def test_actions_are_in_alphabetical_order() -> None:
    spoken = dialect("1.6", B=action("station", Start), A=action("csms", Start))
    assert [route.action for route in routes([spoken], csms={}, station={})] == ["A", "B"]


def test_the_table_holds_every_route() -> None:
    found = list(routes([dialect("1.6", Reset=action("csms", Start))], csms={}, station={}))
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table(found))
    assert all(text in captured.get() for text in ("1.6", "Reset", "csms", "shared", "Start"))


def test_every_action_of_every_version_is_listed_once() -> None:
    found = installed()
    listed = [(route.version, route.action) for route in found]
    assert len(listed) == len(set(listed)) == sum(len(each.by_name) for each in DIALECTS.values())
    assert all(route.request for route in found)
    # The counts that the specifications give: 1.6 with its security extension, 2.0.1, 2.1.
    for version, actions in {"1.6": 39, "2.0.1": 64, "2.1": 91}.items():
        assert sum(route.version == version for route in found) == actions


def test_only_2x_has_actions_without_a_row() -> None:
    assert {route.version for route in installed() if not route.row} == {"2.0.1", "2.1"}
