"""What comes from outside, looked at before anything is computed or kept: the one gate.

A notebook, a file and a browser hand on what they like. Each function here takes one kind of
thing, checks its type, count and range, and gives it back in the form that the package works
with, or raises an `InputError` that says in a few words what was given and what is accepted.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NoReturn, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import InputError, LabelError, ParameterError, WeightError

MOST_CLASSES = 100  # of a model: digits, both cases of an alphabet, and some signs
LONGEST_NAME = 24  # characters of a class's name
LARGEST_WEIGHT = 1e15  # beyond it training has diverged; scores and penalty stay finite
LARGEST_L2 = 1e12  # λ
MOST_EPOCHS = 1_000_000  # of a run
LARGEST_SEED = 2**32 - 1
MOST_ENTRIES = 40_000_000  # of a matrix of derivatives
LONGEST_TEXT = 200_000  # characters of the settings in a file
LONGEST_WORDS = 40  # characters of what was given that a message repeats

Kind = type[InputError]
Choice = TypeVar("Choice")
Own = TypeVar("Own")


def shortened(value: object) -> str:
    """What was given, in at most a few words, for a message."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype.name[:LONGEST_WORDS]} {value.shape}"
    if isinstance(value, str | bytes):
        more = "…" if len(value) > LONGEST_WORDS else ""
        return repr(value[:LONGEST_WORDS]) + more
    if isinstance(value, int) and value.bit_length() > 100:
        return f"an integer of {value.bit_length():,} bits"
    if value is None or isinstance(value, int | float | complex):
        return repr(value)
    return f"a {type(value).__name__[:LONGEST_WORDS]}"


def as_choice(name: object, table: Mapping[str, Choice], what: str) -> Choice:
    """The entry of a table by its name. Raises `ParameterError` for another name."""
    if not isinstance(name, str) or name not in table:
        raise ParameterError(f"no {what} {shortened(name)}; there are {', '.join(table)}")
    return table[name]


def as_own(value: object, kind: type[Own], what: str, error: Kind = ParameterError) -> Own:
    """An object of one of the package's own kinds. Raises `error` for anything else."""
    if not isinstance(value, kind):
        raise error(f"expected {what}, got {shortened(value)}")
    return value


def as_number(
    value: object, what: str, low: float, high: float, error: Kind = ParameterError
) -> float:
    """A real number from `low` to `high`, both included. Raises `error` for anything else."""
    number = float(value) if isinstance(value, np.floating) else value
    real = isinstance(number, int | float | np.integer) and not isinstance(number, bool)
    if not real or not low <= number <= high:  # type: ignore[operator]
        raise error(f"{what} is a number from {low:g} to {high:g}, got {shortened(value)}")
    return float(number)  # type: ignore[arg-type]


def as_count(value: object, what: str, low: int, high: int, error: Kind = ParameterError) -> int:
    """An integer from `low` to `high`, both included. Raises `error` for anything else."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not low <= value <= high:  # type: ignore[operator]
        raise error(f"{what} is an integer from {low} to {high}, got {shortened(value)}")
    return int(value)  # type: ignore[call-overload]


def as_flag(value: object, what: str, error: Kind = ParameterError) -> bool:
    """True or False. Raises `error` for anything else, as "False", which Python calls true."""
    if not isinstance(value, bool | np.bool_):
        raise error(f"{what} is True or False, got {shortened(value)}")
    return bool(value)


def as_array(values: object, what: str, error: Kind) -> NDArray:
    """Anything that NumPy takes for an array, all of it there. Raises `error` for anything else."""
    if isinstance(values, np.ndarray) and np.any(getattr(values, "mask", False)):
        raise error(f"expected {what}, got masked values among them")
    try:
        return np.asarray(values)
    except MemoryError:
        raise
    except Exception as reason:  # ragged, nested too deeply, or an object with ideas of its own
        raise error(f"expected {what}, got {shortened(values)}: not an array") from reason


def as_reals(values: object, what: str, error: Kind) -> NDArray:
    """An array of real numbers, bool excluded. Raises `error` for anything else."""
    array = as_array(values, what, error)
    if array.dtype.kind not in "iuf":
        raise error(f"expected {what}, got {array.dtype.name[:LONGEST_WORDS]}: not real numbers")
    return array


def as_floats(values: object, what: str, error: Kind) -> NDArray[np.floating]:
    """Real numbers as float32 where they are, else as float64. Raises `error` for others."""
    array = as_reals(values, what, error)
    if array.dtype in (np.float32, np.float64):
        return array
    with np.errstate(over="ignore"):  # infinite then, where the type was a larger one
        return array.astype(np.float64)


def as_labels(
    labels: ArrayLike, *, classes: int | None = None, samples: int | None = None
) -> NDArray[np.intp]:
    """Class indices (N,), integers 0..K−1, at least one, and as many as there are samples.

    Raises `LabelError` for anything else.
    """
    array = as_array(labels, "labels", LabelError)
    if array.dtype == object and all(type(value) is int for value in array.flat):
        if array.size and not 0 <= array.min() <= array.max() < 2**62:
            raise LabelError(f"labels are 0..K−1, got {shortened(array.max())}")
        array = array.astype(np.intp)
    if array.ndim == 2:
        column = array.shape[1] == 1
        raise LabelError(
            f"labels are class indices (N,), got the shape {array.shape}: take "
            + ("labels[:, 0]" if column else "labels.argmax(axis=1), if they are one-hot")
        )
    if array.ndim != 1 or not len(array) or (samples is not None and len(array) != samples):
        wanted = "N ≥ 1"
        if samples is not None:
            wanted = f"one label for each of {samples} samples, and at least one sample"
        raise LabelError(f"expected class indices (N,), {wanted}; got the shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise LabelError(
            f"labels are class indices of integer type, got {array.dtype.name[:LONGEST_WORDS]}"
        )
    low, high = array.min(), array.max()
    if low < 0 or high >= (2**62 if classes is None else classes):
        most = "K−1" if classes is None else classes - 1
        raise LabelError(f"labels of K classes are 0..{most}, got {low}..{high}")
    return array.astype(np.intp, copy=False)


def count_classes(labels: NDArray[np.intp]) -> int:
    """K, where labels alone say it: every class 0..K−1 is among them, and there are two or more.

    Raises `LabelError` where one is missing: the labels may begin at 1, or be no class indices.
    """
    low, high = int(labels.min()), int(labels.max())
    if high == 0:
        raise LabelError("at least 2 classes are needed, got 1")
    if low > 0 or high >= MOST_CLASSES or (np.bincount(labels) == 0).any():
        raise LabelError(
            f"labels {low}..{high} do not name every class from 0 on: give classes 0..K−1, or "
            f"say how many there are by classes=K, {MOST_CLASSES} at most"
        )
    return high + 1


def as_names(names: object) -> tuple[str, ...]:
    """The names of 2 or more classes: different, of printable text. Raises `LabelError`."""
    given = as_list(names, "classes are a list of names", MOST_CLASSES + 1, LabelError)
    if not 2 <= len(given) <= MOST_CLASSES:
        count = f"more than {MOST_CLASSES}" if len(given) > MOST_CLASSES else str(len(given))
        raise LabelError(f"a model has 2 to {MOST_CLASSES} classes, got {count}")
    for name in given:
        printable = isinstance(name, str) and name.isprintable() and name == name.strip()
        if not printable or not 1 <= len(name) <= LONGEST_NAME:
            raise LabelError(
                f"the name of a class is 1 to {LONGEST_NAME} printable characters without "
                f"space around them, got {shortened(name)}"
            )
    if len(set(given)) < len(given):
        raise LabelError("classes have different names, got one of them twice")
    return tuple(str(name) for name in given)


def as_list(values: object, what: str, most: int, error: Kind) -> list[Any]:
    """The first `most` of some things in a row. Raises `error` for what is no row of things."""
    if isinstance(values, Iterable) and not isinstance(values, Mapping | bytes):
        try:
            return list(islice(values, most))
        except Exception as reason:  # iterable in name only
            raise error(f"{what}, got {shortened(values)}") from reason
    raise error(f"{what}, got {shortened(values)}")


def as_entry(entry: object, shape: tuple[int, ...]) -> tuple[int, int]:
    """(k, i): a class and a feature of weights (K, D). Raises `WeightError` for anything else."""
    try:
        k, i = cast("tuple[object, object]", entry)
        return (
            as_count(k, "the class", 0, shape[0] - 1, WeightError),
            as_count(i, "the feature", 0, shape[1] - 1, WeightError),
        )
    except (TypeError, ValueError) as reason:
        raise WeightError(
            f"there is no weight {shortened(entry)}: a weight is (k, i), classes are "
            f"0..{shape[0] - 1}, features 0..{shape[1] - 1}"
        ) from reason


def as_json(text: object, what: str, error: Kind) -> dict[str, Any]:
    """A JSON object of bounded length, text or bytes, without NaN. Raises `error` otherwise."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    if isinstance(text, np.ndarray) and text.ndim == 0:
        text = text.item()
    if not isinstance(text, str | bytes) or len(text) > LONGEST_TEXT:
        raise error(f"{what} can't be read: more than {LONGEST_TEXT:,} characters, or not text")
    try:
        value = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as reason:
        raise error(f"{what} can't be read: not JSON, or nested too deeply") from reason
    if not isinstance(value, dict):
        raise error(f"{what} can't be right: expected a JSON object, got {shortened(value)}")
    return value
