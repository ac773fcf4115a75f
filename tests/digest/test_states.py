"""What a state is called, and that no text says more of it than is known."""

from dataclasses import replace

from jinja2 import Environment
from warn.digest import compose

from tests.digest import world


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_a_shortage_that_ended_days_ago_is_not_called_not_reported(env: Environment) -> None:
    over = world.event("fuel_shortage_report", "2025-09-02", "Bamako", 12.64, -8.0)
    september = world.september()

    def told(*more: object) -> str:
        known = replace(september, observations=(*september.observations, *more))  # type: ignore[arg-type]
        return compose.compose_alert(env, known, world.SEPTEMBER, world.variant()).text

    assert "Non signalé" in told()
    assert "Non signalé" not in told(over)
    assert "Non signalé" in told(replace(over, occurred_at=world.at("2025-06-02")))
