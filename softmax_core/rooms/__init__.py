"""Workshop rooms: drawings that many people contribute, under classes that a room chooses.

    Rooms(url)                     the rooms of a database: SQLite or PostgreSQL, the same code
    rooms.create(...)              a room, its code to join and its key to lead it
    rooms.contribute(...)          a drawing, stored exactly once however often it is sent
    rooms.unlock(code, key)        who leads: stages, moderation, export and import
    python -m softmax_core.rooms   for whoever runs the server

Needs SQLAlchemy and Alembic, which the extra "app" of the package brings.
"""

from softmax_core.rooms.held_out import missing, split_by_contributor
from softmax_core.rooms.limits import LIMITS, Limits
from softmax_core.rooms.records import PRESETS, STAGES, Drawing, Facilitator, Receipt, Room

try:
    from softmax_core.rooms.store import Rooms
except ModuleNotFoundError as error:
    needed = f"Rooms need {error.name}, which the extra app brings: pip install '.[app]'"
    raise ModuleNotFoundError(needed, name=error.name) from error

__all__ = [
    "LIMITS",
    "PRESETS",
    "STAGES",
    "Drawing",
    "Facilitator",
    "Limits",
    "Receipt",
    "Room",
    "Rooms",
    "missing",
    "split_by_contributor",
]
