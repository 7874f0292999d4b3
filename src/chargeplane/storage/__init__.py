"""What is kept: tables, records, and the database that reads and writes them."""

from chargeplane.storage.database import Database, migrate
from chargeplane.storage.deferred import later

__all__ = ["Database", "later", "migrate"]
