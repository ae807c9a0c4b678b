"""Processes that are killed behind HAProxy, with rooms in PostgreSQL: nothing confirmed is lost."""

import http.client
import json
import threading
import time
from collections import Counter

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from pages.ui.workshop.learning import Learning, material
from softmax_core.rooms import Limits, Rooms
from tests.attacks.visitor import Visitor
from tests.serve.many import needs_haproxy, serving_many

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

CLASSES = ["☐", "△", "○"]
SEVEN = [[(100, 80), (160, 80), (220, 80), (190, 140), (160, 250)]]
BAR = [[(130, 160), (210, 160)]]


@pytest.fixture(scope="module")
def database():
    """The address of an empty PostgreSQL."""
    from tests.benchmarks.bench_workshop import postgresql

    with postgresql() as (address, _):
        yield address


@pytest.fixture(scope="module")
def many(database):
    with serving_many(2, DATABASE_URL=database, ROOMS_DRAWINGS_A_MINUTE="1000000") as many:
        yield many


@pytest.fixture
def room(database):
    """(rooms, facilitator) of a new room, beside the app."""
    rooms = Rooms(database, Limits(drawings_a_minute=10**6))
    who, _ = rooms.create("killed", CLASSES)
    yield rooms, who
    rooms.close()


class Phone(threading.Thread):
    """Draws and contributes as board.js does: asks until it is told "stored", then draws the next;
    `stored` are the first points of what was confirmed, `wait` the longest one in seconds."""

    def __init__(self, address: str, code: str, number: int, leave: threading.Event):
        super().__init__(daemon=True)
        self.address, self.code, self.leave = address.removeprefix("http://"), code, leave
        self.number, self.cookie, self.stored, self.wait, self.tries = number, "", [], 0.0, 0

    def run(self) -> None:
        self.client = http.client.HTTPConnection(self.address, timeout=3)
        while not self.leave.is_set():
            n = len(self.stored)
            strokes = [[[n % 300, self.number], [160, 20 + n % 7], [200, 250]]]
            question = {"kind": "contribute", "me": f"{self.number:032x}", "label": n % 3}
            question |= {"strokes": strokes, "purpose": "training"}
            began = time.monotonic()
            while not self._ask(question):
                time.sleep(0.3)
            self.wait = max(self.wait, time.monotonic() - began)
            self.stored.append([n % 300, self.number])
            time.sleep(0.05)

    def _ask(self, question: dict) -> bool:
        """Whether it is stored. The proxy's cookie is kept, as browsers do."""
        self.tries += 1
        try:
            headers = {"cookie": self.cookie} if self.cookie else {}
            self.client.request("POST", f"/room/{self.code}", json.dumps(question), headers)
            answer = self.client.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self.client.close()
            return False
        self.cookie = (answer.headers["set-cookie"] or self.cookie).split(";")[0]
        return answer.status == 200 and json.loads(said)["ok"]


@needs_haproxy
def test_what_was_confirmed_is_stored_once_whichever_process_is_killed(many, room):
    rooms, who = room
    leave = threading.Event()
    phones = [Phone(many.address, who.code, number, leave) for number in range(6)]
    for phone in phones:
        phone.start()
    while not all(phone.stored for phone in phones):
        time.sleep(0.05)
    assert len({phone.cookie for phone in phones}) == 2, "all of them went to one process"
    for n in (0, 1, 0):
        so_far = [len(phone.stored) for phone in phones]
        many.kill(n)
        while any(len(p.stored) < s + 5 for p, s in zip(phones, so_far, strict=True)):
            assert all(phone.is_alive() for phone in phones)
            time.sleep(0.1)
        many.wait_for(n)
    leave.set()
    for phone in phones:
        phone.join(60)
    confirmed = Counter(tuple(first) for phone in phones for first in phone.stored)
    _, drawings = rooms.export_of(who.code)
    stored = Counter(tuple(json.loads(d.strokes)[0][0]) for d in drawings)
    assert stored == confirmed
    print(sum(confirmed.values()), "confirmed, longest wait", max(p.wait for p in phones))


@needs_haproxy
@pytest.mark.parametrize("n", [0, 1])
def test_a_page_goes_on_with_the_process_that_is_left_and_its_files_follow(many, n):
    """Also when the other is back: its socket and its files stay together."""
    visitors = [Visitor(many.address).open() for _ in range(2)]
    assert visitors[0].cookie != visitors[1].cookie
    assert [files_go(visitor) for visitor in visitors] == [True, True]
    many.kill(n)
    now = [going_on(visitor) for visitor in visitors]
    assert now[0].cookie == now[1].cookie
    assert sum(a is b for a, b in zip(now, visitors, strict=True)) == 1
    many.wait_for(n)
    for visitor in now:
        visitor.draw([*SEVEN, *BAR])
        assert files_go(visitor)
        assert not visitor.errors
        visitor.address = f"http://127.0.0.1:{many.ports[n]}"  # the process that is back
        assert not files_go(visitor)
        visitor.leave()


def going_on(visitor: Visitor) -> Visitor:
    """The visitor, who has drawn; reconnected as browsers do where the connection is lost."""
    try:
        visitor.draw(SEVEN)
        return visitor
    except ConnectionClosed:
        old = {"existing": visitor.session, "cookie": visitor.cookie}
        again = Visitor(visitor.address, **old).open()
        again.draw(SEVEN)
        return again


def files_go(visitor: Visitor) -> bool:
    """Whether a file gets to the process that has the visitor's session."""
    visitor.put("weights.npz", bytes(100_000))
    return visitor.answered == 204


@needs_haproxy
def test_a_room_is_learned_alike_by_every_process(room):
    """A run is of one process; who presses Learn at another one gets the same weights."""
    rooms, who = room
    for person in range(3):
        for n in range(9):
            strokes = [[[80 + 9 * person, 60 + n], [200 + 5 * (n % 3), 90], [150, 250]]]
            rooms.contribute(
                who.code, label=n % 3, strokes=strokes[: 1 + n % 3], secret=f"{person:032x}"
            )
    weights = []
    for _ in range(2):
        with_it = rooms.room(who.code), rooms.all_drawings(who.code)
        run = Learning(material(*with_it), "pixels", False, with_it[0].version)
        while not run.done:
            run.advance()
        weights.append(run.state.weights)
    assert np.array_equal(*weights)
