"""What Alembic runs to migrate: on the connection that `migrate` hands it, inside that one's transaction."""

from __future__ import annotations

from alembic import context

from bot.database.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
