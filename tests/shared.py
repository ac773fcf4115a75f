"""Reference material that stands beside a checkout of ours and is never part of it."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared"


def shared(name: str) -> Path:
    """The file or folder, or a skip that says what is missing."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"reference material absent: ../shared/{name}")
    return path
