"""What the browser draws of a `Lab`: its figures, the frames of a message, and the message."""

import base64
import math
import time

import numpy as np

from pages.ui.figures import Palette
from pages.ui.train import figures as drawn
from pages.ui.train.figures import View
from pages.ui.train.lab import Lab, alone
from pages.ui.train.live import Album, Frame, Message
from pages.ui.train.settings import FRAME, Told, run_names
from softmax_core.features import BIAS
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.runs import Figures
from softmax_core.training import TrainingState

ALBUM = 80  # earlier epochs that an album holds
MEASURING = 0.15  # seconds that measuring them may take
FULL = np.iinfo(np.int16).max

MEANINGS = {
    "L(W)": "The sum of ln P(yₙ|xₙ) over {n:,} digits of training, in nats. 0 is certainty.",
    "L/N, training": "The same for one digit. Who knows nothing has −ln K = −{chance:.4f}.",
    "L/N, unseen digits": "The same on {held_out:,} {unseen}.",
    "Accuracy, training": "The share of the digits of training whose class it names.",
    "Gradient": "The largest |∂F/∂w| for one digit. It is 0 at the top.",
    "Pace": "Epochs a second, at present.",
}


@alone
def message(lab: Lab, colours: Palette, view: View) -> Message:
    """What the browser draws next."""
    images, biases = _pictures(lab, lab.seen)
    labels = None
    if not lab.going:
        labels = (
            drawn.describe_curves(lab.run.figures_at(lab.shown)),
            drawn.describe_weights(images, biases, lab.classes),
        )
    return {
        "serial": lab.serial,
        "running": lab.going,
        "pace": lab.speed.pace if lab.sought is None else 1000 * FRAME,
        "first": 1 if view.logarithmic else 0,
        "last": lab.run.epoch,
        "classes": list(lab.classes),
        "colours": [colours.against, colours.middle, colours.favour],
        "names": _names(lab),
        "unseen": _unseen(lab),
        "figure": _curves(lab, colours, view),
        "frames": [frame(lab, state, view) for state in (lab.passed if lab.going else [lab.seen])],
        "labels": labels,
        "table": [list(RESULTS), *results(lab)] if lab.course else [],
    }


@alone
def figures(lab: Lab, colours: Palette, view: View) -> list[dict]:
    """The curves of all runs, and the weights of the epoch that is shown."""
    images, biases = _pictures(lab, lab.seen)
    scale = drawn.scale_of(images, view)
    return [
        _curves(lab, colours, view),
        drawn.weights(images, biases, lab.classes, colours, scale),
    ]


def frame(lab: Lab, state: TrainingState, view: View) -> Frame:
    """One state of the run as it is drawn."""
    images, biases = _pictures(lab, state)
    rows = np.column_stack([images.reshape(len(biases), -1), biases])
    reach = float(np.abs(rows).max()) or 1.0
    figures = lab.run.figures_at(state.epoch)
    return {
        "epoch": state.epoch,
        "accuracy": _percent(figures.held_out_accuracy),
        "numbers": _numbers(lab, figures),
        "weights": base64.b64encode(np.rint(rows * (FULL / reach)).astype("<i2")).decode(),
        "reach": reach,
        "scale": drawn.scale_of(images, view),
    }


@alone
def album(lab: Lab, view: View) -> Album:
    """States that the run has kept, from the first to the last; measured as far as time allows."""
    kept = lab.run.kept
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(ALBUM, len(kept))).astype(int))
    began, frames = time.perf_counter(), []
    for state in (kept[index] for index in chosen):
        if time.perf_counter() < began + MEASURING and not lab.hurry:
            lab.run.measure(state.epoch)
        frames.append(frame(lab, state, view))
    return {"serial": lab.serial, "frames": frames if len(frames) > 1 else []}


def results(lab: Lab) -> list[list[str]]:
    """A lesson's runs as rows: name, epochs, L, L/N and accuracy on unseen digits; "…" for what is
    still to come."""
    names = run_names([Told(settings) for settings in lab.course.lesson.runs])
    ended = [(past.figures, past.curves.samples) for past in lab.past]
    if lab.run.stop is not None:
        samples = {"training": len(lab.run.objective), "held out": len(lab.run.held_out)}
        ended.append((lab.run.figures_at(lab.run.epoch), samples))
    rows = [[name, *"…" * (len(RESULTS) - 1)] for name in names]
    for row, (figures, samples) in zip(rows, ended, strict=False):
        row[1:] = [
            f"{figures.epoch:,}",
            _nats(figures.log_likelihood),
            _nats(figures.held_out_log_likelihood / samples["held out"], 3),
            _percent(figures.held_out_accuracy),
        ]
    return rows


RESULTS = ("run", "epochs", "L(W), training", "L/N, unseen digits", "unseen digits, right")


def _curves(lab: Lab, colours: Palette, view: View) -> dict:
    """The present run and those before it; a lesson's are in the order in which they are given."""
    told = [past.told for past in lab.past]
    runs = [past.curves for past in lab.past]
    present = 0 if lab.course is None else len(runs)
    told.insert(present, lab.told)
    runs.insert(present, drawn.curves_of(lab.run))
    names = run_names(told) if lab.past else [""]
    named = [run._replace(name=name) for run, name in zip(runs, names, strict=True)]
    first_order = OPTIMIZERS[lab.settings.optimizer].minibatch
    end = drawn.last_epoch(named, view, 100 if first_order else 10)
    return drawn.curves(named, len(lab.classes), colours, view, end, present)


def _pictures(lab: Lab, state: TrainingState):
    return lab.run.objective.map.weight_images(state.weights), state.weights[:, BIAS]


def _unseen(lab: Lab) -> str:
    """Two lines, for the number beside them; one in running text."""
    return "digits of writers\nit has not seen" if lab.run.here else "digits\nthat were held out"


def _names(lab: Lab) -> list[tuple[str, str]]:
    sizes = {
        "n": len(lab.run.objective),
        "held_out": len(lab.run.held_out),
        "unseen": _unseen(lab),
        "chance": math.log(len(lab.classes)),
    }
    return [(name, meaning.format(**sizes)) for name, meaning in MEANINGS.items()]


def _numbers(lab: Lab, figures: Figures) -> list[str]:
    n, held_out = len(lab.run.objective), len(lab.run.held_out)
    return [
        _nats(figures.log_likelihood),
        _nats(figures.log_likelihood / n, 4),
        _nats(figures.held_out_log_likelihood / held_out, 4),
        _percent(figures.accuracy),
        f"{figures.gradient_norm:.1e}".replace("-", "−"),
        f"{lab.epochs_per_second:,.0f}" if lab.running else "–",
    ]


def _percent(share: float) -> str:
    return "…" if math.isnan(share) else f"{share:.1%}".replace("%", " %")


def _nats(value: float, digits: int = 1) -> str:
    return "…" if math.isnan(value) else f"{value:,.{digits}f}".replace("-", "−")
