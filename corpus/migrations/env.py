"""Runs the migrations inside the transaction that ``corpus.schema.upgrade`` holds open."""

from alembic import context

from corpus.tables import Row

context.configure(connection=context.config.attributes["connection"], target_metadata=Row.metadata)
context.run_migrations()
