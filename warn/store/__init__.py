"""Everything that is kept. Verbs are plain functions whose first argument is an open transaction (`Tx`)."""

from warn.store.database import Store, Tx, open_store

__all__ = ["Store", "Tx", "open_store"]
