"""What the command line shows to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from rich.table import Table

Rows = list[dict[str, Any]]


def stations(rows: Rows) -> Table:
    """Stations for people."""
    table = Table("Station", "Online", "Version", "Vendor", "Model", "Connectors", "Last seen")
    for row in rows:
        states = [
            f"{each['evse_id']}: {each.get('charging_state') or each.get('status') or '?'}"
            for each in row["connectors"]
            if each["evse_id"]
        ]
        table.add_row(
            row["id"],
            "yes" if row["online"] else "no",
            row.get("subprotocol") or "",
            row.get("vendor") or "",
            row.get("model") or "",
            "\n".join(states),
            str(row.get("last_seen_at") or ""),
        )
    return table


def transactions(rows: Rows) -> Table:
    """Transactions for people."""
    table = Table("Number", "Station", "Connector", "Tag", "Began", "Ended", "Energy", "State")
    for row in rows:
        energy = row.get("energy_mwh")
        table.add_row(
            str(row["id"]),
            row["station_id"],
            str(row["evse_id"]),
            row.get("id_token") or "",
            str(row["started_at"]),
            str(row.get("stopped_at") or ""),
            "" if energy is None else f"{energy / 1e6:.3f} kWh",
            row["state"],
        )
    return table


def details(row: Mapping[str, Any]) -> Table:
    """One thing for people, a line for each member that says something."""
    table = Table("Member", "Value")
    for name, value in row.items():
        if value not in (None, [], {}):
            table.add_row(name, _plain(value))
    return table


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def tokens(rows: Rows) -> Table:
    """Tokens for people."""
    table = Table("Token", "Name", "Group", "Blocked", "Expires", "At once")
    for row in rows:
        table.add_row(
            row["id_token"],
            row.get("name") or "",
            row.get("group_id") or "",
            "yes" if row["blocked"] else "no",
            str(row.get("expires_at") or ""),
            str(row["max_active_transactions"]),
        )
    return table


def profiles(rows: Rows) -> Table:
    """Charging profiles for people."""
    table = Table("Number", "Name", "Purpose", "Kind", "Stack level", "First limit")
    for row in rows:
        profile = row["profile"]
        table.add_row(
            str(row["id"]),
            row.get("name") or "",
            profile["charging_profile_purpose"],
            profile["charging_profile_kind"],
            str(profile["stack_level"]),
            _first_limit(profile),
        )
    return table


def _first_limit(profile: Mapping[str, Any]) -> str:
    for schedule in profile["charging_schedule"]:
        for period in schedule["charging_schedule_period"]:
            return f"{period.get('limit', '?')} {schedule['charging_rate_unit']}"
    return ""


def event_line(event: Mapping[str, Any]) -> str:
    """An event for people."""
    where = event.get("station_id") or "-"
    return f"{event['at']}  {event['kind']}  {where}  {_plain(event['data'])}"
