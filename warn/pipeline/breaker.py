"""A whole channel out of order: nothing is claimed for it but one delivery that tries, and administrators hear it.

And what only looks like it: one delivery that fails as if the channel did, while others leave. And a channel that calls
too many readers gone: it is not believed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from warn.errors import DeliveryError
from warn.store.bounces import FEW, SHARE

LONGEST_S = 60.0
MANY = 200
ALONE = 3  # times that others left meanwhile; once or twice may be a server that comes and goes
PASSING = 3  # a relay that restarts is no news; only the third failure in a row is told
LASTING = ("token", "auth", "policy")  # nobody but an administrator can mend these


@dataclass(slots=True)
class Breaker:
    """Moments are those of the event loop's clock, in seconds."""

    channel: str
    failures: int = 0
    closed_until: float = 0.0
    told: bool = False

    def room(self, free: int, held: int, now: float) -> int:
        """How many deliveries may be claimed: all that is free, or while out of order one now and then."""
        if not self.failures:
            return free
        return 1 if not held and now >= self.closed_until else 0

    def failed(self, error: DeliveryError, now: float, jitter: float) -> str:
        """The notice this failure calls for, mostly none. What was still under way when it began does not count."""
        if self.failures and now < self.closed_until:
            return ""
        self.failures += 1
        wait = min(LONGEST_S, 2.0 ** (self.failures - 1))
        self.closed_until = now + wait * (0.5 + 0.5 * jitter)
        if self.told or (self.failures < PASSING and not error.code.startswith(LASTING)):
            return ""
        self.told = True
        return (
            f"Nothing leaves by {self.channel}. {error} "
            "What waits is kept and tried again by itself; the other channels go on."
        )

    def worked(self) -> str:
        """The notice that it is over, if its beginning was told."""
        was_told, self.failures, self.told = self.told, 0, False
        return f"Messages leave by {self.channel} again." if was_told else ""


@dataclass(slots=True)
class Suspects:
    """Which deliveries fail as the whole channel would, though it works for others.

    `tried`: recipients who met such a failure since the channel was last seen to work; `failed`: their deliveries.
    """

    tried: set[str] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    times: Counter[int] = field(default_factory=Counter)

    def fail(self, delivery: int, recipient: str) -> None:
        if len(self.tried) >= MANY:
            self.tried.clear()
        self.tried.add(recipient)
        self.failed.add(delivery)

    def worked(self, delivery: int) -> None:
        """The channel works: whatever failed just before may have failed by itself."""
        self.times.update(self.failed - {delivery})
        self.times.pop(delivery, None)
        if len(self.times) > MANY:
            self.times.clear()
        self.tried.clear()
        self.failed.clear()

    def alone(self, delivery: int) -> bool:
        """So often that the fault is this delivery's own."""
        return self.times[delivery] >= ALONE


@dataclass(slots=True)
class Brake:
    """Who is gone is erased for good; a wrong token or a relay that knows nobody calls everybody gone.

    Both counts are by the minute, of the last hour.
    """

    served: Counter[int] = field(default_factory=Counter)
    gone: Counter[int] = field(default_factory=Counter)

    def serve(self, count: int, now: datetime) -> None:
        self.served[_minute(now)] += count

    def believes(self, now: datetime) -> bool:
        """Whether one more may be gone; if so it is counted."""
        oldest = _minute(now) - 60
        for counts in (self.served, self.gone):
            for minute in [one for one in counts if one < oldest]:
                del counts[minute]
        gone = self.gone.total() + 1
        if gone > max(FEW, SHARE * (self.served.total() + gone)):
            return False
        self.gone[_minute(now)] += 1
        return True


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60
