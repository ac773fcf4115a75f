"""Which module holds which command; what is asked for is loaded alone."""

import subprocess
import sys

import pytest
import typer
from typer.main import get_group
from warn.cli import ROOMS, program


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_holds_the_commands_listed_for_it(room: str) -> None:
    only = get_group(program(ROOMS[room][:1]))
    assert tuple(only.list_commands(typer.Context(only))) == ROOMS[room]


@pytest.mark.parametrize("words", [[], ["--help"], ["nonsense"], ["--lang", "fr"]])
def test_words_that_name_no_command_load_all(words: list[str]) -> None:
    whole = get_group(program(words))
    assert set(whole.list_commands(typer.Context(whole))) == {
        name for names in ROOMS.values() for name in names
    }


def test_the_service_holds_nothing_of_what_other_commands_need() -> None:
    code = "import sys; from warn.cli import program; program(['--lang', 'fr', 'run']); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "warn.app.live" in loaded
    assert not {"warn.cli.rules", "warn.app.replaying", "warn.app.doctor", "alembic"} & set(loaded)
