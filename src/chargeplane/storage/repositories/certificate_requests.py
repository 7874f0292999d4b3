"""Stations' requests for certificates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from chargeplane.domain.certificates import SignCertificate
from chargeplane.storage import paging
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import CertificateRequestRecord, Page
from chargeplane.storage.statements import equal, insert, one
from chargeplane.storage.tables import certificate_requests

_c = certificate_requests.c
_ADD = insert(certificate_requests).returning(_c.id)


def add(connection: Connection, station_id: str, request: SignCertificate, now: datetime) -> int:
    """Store a request; its number."""
    row = {
        "station_id": station_id,
        "certificate_type": request.certificate_type,
        "request_id": request.request_id,
        "csr": request.csr,
        "status": "Requested",
        "created_at": now,
        "updated_at": now,
    }
    number: int = connection.execute(_ADD, row).scalar_one()
    return number


def get(connection: Connection, number: int) -> CertificateRequestRecord | None:
    """Return a request by its number."""
    query = select(certificate_requests).where(_c.id == number)
    return one(CertificateRequestRecord, connection.execute(query))


def signed(connection: Connection, number: int, chain: str, now: datetime) -> bool:
    """Store the chain (PEM) that was made; False if there is no such request."""
    statement = update(certificate_requests).where(_c.id == number)
    statement = statement.values(status="Signed", chain=chain, error=None, updated_at=now)
    return connection.execute(statement).rowcount > 0


def set_status(
    connection: Connection, number: int, status: str, now: datetime, error: str | None = None
) -> bool:
    """Store what became of a request, and why; False if there is no such request."""
    statement = update(certificate_requests).where(_c.id == number)
    statement = statement.values(status=status, error=error, updated_at=now)
    return connection.execute(statement).rowcount > 0


def page(
    connection: Connection, station_id: str | None, window: Window
) -> Page[CertificateRequestRecord]:
    """Return a page of requests of a station or of all, the latest first."""
    query = select(certificate_requests).where(*equal((_c.station_id, station_id)))
    return fetch(connection, CertificateRequestRecord, query, (_c.id,), window, descending=True)


def count(connection: Connection, station_id: str | None) -> int:
    """Count requests of a station or of all, up to `paging.COUNTED`."""
    return paging.count(connection, select(_c.id).where(*equal((_c.station_id, station_id))))
