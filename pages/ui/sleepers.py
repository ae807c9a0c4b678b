"""Sessions whose connection is lost: for how long they are kept, and that they do go.

Streamlit keeps the last 128 such sessions, whatever they hold, drops them only when another one is
lost, and leaves the memory to a garbage collection that comes late. Here who has made nothing is
kept for a moment, so that visitors who come and go push nobody out; the others go when their
time is over, and their memory with them.
"""

import time
from collections.abc import Callable

from streamlit.runtime.session_manager import SessionInfo

from pages.ui import budget


class Sleepers:
    """Streamlit's `SessionStorage`, with the time at which each session goes."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic):
        self.seconds, self.clock = seconds, clock
        self.kept: dict[str, tuple[float, SessionInfo]] = {}
        self.dropped = 0

    def get(self, session_id: str) -> SessionInfo | None:
        _, info = self.kept.get(session_id, (0, None))
        return info

    def save(self, session_info: SessionInfo) -> None:
        seconds = self.seconds if has_made_something(session_info) else budget.BLANK_SECONDS
        self.kept[session_info.session.id] = (self.clock() + seconds, session_info)

    def delete(self, session_id: str) -> None:
        self.kept.pop(session_id, None)

    def list(self) -> list[SessionInfo]:
        return [info for _, info in self.kept.values()]

    def sweep(self) -> None:
        """Ends the sessions whose time is over, and the next to go where there are too many."""
        order = sorted(self.kept, key=lambda name: self.kept[name][0])
        surplus = len(order) - budget.SLEEPERS
        for place, name in enumerate(order):
            ends, info = self.kept[name]
            if place >= surplus and ends > self.clock():
                break
            del self.kept[name]
            info.session.shutdown()
            self.dropped += 1


def has_made_something(info: SessionInfo) -> bool:
    """Whether there is anything that a visitor would miss."""
    state = info.session.session_state
    return "session" in state and not state["session"].blank
