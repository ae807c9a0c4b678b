"""Runs, weights and figures as files that a visitor takes away, and runs that come back."""

import csv
import io
import json
import math
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from plotly.io import to_html

from pages.ui.cached import digits
from pages.ui.plotly_library import LOCAL
from pages.ui.train.lab import Lab, alone
from pages.ui.train.settings import ALL, Settings, checked
from softmax_core import SoftmaxModel, save_model
from softmax_core.arrays import Member, read_arrays, write_arrays
from softmax_core.errors import FileError, InputError, ParameterError
from softmax_core.features import feature_map
from softmax_core.runs import RUN_MEMBERS, Figures, Run

LONGEST_KEEPSAKE = 150_000  # characters
ABOUT = 2_000  # characters of the settings in a file
FIXED = ("data", "features", "optimizer", "batch", "l2", "seed")  # of a run's settings


@alone
def model_of(lab: Lab) -> SoftmaxModel:
    """The model of the epoch that is shown."""
    dataset = digits(lab.settings.data)
    phi = feature_map(lab.settings.features)
    return SoftmaxModel(dataset.classes, lab.seen.weights, phi, dataset.preparation)


def weights_file(model: SoftmaxModel) -> bytes:
    """The model as an NPZ file that `load_model` reads."""
    file = io.BytesIO()
    save_model(model, file)
    return file.getvalue()


@alone
def history_file(lab: Lab) -> str:
    """The figures of every epoch as CSV, and what each was trained with."""
    fixed = {name: getattr(lab.settings, name) for name in FIXED}
    spans = lab.run.trained_with
    parameters = list(lab.run.state.parameters)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*Figures._fields, *parameters, *fixed])
    for epoch in range(lab.run.epoch + 1):
        row = lab.run.figures_at(epoch)
        used = next((s.parameters for s in spans if s.first <= epoch <= s.last), {})
        writer.writerow(
            [
                *("" if math.isnan(value) else value for value in row),
                *(used.get(name, "") for name in parameters),
                *fixed.values(),
            ]
        )
    return text.getvalue()


@alone
def run_file(lab: Lab) -> bytes:
    """The run as an NPZ file: its settings, and of every epoch what it was trained with."""
    settings = replace(lab.settings, parameters=tuple(lab.run.state.parameters.items()))
    file = io.BytesIO()
    write_arrays(file, {"about": np.array(json.dumps(vars(settings))), **lab.run.to_arrays()})
    return file.getvalue()


def read_run(file: BinaryIO) -> tuple[Settings, Run]:
    """What `run_file` wrote. Raises `FileError` for any other file."""
    arrays = read_arrays(file, {"about": Member("U", 1, ABOUT), **RUN_MEMBERS}, "a run")
    try:
        settings = checked(json.loads(str(arrays["about"])))
    except ParameterError as error:
        raise FileError(f"this page does not offer the settings of this run: {error}") from error
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise FileError("this is not a run that was saved on this page (run.npz)") from error
    objective, held_out = settings.objectives()
    run = Run.from_arrays(arrays, objective, held_out=held_out)
    if not _fit(settings, run):
        raise FileError("the settings and the states of this run do not fit")
    return settings, run


def _fit(settings: Settings, run: Run) -> bool:
    """Whether the states of a run are what its settings say."""
    state = run.state
    size = None if settings.batch == ALL else min(settings.batch, len(run.objective))
    return (
        (state.optimizer, state.batch_size, state.seed, state.l2, run.epochs)
        == (settings.optimizer, size, settings.seed, settings.l2, settings.epochs)
    ) and dict(state.parameters) == dict(settings.parameters)


def keepsake(lab: Lab) -> str:
    """The run as a text for the browser to keep; where that is long, its settings alone."""
    made_of = lab.settings, lab.run.epoch
    if lab.keepsake[0] != made_of:
        text = b64encode(run_file(lab)).decode()
        if len(text) > LONGEST_KEEPSAKE:
            text = b64encode(run_file(Lab(lab.settings))).decode()
        lab.keepsake = made_of, text
    return lab.keepsake[1]


def recall(lab: Lab, text: str) -> None:
    """Takes up what `keepsake` made, unless a run is open; what can't be used is left aside."""
    with suppress(InputError, ValueError):
        if not lab.locked:
            lab.take_up(*read_run(io.BytesIO(b64decode(text))))


def figures_file(figures: list[dict]) -> str:
    """The figures as one page that needs nothing else."""
    parts = [
        to_html(
            figure,
            full_html=False,
            include_plotlyjs=not order,
            validate=False,
            config=dict(LOCAL),
        )
        for order, figure in enumerate(figures)
    ]
    head = '<!doctype html><meta charset="utf-8"><title>Softmax regression: a run</title>'
    return head + "".join(parts)
