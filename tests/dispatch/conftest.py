"""Everything here runs on both databases, with real servers on loopback."""

from tests.postgres import postgres_server
from tests.store.conftest import postgres_tables, sqlite_store, sqlite_tables, store, url

__all__ = ["postgres_server", "postgres_tables", "sqlite_store", "sqlite_tables", "store", "url"]
