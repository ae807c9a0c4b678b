"""What may be spent: a little at once, and so much a second from then on."""

import time
from collections.abc import Callable


class Purse:
    """A token bucket: `full` at first, refilled by `rate` a second; spending more means waiting."""

    def __init__(self, full: float, rate: float, clock: Callable[[], float] = time.monotonic):
        self.full, self.rate, self.clock = full, rate, clock
        self.left, self.seen = full, clock()

    def spend(self, cost: float) -> float:
        """Takes what something costs; the seconds to wait until it is paid for."""
        now = self.clock()
        self.left = min(self.full, self.left + (now - self.seen) * self.rate) - cost
        self.seen = now
        return max(0.0, -self.left / self.rate)

    def affords(self, cost: float) -> bool:
        """Takes what something costs, if that is there."""
        self.spend(0)
        if self.left < cost:
            return False
        self.left -= cost
        return True
