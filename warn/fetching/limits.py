"""How much may come: bytes on the wire, bytes once unpacked, and files in an archive."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass

from warn.errors import SourceError

STEP = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, unless named otherwise. `ratio` is for archives: text shrinks to a fifth, a bomb to nothing."""

    wire: int = 32_000_000  # ten years of market prices are half of it
    decoded: int = 64_000_000
    ratio: int = 200
    zip_entries: int = 50
    redirects: int = 3


async def gather(chunks: AsyncIterable[bytes], encoding: str, limits: Limits) -> bytes:
    """The body, unpacked piece by piece, so that a small bomb is stopped before it has grown."""
    unpack = _unpacker(encoding, limits)
    wire = 0
    async for chunk in chunks:
        wire += len(chunk)
        if wire > limits.wire:
            raise SourceError("error", f"the body is larger than {limits.wire / 1e6:g} MB")
        unpack.feed(chunk)
    return unpack.end()


class _Plain:
    """Takes the body as it comes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._out = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._out += chunk
        if len(self._out) > self._limits.decoded:
            raise SourceError("error", f"the unpacked body is larger than {self._limits.decoded / 1e6:g} MB")

    def end(self) -> bytes:
        return bytes(self._out)


class _Zlib(_Plain):
    """gzip and deflate, also several members behind one another, never more than a step at a time."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._stream: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        waiting = chunk
        try:
            while waiting:
                if self._stream is None or self._stream.eof:
                    self._stream = _stream(waiting)
                super().feed(self._stream.decompress(waiting, STEP))
                waiting = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        except zlib.error as error:
            raise SourceError("error", f"the body is not the packed data it claims to be ({error})") from None

    def end(self) -> bytes:
        if self._stream is not None and not self._stream.eof:
            raise SourceError("error", "the packed body breaks off before its end")
        return super().end()


def _stream(start: bytes) -> zlib._Decompress:
    """Some servers call raw deflate what should be zlib; the first byte tells."""
    raw = start[0] & 0x0F != 8 and start[0] != 0x1F
    return zlib.decompressobj(-15 if raw else 47)


def _unpacker(encoding: str, limits: Limits) -> _Plain:
    named = encoding.strip().lower()
    if named in {"", "identity"}:
        return _Plain(limits)
    if named in {"gzip", "x-gzip", "deflate"}:
        return _Zlib(limits)
    raise SourceError("error", f"the body is packed as '{named[:20]}', which we did not ask for")


def unzip(content: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    """The files of an archive by name. What it states is checked before, what comes out while unpacking."""
    limits = limits or Limits()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries, len(content), limits)
            return {entry.filename: _one(archive, entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
    ) as error:
        raise SourceError("error", f"not a readable archive ({str(error)[:80]})") from None


def _check(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.zip_entries:
        raise SourceError("error", f"the archive holds more than {limits.zip_entries} files")
    if total > limits.decoded or total > max(packed, 1) * limits.ratio:
        raise SourceError("error", f"the archive would unpack to {total // 1_000_000} MB")
    if any("/" in e.filename or "\\" in e.filename or e.filename.startswith(".") for e in entries):
        raise SourceError("error", "the archive names folders; only plain files are read")


def _one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise SourceError("error", "the archive holds more than it states")
    return content
