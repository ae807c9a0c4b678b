"""For whoever runs the server: list, export, delete and purge rooms.

    python -m softmax_core.rooms list
    python -m softmax_core.rooms export CODE > room.ndjson
    python -m softmax_core.rooms delete CODE
    python -m softmax_core.rooms purge --older-than 30      days since a room was made

The database is the one of DATABASE_URL, or `--database URL`.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from softmax_core.errors import InputError
from softmax_core.rooms import keys
from softmax_core.rooms.database import database_url
from softmax_core.rooms.exchange import to_csv, to_ndjson
from softmax_core.rooms.limits import limits_of
from softmax_core.rooms.records import Room
from softmax_core.rooms.store import Rooms

DAY = 86_400


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m softmax_core.rooms", description="Workshop rooms.")
    parser.add_argument("--database", metavar="URL", default=None)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every room, the oldest first")
    export = commands.add_parser("export", help="a room's drawings to the standard output")
    export.add_argument("code")
    export.add_argument("--csv", action="store_true", help="grids instead of strokes")
    commands.add_parser("delete", help="a room and all that is stored of it").add_argument("code")
    purge = commands.add_parser("purge", help="all rooms that are older than so many days")
    purge.add_argument("--older-than", type=_days, required=True, metavar="DAYS")
    given = parser.parse_args(arguments)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        rooms = Rooms(given.database or database_url(), limits_of())
        _run(given, rooms)
        sys.stdout.flush()
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # who reads has enough: `list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _run(given: argparse.Namespace, rooms: Rooms) -> None:
    if given.command == "list":
        for room in rooms.all_rooms():
            print(_line(room, rooms.now()))
    elif given.command == "export":
        form = to_csv if given.csv else to_ndjson
        room, drawings = rooms.export_of(_code(given.code))
        sys.stdout.write(form(room, drawings))
    elif given.command == "delete":
        rooms.remove(_code(given.code))
        print(f"deleted {_code(given.code)}")
    else:
        old = [r for r in rooms.all_rooms() if rooms.now() - r.created > given.older_than * DAY]
        for room in old:
            rooms.remove(room.code)
            print(f"deleted {room.code}")


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = float("nan")
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"days are a number from 0 up, got {text[:20]!r}")
    return days


def _code(text: str) -> str:
    return keys.plain(text, keys.CODE, "room's code")


def _line(room: Room, now: float) -> str:
    made = time.strftime("%Y-%m-%d %H:%M", time.gmtime(room.created))
    state = "open" if room.open else "closed"
    days = (now - room.created) / DAY
    return (
        f"{room.code}  {made}Z  {days:5.1f} days  {state:6}  {room.stage:7}  "
        f"{room.drawings:6} drawings  {room.title}"
    )


if __name__ == "__main__":
    sys.exit(main())
