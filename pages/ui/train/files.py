"""Runs, weights and figures as files that a visitor takes away, and runs that come back."""

import io
import json
from typing import BinaryIO

import numpy as np
from plotly.io import to_html

from pages.ui.train.settings import BATCH_SIZES, PENALTIES, Settings
from softmax_core import DATASETS, SoftmaxModel, save_model
from softmax_core.arrays import read_arrays, write_arrays
from softmax_core.errors import FileError
from softmax_core.features import FEATURE_MAPS
from softmax_core.runs import Run


def write_run(settings: Settings, run: Run) -> bytes:
    """The run as an NPZ file."""
    file = io.BytesIO()
    write_arrays(file, {"about": np.array(json.dumps(vars(settings))), **run.to_arrays()})
    return file.getvalue()


def read_run(file: BinaryIO) -> tuple[Settings, Run]:
    """The inverse of `write_run`. Raises `FileError` for any other file."""
    arrays = read_arrays(file)
    try:
        about = json.loads(str(arrays["about"]))
        about["parameters"] = tuple((name, float(value)) for name, value in about["parameters"])
        settings = Settings(**about)
        offered = (
            settings.data in DATASETS
            and settings.features in FEATURE_MAPS
            and settings.batch in BATCH_SIZES
            and settings.l2 in PENALTIES
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FileError("this is not a run that was saved on this page (run.npz)") from error
    if not offered:
        raise FileError("this run has settings that this page does not offer")
    objective, held_out = settings.objectives()
    run = Run.from_arrays(arrays, objective, held_out=held_out)
    if run.state.optimizer != settings.optimizer or run.epochs != settings.epochs:
        raise FileError("the settings and the states of this run do not fit")
    return settings, run


def weights_file(model: SoftmaxModel) -> bytes:
    """The model as an NPZ file that `load_model` reads."""
    file = io.BytesIO()
    save_model(model, file)
    return file.getvalue()


def figures_file(figures: list[dict]) -> str:
    """The figures as one page that needs nothing else."""
    first, *rest = figures
    parts = [to_html(first, full_html=False, include_plotlyjs=True, validate=False)]
    parts += [to_html(f, full_html=False, include_plotlyjs=False, validate=False) for f in rest]
    head = '<!doctype html><meta charset="utf-8"><title>Softmax regression: a run</title>'
    return head + "".join(parts)
