import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from warn.store import Store, Tx, open_store

from tests.postgres import postgres_server  # noqa: F401 - a fixture

KINDS = ["sqlite", "postgresql"]


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warn.db'}"
    return str(request.getfixturevalue("postgres_server")())


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with its tables; everything in this folder runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_tables"), tmp_path / "warn.db")
        return f"sqlite:///{tmp_path / 'warn.db'}"
    return str(request.getfixturevalue("postgres_server")(request.getfixturevalue("postgres_tables")))


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once; the tests copy it."""
    path = tmp_path_factory.mktemp("tables") / "warn.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: Callable[..., str]) -> str:  # noqa: F811 - the fixture of that name
    """The name of a database migrated once; the tests copy it."""
    made = postgres_server()
    migrate(made)
    return str(make_url(made).database)


def migrate(address: str) -> None:
    opened = open_store(address)
    opened.upgrade()
    opened.close()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_tables: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(sqlite_tables, tmp_path / "warn.db")
    opened = open_store(f"sqlite:///{tmp_path / 'warn.db'}")
    yield opened
    opened.close()


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as open_tx:
        yield open_tx
