"""The database of the rooms: made at first use, the same as mapped, and away without a loss."""

import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from softmax_core.errors import UnavailableError
from softmax_core.rooms import Rooms
from softmax_core.rooms.database import Database
from softmax_core.rooms.tables import metadata
from tests.rooms.conftest import ONE, SECRET, THREE

ROOT = Path(__file__).parents[2]


def test_the_migrated_tables_are_those_of_the_program(rooms):
    with rooms.database.reading() as c:
        assert compare_metadata(MigrationContext.configure(c), metadata) == []


@pytest.mark.slow
def test_processes_that_start_at_once_make_the_tables_once(url):
    code = "import sys; from softmax_core.rooms import Rooms; Rooms(sys.argv[1]).all_rooms()"
    started = [subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4


def test_threads_that_send_the_same_drawing_store_it_once(rooms):
    who, _ = rooms.create("busy", ["a", "b"])

    def send(n):
        given = {"label": n % 2, "strokes": THREE if n % 4 < 2 else ONE, "secret": SECRET}
        return rooms.contribute(who.code, **given).token

    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(send, range(32)))
    stored = rooms.all_drawings(who.code)
    assert len(set(tokens)) == 4 == len(stored) == rooms.room(who.code).drawings
    versions = [d.version for d in stored]
    assert len(set(versions)) == 4 and max(versions) == rooms.version(who.code)


@pytest.mark.slow
def test_a_process_that_is_killed_loses_nothing_that_was_confirmed(url):
    """Five processes contribute; each is killed in the middle, and what it has printed is there."""
    rooms = Rooms(url)
    who, _ = rooms.create("killed", ["a", "b"])
    code = (
        "import sys; from softmax_core.rooms import Rooms; rooms = Rooms(sys.argv[1])\n"
        "for n in range(10_000):\n"
        "    strokes = [[[n % 97, 0], [50, 10 + n // 97], [50, 200]]]\n"
        "    secret = f'{n // 30:02x}{int(sys.argv[3]):030x}'\n"
        "    given = {'label': n % 2, 'strokes': strokes, 'secret': secret}\n"
        "    print(rooms.contribute(sys.argv[2], **given).token, flush=True)\n"
    )
    confirmed = []
    for n in range(5):
        command = [sys.executable, "-c", code, url, who.code, str(n)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        confirmed += [process.stdout.readline().strip() for _ in range(12)]
        process.kill()
        confirmed += process.communicate()[0].split()
    stored = [d.token for d in rooms.all_drawings(who.code)]
    whole = {token for token in confirmed if len(token) == 64}
    assert whole <= set(stored) and len(set(stored)) == len(stored) >= 60
    assert rooms.room(who.code).drawings == len(stored)
    rooms.close()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("softmax_core.rooms.database.PAUSE", 0.001)


@pytest.mark.usefixtures("quick")
def test_a_database_that_is_not_there_is_said(tmp_path):
    for address in (f"sqlite:///{tmp_path}/no/rooms.db", "postgresql://localhost:1/none"):
        with pytest.raises(UnavailableError, match="can't be reached"):
            Rooms(address).all_rooms()


@pytest.mark.slow
def test_a_database_that_does_not_answer_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr("softmax_core.rooms.database.CONNECT", "2")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/none"
        with pytest.raises(UnavailableError, match="can't be reached"):
            Rooms(address).all_rooms()


@pytest.mark.usefixtures("quick")
def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path):
    file = tmp_path / "rooms.db"
    file.write_bytes(b"a letter to a friend, of more than a hundred bytes " * 30)
    with pytest.raises(UnavailableError, match="not a database"):
        Rooms(f"sqlite:///{file}").all_rooms()
    assert file.read_bytes().startswith(b"a letter")


@pytest.mark.usefixtures("quick")
def test_a_database_of_a_newer_program_is_said_and_left_alone(tmp_path):
    address = f"sqlite:///{tmp_path}/rooms.db"
    Rooms(address).create("kept", ["a", "b"])
    with sqlite3.connect(tmp_path / "rooms.db") as c:
        c.execute("UPDATE alembic_version SET version_num = '9999'")
    c.close()
    with pytest.raises(UnavailableError, match="newer version"):
        Rooms(address).all_rooms()


@pytest.mark.usefixtures("quick")
def test_it_goes_on_when_a_read_only_database_can_be_written_again(tmp_path):
    """By SQLite's own switch, since root may write to a file that is read-only."""
    rooms = Rooms(f"sqlite:///{tmp_path}/rooms.db")
    who, _ = rooms.create("kept", ["a", "b"])
    with rooms.database.reading() as c:
        c.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(UnavailableError, match="read-only"):
        rooms.contribute(who.code, label=0, strokes=THREE, secret=SECRET)
    assert rooms.room(who.code).drawings == 0
    with rooms.database.reading() as c:
        c.exec_driver_sql("PRAGMA query_only=OFF")
    assert rooms.contribute(who.code, label=0, strokes=THREE, secret=SECRET).total == 1


@pytest.mark.usefixtures("quick")
def test_it_goes_on_when_a_full_disk_has_room_again(tmp_path):
    """By SQLite's own limit of pages."""
    rooms = Rooms(f"sqlite:///{tmp_path}/rooms.db")
    who, _ = rooms.create("kept", ["a", "b"])
    with rooms.database.reading() as c:
        c.exec_driver_sql("PRAGMA max_page_count=1")
    line = [[[x, x % 50] for x in range(1500)]]
    with pytest.raises(UnavailableError, match="disk is full"):
        for n in range(40):
            secret = f"{n:032x}"
            rooms.contribute(who.code, label=0, strokes=line, secret=secret)
    stored = len(rooms.all_drawings(who.code))
    assert rooms.room(who.code).drawings == stored == n
    with rooms.database.reading() as c:
        c.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert rooms.contribute(who.code, label=0, strokes=line, secret=secret).total == n + 1


@pytest.mark.usefixtures("quick")
def test_nothing_is_confirmed_into_a_file_that_has_gone(tmp_path):
    file, elsewhere = tmp_path / "rooms.db", tmp_path / "elsewhere.db"
    rooms = Rooms(f"sqlite:///{file}")
    who, _ = rooms.create("kept", ["a", "b"])
    given = {"label": 0, "strokes": THREE, "secret": SECRET}
    rooms.database.engine.dispose()  # so that no file beside it is left
    file.rename(elsewhere)
    for act in (lambda: rooms.contribute(who.code, **given), rooms.all_rooms):
        with pytest.raises(UnavailableError, match="file is away"):
            act()
    assert not file.exists()
    elsewhere.rename(file)
    assert rooms.contribute(who.code, **given).total == 1
    rooms.database.engine.dispose()
    file.rename(elsewhere)
    Rooms(f"sqlite:///{file}").all_rooms()
    assert rooms.all_rooms() == []


def test_what_sqlite_confirms_has_reached_the_disk(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/rooms.db")
    with database.reading() as c:
        settings = [
            c.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert settings == ["wal", 2, 1, 30000]
