"""Every message as a file in a folder: for trials, for the replay, and as a spool an operator can read."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warn.channel import Parcel, Receipt
from warn.channels.chat import plain, read_chat_body
from warn.errors import DeliveryError
from warn.model import Placeholder

_HASH_CHARS = 16
_UNFINISHED = ".unfinished"
_NAMED = re.compile(rf"-([0-9a-f]{{{_HASH_CHARS}}})\.(?:eml|txt)$")


@dataclass(frozen=True, slots=True)
class FileConfig:
    """`fsync=False` only where losing the last files in a power cut does not matter."""

    folder: Path
    fsync: bool = True


class FileChannel:
    """`.eml` for form 'email', `.txt` (and `.png`) for form 'telegram'; one file per key, for ever.

    A file is written to a temporary name, brought to the disk and renamed, the picture before the text. A
    kill leaves either nothing under the final name or the whole; the same key again finds it and stops.
    """

    id = "file"
    width = 1

    def __init__(self, config: FileConfig) -> None:
        self._config = config
        self._written: dict[str, str] = {}  # hash of the key -> file name

    async def open(self) -> None:
        await asyncio.to_thread(self._survey)

    async def send(self, parcel: Parcel) -> Receipt:
        return await asyncio.to_thread(self._keep, parcel)

    async def check(self) -> str:
        await asyncio.to_thread(self._survey)
        return f"{self._config.folder}: writable, {len(self._written)} messages."

    async def close(self) -> None:
        """Nothing is held open."""

    def _survey(self) -> None:
        """What is already there; leftovers of a kill are removed, their parcels will come again."""
        folder = self._config.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path in folder.iterdir():
                if path.name.endswith(_UNFINISHED):
                    path.unlink(missing_ok=True)
                elif named := _NAMED.search(path.name):
                    self._written[named.group(1)] = path.name
        except OSError as error:
            raise _refused(folder, error) from error
        if not os.access(folder, os.W_OK):
            raise DeliveryError(
                "refund", f"{folder} is not writable. Choose another folder (WARN_FILE__FOLDER)."
            )

    def _keep(self, parcel: Parcel) -> Receipt:
        mark = hashlib.sha256(parcel.key.encode()).hexdigest()[:_HASH_CHARS]
        if mark in self._written:
            return Receipt(provider_id=self._written[mark], detail="already there")
        stem = f"{_stem(parcel)}-{mark}"
        files = list(_contents(parcel, stem))
        try:
            for name, content in files:
                self._write(self._config.folder / name, content)
        except OSError as error:
            raise _refused(self._config.folder, error) from error
        self._written[mark] = files[-1][0]
        return Receipt(provider_id=files[-1][0])

    def _write(self, path: Path, content: bytes) -> None:
        unfinished = path.with_name(path.name + _UNFINISHED)
        with unfinished.open("wb") as file:
            file.write(content)
            if self._config.fsync:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
        if self._config.fsync:
            _sync_folder(path.parent)


def _contents(parcel: Parcel, stem: str) -> Iterator[tuple[str, bytes]]:
    """File names and bytes; the last one is the message itself, whose presence says that all are there."""
    if parcel.form == "email":
        to = re.sub(r"[\r\n]+", " ", parcel.address).encode()
        token = parcel.token or Placeholder
        yield (
            f"{stem}.eml",
            b"To: " + to + b"\r\n" + parcel.body.replace(Placeholder.encode(), token.encode()),
        )
        return
    if parcel.picture is not None:
        yield f"{stem}.png", parcel.picture
    yield f"{stem}.txt", _as_text(parcel, stem).encode()


def _as_text(parcel: Parcel, stem: str) -> str:
    """The parts as they are read, then, below a line, what only a chat can show."""
    body = read_chat_body(parcel.body)
    notes = []
    if parcel.picture is not None:
        notes.append(f"image : {stem}.png")
    if body.buttons:
        notes.append(" ".join(f"[{label}]" for label, _ in body.buttons))
    if parcel.edits:
        notes.append(f"édite : {parcel.edits}")
    below = "\n-- \n" + "\n".join(notes) + "\n" if notes else ""
    return "\n\n".join(plain(part).strip("\n") for part in body.parts) + "\n" + below


def _stem(parcel: Parcel) -> str:
    """When, what, for whom: sorts by time, and the same parcel always gives the same name."""
    return "-".join(filter(None, (f"{parcel.created_at:%Y-%m-%dT%H%MZ}", parcel.form, _slug(parcel.address))))


def _slug(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-").lower()[:32]


def _sync_folder(folder: Path) -> None:
    """The rename itself must reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(folder: Path, error: OSError) -> DeliveryError:
    """A full disk or a missing right: nothing has left, and nothing is lost by waiting."""
    return DeliveryError(
        "refund",
        f"{folder} takes no file: {error.strerror or error}.",
        code=f"errno {error.errno}",
        whole=True,
    )
