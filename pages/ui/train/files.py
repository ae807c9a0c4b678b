"""Runs, weights and figures as files that a visitor takes away, and runs that come back."""

import csv
import io
import json
import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from plotly.io import to_html

from pages.ui.plotly_library import LOCAL
from pages.ui.train.lab import Lab, alone
from pages.ui.train.settings import ALL, Settings, checked, taken_over
from softmax_core import SoftmaxModel, save_model
from softmax_core.arrays import Member, read_arrays, write_arrays
from softmax_core.drawing import PREPARATIONS
from softmax_core.errors import FileError, InputError
from softmax_core.features import feature_map
from softmax_core.inputs import as_choice, as_count, as_names, shortened
from softmax_core.objective import Absent
from softmax_core.runs import RUN_MEMBERS, Figures, Run

LONGEST_KEEPSAKE = 150_000  # characters
ABOUT = 10_000  # characters of the settings in a file
LONGEST_SOURCE = 200  # characters of where digits come from
MOST_DIGITS = 10**13  # that are elsewhere
ELSEWHERE = ("samples", "held_out", "classes", "preparation", "source", "identity")
FIXED = ("data", "features", "optimizer", "batch", "l2", "seed")  # of a run's settings


@alone
def model_of(lab: Lab) -> SoftmaxModel:
    """The model of the epoch that is shown."""
    phi = feature_map(lab.settings.features)
    return SoftmaxModel(lab.classes, lab.seen.weights, phi, lab.preparation)


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
    about = dict(vars(settings))
    if not lab.run.here:
        about["elsewhere"] = lab.run.objective.about
    file = io.BytesIO()
    write_arrays(file, {"about": np.array(json.dumps(about)), **lab.run.to_arrays()})
    return file.getvalue()


def read_run(file: BinaryIO) -> tuple[Settings, Run]:
    """What `run_file` wrote, or training on packed files. Raises `FileError` for any other file."""
    arrays = read_arrays(file, {"about": Member("U", 1, ABOUT), **RUN_MEMBERS}, "a run")
    try:
        about = json.loads(str(arrays["about"]))
        if isinstance(about, dict) and "elsewhere" in about:
            return _taken_over(about.pop("elsewhere"), taken_over(about), arrays)
        settings = checked(about)
    except InputError as error:
        raise FileError(f"this page does not offer the settings of this run: {error}") from error
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise FileError("this is not a run that was saved on this page (run.npz)") from error
    return settings, _run(settings, arrays, *settings.objectives())


def _taken_over(about: object, settings: Settings, arrays: Mapping) -> tuple[Settings, Run]:
    """A run whose digits are elsewhere: what its file says, and no more."""
    if not isinstance(about, dict) or about.keys() != set(ELSEWHERE):
        raise FileError(f"of digits that are not here a run says their {', '.join(ELSEWHERE)}")
    classes = as_names(about["classes"])
    as_choice(about["preparation"], PREPARATIONS, "preparation")
    for name in ("source", "identity"):
        if not isinstance(about[name], str) or len(about[name]) > LONGEST_SOURCE:
            raise FileError(f"the {name} of digits is a line, got {shortened(about[name])}")
    objective, held_out = (
        Absent(
            as_count(about[name], "the number of digits", 1, MOST_DIGITS),
            feature_map(settings.features),
            len(classes),
            settings.l2,
            {**about, "classes": classes},
        )
        for name in ("samples", "held_out")
    )
    return settings, _run(settings, arrays, objective, held_out)


def _run(settings: Settings, arrays: Mapping, objective: Any, held_out: Any) -> Run:
    run = Run.from_arrays(arrays, objective, held_out=held_out)
    if not _fit(settings, run):
        raise FileError("the settings and the states of this run do not fit")
    return run


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
            text = b64encode(run_file(Lab(lab.settings))).decode() if lab.run.here else ""
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
