"""Sessions without a connection: who is kept, for how long, and who goes first."""

from types import SimpleNamespace

from pages.ui import budget
from pages.ui.sleepers import Sleepers


class Visit:
    """As much of Streamlit's session as a storage sees."""

    def __init__(self, name, blank):
        self.id, self.ended = name, False
        self.session_state = {"session": SimpleNamespace(blank=blank)}

    def shutdown(self):
        self.ended = True


def sleepers(seconds=40):
    now = [0.0]
    storage = Sleepers(seconds, clock=lambda: now[0])
    return storage, now


def asleep(storage, name, blank=False):
    visit = Visit(name, blank)
    storage.save(SimpleNamespace(session=visit, client=None))
    return visit


def test_strangers_who_come_and_go_push_nobody_out():
    storage, now = sleepers()
    sleeper = asleep(storage, "sleeper")
    strangers = [asleep(storage, f"stranger {n}", blank=True) for n in range(3 * budget.SLEEPERS)]
    storage.sweep()
    assert storage.get("sleeper").session is sleeper
    assert len(storage.list()) == budget.SLEEPERS
    now[0] = budget.BLANK_SECONDS + 1
    storage.sweep()
    assert [info.session for info in storage.list()] == [sleeper]
    assert all(stranger.ended for stranger in strangers)
    now[0] = 41
    storage.sweep()
    assert sleeper.ended
    assert not storage.list()


def test_who_comes_back_is_no_longer_asleep():
    storage, now = sleepers()
    back = asleep(storage, "back")
    storage.delete("back")
    storage.delete("never there")
    now[0] = 100
    storage.sweep()
    assert not back.ended
    assert storage.get("back") is None
