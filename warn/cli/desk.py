"""What administrators do by hand: approve, deny, ack, silence, withdraw, pause, resume, say, drill."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from warn.app import once
from warn.cli.common import Choices, now, out, settings, told
from warn.errors import UsageError

Number = Annotated[str, typer.Argument(metavar="ALERT", help="The alert's public number.")]

Asked = Annotated[
    str,
    typer.Argument(metavar="ALERT|rule:ID", help="The alert's public number, or the rule that was removed."),
]

AtLevel = Annotated[
    int | None,
    typer.Argument(min=1, max=4, help="The level meant: where the alert rose since, nothing is done."),
]


def add(app: typer.Typer) -> None:
    """The commands of this file, on the root."""
    for command in (approve, deny, ack, silence, withdraw, pause, resume, say, drill):
        app.command()(command)


def approve(alert: Asked, level: AtLevel = None) -> None:
    """Let what waits for a person go out, as it stands now; or withdraw the alerts of a removed rule."""
    _act("approve", alert, *_word(level))


def deny(alert: Asked, level: AtLevel = None) -> None:
    """Refuse what waits for a person: it is not sent unless it rises further; or keep a removed rule's alerts."""
    _act("deny", alert, *_word(level))


def ack(alert: Number) -> None:
    """Acknowledge: reminders and escalation stop until the next raise, nothing else."""
    _act("ack", alert)


def silence(
    alert: Annotated[str, typer.Argument(metavar="ALERT|all", help="The alert's number, or all.")],
    length: Annotated[str, typer.Argument(help="For how long: 6h, 2d; 14 days at most.")] = "24h",
) -> None:
    """Hold messages for a while; a rise above the present level gets through."""
    _act("silence", alert, length)


def withdraw(
    target: Annotated[str, typer.Argument(metavar="ALERT|OBSERVATION", help="A number, or a report's name.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept, and stands in the correction.")],
) -> None:
    """Take a wrong report back, or all that an alert rests on; those who were told get the correction."""
    _act("withdraw", target, reason)


def pause() -> None:
    """Hold every delivery but administrators', from the next one on."""
    _act("pause")


def resume() -> None:
    """Let deliveries go on."""
    _act("resume")


def say(
    text: Annotated[str, typer.Argument(help="What to say; it is marked as written by a person.")],
    level: Annotated[
        int, typer.Option(min=1, max=4, help="Readers whose least level is above hear nothing.")
    ],
    lang: Annotated[str, typer.Option(help="Only readers of this language: fr, en; or all.")] = "fr",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Words of your own to readers. Asked back twice: it goes to many and cannot be taken back."""
    if not yes:
        typer.confirm(f"Send to every reader of {lang} from level {level} on: {text!r}?", abort=True)
        if typer.prompt("Type the level again") != str(level):
            with told():
                raise UsageError("That is not the level.", "Nothing was sent.")
    _act("say", str(level), lang, text)


def drill(text: Annotated[str, typer.Argument(help="Words to add.")] = "") -> None:
    """A marked test through every channel, to every reader."""
    _act("drill", *([text] if text else []))


def _word(level: int | None) -> list[str]:
    return [] if level is None else [str(level)]


def _act(verb: str, *words: str) -> None:
    with told():
        out.print(once.act(settings(), verb, words, getpass.getuser(), now(), Choices.lang), markup=False)
