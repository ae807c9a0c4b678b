"""What the Workshop page holds of one visitor, and what is done with what their browser asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pages.ui.session import Session
from pages.ui.workshop import service
from softmax_core.errors import InputError, RoomError
from softmax_core.rooms import Drawing, Facilitator, Room
from softmax_core.rooms.keys import KEY, contributor_of, plain

KINDS = ("hello", "contribute", "take_back")


@dataclass
class WorkshopState:
    """`said` answers what the browser asked last, by the number it gave; `key` is shown once."""

    code: str = ""
    leads: Facilitator | None = None
    key: str = ""
    secret: str = ""  # the browser's own random number
    said: dict[str, Any] = field(default_factory=dict)
    notice: str = ""
    beat: int = 0  # counts what pulse and wall were told

    @property
    def room(self) -> Room:
        """The room as it is now. Raises `RoomError`, `UnavailableError`."""
        return service.now().room(self.code)

    def join(self, code: str) -> None:
        """Takes part in a room. Raises `RoomError`."""
        room = service.rooms().join(code)
        if self.leads is not None and self.leads.code != room.code:
            self.leads, self.key = None, ""
        self.code, self.said = room.code, {}

    def open(self, title: str, classes: list[str]) -> None:
        """Opens a room and leads it."""
        self.leads, self.key = service.rooms().create(title, classes)
        self.code, self.said = self.leads.code, {}

    def unlock(self, key: str) -> None:
        """Leads a room whose key is known. Raises `RoomError`."""
        self.leads = service.rooms().unlock(self.code, key)
        self.key = plain(key, KEY, "key")

    def leave(self) -> None:
        self.code, self.leads, self.key, self.said = "", None, "", {}

    def answer(self, asked: Mapping[str, Any] | None) -> None:
        """Does what the browser asks; asked again, it answers the same."""
        if not asked or asked.get("kind") not in KINDS:
            return
        number = str(asked.get("asked"))[:40]
        try:
            words, receipt = self._do(asked)
        except InputError as error:
            away = not isinstance(error, RoomError) and "reached" in str(error)
            self.said = {"asked": number, "ok": False, "again": away, "text": str(error)}
        else:
            self.said = {"asked": number, "ok": True, "text": words, "receipt": receipt}
        service.now().forget(self.code)

    def _do(self, asked: Mapping[str, Any]) -> tuple[str, str]:
        me = asked.get("me")
        contributor_of(me)
        self.secret = str(me)
        rooms = service.rooms()
        if asked["kind"] == "contribute":
            given = {
                name: asked.get(name)
                for name in ("label", "strokes", "nickname", "purpose", "predicted")
            }
            receipt = rooms.contribute(self.code, secret=self.secret, **given)
            return f"Stored. You have given {receipt.own}, the room has {receipt.total}.", (
                receipt.token
            )
        if asked["kind"] == "take_back":
            rooms.take_back(self.code, str(asked.get("token"))[:64], self.secret)
            return "Taken back.", ""
        return "", ""

    def own(self) -> list[Drawing]:
        """This browser's own drawings, the newest first."""
        return service.rooms().own(self.code, self.secret) if self.secret else []

    def act(self, what: Mapping[str, Any] | None) -> None:
        """What the facilitator does to a drawing of the wall."""
        if what is None or self.leads is None or type(what.get("id")) is not int:
            return
        rooms, number = service.rooms(), what["id"]
        try:
            if what.get("kind") == "hide":
                rooms.hide(self.leads, [number])
            elif what.get("kind") == "delete":
                rooms.delete_drawing(self.leads, number)
            elif what.get("kind") in ("person", "name"):
                person = service.drawing_of(self.code, number).contributor
                hide = rooms.hide_contributor if what["kind"] == "person" else rooms.hide_nickname
                hide(self.leads, person)
        except InputError as error:
            self.notice = str(error)
        service.now().forget(self.code)


def workshop_state(session: Session) -> WorkshopState:
    """The visitor's, made at the first visit."""
    return session.pages.setdefault("workshop", WorkshopState())
