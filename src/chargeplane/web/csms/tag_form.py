"""What operators decide about a tag, as a form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from nicegui import ui

from chargeplane.csms.token_files import TokenRow
from chargeplane.storage.records import TokenRecord
from chargeplane.web.csms.entering import entered, text_field
from chargeplane.web.csms.visit import Visit

MINUTE: Final = "%Y-%m-%dT%H:%M"  # how browsers write a moment
# 2.x appendix 7, additional identifiers included.
TYPES: Final = (
    *("ISO14443", "ISO15693", "eMAID", "EVCCID", "Central", "KeyCode", "Local", "MacAddress"),
    *("DirectPayment", "VIN"),
)


class TagForm:
    """The fields; those of a tag that is known show what it has."""

    def __init__(self, visit: Visit, known: TokenRecord | None, id_token: str = "") -> None:
        self._visit, self._known = visit, known
        t = visit.t
        self._id = None if known else text_field(t("Tag"), id_token)
        values = {} if known is None else msgspec.structs.asdict(known)
        with ui.element("div").classes("w-full grid grid-cols-1 sm:grid-cols-2 gap-3"):
            self._texts = {
                "name": text_field(t("Name"), values.get("name")),
                "group_id": text_field(t("Group"), values.get("group_id")),
            }
            self._type = self._types(values.get("type", TYPES[0]))
            self._most = self._number(
                t("Charges at once"), values.get("max_active_transactions", 1)
            )
            self._most.props["hint"] = t("-1: any number, 0: none")
            self._moments = {
                "valid_from": self._moment(t("Valid from"), values.get("valid_from")),
                "expires_at": self._moment(t("Valid until"), values.get("expires_at")),
            }
            self._texts["language"] = text_field(t("Language"), values.get("language"))
            self._priority = self._number(t("Priority"), values.get("charging_priority"))
        self._texts["personal_message"] = text_field(
            t("Message to the driver"), values.get("personal_message")
        )
        self._texts["comment"] = text_field(t("Comment"), values.get("comment"))
        stations = " ".join(values.get("stations") or ())
        self._stations = text_field(t("Stations"), stations)
        self._stations.props["hint"] = t("Where it may charge, parted by spaces; empty: everywhere")
        self._blocked = ui.checkbox(t("Blocked"), value=values.get("blocked", False))

    @property
    def id_token(self) -> str:
        """Which tag it is, as it is known or was entered."""
        if self._known is not None:
            return self._known.id_token
        return (self._id and entered(self._id)) or ""

    def row(self) -> TokenRow:
        """What was entered; raises `ValueError` where it makes no sense."""
        return msgspec.convert(dict(self._values()), TokenRow)

    def _values(self) -> Iterator[tuple[str, Any]]:
        yield "id_token", self.id_token
        yield from ((name, entered(field)) for name, field in self._texts.items())
        yield "type", self._type.value
        yield "blocked", bool(self._blocked.value)
        yield "max_active_transactions", 1 if self._most.value is None else int(self._most.value)
        priority = self._priority.value
        yield "charging_priority", None if priority is None else int(priority)
        yield "stations", (entered(self._stations) or "").split() or None
        yield from ((name, self._read(name)) for name in self._moments)

    def _read(self, name: str) -> datetime | None:
        """A moment; one that was not touched keeps its seconds."""
        text, known = self._moments[name].value, getattr(self._known, name, None)
        if text == self._written(known):
            return known
        return datetime.fromisoformat(text).replace(tzinfo=self._visit.t.zone)

    def _written(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self._visit.t.zone).strftime(MINUTE)

    def _types(self, value: str) -> ui.select:
        options = list(dict.fromkeys((*TYPES, value)))
        field = ui.select(options, label=self._visit.t("Kind"), value=value)
        return field.props("outlined dense").classes("w-full")

    def _number(self, label: str, value: int | None) -> ui.number:
        field = ui.number(label, value=value, precision=0).props("outlined dense")
        return field.classes("w-full")

    def _moment(self, label: str, at: datetime | None) -> ui.input:
        field = ui.input(label, value=self._written(at))
        return field.props("outlined dense stack-label type=datetime-local").classes("w-full")
