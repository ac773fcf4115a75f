"""A lane for each destination: as many messages at once as its servers bear, found by trying.

One more for each round that went well, half as many after a push back, and none for a while where even one at a time is
too much. Whoever finds a lane full goes back to the outbox with the moment at which its turn should come, so that a
slow destination holds no connection that others could use.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LEAST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 1800.0
SLOW_S = 15.0
FEW = 3  # so many recipients may be unwelcome each on their own account
_MANY = 4096


@dataclass(slots=True)
class _Lane:
    limit: float
    flying: int = 0
    takes_s: float = 0.5  # how long one message takes, lately
    cut_at: float = float("-inf")
    pause_s: float = 0.0
    halted_until: float = 0.0
    queued_until: float = 0.0
    suspects: set[str] = field(
        default_factory=set
    )  # refused by a policy since the last message that was taken
    unwelcome: set[str] = field(default_factory=set)  # refused so while others are taken


class Destinations:
    """Moments are those of a monotonic clock, in seconds; domains in ASCII."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lanes: dict[str, _Lane] = {}

    def enter(self, domain: str, now: float) -> float:
        """0 where the message may go now (then `leave` must follow), else in how many seconds its turn comes.

        A lane that nobody cut yet is as wide as whatever its caller sends at once.
        """
        lane = self._lane(domain, now)
        full = lane.limit < self._most and lane.flying >= int(lane.limit)
        if not full and now >= lane.halted_until:
            lane.flying += 1
            return 0.0
        lane.queued_until = max(lane.queued_until, lane.halted_until, now) + lane.takes_s / lane.limit
        return max(0.1, lane.queued_until - now)

    def leave(
        self,
        domain: str,
        began: float,
        now: float,
        *,
        pushed_back: bool = False,
        lost: bool = False,
        took: str = "",
    ) -> None:
        """`pushed_back`: the destination asked for less. A send that took very long asks the same.

        `lost`: our own relay's line broke, which says nothing of the destination. `took`: whose message was taken.
        """
        lane = self._lanes[domain]
        lane.flying -= 1
        if lost:
            return
        if took and (lane.suspects or lane.unwelcome):
            _acquit(lane, took)
        lane.takes_s += 0.2 * (now - began - lane.takes_s)
        if not pushed_back and now - began < SLOW_S:
            lane.limit = min(float(self._most), lane.limit + 1 / lane.limit)
            lane.pause_s = 0.0
        elif began > lane.cut_at:  # one cut for one push back, not for each of those under way
            lane.cut_at = now
            if lane.limit < 2:
                lane.pause_s = min(LONGEST_PAUSE_S, max(LEAST_PAUSE_S, 2 * lane.pause_s))
                lane.halted_until = now + lane.pause_s
            lane.limit = max(1.0, lane.limit / 2)

    def refuse(self, domain: str, recipient: str, now: float, seconds: float) -> bool:
        """A policy refused this recipient; True where that is most likely their own affair.

        A second one that is refused while nobody is taken shows that we are meant: then there is a halt.
        """
        lane = self._lane(domain, now)
        if recipient in lane.unwelcome:
            return True
        again = recipient in lane.suspects
        lane.suspects.add(recipient)
        if not again and len(lane.suspects) > 1:
            self.halt(domain, now, seconds)
        return again and len(lane.suspects) == 1

    def halt(self, domain: str, now: float, seconds: float) -> None:
        """Nothing more there for a while."""
        lane = self._lane(domain, now)
        lane.halted_until = max(lane.halted_until, now + seconds)

    def limit(self, domain: str) -> int:
        """How many at once at present."""
        return int(self._lanes[domain].limit) if domain in self._lanes else self._most

    def _lane(self, domain: str, now: float) -> _Lane:
        lane = self._lanes.get(domain)
        if lane is None:
            if len(self._lanes) > _MANY:
                self._lanes = {name: one for name, one in self._lanes.items() if self._busy(one, now)}
            lane = self._lanes[domain] = _Lane(float(self._most))
        return lane

    def _busy(self, lane: _Lane, now: float) -> bool:
        return bool(lane.flying or lane.suspects) or lane.halted_until > now or lane.limit < self._most


def _acquit(lane: _Lane, recipient: str) -> None:
    """Somebody's message was taken: the few that were refused before are so on their own account."""
    if len(lane.suspects) <= FEW and len(lane.unwelcome) < _MANY:
        lane.unwelcome |= lane.suspects
    lane.suspects.clear()
    lane.unwelcome.discard(recipient)
