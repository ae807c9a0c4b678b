"""Each attack in its short form, while somebody else draws. No time is asserted here."""

import pytest

from tests.attacks.attacks import ATTACKS
from tests.attacks.drawer import drawing
from tests.attacks.server import watched
from tests.attacks.visitor import Visitor


def pytest_generate_tests(metafunc):
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)


@pytest.fixture(scope="module")
def server():
    with watched() as server:
        yield server


@pytest.mark.slow
@pytest.mark.xdist_group("attacks")
def test_the_drawer_goes_on_and_no_page_breaks(server, attack):
    with drawing(server.address) as seen:
        attack(server.address, 0.05)
    assert seen.lost == []
    assert len(seen.seconds) >= 2
    assert server.faults() == []
    with Visitor(server.address) as visitor:
        assert not visitor.open().errors
