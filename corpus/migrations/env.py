"""Runs the migrations inside the transaction that ``corpus.schema.upgrade`` holds open."""

from alembic import context

from corpus.declared import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
