"""What the store gives back: rooms, drawings, receipts, as values."""

from dataclasses import dataclass, field

STAGES = ("collect", "train", "try")

PURPOSES = ("training", "test")

HIDDEN_BY = ("contributor", "facilitator", "both")  # who has hidden a drawing that is not shown

PRESETS = {
    "digits": tuple("0123456789"),
    "letters A–F": tuple("ABCDEF"),
    "shapes": ("☐", "△", "○"),
    "smileys": ("happy", "sad", "surprised"),
    "arrows": ("up", "down", "left", "right"),
}


@dataclass(frozen=True)
class Room:
    """A room as everybody may know it. `version` counts its changes."""

    id: int
    code: str
    title: str
    classes: tuple[str, ...]
    preparation: str
    stage: str
    open: bool
    version: int
    drawings: int  # hidden ones included
    bytes: int  # of their strokes
    created: float


@dataclass(frozen=True)
class Drawing:
    """A contributed drawing. `hidden` says who hid it, one of `HIDDEN_BY`, or None."""

    id: int
    version: int
    grid: str  # 16 hex characters
    label: int
    contributor: str
    nickname: str | None
    purpose: str
    predicted: int | None
    hidden: str | None
    created: float
    token: str
    strokes: str | None = None  # JSON, where it was asked for


@dataclass(frozen=True)
class Receipt:
    """A drawing is stored: its row, how many the contributor and the room have now."""

    id: int
    token: str
    grid: str
    version: int
    own: int
    total: int
    again: bool  # it was stored before


@dataclass(frozen=True)
class Facilitator:
    """Who has shown the key of a room. Every function that changes a room compares `proof`."""

    room_id: int
    code: str
    proof: bytes = field(repr=False)


@dataclass(frozen=True)
class StoredModel:
    """A model of a room: the NPZ file `weights`, and `about` what it was trained on (JSON)."""

    version: int
    weights: bytes = field(repr=False)
    about: dict
    created: float
