"""Every message as a file in a folder: for trials, for the replay, and as a spool an operator can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warn.channel import Parcel, Receipt


@dataclass(frozen=True, slots=True)
class FileConfig:
    """`fsync=False` only where losing the last files in a power cut is of no matter (a replay is simply run again)."""

    folder: Path
    fsync: bool = True


class FileChannel:
    """`.eml` for form 'email', `.txt` (and `.png`) for form 'telegram'; one file per idempotency key, for ever."""

    id = "file"
    width = 1

    def __init__(self, config: FileConfig) -> None: ...
    async def open(self) -> None: ...
    async def send(self, parcel: Parcel) -> Receipt: ...
    async def check(self) -> str: ...
    async def close(self) -> None: ...
