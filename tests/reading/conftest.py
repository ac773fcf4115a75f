from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    return datetime(2025, 11, 20, 9, tzinfo=UTC)
