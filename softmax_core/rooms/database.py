"""A database of rooms, SQLite or PostgreSQL: opened, brought up to date, written to in turn.

What matters on SQLite: a write transaction begins as one (BEGIN IMMEDIATE; one that reads first
and writes later fails at once when another has written between), every commit reaches the disk
(synchronous=FULL), and a process writes one at a time, since SQLite's own waiting is not fair.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)

from softmax_core.errors import ParameterError, UnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADING = 7_315_011  # the number of PostgreSQL's lock while tables are brought up to date
Result = TypeVar("Result")

CONNECT = "5"  # seconds that a PostgreSQL which does not answer is waited for
TRIES = 5
PAUSE = 0.1  # seconds before the second try; twice as long before each further one


def database_url(default: str = "sqlite:///rooms.db") -> str:
    """Where the rooms are: DATABASE_URL, or a SQLite file in the folder of the program's start."""
    return os.environ.get("DATABASE_URL") or default


class Database:
    """`url` is SQLAlchemy's; its tables are made or brought up to date before first use."""

    def __init__(self, url: str):
        self.engine = _engine(url)
        self._writer = Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        self._ready = False
        self._file = _file(self.engine)
        self._inode: int | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads. Raises `UnavailableError` where there is no database."""
        self._up_to_date()
        with _plain_errors(), self.engine.connect() as connection:
            yield connection.execution_options(reads=True)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """`work` in a transaction of its own, tried again where the database was busy or away.

        Raises `UnavailableError` when it stays away; then nothing of `work` is stored.
        """
        self._up_to_date()
        for further in reversed(range(TRIES)):
            try:
                with _plain_errors(), self._writer, self.engine.begin() as connection:
                    return work(connection)
            except UnavailableError:
                if not further:
                    raise
                time.sleep(PAUSE * 2 ** (TRIES - 1 - further))
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()

    def _up_to_date(self) -> None:
        """Also where another file has come in place of SQLite's: a connection would go on with the
        one that was there, and what it confirms be lost with it."""
        inode = _inode(self._file)
        if self._ready and inode != self._inode:
            if inode is None:
                raise UnavailableError("the rooms can't be reached just now (their file is away)")
            self.engine.dispose()
            self._ready = False
        if not self._ready:
            with _plain_errors():
                upgrade(self.engine)
            self._inode = _inode(self._file)
            self._ready = True


def upgrade(engine: Engine) -> None:
    """The tables as this version of the program has them; processes that start at once wait."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": UPGRADING})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _file(engine: Engine) -> str | None:
    """SQLite's file; None where there is none that could be looked for."""
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return None if not name or name.startswith((":", "file:")) else name


def _inode(file: str | None) -> int | None:
    try:
        return os.stat(file).st_ino if file else None
    except OSError:
        return None


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        if address.drivername.startswith("postgresql"):
            address = address.update_query_dict({"connect_timeout": CONNECT} | dict(address.query))
        engine = create_engine(address, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ParameterError(
            "the address of a database is like sqlite:///rooms.db or postgresql://host/name"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    elif engine.dialect.name != "postgresql":
        raise ParameterError(f"rooms are kept in SQLite or PostgreSQL, not {engine.dialect.name}")
    return engine


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is gone from the file
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What a database says of itself (busy, away, full, read-only) in plain words."""
    try:
        yield
    except (IntegrityError, ProgrammingError, DataError):
        raise  # a fault of the program, not of the day
    except CommandError as error:
        raise UnavailableError(
            "the rooms were kept by a newer version of this program; bring this one up to date"
        ) from error
    except (DBAPIError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error)).strip().split("\n")[0]
        raise UnavailableError(f"the rooms can't be reached just now ({_said(reason)})") from error


def _said(reason: str) -> str:
    known = {
        "readonly": "the database is read-only",
        "full": "the disk is full",
        "locked": "the database is busy",
        "unable to open": "the database file can't be opened",
        "not a database": "the file is not a database",
    }
    return next((words for part, words in known.items() if part in reason), "the database is away")
