"""Models and training states to and from NPZ files: arrays only, never pickled objects.

A file from outside is measured before it is unpacked, and everything in it is checked.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from softmax_core.datasets import ASSETS
from softmax_core.drawing import preparation_of
from softmax_core.errors import FileError, InputError
from softmax_core.features import feature_map
from softmax_core.model import SoftmaxModel
from softmax_core.training import TrainingState

MODELS = ("pixels", "pairs", "classic")  # the shipped ones, made by softmax_core.train_models
MOST_BYTES = 50_000_000  # of all arrays in a file

File = str | Path | BinaryIO


def save_model(model: SoftmaxModel, file: File) -> None:
    """Writes a model as an NPZ file: classes, weights, names of features and preparation."""
    write_arrays(
        file,
        {
            "classes": np.array(model.classes),
            "weights": model.weights,
            "features": np.array(model.features.name),
            "preparation": np.array(model.preparation),
        },
    )


def load_model(name_or_file: File) -> SoftmaxModel:
    """A shipped model by its name ("pixels", "pairs", "classic"), or one from a file.

    Raises `FileError` for a file that is not a model: not an NPZ file, damaged, too large,
    something missing, or weights that do not fit the classes and the features.
    """
    if name_or_file in MODELS:
        name_or_file = ASSETS / f"{name_or_file}.npz"
    arrays = read_arrays(name_or_file)
    try:
        classes, weights = arrays["classes"], arrays["weights"]
        features, preparation = str(arrays["features"]), str(arrays["preparation"])
    except KeyError as error:
        raise FileError(
            f"this file is not a model: it has no {error}; a model has classes, weights, "
            "features and preparation"
        ) from error
    try:
        names = tuple(str(name) for name in np.atleast_1d(classes))
        preparation_of(preparation)
        return SoftmaxModel(names, weights, feature_map(features), preparation)
    except InputError as error:
        raise FileError(f"this file is not a model that can be used: {error}") from error


def save_state(state: TrainingState, file: File) -> None:
    """Writes a training state; the run that resumes from it goes on bit by bit as it would have."""
    write_arrays(file, state.to_arrays())


def load_state(file: File) -> TrainingState:
    """The inverse of `save_state`. Raises `FileError` for a file that is not a training state."""
    return TrainingState.from_arrays(read_arrays(file))


def write_arrays(file: File, arrays: Mapping[str, NDArray]) -> None:
    """Writes named arrays as a compressed NPZ file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    if isinstance(file, str | Path):
        Path(file).write_bytes(buffer.getvalue())
    else:
        file.write(buffer.getvalue())


def read_arrays(file: File) -> dict[str, NDArray]:
    """The named arrays of an NPZ file. Raises `FileError` for anything else, and over 50 MB."""
    import zipfile  # as NumPy does: not before there is a file

    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise FileError(f"the arrays in this file take over {MOST_BYTES / 1e6:.0f} MB")
        if not isinstance(file, str | Path):
            file.seek(0)
        with np.load(file, allow_pickle=False) as members:
            return {name: members[name] for name in members.files}
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError(
            f"there is no file {str(file)!r}; the shipped models are {', '.join(MODELS)}"
        ) from error
    except Exception as error:  # a damaged archive fails in many ways
        raise FileError("this is not an NPZ file of arrays, or it is damaged") from error
