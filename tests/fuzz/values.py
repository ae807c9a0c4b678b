"""Hostile values: what a notebook, a file or a browser might hand on, whatever was asked for."""

import itertools
import math
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pandas as pd

DTYPES = "?bBhHiIlLqQefdgFDUSOMm"
SHAPES = ((), (0,), (1,), (2,), (8,), (10,), (64,), (65,), (8, 8), (1, 8, 8), (3, 8, 8), (8, 9))
SHAPES += ((2, 65), (10, 65), (3, 2), (5, 2), (0, 2), (0, 8, 8), (4, 10), (2, 2, 2, 2), (1,) * 30)


class Stubborn:
    """An object whose every protocol raises."""

    def __array__(self, *_, **__):
        raise RuntimeError("no array")

    def __len__(self):
        raise RuntimeError("no length")

    def __repr__(self):
        raise RuntimeError("no words")


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


def endless() -> list:
    value: list = []
    value.append(value)
    return value


SCALARS = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 8, 9, 10, 16, 63, 64, 65, 100, 101, 255, 2**31, 2**63),
    *(2**64, 10**6, 10**9, 10**30, 10**400, -(10**400), 0.0, -0.0, 0.5, 1e-320, 1e15, 1.1e15, 1e16),
    *(1e30, 1e300, 1.7e308, -1.7e308, math.nan, math.inf, -math.inf, 1j, 1 + 0j, Decimal(1)),
    *("", "a", "1", "pen", "pixels", "lbfgs", "٣", "\ud800", "\u202e", "<b>", "x" * 100_000, b"\0"),
    *(np.float16(3), np.int8(-3), np.uint64(2**63), np.float32(np.nan), np.datetime64("2020")),
    *(np.longdouble(1), np.array(3), np.array(0.5), np.str_("a"), np.bool_(True), ..., slice(None)),
)


def scalar(random: Random) -> Any:
    return random.choice(SCALARS)


def number(random: Random) -> Any:
    """Often a usable number."""
    return random.choice(
        [random.uniform(-10, 10), random.randint(0, 9), 10 ** random.uniform(-9, 9), scalar(random)]
    )


def array(random: Random) -> Any:
    """An array of any type and shape, with any values."""
    shape, kind = random.choice(SHAPES), random.choice(DTYPES)
    rng = np.random.default_rng(random.getrandbits(32))
    values = rng.choice([0, 1, 1, 0, 2, 9, -1, 200, 3], size=shape)
    with np.errstate(all="ignore"):
        made = values.astype(kind) if kind not in "SUO" else values.astype(str).astype(kind)
    if kind in "efdg" and made.size and random.random() < 0.3:
        made.flat[random.randrange(made.size)] = random.choice(
            [np.nan, np.inf, -np.inf, np.finfo(made.dtype).max, -np.finfo(made.dtype).max]
        )
    return made


def odd(random: Random) -> Any:
    """What is no array and no number."""
    return random.choice(
        [
            lambda: nested(random.choice([5, 40, 200, 50_000])),
            endless,
            Stubborn,
            lambda: [Stubborn(), Stubborn()],
            lambda: itertools.count(),
            lambda: iter([1, 2]),
            lambda: (x for x in "ab"),
            lambda: {"a": 1},
            lambda: {1, 2},
            lambda: [[1, 2], [3]],
            lambda: [[True, False]] * 8,
            lambda: [scalar(random) for _ in range(random.randint(0, 9))],
            lambda: [[scalar(random) for _ in range(2)] for _ in range(random.randint(0, 9))],
            lambda: pd.Series([1, 2, None]),
            lambda: pd.Series([0, 1, 1], dtype="Int64"),
            lambda: pd.Series(list("abc"), dtype="category"),
            lambda: pd.DataFrame(np.eye(8)),
            lambda: pd.NA,
            lambda: np.ma.masked_array([0, 1], [True, False]),
            lambda: memoryview(b"ab"),
            lambda: np.zeros(2, [("a", "i4"), ("b", "O")]),
            lambda: np.array([1, "a", None, 2.5], dtype=object),
            lambda: len,
            lambda: int,
        ]
    )()


def anything(random: Random) -> Any:
    return random.choice([scalar, array, odd])(random)


def anything_json(random: Random) -> Any:
    """What JSON can be: no objects with ideas of their own."""
    plain = [v for v in SCALARS if v is None or type(v) in (bool, int, float, str)]
    several = [random.choice(plain) for _ in range(random.randint(0, 5))]
    return random.choice(
        [
            *plain,
            several,
            [several, several],
            nested(200),
            {},
            {"objects": several},
            {"path": plain},
        ]
    )


def spoiled(random: Random, value: Any, chance: float = 0.4) -> Any:
    """The value itself, or with some chance anything else."""
    return anything(random) if random.random() < chance else value


def flipped(random: Random, data: bytes) -> bytes:
    """Bytes with some of them changed, cut, doubled, or put in from elsewhere."""
    changed = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 5, 30])):
        place = random.randrange(max(1, len(changed)))
        match random.randrange(5):
            case 0:
                changed[place : place + 1] = bytes([random.randrange(256)])
            case 1:
                del changed[place:]
            case 2:
                changed[place:place] = changed[: random.randrange(40)]
            case 3:
                changed[place : place + 4] = random.choice([b"\xff" * 4, b"\0" * 4, b"PK\5\6"])
            case 4:
                del changed[place : place + random.randrange(40)]
    return bytes(changed)
