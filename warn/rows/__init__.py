"""The observation file: columns of CSV, JSON Lines or a YAML scenario become observations, or say why not.

ground = ground_of(geography, indicators, now=now, source="file")   # or Ground() to check nothing
rows = read_csv(data, ground)        # Rows(observations, refused, coverage); never raises, whatever the bytes
rows = read_jsonl(data, ground)
rows = read(data, ground)            # either, told apart by the first character
observation = observation_from({"indicator": "truce", "occurred_at": "2025-09-14"}, ground)  # or RowError
text = to_csv(observations)          # what read_csv takes; to_jsonl likewise
"""

from warn.rows.cells import CellError, moment, plain
from warn.rows.export import to_csv, to_jsonl
from warn.rows.files import Rows, covers, read, read_csv, read_jsonl
from warn.rows.ground import Ground, Slip, Spot, checked, ground_of
from warn.rows.row import COLUMNS, RowError, observation_from, revised

__all__ = [
    "COLUMNS",
    "CellError",
    "Ground",
    "RowError",
    "Rows",
    "Slip",
    "Spot",
    "checked",
    "covers",
    "ground_of",
    "moment",
    "observation_from",
    "plain",
    "read",
    "read_csv",
    "read_jsonl",
    "revised",
    "to_csv",
    "to_jsonl",
]
