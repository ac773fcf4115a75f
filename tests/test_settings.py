"""What the settings make of what they are given."""

import pytest
from warn.settings import Settings


def address(port: int | None = None) -> str:
    return Settings().on_port(port).web.address


def test_links_lead_to_the_port_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address() == "http://127.0.0.1:8642"
    assert address(9000) == "http://127.0.0.1:9000"
    monkeypatch.setenv("WARN_WEB__PORT", "9100")
    assert address() == "http://127.0.0.1:9100"
    assert address(9000) == "http://127.0.0.1:9000"
    assert Settings().on_port(9000).web.port == 9000


def test_an_address_that_was_set_stays_whatever_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARN_WEB__ADDRESS", "https://alertes.example.org/")
    monkeypatch.setenv("WARN_WEB__SIGN_UPS", "7")
    assert address() == address(9000) == "https://alertes.example.org"
    assert Settings().on_port(9000).web.sign_ups == 7
