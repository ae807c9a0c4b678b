"""Models and training states as files: whatever comes from one is checked."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softmax_core.arrays import File, Member, is_file, read_arrays, write_arrays
from softmax_core.datasets import ASSETS
from softmax_core.errors import FileError, InputError
from softmax_core.features import FEATURE_MAPS, feature_map
from softmax_core.inputs import LONGEST_NAME, MOST_CLASSES, as_own, shortened
from softmax_core.model import SoftmaxModel
from softmax_core.neighbours import MOST_KNOWN, Known
from softmax_core.training import STATE_MEMBERS, TrainingState

MODELS = ("pixels", "pairs", "shapes", "classic")  # the shipped ones, see train_models

MODEL_MEMBERS = {
    "classes": Member("U", MOST_CLASSES, LONGEST_NAME),
    "weights": Member("f", MOST_CLASSES * max(phi.dimension for phi in FEATURE_MAPS.values())),
    "features": Member("U", 1, LONGEST_NAME),
    "preparation": Member("U", 1, LONGEST_NAME),
}
KNOWN_MEMBERS = {"known_codes": Member("u", MOST_KNOWN), "known_labels": Member("u", MOST_KNOWN)}


def save_model(model: SoftmaxModel, file: File) -> None:
    """Writes a model as an NPZ file: classes, weights, names of features and preparation."""
    as_own(model, SoftmaxModel, "a SoftmaxModel").save(file)


def load_model(name_or_file: File) -> SoftmaxModel:
    """A shipped model by its name ("pixels", "pairs", "shapes", "classic"), or one from a file.

    Raises `FileError` for a file that is not a model: not an NPZ file, damaged, too large,
    something missing, or weights that do not fit the classes and the features.
    """
    if isinstance(name_or_file, str) and name_or_file in MODELS:
        name_or_file = ASSETS / f"{name_or_file}.npz"
    elif isinstance(name_or_file, str | Path) and not is_file(name_or_file):
        raise FileError(
            f"there is no file {shortened(str(name_or_file))}; the shipped models are "
            f"{', '.join(MODELS)}"
        )
    arrays = read_arrays(name_or_file, MODEL_MEMBERS | KNOWN_MEMBERS, "a model")
    for part in MODEL_MEMBERS:
        if part not in arrays:
            raise FileError(
                f"this file is not a model: it has no {part!r}; a model has classes, weights, "
                "features and preparation"
            )
    try:
        known = None
        if "known_codes" in arrays:
            known = Known(arrays["known_codes"], arrays.get("known_labels", np.empty(0)))
        return SoftmaxModel(
            tuple(arrays["classes"].ravel().tolist()),
            arrays["weights"],
            feature_map(_text(arrays["features"])),
            _text(arrays["preparation"]),
            known,
        )
    except InputError as error:
        raise FileError(f"this file is not a model that can be used: {error}") from error


def _text(array: NDArray) -> str:
    return str(array.item()) if array.size == 1 else ""


def save_state(state: TrainingState, file: File) -> None:
    """Writes a training state; the run that resumes from it goes on bit by bit as it would have."""
    write_arrays(file, as_own(state, TrainingState, "a TrainingState").to_arrays())


def load_state(file: File) -> TrainingState:
    """The inverse of `save_state`. Raises `FileError` for a file that is not a training state."""
    return TrainingState.from_arrays(read_arrays(file, STATE_MEMBERS, "a training state"))
