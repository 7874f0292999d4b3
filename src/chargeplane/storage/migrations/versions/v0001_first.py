"""Create all tables as they were in the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IS_OPEN = sa.text("state = 'open'")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

sa.Table(
    "stations",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("name", sa.Text()),
    sa.Column("comment", sa.Text()),
    sa.Column("location", sa.Text()),
    sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("registration", sa.Text(), nullable=False, server_default="Accepted"),
    sa.Column("password_hash", sa.Text()),
    sa.Column("min_security_profile", NUMBER, nullable=False, server_default="0"),
    sa.Column("pinned_version", sa.Text()),
    sa.Column("heartbeat_interval_s", NUMBER),
    sa.Column("free_vend", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("allow_list_mode", sa.Text(), nullable=False, server_default="any"),
    sa.Column("vendor", sa.Text()),
    sa.Column("model", sa.Text()),
    sa.Column("serial_number", sa.Text()),
    sa.Column("firmware_version", sa.Text()),
    sa.Column("iccid", sa.Text()),
    sa.Column("imsi", sa.Text()),
    sa.Column("charge_box_serial_number", sa.Text()),
    sa.Column("meter_type", sa.Text()),
    sa.Column("meter_serial_number", sa.Text()),
    sa.Column("boot_reason", sa.Text()),
    sa.Column("boot_at", MOMENT),
    sa.Column("online", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("node", sa.Text()),
    sa.Column("subprotocol", sa.Text()),
    sa.Column("security_profile", NUMBER),
    sa.Column("remote_address", sa.Text()),
    sa.Column("connected_at", MOMENT),
    sa.Column("disconnected_at", MOMENT),
    sa.Column("last_seen_at", MOMENT),
    sa.Column("created_at", MOMENT, nullable=False),
)

sa.Table(
    "certificate_requests",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("certificate_type", sa.Text()),
    sa.Column("request_id", NUMBER),
    sa.Column("csr", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("chain", sa.Text()),
    sa.Column("error", sa.Text()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Index("ix_certificate_requests_station_id_id", "station_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "charging_profiles",
    metadata,
    sa.Column(
        "station_id", sa.Text(), sa.ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("profile_id", NUMBER, primary_key=True),
    sa.Column("evse_id", NUMBER, nullable=False),
    sa.Column("purpose", sa.Text(), nullable=False),
    sa.Column("stack_level", NUMBER, nullable=False),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("profile", sa.JSON(), nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
)

sa.Table(
    "commands",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("task", sa.Text()),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("asked_by", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("request", sa.JSON(), nullable=False),
    sa.Column("answer", sa.JSON()),
    sa.Column("error", sa.Text()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("sent_at", MOMENT),
    sa.Column("answered_at", MOMENT),
    sa.Column("duration_s", sa.Double()),
    sa.Index("ix_commands_station_id_id", "station_id", "id"),
    sa.Index("ix_commands_task", "task"),
    sqlite_autoincrement=True,
)

sa.Table(
    "connectors",
    metadata,
    sa.Column(
        "station_id", sa.Text(), sa.ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("evse_id", NUMBER, primary_key=True),
    sa.Column("connector_id", NUMBER, primary_key=True),
    sa.Column("name", sa.Text()),
    sa.Column("status", sa.Text()),
    sa.Column("charging_state", sa.Text()),
    sa.Column("error_code", sa.Text()),
    sa.Column("error_info", sa.Text()),
    sa.Column("error_vendor_id", sa.Text()),
    sa.Column("error_vendor_code", sa.Text()),
    sa.Column("status_at", MOMENT),
    sa.Column("energy_mwh", NUMBER),
    sa.Column("power_w", sa.Double()),
    sa.Column("current_a", sa.Double()),
    sa.Column("soc_percent", sa.Double()),
    sa.Column("measured_at", MOMENT),
)

sa.Table(
    "data_transfers",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("direction", sa.Text(), nullable=False),
    sa.Column("vendor_id", sa.Text(), nullable=False),
    sa.Column("message_id", sa.Text()),
    sa.Column("data", sa.JSON()),
    sa.Column("status", sa.Text()),
    sa.Column("answer", sa.JSON()),
    sa.Index("ix_data_transfers_station_id_id", "station_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "events",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("station_id", sa.Text()),
    sa.Column("evse_id", NUMBER),
    sa.Column("transaction_id", NUMBER),
    sa.Column("data", sa.JSON(), nullable=False),
    sa.Index("ix_events_kind_id", "kind", "id"),
    sa.Index("ix_events_station_id_id", "station_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "jobs",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("request_id", NUMBER),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("details", sa.JSON(), nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Index("ix_jobs_station_id_kind_id", "station_id", "kind", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "local_lists",
    metadata,
    sa.Column(
        "station_id", sa.Text(), sa.ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("version", NUMBER, nullable=False),
    sa.Column("entries", sa.JSON(), nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
)

sa.Table(
    "messages",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("direction", sa.Text(), nullable=False),
    sa.Column("action", sa.Text()),
    sa.Column("call_id", sa.Text()),
    sa.Column("frame", sa.Text(), nullable=False),
    sa.Index("ix_messages_station_id_id", "station_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "meter_values",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("evse_id", NUMBER, nullable=False),
    sa.Column("measured_at", MOMENT, nullable=False),
    sa.Column("digest", NUMBER, nullable=False),
    sa.Column("transaction_id", NUMBER),
    sa.Column("context", sa.Text()),
    sa.Column("import_mwh", NUMBER),
    sa.Column("export_mwh", NUMBER),
    sa.Column("power_w", sa.Double()),
    sa.Column("current_l1_a", sa.Double()),
    sa.Column("current_l2_a", sa.Double()),
    sa.Column("current_l3_a", sa.Double()),
    sa.Column("voltage_l1_v", sa.Double()),
    sa.Column("voltage_l2_v", sa.Double()),
    sa.Column("voltage_l3_v", sa.Double()),
    sa.Column("soc_percent", sa.Double()),
    sa.Column("samples", sa.JSON(), nullable=False),
    sa.Index(
        "ix_meter_values_station_id_evse_id_measured_at_digest",
        "station_id",
        "evse_id",
        "measured_at",
        "digest",
        unique=True,
    ),
    sa.Index("ix_meter_values_transaction_id_measured_at", "transaction_id", "measured_at"),
    sqlite_autoincrement=True,
)

sa.Table(
    "notifications",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("payload", sa.JSON(), nullable=False),
    sa.Index("ix_notifications_station_id_action_id", "station_id", "action", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "refused_stations",
    metadata,
    sa.Column("station_id", sa.Text(), primary_key=True),
    sa.Column("address", sa.Text()),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("attempts", NUMBER, nullable=False),
    sa.Column("first_at", MOMENT, nullable=False),
    sa.Column("last_at", MOMENT, nullable=False),
    sa.Index("ix_refused_stations_last_at", "last_at"),
)

sa.Table(
    "reservations",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("evse_id", NUMBER),
    sa.Column("connector_type", sa.Text()),
    sa.Column("token_key", sa.Text(), nullable=False),
    sa.Column("id_token", sa.Text(), nullable=False),
    sa.Column("group_id", sa.Text()),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("expires_at", MOMENT, nullable=False),
    sa.Column("transaction_id", NUMBER),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Index("ix_reservations_station_id_status", "station_id", "status"),
    sqlite_autoincrement=True,
)

sa.Table(
    "security_events",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("type", sa.Text(), nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Column("tech_info", sa.Text()),
    sa.Index("ix_security_events_station_id_id", "station_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "tokens",
    metadata,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("id_token", sa.Text(), nullable=False),
    sa.Column("type", sa.Text(), nullable=False, server_default="ISO14443"),
    sa.Column("group_key", sa.Text()),
    sa.Column("group_id", sa.Text()),
    sa.Column("blocked", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("valid_from", MOMENT),
    sa.Column("expires_at", MOMENT),
    sa.Column("max_active_transactions", NUMBER, nullable=False, server_default="1"),
    sa.Column("name", sa.Text()),
    sa.Column("comment", sa.Text()),
    sa.Column("personal_message", sa.Text()),
    sa.Column("language", sa.Text()),
    sa.Column("charging_priority", NUMBER),
    sa.Column("stations", sa.JSON()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Index("ix_tokens_group_key", "group_key"),
)

sa.Table(
    "transaction_events",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("transaction_id", NUMBER),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("key", sa.Text(), nullable=False, unique=True),
    sa.Column("uid", sa.Text(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("seq_no", NUMBER),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Column("event", sa.JSON(), nullable=False),
    sa.Index("ix_transaction_events_station_id_id", "station_id", "id"),
    sa.Index("ix_transaction_events_transaction_id_id", "transaction_id", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "transactions",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("uid", sa.Text()),
    sa.Column("start_key", sa.Text(), unique=True),
    sa.Column("evse_id", NUMBER, nullable=False),
    sa.Column("connector_id", NUMBER),
    sa.Column("state", sa.Text(), nullable=False, server_default="open"),
    sa.Column("token_key", sa.Text()),
    sa.Column("id_token", sa.Text()),
    sa.Column("token_type", sa.Text()),
    sa.Column("start_status", sa.Text()),
    sa.Column("start_known", sa.Boolean(), nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("start_energy_mwh", NUMBER),
    sa.Column("stopped_at", MOMENT),
    sa.Column("stop_energy_mwh", NUMBER),
    sa.Column("stop_reason", sa.Text()),
    sa.Column("stop_id_token", sa.Text()),
    sa.Column("closed_by", sa.Text()),
    sa.Column("charging_state", sa.Text()),
    sa.Column("remote_start_id", NUMBER),
    sa.Column("reservation_id", NUMBER),
    sa.Column("offline", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("last_seq_no", NUMBER),
    sa.Column("missing_seq_nos", sa.JSON(), nullable=False),
    sa.Column("last_energy_mwh", NUMBER),
    sa.Column("last_power_w", sa.Double()),
    sa.Column("last_soc_percent", sa.Double()),
    sa.Column("last_measured_at", MOMENT),
    sa.Column("cost_minor", NUMBER),
    sa.Column("currency", sa.Text()),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.UniqueConstraint("station_id", "uid"),
    sa.Index(
        "ix_transactions_open",
        "station_id",
        "evse_id",
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    ),
    sa.Index(
        "ix_transactions_open_token", "token_key", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
    ),
    sa.Index("ix_transactions_started_at_id", "started_at", "id"),
    sa.Index("ix_transactions_station_id_started_at_id", "station_id", "started_at", "id"),
    sa.Index("ix_transactions_token_key_started_at_id", "token_key", "started_at", "id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "unknown_tokens",
    metadata,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("id_token", sa.Text(), nullable=False),
    sa.Column("type", sa.Text(), nullable=False),
    sa.Column("station_id", sa.Text(), nullable=False),
    sa.Column("attempts", NUMBER, nullable=False),
    sa.Column("first_at", MOMENT, nullable=False),
    sa.Column("last_at", MOMENT, nullable=False),
    sa.Index("ix_unknown_tokens_last_at", "last_at"),
)

sa.Table(
    "variables",
    metadata,
    sa.Column(
        "station_id", sa.Text(), sa.ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("component", sa.Text(), primary_key=True),
    sa.Column("component_instance", sa.Text(), primary_key=True),
    sa.Column("evse_id", NUMBER, primary_key=True),
    sa.Column("connector_id", NUMBER, primary_key=True),
    sa.Column("variable", sa.Text(), primary_key=True),
    sa.Column("variable_instance", sa.Text(), primary_key=True),
    sa.Column("attribute_type", sa.Text(), primary_key=True),
    sa.Column("value", sa.Text()),
    sa.Column("mutability", sa.Text()),
    sa.Column("persistent", sa.Boolean()),
    sa.Column("constant", sa.Boolean()),
    sa.Column("characteristics", sa.JSON()),
    sa.Column("reboot_required", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("updated_at", MOMENT, nullable=False),
)


def upgrade() -> None:
    """Create them in an empty database."""
    metadata.create_all(op.get_bind())
