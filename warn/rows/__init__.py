"""The observation file: columns of CSV, JSON Lines or a YAML scenario become observations, or say why not.

ground = Ground(now=now, source="file", indicators=indicators.by_id, place=gazetteer.find, box=area.box)
rows = read_csv(data, ground)        # Rows(observations, refused, coverage); never raises, whatever the bytes
rows = read_jsonl(data, ground)
rows = read(data, ground)            # either, told apart by the first character
observation = observation_from({"indicator": "truce", "occurred_at": "2025-09-14"}, ground)  # or RowError
text = to_csv(observations)          # what read_csv takes; to_jsonl likewise
"""

from warn.rows.cells import CellError, moment
from warn.rows.export import to_csv, to_jsonl
from warn.rows.files import Rows, covers, read, read_csv, read_jsonl
from warn.rows.row import COLUMNS, Box, Ground, RowError, Slip, Spot, observation_from, revised

__all__ = [
    "COLUMNS",
    "Box",
    "CellError",
    "Ground",
    "RowError",
    "Rows",
    "Slip",
    "Spot",
    "covers",
    "moment",
    "observation_from",
    "read",
    "read_csv",
    "read_jsonl",
    "revised",
    "to_csv",
    "to_jsonl",
]
