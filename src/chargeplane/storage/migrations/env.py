"""Alembic runs this to migrate over the connection that `schema.upgrade` hands it."""

from alembic import context

from chargeplane.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters tables by copying them
)
with context.begin_transaction():
    context.run_migrations()
