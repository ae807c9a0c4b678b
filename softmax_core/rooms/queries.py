"""The questions and changes that rooms are made of, each on a connection that is open already."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from softmax_core.errors import ParameterError, RoomError
from softmax_core.rooms import tables as t
from softmax_core.rooms.limits import Limits
from softmax_core.rooms.records import Drawing, Facilitator, Receipt, Room

Condition = ColumnElement[bool]

SHOWN: Condition = t.drawing.c.hidden.is_(None)
HIDDEN: Condition = t.drawing.c.hidden == "facilitator"
TAKEN_BACK = ("contributor", "both")  # of `hidden`
STANDS: Condition = SHOWN | HIDDEN  # for who contributed it, who does not know of the other


def hidden_by(who: str) -> ColumnElement:
    """Who has hidden a drawing, once `who` has: another may have before."""
    return case((SHOWN, who), (t.drawing.c.hidden == who, who), else_="both")


def find(c: Connection, code: str, *, lock: bool = False) -> Room:
    """The room of a code; `lock` keeps others from changing it until the transaction ends."""
    question = select(t.room).where(t.room.c.code == code)
    row = c.execute(question.with_for_update() if lock else question).first()
    if row is None:
        raise unknown()
    return room_of(row)


def room_of(row: Row) -> Room:
    values = {name: getattr(row, name) for name in Room.__dataclass_fields__}
    return Room(**values | {"classes": tuple(json.loads(row.classes))})


def led_by(who: Facilitator) -> Condition:
    """The room that this person leads: none where the key is not its key."""
    if not isinstance(who, Facilitator):
        raise ParameterError("whoever leads a room has shown its key to `unlock`")
    return (t.room.c.id == who.room_id) & (t.room.c.key_hash == who.proof)


def must_lead(c: Connection, who: Facilitator) -> None:
    """Raises `RoomError` where the key is not that of a room."""
    if not c.scalar(select(t.room.c.id).where(led_by(who))):
        raise no_key()


def change(c: Connection, which: Condition, **values: Any) -> int:
    """Raises a room's version, before all else in a transaction: its row is then locked.

    Raises `RoomError` where there is no such room, which is the case for a wrong key.
    """
    row = update(t.room).where(which).values(version=t.room.c.version + 1, **values)
    version = c.scalar(row.returning(t.room.c.version))
    if version is None:
        raise no_key()
    return version


def count(c: Connection, *which: Condition) -> int:
    """The number of drawings."""
    return c.scalar(select(func.count()).select_from(t.drawing).where(*which)) or 0


def people(c: Connection, room: int) -> int:
    """The number of contributors."""
    those = select(func.count(t.drawing.c.contributor.distinct()))
    return c.scalar(those.where(t.drawing.c.room_id == room)) or 0


def drawings(
    c: Connection,
    room: int,
    *which: Condition,
    order: tuple[ColumnElement, ...] = (t.drawing.c.id,),
    number: int | None = None,
    strokes: bool = False,
) -> list[Drawing]:
    """Drawings of a room, with their strokes where they are asked for."""
    names = [name for name in Drawing.__dataclass_fields__ if strokes or name != "strokes"]
    rows = select(*(t.drawing.c[name] for name in names))
    rows = rows.where(t.drawing.c.room_id == room, *which).order_by(*order).limit(number)
    return [Drawing(**row._mapping) for row in c.execute(rows)]


def newest_of_each(room: int, number: int) -> Condition:
    """The drawings that are shown: of each class so many, those that came last."""
    place = func.row_number().over(partition_by=t.drawing.c.label, order_by=t.drawing.c.id.desc())
    shown = select(t.drawing.c.id, place.label("place")).where(t.drawing.c.room_id == room, SHOWN)
    ranked = shown.subquery()
    return t.drawing.c.id.in_(select(ranked.c.id).where(ranked.c.place <= number))


def receipt(c: Connection, room: Room, which: Condition, *, again: bool) -> Receipt:
    """What a contributor is told of a drawing that is stored."""
    columns = (t.drawing.c.id, t.drawing.c.token, t.drawing.c.grid, t.drawing.c.contributor)
    row = c.execute(select(*columns).where(which)).one()
    of_room = t.drawing.c.room_id == room.id
    own = count(c, of_room, SHOWN, t.drawing.c.contributor == row.contributor)
    version = c.scalar(select(t.room.c.version).where(t.room.c.id == room.id)) or room.version
    return Receipt(row.id, row.token, row.grid, version, own, count(c, of_room, SHOWN), again)


def may_contribute(
    c: Connection, room: Room, contributor: str, size: int, now: float, limits: Limits
) -> None:
    """Raises `RoomError` where a contributor is too quick, or the room is full."""
    theirs = (t.drawing.c.room_id == room.id) & (t.drawing.c.contributor == contributor)
    recent = count(c, theirs, t.drawing.c.created > now - 60)
    if recent >= limits.drawings_a_minute:
        raise RoomError(
            f"that were {limits.drawings_a_minute} drawings in a minute; "
            "this one can be sent in a moment"
        )
    has_place(room, 1, size, limits)
    if not recent and not count(c, theirs):
        number = people(c, room.id)
        if number >= limits.participants:
            raise RoomError(f"this room is full: it has {number} contributors")


def has_place(room: Room, number: int, size: int, limits: Limits) -> None:
    """Raises `RoomError` where so many more drawings of so many bytes are too many."""
    if room.drawings + number > limits.drawings or room.bytes + size > limits.room_bytes:
        raise RoomError(
            f"this room is full: it has {room.drawings:,} drawings; the facilitator can delete some"
        )


def add(c: Connection, room: int, number: int, size: int) -> None:
    """Counts drawings that came (or went, where negative) and their bytes."""
    row = update(t.room).where(t.room.c.id == room)
    c.execute(row.values(drawings=t.room.c.drawings + number, bytes=t.room.c.bytes + size))


def insert(c: Connection, table: Any) -> Any:
    """The database's own insert, which knows "on conflict"."""
    dialect: Any = postgresql if c.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def tried(c: Connection, what: str, minute: int) -> int:
    """Counts a try, for all processes together: how many there were in this minute."""
    row = insert(c, t.attempt).values(what=what, minute=minute, n=1)
    more = {"n": t.attempt.c.n + 1}
    row = row.on_conflict_do_update(index_elements=["what", "minute"], set_=more)
    number = int(c.scalar(row.returning(t.attempt.c.n)))
    if number == 1:
        c.execute(delete(t.attempt).where(t.attempt.c.minute < minute - 5))
    return number


def delete_room(c: Connection, room: int) -> None:
    for table in (t.drawing, t.model):
        c.execute(delete(table).where(table.c.room_id == room))
    c.execute(delete(t.room).where(t.room.c.id == room))


def unknown() -> RoomError:
    return RoomError("there is no room with this code; look at it again, or ask who gave it to you")


def no_key() -> RoomError:
    return RoomError("only who has the key of this room can do that; the room may be deleted")
