"""Softmax regression on 8×8 binary grids: the mathematics, and everything that feeds it.

The names below are what notebooks, programs and the app use. Each module says what it is for;
the mathematics is in `model`, the way of a drawing in `drawing`, training in `training`.
"""

from softmax_core.datasets import DATASETS, Dataset, Split, load_dataset, trajectory_strokes
from softmax_core.drawing import (
    PREPARATIONS,
    Preparation,
    Prepared,
    grid_from_image,
    grid_from_strokes,
    prepare,
)
from softmax_core.errors import InputError
from softmax_core.explain import Answer, Verdict, answer
from softmax_core.features import FEATURE_MAPS, FeatureMap, Features, feature_map
from softmax_core.gradient_check import check_gradient, one_hot_check
from softmax_core.grids import Grid, from_hex, pack, to_hex, unpack
from softmax_core.metrics import accuracy, calibration, confusion
from softmax_core.model import (
    SoftmaxModel,
    evidence,
    gradient,
    hessian,
    log_likelihood,
    log_softmax,
    penalty,
    scores,
    softmax,
    softmax_jacobian,
)
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.picture_files import read_picture
from softmax_core.storage import MODELS, load_model, load_state, save_model, save_state
from softmax_core.training import (
    EpochRecord,
    Solution,
    TrainingState,
    maximize,
    step,
    train,
)

__all__ = [
    "DATASETS",
    "FEATURE_MAPS",
    "MODELS",
    "OPTIMIZERS",
    "PREPARATIONS",
    "Answer",
    "Dataset",
    "EpochRecord",
    "FeatureMap",
    "Features",
    "Grid",
    "InputError",
    "Objective",
    "Preparation",
    "Prepared",
    "SoftmaxModel",
    "Solution",
    "Split",
    "TrainingState",
    "Verdict",
    "accuracy",
    "answer",
    "calibration",
    "check_gradient",
    "confusion",
    "evidence",
    "feature_map",
    "from_hex",
    "gradient",
    "grid_from_image",
    "grid_from_strokes",
    "hessian",
    "load_dataset",
    "load_model",
    "load_state",
    "log_likelihood",
    "log_softmax",
    "maximize",
    "one_hot_check",
    "pack",
    "penalty",
    "prepare",
    "read_picture",
    "save_model",
    "save_state",
    "scores",
    "softmax",
    "softmax_jacobian",
    "step",
    "to_hex",
    "train",
    "trajectory_strokes",
    "unpack",
]
