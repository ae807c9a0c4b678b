"""Codes to join, keys to lead, and how contributors are known without being named.

A code is short, to be read out, and says nothing of other rooms' codes. A key has 80 random bits;
only its scrypt hash is kept (C. Percival, RFC 7914; 32 MiB and 0.1 s here), and one is computed at
a time, so that trying keys costs who tries and not the class.
"""

import hashlib
import json
import re
import secrets
from threading import Lock
from typing import Any

from softmax_core.errors import RoomError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read as something else
CODE = 6
KEY = 17  # characters: 17 log2 30 = 83 bits

_one_at_a_time = Lock()


def new_code() -> str:
    """Six characters of `ALPHABET`, at random: 7·10⁸ codes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE))


def new_key() -> str:
    """A key, to be shown once."""
    return "".join(secrets.choice(ALPHABET) for _ in range(KEY))


def spaced(text: str, group: int = 3) -> str:
    """A code or key in groups, to be read out."""
    return " ".join(text[i : i + group] for i in range(0, len(text), group))


def plain(text: Any, length: int, what: str) -> str:
    """A code or key as it is kept, whatever case, spaces and dashes it was typed with.

    Raises `RoomError` for what can't be one.
    """
    typed = re.sub(r"[\s\-]", "", text).upper() if isinstance(text, str) and len(text) < 80 else ""
    if len(typed) != length or not set(typed) <= set(ALPHABET):
        raise RoomError(f"a {what} has {length} letters and digits; look at it again")
    return typed


def key_hash(key: str, salt: bytes) -> bytes:
    """scrypt(key, salt), 32 bytes."""
    with _one_at_a_time:
        return hashlib.scrypt(
            key.encode(), salt=salt, n=1 << 15, r=8, p=1, dklen=32, maxmem=64 << 20
        )


def contributor_of(secret: Any) -> str:
    """How a browser's random number is kept: its SHA-256. Raises `RoomError`."""
    if not isinstance(secret, str) or not re.fullmatch(r"[0-9a-f]{32}", secret):
        raise RoomError("this browser did not say which drawings are its own; reload the page")
    return hashlib.sha256(secret.encode()).hexdigest()


def token(given: Any) -> str:
    """A drawing's own name, from outside. Raises `RoomError` for what can't be one."""
    if not isinstance(given, str) or not re.fullmatch(r"[0-9a-f]{64}", given):
        raise RoomError("this drawing is not one of yours")
    return given


def token_of(contributor: str, label: int, strokes: str, purpose: str) -> str:
    """What a drawing names itself: the same drawing, sent again, is the same row."""
    about = json.dumps([contributor, label, strokes, purpose])
    return hashlib.sha256(about.encode()).hexdigest()
