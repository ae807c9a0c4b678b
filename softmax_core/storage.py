"""Models and training states as files: whatever comes from one is checked."""

from pathlib import Path

import numpy as np

from softmax_core.arrays import File, read_arrays, write_arrays
from softmax_core.datasets import ASSETS
from softmax_core.drawing import preparation_of
from softmax_core.errors import FileError, InputError
from softmax_core.features import feature_map
from softmax_core.model import SoftmaxModel
from softmax_core.training import TrainingState

MODELS = ("pixels", "pairs", "classic")  # the shipped ones, made by softmax_core.train_models


def save_model(model: SoftmaxModel, file: File) -> None:
    """Writes a model as an NPZ file: classes, weights, names of features and preparation."""
    model.save(file)


def load_model(name_or_file: File) -> SoftmaxModel:
    """A shipped model by its name ("pixels", "pairs", "classic"), or one from a file.

    Raises `FileError` for a file that is not a model: not an NPZ file, damaged, too large,
    something missing, or weights that do not fit the classes and the features.
    """
    if name_or_file in MODELS:
        name_or_file = ASSETS / f"{name_or_file}.npz"
    elif isinstance(name_or_file, str | Path) and not Path(name_or_file).exists():
        raise FileError(
            f"there is no file {str(name_or_file)!r}; the shipped models are {', '.join(MODELS)}"
        )
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
