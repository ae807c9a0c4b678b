"""What the Workshop page holds of one visitor, and what a facilitator does on the wall."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pages.ui.session import Session
from pages.ui.workshop import service
from softmax_core.errors import InputError
from softmax_core.rooms import Facilitator, Room
from softmax_core.rooms.keys import KEY, plain


@dataclass
class WorkshopState:
    """The room that is taken part in, or led; `key` is shown once."""

    code: str = ""
    leads: Facilitator | None = None
    key: str = ""
    notice: str = ""
    left: str = ""  # the room that was left last: its key is not to be kept
    beat: int = 0  # counts what the wall was told
    seen: tuple[Room, bytes] | None = None  # what it was told last

    @property
    def room(self) -> Room:
        """The room as it is now. Raises `RoomError`, `UnavailableError`."""
        return service.now().room(self.code)

    def join(self, code: str) -> None:
        """Takes part in a room. Raises `RoomError`."""
        room = service.rooms().join(code)
        if self.leads is not None and self.leads.code != room.code:
            self.leads, self.key = None, ""
        self.code = room.code

    def open(self, title: str, classes: list[str]) -> None:
        """Opens a room and leads it."""
        self.leads, self.key = service.rooms().create(title, classes)
        self.code = self.leads.code

    def unlock(self, key: str) -> None:
        """Leads a room whose key is known. Raises `RoomError`."""
        self.leads = service.rooms().unlock(self.code, key)
        self.key = plain(key, KEY, "key")

    def leave(self) -> None:
        self.left = self.code
        self.code, self.leads, self.key, self.seen = "", None, "", None

    def act(self, what: Mapping[str, Any] | None) -> None:
        """What the facilitator does to a drawing of the wall."""
        if what is None or self.leads is None or type(what.get("id")) is not int:
            return
        rooms, number = service.rooms(), what["id"]
        try:
            if what.get("kind") in ("hide", "show"):
                rooms.hide(self.leads, [number], hidden=what["kind"] == "hide")
            elif what.get("kind") == "return":
                person = rooms.drawing(self.code, number).contributor
                rooms.hide_contributor(self.leads, person, hidden=False)
            elif what.get("kind") == "delete":
                rooms.delete_drawing(self.leads, number)
            elif what.get("kind") in ("person", "name"):
                person = rooms.drawing(self.code, number).contributor
                hide = rooms.hide_contributor if what["kind"] == "person" else rooms.hide_nickname
                hide(self.leads, person)
        except InputError as error:
            self.notice = str(error)
        service.now().forget(self.code)


def workshop_state(session: Session) -> WorkshopState:
    """The visitor's, made at the first visit."""
    return session.pages.setdefault("workshop", WorkshopState())
