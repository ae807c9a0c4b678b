"""What the browser draws of a `Lab`: its figures, the frames of a message, and the message."""

from pages.ui.cached import digits
from pages.ui.figures import Palette
from pages.ui.train import figures as drawn
from pages.ui.train.lab import Lab, alone
from pages.ui.train.live import Frame, Message
from pages.ui.train.settings import run_names
from softmax_core.features import BIAS
from softmax_core.runs import Figures
from softmax_core.training import TrainingState


@alone
def message(
    lab: Lab, colours: Palette, *, per_sample: bool = False, logarithmic: bool = False
) -> Message:
    """What the browser draws next."""
    labels = None
    if not lab.running:
        labels = [
            drawn.describe_curves(lab.run.figures_at(lab.shown)),
            drawn.describe_weights(*_pictures(lab, lab.seen), _classes(lab)),
        ]
    return {
        "serial": lab.serial,
        "running": lab.running,
        "pace": lab.speed.pace,
        "goal": lab.run.epochs,
        "figures": figures(lab, colours, per_sample=per_sample, logarithmic=logarithmic),
        "frames": [frame(lab, state) for state in (lab.passed if lab.running else [lab.seen])],
        "labels": labels,
    }


@alone
def figures(
    lab: Lab, colours: Palette, *, per_sample: bool = False, logarithmic: bool = False
) -> list[dict]:
    """The curves of all runs, and the weights of the epoch that is shown."""
    names = run_names([lab.told, *(past.told for past in lab.past)])
    names = names if lab.past else [""]
    runs = [drawn.curves_of(lab.run), *(past.curves for past in lab.past)]
    named = [run._replace(name=name) for run, name in zip(runs, names, strict=True)]
    rewound = not lab.running and lab.shown < lab.run.epoch
    return [
        drawn.curves(
            named,
            len(_classes(lab)),
            colours,
            per_sample=per_sample,
            logarithmic=logarithmic,
            marked=lab.shown if rewound else None,
        ),
        drawn.weights(*_pictures(lab, lab.seen), _classes(lab), colours, hover=not lab.running),
    ]


def frame(lab: Lab, state: TrainingState) -> Frame:
    """One state of the run as it is drawn."""
    return {
        "epoch": state.epoch,
        "numbers": _numbers(lab, lab.run.figures_at(state.epoch)),
        "data": [[], [drawn.cells(*_pictures(lab, state))]],
    }


def _classes(lab: Lab) -> tuple[str, ...]:
    return digits(lab.settings.data).classes


def _pictures(lab: Lab, state: TrainingState):
    return lab.run.objective.features.map.weight_images(state.weights), state.weights[:, BIAS]


def _numbers(lab: Lab, figures: Figures) -> list[tuple[str, str]]:
    n, held_out = len(lab.run.objective), len(lab.run.held_out)
    return [
        ("Epoch", f"{figures.epoch:,} of {lab.run.epochs:,}"),
        ("L(W), nats", _nats(figures.log_likelihood)),
        ("L/N, training", _nats(figures.log_likelihood / n, 4)),
        ("Accuracy, training", f"{figures.accuracy:.1%}"),
        ("Epochs a second", f"{lab.epochs_per_second:,.0f}" if lab.running else "–"),
        ("max |∂F/∂w| / N", f"{figures.gradient_norm:.1e}".replace("-", "−")),
        ("L/N, held out", _nats(figures.held_out_log_likelihood / held_out, 4)),
        ("Accuracy, held out", f"{figures.held_out_accuracy:.1%}"),
    ]


def _nats(value: float, digits: int = 1) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")
