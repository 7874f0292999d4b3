"""What runs here: versions, licences, and where the other faces are."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from nicegui import ui

from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

OURS: Final = "chargeplane"
NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
LICENSE_CLASSIFIER: Final = "License :: "
LONGEST: Final = 60  # characters of a licence's name; some have its whole text there
FACES: Final = (
    (mark("Native API (OpenAPI document)"), "/v1/openapi.json"),
    (mark("OCPP.Core's interface"), "/API/Status"),
    (mark("Metrics"), "/metrics"),
)


async def build(visit: Visit) -> None:
    """Our version, the links, and a table of the libraries."""
    t = visit.t
    ours = distribution(OURS)
    with ui.card().classes("w-full mb-3 gap-1"):
        ui.label(f"Chargeplane {ours.version}").classes("text-lg font-medium")
        ui.label(str(ours.metadata["Summary"])).classes("quiet")
        ui.label(t("Licence: {name}", name=license_of(ours)))
        ui.label(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    with ui.card().classes("w-full mb-3 gap-1"):
        ui.label(t("Other faces")).classes("text-lg font-medium")
        for title, path in FACES:
            # Not by NiceGUI's link, which would put the path below that of the pages.
            with ui.element("a").props(f'href="{path}"').classes("plain"):
                ui.label(t(title))
    with ui.card().classes("w-full gap-1"):
        ui.label(t("Libraries")).classes("text-lg font-medium")
        _table(visit)


def _table(visit: Visit) -> None:
    t = visit.t
    columns = [
        {"name": name, "label": label, "field": name, "align": "left", "style": style}
        for name, label, style in (
            ("name", t("Name"), ""),
            ("version", t("Version"), "white-space: nowrap; overflow-wrap: normal"),
            ("license", t("Licence"), ""),
        )
    ]
    rows = [
        {"name": each.name, "version": each.version, "license": license_of(each)}
        for each in libraries()
    ]
    table = ui.table(columns=columns, rows=rows, row_key="name").classes("w-full")
    table.props("flat dense wrap-cells").style("overflow-wrap: anywhere")


@cache
def libraries() -> tuple[Distribution, ...]:
    """What we need, and what that needs in turn, in the order of the names."""
    found: dict[str, Distribution] = {}
    waiting = [OURS]
    while waiting:
        for name in _needs(waiting.pop()):
            try:
                known = distribution(name)
            except PackageNotFoundError:
                continue  # of an extra or another platform
            if known.name not in found:
                found[known.name] = known
                waiting.append(known.name)
    return tuple(found[name] for name in sorted(found, key=str.lower))


def _needs(name: str) -> Iterator[str]:
    for each in distribution(name).requires or ():
        if "extra ==" not in each and (match := NAME.match(each)):
            yield match[0]


def license_of(known: Distribution) -> str:
    """The name of a licence, as far as a distribution tells it."""
    about = known.metadata.json
    for said in (about.get("license_expression"), about.get("license")):
        if isinstance(said, str) and 0 < len(said) <= LONGEST:
            return said
    classes = [each for each in about.get("classifier", ()) if each.startswith(LICENSE_CLASSIFIER)]
    return ", ".join(each.rpartition(" :: ")[2] for each in classes)
