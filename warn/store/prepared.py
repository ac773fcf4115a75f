"""Statements written once in SQLAlchemy and run as plain SQL: for the few that run thousands of times a minute.

SQLAlchemy spends more on a list of values than the database does. Here the text is made once for each database and each
length of list (rounded up, the last value repeated), and goes straight to the driver. Moments are put as the driver
wants them; what comes back is raw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, CursorResult, Executable, bindparam, literal

from warn.store import times

Text = tuple[
    str, Sequence[str] | None, Mapping[str, Any]
]  # order of parameters (None: by name), and constants
Build = Callable[[list[BindParameter[Any]]], Executable]


class Prepared:
    """`build` makes the statement around a list of as many parameters as it is given; other lists are `among(...)`."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._texts: dict[tuple[str, int], Text] = {}

    def run(
        self, connection: Connection, listed: Sequence[Any], values: Mapping[str, Any]
    ) -> CursorResult[Any]:
        """`listed` must hold something; `values` are the other parameters by name."""
        put = times.of(connection).put
        long = 1 << (len(listed) - 1).bit_length()
        flat = {name: put(value) if isinstance(value, datetime) else value for name, value in values.items()}
        flat.update(
            (f"one_{n}", one) for n, one in enumerate([*listed, *[listed[-1]] * (long - len(listed))])
        )
        key = (connection.dialect.name, long)
        if key not in self._texts:
            self._texts[key] = self._compiled(connection, long)
        text, order, constants = self._texts[key]
        flat |= constants
        return connection.exec_driver_sql(
            text, flat if order is None else tuple([flat[name] for name in order])
        )

    def _compiled(self, connection: Connection, long: int) -> Text:
        statement: Any = self._build([bindparam(f"one_{n}") for n in range(long)])
        compiled = statement.compile(dialect=connection.dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), compiled.positiontup, constants


def among(*values: str) -> list[BindParameter[str]]:
    """A list of constants that is written out, where a plain one would be filled in at each run."""
    return [literal(value) for value in values]
