"""What can be done with rooms: by anybody who knows the code, and by who has shown the key.

Nothing here trusts a page: what a person may do is checked in the function that does it, and a
contribution may be sent as often as it takes, since the drawing names itself.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from softmax_core.errors import RoomError
from softmax_core.rooms import given, keys
from softmax_core.rooms import queries as q
from softmax_core.rooms import tables as t
from softmax_core.rooms.database import Database
from softmax_core.rooms.limits import LIMITS, Limits
from softmax_core.rooms.records import (
    PURPOSES,
    STAGES,
    Drawing,
    Facilitator,
    Receipt,
    Room,
    StoredModel,
)

MOST_AT_ONCE = 500  # drawings that one question gives
DAY = 86_400  # seconds


class Rooms:
    """The rooms of a database; its tables are made at first use.

    Every method may raise `UnavailableError` (the database is away; nothing was stored) and
    `RoomError` (what was asked can't be done, in words for the person who asked).
    """

    def __init__(self, url: str, limits: Limits = LIMITS, now: Callable[[], float] = time.time):
        self.database = Database(url)
        self.limits, self.now = limits, now

    def close(self) -> None:
        self.database.close()

    # Anybody

    def create(self, title: str, classes: Sequence[str]) -> tuple[Facilitator, str]:
        """A new room, open and at its first stage, and its key, which is not kept anywhere."""
        title = given.text(title, self.limits.title, "a title")
        names = given.class_names(classes, self.limits)
        key, salt = keys.new_key(), secrets.token_bytes(16)
        proof = keys.key_hash(key, salt)

        def work(c: Connection) -> Facilitator:
            recent = t.room.c.created > self.now() - DAY
            opened = c.scalar(select(func.count()).select_from(t.room).where(recent)) or 0
            if opened >= self.limits.rooms_a_day:
                raise RoomError("this server has opened as many rooms as it may in a day")
            code = keys.new_code()
            while c.scalar(select(t.room.c.id).where(t.room.c.code == code)):
                code = keys.new_code()
            row = t.room.insert().values(
                code=code,
                title=title,
                classes=json.dumps(names, ensure_ascii=False),
                preparation="pen",
                stage=STAGES[0],
                open=True,
                version=1,
                drawings=0,
                bytes=0,
                salt=salt,
                key_hash=proof,
                created=self.now(),
            )
            return Facilitator(c.execute(row.returning(t.room.c.id)).scalar_one(), code, proof)

        return self.database.write(work), key

    def join(self, code: str) -> Room:
        """The room of a code that a person typed; wrong ones are counted, for all processes."""
        code = keys.plain(code, keys.CODE, "room's code")
        try:
            return self.room(code)
        except RoomError:
            self._count("code", self.limits.attempts_a_minute)
            raise

    def room(self, code: str) -> Room:
        """The room of a code."""
        with self.database.reading() as c:
            return q.find(c, code)

    def version(self, code: str) -> int:
        """The number of changes of a room: the one question that is asked every second."""
        with self.database.reading() as c:
            version = c.scalar(select(t.room.c.version).where(t.room.c.code == code))
        if version is None:
            raise q.unknown()
        return version

    def contribute(
        self,
        code: str,
        *,
        label: int,
        strokes: Any,
        secret: str,
        nickname: str | None = None,
        purpose: str = "training",
        predicted: int | None = None,
    ) -> Receipt:
        """Stores a drawing under a class, once: the same drawing again gives the same receipt.

        `strokes` are lists of (x, y); `secret` is the browser's own random number (32 hex
        characters), `predicted` what the room's model said, where it was asked.
        """
        contributor = keys.contributor_of(secret)
        text, grid = given.drawing(strokes, self.limits)
        nickname = given.nickname(nickname, self.limits)
        if purpose not in PURPOSES:
            raise RoomError("a drawing is for training or for testing")

        def work(c: Connection) -> Receipt:
            room = q.find(c, code, lock=True)
            for k in (label, label if predicted is None else predicted):
                if not given.is_class(k, room.classes):
                    raise RoomError("this room has no such class")
            token = keys.token_of(contributor, label, text, purpose)
            this = (t.drawing.c.room_id == room.id) & (t.drawing.c.token == token)
            stored = c.execute(select(t.drawing.c.hidden).where(this)).first()
            if stored and stored.hidden not in q.TAKEN_BACK:
                return q.receipt(c, room, this, again=True)
            if not room.open:
                raise RoomError("this room is closed; it takes no more drawings")
            version = q.change(c, t.room.c.id == room.id)
            if stored:
                hidden = "facilitator" if stored.hidden == "both" else None
                c.execute(update(t.drawing).where(this).values(hidden=hidden, version=version))
                return q.receipt(c, room, this, again=True)
            q.may_contribute(c, room, contributor, len(text), self.now(), self.limits)
            row = t.drawing.insert().values(
                room_id=room.id,
                token=token,
                version=version,
                grid=grid,
                label=label,
                contributor=contributor,
                nickname=nickname,
                strokes=text,
                purpose=purpose,
                predicted=predicted,
                created=self.now(),
            )
            c.execute(row)
            q.add(c, room.id, 1, len(text))
            return q.receipt(c, room, this, again=False)

        return self.database.write(work)

    def take_back(self, code: str, token: str, secret: str) -> None:
        """Hides a drawing of one's own; the same drawing, contributed again, is shown again,
        unless the facilitator has hidden it too."""
        contributor, token = keys.contributor_of(secret), keys.token(token)

        def work(c: Connection) -> None:
            room = q.find(c, code, lock=True)
            version = q.change(c, t.room.c.id == room.id)
            row = update(t.drawing).where(
                t.drawing.c.room_id == room.id,
                t.drawing.c.token == token,
                t.drawing.c.contributor == contributor,
            )
            hidden = q.hidden_by("contributor")
            if not c.execute(row.values(hidden=hidden, version=version)).rowcount:
                raise RoomError("this drawing is not one of yours")

        self.database.write(work)

    def own(self, code: str, secret: str) -> list[Drawing]:
        """A contributor's own drawings that are not taken back, the newest first."""
        theirs = t.drawing.c.contributor == keys.contributor_of(secret)
        with self.database.reading() as c:
            room, newest = q.find(c, code), (t.drawing.c.id.desc(),)
            return q.drawings(c, room.id, theirs, q.STANDS, order=newest, number=MOST_AT_ONCE)

    def newest(self, code: str, each: int = 200) -> list[Drawing]:
        """The drawings that a wall shows: so many of each class, the newest first."""
        newest = (t.drawing.c.id.desc(),)
        with self.database.reading() as c:
            room = q.find(c, code)
            return q.drawings(c, room.id, q.newest_of_each(room.id, each), order=newest)

    def drawing(self, code: str, number: int) -> Drawing:
        """A drawing of a room. Raises `RoomError` where there is none of that number."""
        with self.database.reading() as c:
            found = q.drawings(c, q.find(c, code).id, t.drawing.c.id == number)
        if not found:
            raise RoomError("this drawing is not in the room any more")
        return found[0]

    def since(self, code: str, version: int) -> list[Drawing]:
        """What has changed after a version, hidden drawings included, the oldest change first."""
        later, order = t.drawing.c.version > version, (t.drawing.c.version, t.drawing.c.id)
        with self.database.reading() as c:
            room = q.find(c, code)
            return q.drawings(c, room.id, later, order=order, number=MOST_AT_ONCE)

    def all_drawings(self, code: str, purpose: str = "training") -> list[Drawing]:
        """Every visible drawing of a purpose, in the order in which they came."""
        with self.database.reading() as c:
            room = q.find(c, code)
            return q.drawings(c, room.id, q.SHOWN, t.drawing.c.purpose == purpose)

    def counts(self, code: str) -> dict[int, int]:
        """How many visible training drawings each class has; classes without any are there too."""
        with self.database.reading() as c:
            room = q.find(c, code)
            rows = c.execute(
                select(t.drawing.c.label, func.count().label("n"))
                .where(t.drawing.c.room_id == room.id, q.SHOWN, t.drawing.c.purpose == PURPOSES[0])
                .group_by(t.drawing.c.label)
            )
            return dict.fromkeys(range(len(room.classes)), 0) | {row.label: row.n for row in rows}

    def participants(self, code: str) -> int:
        """How many people have contributed."""
        with self.database.reading() as c:
            return q.people(c, q.find(c, code).id)

    def newest_model(self, code: str) -> StoredModel | None:
        """The room's model, or None while it has none."""
        with self.database.reading() as c:
            of_room = t.model.c.room_id == q.find(c, code).id
            newest = select(t.model).where(of_room).order_by(t.model.c.version.desc())
            row = c.execute(newest.limit(1)).first()
        if row is None:
            return None
        return StoredModel(row.version, row.weights, json.loads(row.about), row.created)

    # Who has the key

    def unlock(self, code: str, key: str) -> Facilitator:
        """Who has the key of a room may lead it. Tries are counted before anything is computed."""
        code = keys.plain(code, keys.CODE, "room's code")
        key = keys.plain(key, keys.KEY, "key")
        self._count("key", self.limits.attempts_a_minute)
        self._count(f"key {code}", self.limits.keys_a_minute)
        with self.database.reading() as c:
            columns = select(t.room.c.id, t.room.c.salt, t.room.c.key_hash)
            row = c.execute(columns.where(t.room.c.code == code)).first()
        proof = keys.key_hash(key, row.salt if row else bytes(16))
        if row is None or not secrets.compare_digest(proof, row.key_hash):
            raise RoomError("this is not the key of that room")
        return Facilitator(row.id, code, proof)

    def set_stage(self, who: Facilitator, stage: str) -> None:
        """Where the room is: "collect", "train" or "try"."""
        if stage not in STAGES:
            raise RoomError(f"a room's stages are {', '.join(STAGES)}")
        self.database.write(lambda c: q.change(c, q.led_by(who), stage=stage))

    def set_open(self, who: Facilitator, is_open: bool) -> None:
        """A closed room can be looked at, and takes no drawings."""
        self.database.write(lambda c: q.change(c, q.led_by(who), open=bool(is_open)))

    def hide(self, who: Facilitator, ids: Iterable[int], hidden: bool = True) -> int:
        """Takes drawings off the wall and out of training, or puts them back; how many it were.

        What a contributor has taken back is not put back by anybody else.
        """
        wanted = t.drawing.c.id.in_([int(i) for i in ids][:MOST_AT_ONCE])
        return self._hide(who, wanted, hidden)

    def hidden(self, who: Facilitator, number: int = 200) -> list[Drawing]:
        """What the facilitator has hidden, the newest first."""
        with self.database.reading() as c:
            q.must_lead(c, who)
            newest = (t.drawing.c.id.desc(),)
            return q.drawings(c, who.room_id, q.HIDDEN, order=newest, number=number)

    def hide_contributor(self, who: Facilitator, contributor: str, hidden: bool = True) -> int:
        """Hides all that one contributor gave, or puts it back; how many drawings it were."""
        return self._hide(who, t.drawing.c.contributor == str(contributor), hidden)

    def hide_nickname(self, who: Facilitator, contributor: str) -> int:
        """Takes a contributor's nickname off all their drawings, for good."""
        theirs = t.drawing.c.contributor == str(contributor)
        return self._moderate(who, theirs, nickname=None)

    def delete_drawing(self, who: Facilitator, drawing: int) -> None:
        """Removes a drawing for good."""

        def work(c: Connection) -> None:
            q.change(c, q.led_by(who))
            this = (t.drawing.c.room_id == who.room_id) & (t.drawing.c.id == int(drawing))
            row = delete(t.drawing).where(this).returning(func.length(t.drawing.c.strokes))
            size = c.scalar(row)
            if size is not None:
                q.add(c, who.room_id, -1, -size)

        self.database.write(work)

    def delete_room(self, who: Facilitator) -> None:
        """Removes a room and all that is stored of it."""

        def work(c: Connection) -> None:
            q.change(c, q.led_by(who))
            q.delete_room(c, who.room_id)

        self.database.write(work)

    def store_model(self, who: Facilitator, weights: bytes, about: dict[str, Any]) -> int:
        """Keeps the NPZ file of a model as the room's newest; the version that it came with."""
        if not isinstance(weights, bytes) or len(weights) > self.limits.model_bytes:
            raise RoomError(f"a room's model has at most {self.limits.model_bytes:,} bytes")

        def work(c: Connection) -> int:
            version = q.change(c, q.led_by(who))
            row = t.model.insert().values(
                room_id=who.room_id,
                version=version,
                weights=weights,
                about=json.dumps(about),
                created=self.now(),
            )
            c.execute(row)
            of_room = t.model.c.room_id == who.room_id
            kept = select(t.model.c.id).where(of_room).order_by(t.model.c.version.desc())
            newest = c.scalars(kept.limit(self.limits.models)).all()
            c.execute(delete(t.model).where(of_room, t.model.c.id.not_in(newest)))
            return version

        return self.database.write(work)

    def take_in(self, who: Facilitator, drawings: Sequence[dict[str, Any]]) -> int:
        """Adds drawings that `exchange.read_ndjson` has checked, all or none; how many are new."""

        def work(c: Connection) -> int:
            version = q.change(c, q.led_by(who))
            room = q.find(c, who.code)
            if not all(given.is_class(d["label"], room.classes) for d in drawings):
                raise RoomError("this file has a class that the room does not have")
            there = select(t.drawing.c.token).where(t.drawing.c.room_id == room.id)
            new = {d["token"]: d for d in drawings}
            for token in c.scalars(there):
                new.pop(token, None)
            if new:
                size = sum(len(d["strokes"]) for d in new.values())
                q.has_place(room, len(new), size, self.limits)
                of_room = {"room_id": room.id, "version": version}
                c.execute(t.drawing.insert(), [of_room | d for d in new.values()])
                q.add(c, room.id, len(new), size)
            return len(new)

        return self.database.write(work)

    def give_out(self, who: Facilitator) -> tuple[Room, list[Drawing]]:
        """The room and all its drawings with their strokes, hidden ones included."""
        with self.database.reading() as c:
            q.must_lead(c, who)
        return self.export_of(who.code)

    # Who runs the server

    def all_rooms(self) -> list[Room]:
        """Every room, the oldest first."""
        with self.database.reading() as c:
            return [q.room_of(row) for row in c.execute(select(t.room).order_by(t.room.c.id))]

    def export_of(self, code: str) -> tuple[Room, list[Drawing]]:
        """As `give_out`, for whoever runs the server."""
        with self.database.reading() as c:
            room = q.find(c, code)
            return room, q.drawings(c, room.id, strokes=True)

    def remove(self, code: str) -> None:
        """Removes a room and all that is stored of it."""
        self.database.write(lambda c: q.delete_room(c, q.find(c, code, lock=True).id))

    def _hide(self, who: Facilitator, which: q.Condition, hidden: bool) -> int:
        """What its contributor has taken back is hidden too, should it be contributed again."""
        if not hidden:
            return self._moderate(who, which & q.HIDDEN, hidden=None)
        fresh = q.SHOWN | (t.drawing.c.hidden == "contributor")
        return self._moderate(who, which & fresh, hidden=q.hidden_by("facilitator"))

    def _moderate(self, who: Facilitator, which: q.Condition, **values: Any) -> int:
        def work(c: Connection) -> int:
            version = q.change(c, q.led_by(who))
            row = update(t.drawing).where(t.drawing.c.room_id == who.room_id, which)
            return c.execute(row.values(version=version, **values)).rowcount

        return self.database.write(work)

    def _count(self, what: str, most: int) -> None:
        """Raises `RoomError` for too many tries of a kind in this minute."""
        minute = int(self.now() // 60)
        if self.database.write(lambda c: q.tried(c, what, minute)) > most:
            raise RoomError("that were too many tries; wait a minute and try again")
