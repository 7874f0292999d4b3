"""Buttons that draw the QR code of a connector, to be printed and put on the charger."""

from __future__ import annotations

from functools import partial
from typing import Final

from nicegui import ui

from chargeplane.payments import codes
from chargeplane.payments.service import Payments

TYPES: Final = {"SVG": "image/svg+xml", "PDF": "application/pdf"}


def buttons(payments: Payments, station_id: str, evse_id: int) -> None:
    """A button for each kind of file."""
    for kind in TYPES:
        draw = partial(_download, payments, station_id, evse_id, kind)
        ui.button(f"QR {kind}", icon="qr_code", on_click=draw).props("flat dense no-caps")


def _download(payments: Payments, station_id: str, evse_id: int, kind: str) -> None:
    url = codes.address(payments.rules.return_url.rstrip("/"), station_id, evse_id)
    caption = f"{station_id} / {evse_id}"
    drawn = codes.pdf(url, caption) if kind == "PDF" else codes.svg(url, caption).encode()
    ui.download(drawn, f"{station_id}-{evse_id}.{kind.lower()}", TYPES[kind])
