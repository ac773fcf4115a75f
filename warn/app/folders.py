"""Reads the folders people edit. The only place that opens files of `rules/` and `templates/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import warn
from warn.errors import ConfigError

PACKAGE = Path(warn.__file__).parent
YAML = frozenset({".yaml", ".yml"})
RULES_SUFFIXES = YAML | {".csv", ".geojson"}
TEMPLATE_SUFFIXES = frozenset({".j2", ".svg", ".css", ".txt", ".html", ".xml"})
LARGEST = 4_000_000  # bytes; no file of ours comes near it


def rules_folder(chosen: Path | None) -> Path:
    """WARN_RULES, ./rules, the copy inside the wheel, or the one beside a checkout, in this order."""
    return _first("rules", chosen, "WARN_RULES", "area.yaml")


def templates_folder(chosen: Path | None) -> Path:
    return _first("templates", chosen, "WARN_TEMPLATES", "email")


def packaged(name: str) -> Path:
    """The folder that came with this installation, for `warn init` to copy."""
    inside = PACKAGE / "data" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def rules_texts(folder: Path) -> dict[str, str]:
    """Name below the folder (with `/`) -> text, without `history/`. Raises ConfigError for what is no text."""
    found = (path for path in _files(folder) if path.suffix in RULES_SUFFIXES)
    return _texts(folder, (path for path in found if path.relative_to(folder).parts[0] != "history"))


def template_texts(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Templates by name, and catalogues by name below `locale/`."""
    catalogues = folder / "locale"
    templates = [
        path
        for path in _files(folder)
        if path.suffix in TEMPLATE_SUFFIXES and catalogues not in path.parents and path.parent.name != "fonts"
    ]
    return _texts(folder, templates), _texts(catalogues, (p for p in _files(catalogues) if p.suffix == ".po"))


def fonts(folder: Path) -> tuple[str, ...]:
    return tuple(str(path) for path in _files(folder / "charts" / "fonts") if path.suffix == ".ttf")


def stamp(folder: Path) -> Mapping[str, tuple[int, int]]:
    """What tells that a file has changed: time and size of each."""
    found: dict[str, tuple[int, int]] = {}
    for path in _files(folder):
        with suppress(OSError):  # an editor may take a file away meanwhile
            state = path.stat()
            found[str(path.relative_to(folder))] = (state.st_mtime_ns, state.st_size)
    return found


def _first(name: str, chosen: Path | None, variable: str, proof: str) -> Path:
    if chosen is not None:
        if not (chosen / proof).exists():
            raise ConfigError(
                f"{variable}={chosen} holds no {proof}.",
                f"Name a folder made by `warn init`, or unset {variable}.",
            )
        return chosen
    for folder in (Path(name), packaged(name)):
        if (folder / proof).exists():
            return folder
    raise ConfigError(f"There is no folder {name}/ here.", "Make an editable copy with `warn init .`.")


def _files(folder: Path) -> list[Path]:
    """Also links that lead nowhere: to read them is a fault that is told, not a file that is overlooked."""
    return sorted(
        path
        for path in folder.rglob("*")
        if (path.is_file() or (path.is_symlink() and not path.exists()))
        and not any(part.startswith((".", "~")) or part.endswith("~") for part in path.parts[-3:])
    )


def observation_files(given: Path) -> list[Path]:
    """The observation files of a folder, or the one file named."""
    if not given.is_dir():
        return [given]
    return [p for p in sorted(given.glob("*")) if p.suffix in {".csv", ".jsonl"} and p.name != "impacts.csv"]


def text_of(path: Path) -> str:
    """A file that must be UTF-8 text; else the line where it is not.

    YAML is read all the same, as far as it could ever be of use: whoever parses it tells the place beside the faults
    of all other files.
    """
    data = bytes_of(path)
    if path.suffix in YAML:
        return data[:LARGEST].decode("utf-8-sig", "replace")
    if len(data) > LARGEST:
        raise ConfigError(f"{path} is larger than {LARGEST // 1_000_000} MB.", "Split it.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = data[: bad.start].count(b"\n") + 1
        raise ConfigError(
            f"{path}:{line}: this is not UTF-8 text.", "Save the file as UTF-8 in your editor."
        ) from None


def bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as bad:
        raise ConfigError(
            f"{path} cannot be read: {bad.strerror}.", "Check its name and permissions."
        ) from bad


def _texts(folder: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): text_of(path) for path in paths}
