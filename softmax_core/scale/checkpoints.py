"""A run over packed files as a file: the Train page opens it as any other run.

It holds what `Run.to_arrays` makes, and under "about" the settings as that page has them, with what
is to be known of digits that are not there.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softmax_core.arrays import Member, read_arrays, write_arrays
from softmax_core.errors import FileError
from softmax_core.inputs import LONGEST_TEXT, as_json, shortened
from softmax_core.objective import BaseObjective
from softmax_core.runs import RUN_MEMBERS, Run
from softmax_core.scale.files import LONGEST_SOURCE, PackedFile, replacing
from softmax_core.scale.objective import PackedObjective

DATA = "packed"  # in the place of a data set's name
ALL = "all"  # in the place of a batch size
MEMBERS = {"about": Member("U", 1, LONGEST_TEXT), **RUN_MEMBERS}


def identity(files: Sequence[PackedFile], held_out: Sequence[PackedFile] = ()) -> str:
    """A word for the digits of some files in this order, and one for those that are held out.

    Of other digits they are others.
    """
    kinds = [files, held_out] if held_out else [files]
    return ", held out ".join(_word(files) for files in kinds)


def _word(files: Sequence[PackedFile]) -> str:
    checksums = b"".join(file.identity.to_bytes(4, "big") for file in files)
    return f"{zlib.crc32(checksums):08x}-{sum(map(len, files))}"


def _sources(files: Sequence[PackedFile]) -> str:
    """Where the digits come from, in a line as a header has it."""
    first, *others = dict.fromkeys(file.header.source for file in files)
    more = f" (and {len(others)} more)" if others else ""
    return first[: LONGEST_SOURCE - len(more)] + more


def about(
    run: Run, features: str, files: Sequence[PackedFile], held_out: Sequence[PackedFile] = ()
) -> dict[str, Any]:
    """What a run was told, and what it was trained on and judged by."""
    header, state = files[0].header, run.state
    return {
        "data": DATA,
        "features": features,
        "optimizer": state.optimizer,
        "batch": ALL if state.batch_size is None else state.batch_size,
        "l2": state.l2,
        "seed": state.seed,
        "epochs": run.epochs,
        "parameters": list(state.parameters.items()),
        "elsewhere": {
            "samples": len(run.objective),
            "held_out": 0 if run.held_out is None else len(run.held_out),
            "classes": header.classes,
            "preparation": header.preparation,
            "source": _sources(files),
            "identity": identity(files, held_out),
        },
    }


def write_checkpoint(
    path: str | Path, run: Run, told: Mapping[str, Any], *, overwrite: bool = True
) -> None:
    """Puts a run in the place of the last checkpoint, when all of it is on the disk.

    Raises `FileError` where it can't be written; the last one stays.
    """
    arrays = {"about": np.array(json.dumps(told)), **run.to_arrays()}
    with replacing(path, overwrite=overwrite) as file:
        write_arrays(file, arrays)  # type: ignore[arg-type]


def read_checkpoint(path: str | Path) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """What `about` says, and the arrays of the run. Raises `FileError` for another file."""
    arrays = read_arrays(path, MEMBERS, "a run")
    told = as_json(arrays.get("about"), "the settings of a run", FileError)
    if told.get("data") != DATA or not isinstance(told.get("elsewhere"), dict):
        raise FileError(f"{path} is no run over packed files")
    return told, arrays


def resumed(
    path: str | Path,
    objective: BaseObjective,
    held_out: PackedObjective | None,
    files: Sequence[PackedFile],
) -> Run:
    """The run of a checkpoint, over the same files: it goes on bit by bit as it would have.

    Raises `FileError` where the digits are others than those that it was trained on and judged by.
    """
    told, arrays = read_checkpoint(path)
    trained_on = told["elsewhere"].get("identity")
    if trained_on != (given := identity(files, () if held_out is None else held_out.files)):
        raise FileError(
            f"{path} was trained on other digits ({shortened(trained_on)}) than these "
            f"({given!r}): give the same files in the same order, and the same held out"
        )
    return Run.from_arrays(arrays, objective, held_out=held_out)
