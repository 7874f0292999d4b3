"""A SmartEVSE as far as its REST API shows: parameters only from the query, leading numbers."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs

from chargeplane.net.http import serve

MODES = ("OFF", "NORMAL", "SOLAR", "SMART", "PAUSE")
CONTACTORS = ("Not present", "Always Off", "Solar Off", "Always On", "Auto")
REFUSED = "Value not allowed!"


def leading_number(text: str) -> int:
    found = re.match(r"\s*[+-]?\d+", text)
    return int(found.group()) if found else 0


@dataclass
class StandIn:
    """A device of a firmware: "new" tells Wh, "old" kWh, knows no PAUSE and `access` as bool."""

    firmware: Literal["new", "old"] = "new"
    mode: int = 4
    override_da: int = 0
    contactor: int = 3
    state_id: int = 1
    error_id: int = 0
    plugged_in: bool = True
    charge_current_da: int = 160
    has_ev_meter: bool = True
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    missing: tuple[str, ...] = ()  # groups that /settings lacks
    status: int = 200

    def settings(self) -> dict[str, Any]:
        unit = 1 if self.firmware == "new" else 0.001
        names = (
            ("total_wh", "charged_wh") if self.firmware == "new" else ("total_kwh", "charged_kwh")
        )
        found: dict[str, Any] = {
            "version": "v3.11.1",
            "mode": MODES[self.mode],
            "mode_id": self.mode,
            "car_connected": self.plugged_in,
            "evse": {
                "temp": 31,
                "access": 1 if self.firmware == "new" else True,
                "state_id": self.state_id,
                "error_id": self.error_id,
                "rfid_lastread": "04A1B2C3D4E5F6",
            },
            "settings": {
                "charge_current": self.charge_current_da,
                "override_current": self.override_da,
                "current_min": 6,
                "current_max": 16,
                "enable_C2": CONTACTORS[self.contactor],
            },
            "ev_meter": {
                "description": "Eastron3P" if self.has_ev_meter else "Disabled",
                "import_active_power": 3680,
                names[0]: 52_000 * unit,
                names[1]: 1500 * unit,
                "import_active_energy": 52_000 * unit,
                "currents": {"TOTAL": 480, "L1": 160, "L2": 159, "L3": 161},
            },
            "phase_currents": {"TOTAL": 30, "L1": 10, "L2": 20, "L3": 0},
        }
        return {key: value for key, value in found.items() if key not in self.missing}

    def post(self, path: str, query: dict[str, str]) -> Any:
        match path:
            case "/settings":
                return self._set(query)
            case "/currents":
                return {"TOTAL": sum(leading_number(query[key]) for key in ("L1", "L2", "L3"))}
            case "/rfid" if len(query["rfid"]) in (12, 14):
                return {"rfid": query["rfid"], "rfid_status": "Present"}
            case "/rfid":
                return {"rfid_status": "Invalid RFID length"}
        return None

    def _set(self, query: dict[str, str]) -> dict[str, Any] | None:
        answer: dict[str, Any] = {}
        if "mode" in query:
            mode, most = leading_number(query["mode"]), 4 if self.firmware == "new" else 3
            answer["mode"] = query["mode"] if 0 <= mode <= most else REFUSED
            self.mode = mode if 0 <= mode <= most else self.mode
        if "override_current" in query and MODES[self.mode] in ("NORMAL", "SMART"):
            current = leading_number(query["override_current"])
            is_allowed = current == 0 or 60 <= current <= 160
            answer["override_current"] = current if is_allowed else REFUSED
            self.override_da = current if is_allowed else self.override_da
        if "enable_C2" in query:
            self.contactor = leading_number(query["enable_C2"])
            answer["settings"] = {"enable_C2": CONTACTORS[self.contactor]}
        return answer or None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = {key: value[0] for key, value in parse_qs(scope["query_string"].decode()).items()}
        if scope["method"] == "POST":
            body = (await receive())["body"]
            self.posted.append((scope["path"], query, body))
            answer = self.post(scope["path"], query)
        else:
            answer = self.settings() if scope["path"] == "/settings" else None
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Where it is asked."""
        async with serve(self, "127.0.0.1", 0) as port:
            yield f"http://127.0.0.1:{port}"
