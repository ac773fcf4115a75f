"""Alembic's part of an upgrade. `schema` loads this module when there is something to do, and only then.

It takes 7 MB and 0.1 s (python -X importtime, November 2026), which every start would pay for nothing.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def to_newest(connection: Connection) -> None:
    command.upgrade(config(connection), "head")
