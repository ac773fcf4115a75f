from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from warn.store import Store, Tx, open_store

from tests.postgres import postgres_server  # noqa: F401 - a fixture


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; everything in this folder runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warn.db'}"
    new_database: Callable[[], str] = request.getfixturevalue("postgres_server")
    return new_database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'warn.db'}")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as open_tx:
        yield open_tx
