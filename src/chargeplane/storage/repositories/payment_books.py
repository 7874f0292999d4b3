"""What payments keep beside reservations: prices, privileges, notices and refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from chargeplane.storage.payment_records import (
    PaymentNoticeRecord,
    PaymentPriceRecord,
    PaymentPrivilegeRecord,
    PaymentRefundRecord,
)
from chargeplane.storage.payment_tables import (
    payment_notices,
    payment_prices,
    payment_privileges,
    payment_refunds,
)
from chargeplane.storage.statements import insert, many, one, upsert

EVERYWHERE = ""  # the station of a privilege that holds at all
LOST = ("failed", "canceled")  # refunds that gave nothing back


class NewRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Money that is to go back, why, and who says so."""

    reservation_id: str
    amount_minor: int
    reason: str
    asked_by: str


# Prices


def prices_at(connection: Connection, station_id: str, evse_id: int) -> PaymentPriceRecord | None:
    """Return the prices of an EVSE, else those of its station."""
    p = payment_prices.c
    query = (
        select(payment_prices)
        .where(p.station_id == station_id, p.evse_id.in_((0, evse_id)))
        .order_by(p.evse_id.desc())
        .limit(1)
    )
    return one(PaymentPriceRecord, connection.execute(query))


def prices_of(connection: Connection, station_id: str) -> tuple[PaymentPriceRecord, ...]:
    """Return all prices that are kept for a station."""
    p = payment_prices.c
    query = select(payment_prices).where(p.station_id == station_id).order_by(p.evse_id)
    return many(PaymentPriceRecord, connection.execute(query))


def set_prices(
    connection: Connection, station_id: str, evse_id: int, prices: Any, now: datetime
) -> PaymentPriceRecord:
    """Keep the prices of an EVSE, or as EVSE 0 those of a station that is known."""
    row = {"station_id": station_id, "evse_id": evse_id, "prices": prices, "updated_at": now}
    statement = upsert(payment_prices, "prices", "updated_at").values(row)
    return PaymentPriceRecord(*connection.execute(statement.returning(payment_prices)).one())


def remove_prices(connection: Connection, station_id: str, evse_id: int) -> bool:
    """Forget prices; False if there are none."""
    p = payment_prices.c
    statement = delete(payment_prices).where(p.station_id == station_id, p.evse_id == evse_id)
    return connection.execute(statement).rowcount > 0


# Privileges


def is_privileged(connection: Connection, token_key: str, station_id: str) -> bool:
    """Whether a token charges at a station for nothing."""
    p = payment_privileges.c
    query = select(func.count()).where(
        p.token_key == token_key, p.station_id.in_((EVERYWHERE, station_id))
    )
    return bool(connection.execute(query).scalar_one())


def privileges(connection: Connection) -> tuple[PaymentPrivilegeRecord, ...]:
    """Return all privileges."""
    query = select(payment_privileges).order_by(*payment_privileges.primary_key)
    return many(PaymentPrivilegeRecord, connection.execute(query))


def add_privilege(connection: Connection, token_key: str, station_id: str, now: datetime) -> None:
    """Let a token charge for nothing at a station, or everywhere ('')."""
    row = {"token_key": token_key, "station_id": station_id, "created_at": now}
    connection.execute(insert(payment_privileges).values(row).on_conflict_do_nothing())


def remove_privilege(connection: Connection, token_key: str, station_id: str) -> bool:
    """Take a privilege away; False if there is none."""
    p = payment_privileges.c
    statement = delete(payment_privileges).where(
        p.token_key == token_key, p.station_id == station_id
    )
    return connection.execute(statement).rowcount > 0


# Notices


def is_known(connection: Connection, notice_id: str) -> bool:
    """Whether a notice has been dealt with."""
    query = select(func.count()).where(payment_notices.c.id == notice_id)
    return bool(connection.execute(query).scalar_one())


def note(connection: Connection, record: PaymentNoticeRecord) -> None:
    """Remember that a notice has been dealt with."""
    row = msgspec.structs.asdict(record)
    connection.execute(insert(payment_notices).values(row).on_conflict_do_nothing())


def forget_notices(connection: Connection, before: datetime) -> int:
    """Forget notices that no provider would repeat any more; how many went."""
    statement = delete(payment_notices).where(payment_notices.c.received_at < before)
    return connection.execute(statement).rowcount


# Refunds


def add_refund(connection: Connection, new: NewRefund, now: datetime) -> PaymentRefundRecord:
    """Store a refund before it is asked for."""
    row = msgspec.structs.asdict(new)
    row |= {"status": "Requested", "created_at": now, "updated_at": now}
    statement = insert(payment_refunds).values(row).returning(payment_refunds)
    return PaymentRefundRecord(*connection.execute(statement).one())


def set_refund(
    connection: Connection,
    number: int,
    now: datetime,
    status: str,
    provider_id: str | None = None,
    error: str | None = None,
) -> PaymentRefundRecord | None:
    """Store what became of a refund."""
    values = {"status": status, "provider_id": provider_id, "error": error, "updated_at": now}
    statement = update(payment_refunds).where(payment_refunds.c.id == number).values(values)
    return one(PaymentRefundRecord, connection.execute(statement.returning(payment_refunds)))


def refunds_of(connection: Connection, reservation_id: str) -> tuple[PaymentRefundRecord, ...]:
    """Return the refunds of a reservation, the earliest first."""
    r = payment_refunds.c
    query = select(payment_refunds).where(r.reservation_id == reservation_id).order_by(r.id)
    return many(PaymentRefundRecord, connection.execute(query))


def open_refunds(connection: Connection) -> tuple[PaymentRefundRecord, ...]:
    """Return the refunds that the provider has not answered."""
    r = payment_refunds.c
    query = select(payment_refunds).where(r.status == "Requested").order_by(r.id)
    return many(PaymentRefundRecord, connection.execute(query))


def refunded_minor(connection: Connection, reservation_id: str) -> int:
    """Return what has gone back of a payment, or is about to."""
    r = payment_refunds.c
    query = select(func.coalesce(func.sum(r.amount_minor), 0)).where(
        r.reservation_id == reservation_id, r.status.not_in(LOST)
    )
    return int(connection.execute(query).scalar_one())
