"""Where the digits of packed files come from: data sets, a room's export, a seeded generator."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from softmax_core.arrays import is_file
from softmax_core.datasets import Split, load_dataset
from softmax_core.drawing import grid_from_strokes
from softmax_core.errors import FileError, InputError
from softmax_core.grids import Codes, from_hex, pack
from softmax_core.inputs import (
    LARGEST_SEED,
    LONGEST_TEXT,
    as_choice,
    as_count,
    as_json,
    as_number,
    shortened,
)
from softmax_core.scale.files import MOST_DIGITS, ROWS, Digits, Header

FINENESS = 10  # bits of a probability: 1/1024

Given = tuple[Header, int, Iterator[Digits]]  # what `write_packed` takes

PARTS: dict[str, Callable[..., Split]] = {
    "train": lambda dataset: dataset.train,
    "test": lambda dataset: dataset.test,
}


def from_dataset(name: str, part: str = "train") -> Given:
    """The digits of a shipped set, "train" or "test"."""
    choose = as_choice(part, PARTS, "part of a data set")
    dataset = load_dataset(name)
    split = choose(dataset)
    source = f"{dataset.title}, {part}"
    header = Header(dataset.classes, dataset.preparation, source)
    return header, len(split), iter([(split.codes, split.labels.astype(np.uint8))])


def generated(
    count: int, seed: int = 0, *, name: str = "pen", part: str = "train", flips: float = 0.05
) -> Given:
    """`count` digits drawn from a set at random, every pixel of each switched with p = `flips`.

    The digits of a block depend on the seed and its number: the same on every machine, and a file
    begins as a longer one of the same seed. p is rounded to 1/1024.
    """
    count = as_count(count, "the number of digits", 1, MOST_DIGITS)
    seed = as_count(seed, "the seed", 0, LARGEST_SEED)
    share = round(as_number(flips, "the share of pixels to switch", 0, 1) * 2**FINENESS)
    header, size, digits = from_dataset(name, part)
    ((codes, labels),) = digits

    def blocks() -> Iterator[Digits]:
        for block, first in enumerate(range(0, count, ROWS)):
            rng = np.random.default_rng([seed, block])
            rows = rng.integers(0, size, ROWS)[: count - first]
            yield codes[rows] ^ _scattered(rng, share)[: count - first], labels[rows]

    source = f"{header.source}: pixels switched with p = {share / 2**FINENESS:.3g}, seed {seed}"
    return Header(header.classes, header.preparation, source), count, blocks()


def _scattered(rng: np.random.Generator, share: int) -> Codes:
    """ROWS words whose bits are 1 with p = share / 2^FINENESS, each by itself.

    A random word stands for a binary place of p: from the last to the first, "or" where it is 1
    makes p (1 + p) / 2 of p, "and" where it is 0 makes p / 2.
    """
    if share == 2**FINENESS:
        return np.full(ROWS, 2**64 - 1, np.uint64)
    bits = np.zeros(ROWS, np.uint64)
    for place in range(FINENESS):
        word = rng.integers(0, 2**64, ROWS, np.uint64)
        bits = bits | word if share >> place & 1 else bits & word
    return bits


def from_room(path: str | Path) -> Given:
    """The training drawings of a room's export, hidden ones left out: CSV of grids, NDJSON of
    strokes.

    Raises `FileError`, which names the line that is no drawing.
    """
    if not is_file(path):
        raise FileError(f"there is no file {shortened(str(path))}")
    rows = _csv_rows if Path(path).suffix.lower() == ".csv" else _ndjson_rows
    try:
        classes, codes, labels = rows(Path(path))
        if not labels:
            raise FileError("no drawing for training is in it")
        header = Header(classes, "pen", f"room, {Path(path).name}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path} is not text: no export of a room") from error
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}") from error
    except InputError as error:
        raise FileError(f"{path} is no export of a room: {error}") from error
    columns = np.array(codes, np.uint64), np.array(labels, np.uint8)
    return header, len(labels), iter([columns])


Columns = tuple[tuple[str, ...], list[int], list[int]]  # classes, codes, labels


def _csv_rows(path: Path) -> Columns:
    """Classes are the names in the file, in their alphabetical order."""
    names: list[str] = []
    codes: list[int] = []
    with path.open(newline="", encoding="utf-8") as text:
        rows = csv.DictReader(text)
        if not {"class", "grid", "purpose", "hidden"} <= set(rows.fieldnames or ()):
            raise FileError("its columns are not class, grid, purpose, hidden, …")
        for row in rows:
            if row["hidden"] or row["purpose"] != "training":
                continue
            try:
                codes.append(int(pack(from_hex(row["grid"]))[0]))
            except InputError as error:
                raise FileError(f"line {rows.line_num}: {error}") from error
            names.append(_name(row["class"] or ""))
    classes = tuple(sorted(set(names)))
    places = {name: k for k, name in enumerate(classes)}
    return classes, codes, [places[name] for name in names]


def _name(cell: str) -> str:
    """A class's name as it was before a ' kept spreadsheets from computing it."""
    return cell[1:] if cell.startswith("'") and len(cell) > 1 else cell


def _ndjson_rows(path: Path) -> Columns:
    codes: list[int] = []
    labels: list[int] = []
    with path.open("rb") as lines:
        head = as_json(lines.readline(LONGEST_TEXT), "line 1", FileError)
        classes = Header(head.get("classes", ()), "pen", "").classes
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST_TEXT), b""), start=2):
            row = as_json(line, f"line {number}", FileError)
            if row.get("hidden") or row.get("purpose") != "training":
                continue
            try:
                labels.append(classes.index(row.get("class")))
                codes.append(int(pack(grid_from_strokes(row["strokes"]))[0]))
            except (InputError, KeyError, ValueError) as error:
                raise FileError(f"line {number} is no drawing of its classes: {error}") from error
    return classes, codes, labels
