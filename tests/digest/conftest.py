import pytest
from jinja2 import Environment

from tests.digest import world


@pytest.fixture(scope="session")
def env() -> Environment:
    return world.shipped_environment()
