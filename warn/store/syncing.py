"""Puts what was committed on the disk at a steady pace, for machines that lose power (why: docs/decisions/0020)."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from threading import Lock, Timer

log = logging.getLogger("warn.store")
PAUSE_S = 0.25


class Syncing:
    """The first commit after a pause is on the disk before its caller goes on, those behind it a quarter second later.

    The journal (`-wal`) may be opened beside SQLite: it keeps its locks on the other two files.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._lock = Lock()
        self._synced = -PAUSE_S
        self._later: Timer | None = None

    def committed(self) -> None:
        with self._lock:
            if self._later is not None:
                return
            wait = self._synced + PAUSE_S - time.monotonic()
            if wait > 0:
                self._later = Timer(wait, self._now)
                self._later.daemon = True
                self._later.start()
                return
        self._now()

    def close(self) -> None:
        with self._lock:
            waiting = self._later
        if waiting is not None:
            waiting.cancel()
            self._now()

    def _now(self) -> None:
        with self._lock:
            self._later, self._synced = None, time.monotonic()
        try:
            journal = os.open(self._journal, os.O_RDONLY)
        except FileNotFoundError:  # all of it is in the database, which SQLite syncs itself
            return
        try:
            os.fsync(journal)
        except OSError as error:
            log.error("the disk of %s fails: %s", self._journal, error.strerror)  # noqa: TRY400  # one line says it
        finally:
            os.close(journal)
