"""Examples of what operations are sent, for the OpenAPI document; tests decode them."""

from __future__ import annotations

from typing import Any, Final

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "call": {"action": "GetConfiguration", "payload": {"key": ["HeartbeatInterval"]}},
    "cancel_reservation": {"reservation_id": 7},
    "change_availability": {"operational_status": "Inoperative"},
    "clear_cache": {},
    "clear_charging_limit": {"evse_id": 1},
    "data_transfer": {"vendor_id": "com.example", "message_id": "hello"},
    "get_variables": {
        "queries": [
            {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        ]
    },
    "request_start_transaction": {"id_token": {"id_token": "04AABBCC"}, "evse_id": 1},
    "request_stop_transaction": {"transaction_id": "17"},
    "reset": {"type": "OnIdle"},
    "set_charging_limit": {"evse_id": 1, "limit": 16.0},
    "trigger_message": {"requested_message": "StatusNotification"},
    "unlock_connector": {"evse_id": 1, "connector_id": 1},
}
