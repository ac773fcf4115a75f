"""Run by Alembic with the connection that `warn.store.schema` hands over; never opens one of its own."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString
from sqlmodel.sql.sqltypes import UTCDateTime
from warn.store.tables import METADATA


def neutral(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations name plain types, so that they still run when a library renames its own."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=neutral,
)
context.run_migrations()
