"""What one subscriber was told of one alert, for `rules explain --for`."""

from __future__ import annotations

from warn.store import Tx, ledger, subscribers


def heard_lines(tx: Tx, number: int, reader: str) -> tuple[str, ...]:
    """One line per message of this alert on its way to, or sent to, this subscriber."""
    found = subscribers.get(tx, reader)
    if found is None:
        return (f"{reader}: nobody has this id (any more)",)
    who = found.preferences
    quiet = (
        f"{who.quiet_from:%H:%M}-{who.quiet_until:%H:%M}" if who.quiet_from and who.quiet_until else "none"
    )
    head = f"{reader}  {found.channel}, {who.lang}, least level {int(who.least_level)}, quiet {quiet}"
    told = [one for one in reversed(ledger.told(tx, number)) if one.recipient == reader]
    lines = [f"  {one.at:%d %b %H:%M}Z  {one.kind} at level {int(one.level)}: {one.state}" for one in told]
    return (head, *(lines or ["  not told of this alert"]))
