"""Where alembic is told to work: in the transaction that it is handed, and nowhere else."""

from alembic import context

from amanat.store.schema import MADE_BY
from amanat.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=MADE_BY.name,
    render_as_batch=True,  # SQLite alters no column: the table is written anew
)
context.run_migrations()
