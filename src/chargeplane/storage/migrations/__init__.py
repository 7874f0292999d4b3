"""Alembic migrations, oldest first in `versions/`.

After a change to `tables.py` add a file there by hand; `tests/storage/test_migrations.py`
shows what the tables and the migrations disagree about.
"""
