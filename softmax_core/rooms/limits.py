"""What rooms may hold and people may do: one table, each number a setting.

An environment variable of the name `ROOMS_` and the field's name in capitals replaces a number.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from softmax_core.errors import ParameterError


@dataclass(frozen=True)
class Limits:
    """The defaults suit a class of thirty to a hundred and fifty people."""

    classes: int = 20
    class_name: int = 24  # characters
    title: int = 80
    nickname: int = 24
    stroke_bytes: int = 20_000  # of one drawing, as JSON
    drawings_a_minute: int = 40  # of one contributor
    drawings: int = 20_000  # of a room
    room_bytes: int = 60_000_000  # strokes of a room
    participants: int = 400  # contributors of a room
    models: int = 20  # of a room; the oldest gives way
    model_bytes: int = 2_000_000
    rooms_a_day: int = 200  # of the server
    attempts_a_minute: int = 60  # codes and keys tried, of the server
    keys_a_minute: int = 10  # keys tried for one room


def limits_of(environment: Mapping[str, str] = os.environ) -> Limits:
    """The limits, with what the environment says instead. Raises `ParameterError`."""
    changed = {}
    for field in fields(Limits):
        name = f"ROOMS_{field.name.upper()}"
        text = environment.get(name)
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and 0 < int(text[:18]) <= 10**12):
            raise ParameterError(f"{name} is a whole number from 1 to 10¹², got {text[:20]!r}")
        changed[field.name] = int(text)
    return Limits(**changed)


LIMITS = Limits()
