"""How the shipped models were chosen: cross-validation over writers and sites, one row a choice.

`python -m tests.benchmarks.cross_validation` prints the table of the README; it takes five minutes.
Each of five folds holds out one fifth of the pen digits and one other source whole: the scanned
digits, or the tablets of one site. The pen digits name no writers; a fifth is made of clusters of
digits that are written alike. What learns from scanned digits alone is judged by all the others.
Nothing here looks at a test part.
"""

import sys
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from softmax_core.datasets import load_dataset
from softmax_core.features import feature_map
from softmax_core.grids import unpack
from softmax_core.metrics import calibration
from softmax_core.model import scores, softmax
from softmax_core.objective import Objective
from softmax_core.train_models import DOUBTFUL, HANDS, SCANNED, digits_of
from softmax_core.training import maximize
from softmax_core.training_digits import Changes

FIFTHS = 5
CLUSTERS = 15  # of each class


@dataclass(frozen=True)
class Choice:
    """A way to train: see `train_models.Recipe`."""

    features: str
    l2: float
    trimmed: int = 0
    smoothed_labels: float = 0.0  # this share of each label goes to all classes evenly
    smooth_weights: float = 0.0  # μ of (μ/2) Σ (w_p − w_q)² over neighbouring pixels p, q
    copies: bool = True
    inked: bool = True  # beside them as pictures show them
    fewer: bool = False  # of the other tablets' digits one changed copy, as in FEWER
    scanned: Changes | None = None  # how scanned digits are changed, to learn from them alone

    def __str__(self):
        parts = [self.features, f"λ = {self.l2:g}"]
        if self.scanned:
            copies = f"{self.scanned.copies} copies, warp {self.scanned.warp:g}"
            parts += [f"of scanned digits alone, {copies}"]
        parts += ["trimmed"] * bool(self.trimmed)
        parts += [f"labels smoothed by {self.smoothed_labels:g}"] * bool(self.smoothed_labels)
        parts += [f"smooth weights, μ = {self.smooth_weights:g}"] * bool(self.smooth_weights)
        parts += ["no changed copies"] * (not self.copies)
        parts += ["one copy of other tablets"] * self.fewer
        parts += ["none inked"] * (self.copies and not self.inked)
        return ", ".join(parts)


ALONE = SCANNED[0][1]
CHOICES = (
    Choice("pixels", 5, trimmed=3, scanned=Changes(copies=5, turn=0.10, warp=6)),
    Choice("pixels", 5, trimmed=3, scanned=ALONE),
    Choice("pixels", 20, trimmed=3, scanned=ALONE),
    Choice("pixels", 20, scanned=ALONE),
    Choice("pixels", 1, trimmed=3),
    Choice("pixels", 1, trimmed=3, fewer=True),
    Choice("pixels", 10, trimmed=3, fewer=True),
    Choice("pixels", 20, trimmed=3, fewer=True),
    Choice("pixels", 20, trimmed=3, fewer=True, inked=False),
    Choice("pixels", 1),
    Choice("pixels", 1, smoothed_labels=0.05),
    Choice("pixels", 1, trimmed=3, smooth_weights=10),
    Choice("pixels", 10, trimmed=3),
    Choice("pixels", 1, trimmed=3, copies=False, inked=False),
    Choice("pairs", 3),
    Choice("pairs", 2),
    Choice("pairs", 2, inked=False),
    Choice("pairs", 1),
    Choice("pairs", 10),
    Choice("pairs", 3, trimmed=1),
    Choice("pairs", 3, smoothed_labels=0.05),
    Choice("pairs", 3, copies=False, inked=False),
    Choice("shapes", 6),
    Choice("shapes", 6, inked=False),
    Choice("shapes", 3),
    Choice("shapes", 12),
    Choice("shapes", 6, trimmed=1),
)


class Chosen(Objective):
    """The objective with smoothed labels, or with a penalty on rough pictures of weights."""

    def __init__(self, features, labels, choice):
        super().__init__(features, labels, classes=10, l2=choice.l2)
        share = choice.smoothed_labels
        self._seen = (1 - share) * self._seen + share * self._seen.mean(axis=0)
        self.roughness = choice.smooth_weights

    def value_and_gradient(self, weights):
        value, gradient = super().value_and_gradient(weights)
        if not self.roughness:
            return value, gradient
        images = self.features.map.weight_images(weights)
        pull = np.zeros_like(images)
        for axis in (1, 2):
            step = self.roughness * np.diff(images, axis=axis)
            value -= float((step * np.diff(images, axis=axis)).sum()) / 2
            first, last = [(0, 0)] * 3, [(0, 0)] * 3
            first[axis], last[axis] = (0, 1), (1, 0)
            pull += np.pad(step, first) - np.pad(step, last)
        gradient = gradient.copy()
        gradient[:, 1:65] += pull.reshape(len(pull), 64)
        return value, gradient


def fifths():
    """Which fifth each training digit of "pen" is in: clusters of like-written ones go together."""
    train = load_dataset("pen").train
    paths = train.trajectories.reshape(len(train), -1).astype(float)
    fifth = np.empty(len(train), int)
    for k in range(10):
        rows = np.flatnonzero(train.labels == k)
        clusters = KMeans(CLUSTERS, n_init=4, random_state=k).fit_predict(paths[rows])
        fifth[rows] = clusters % FIFTHS
    return fifth


def material():
    """Codes, labels, source ("pen 0", …, "B", …) and the kind: 1 for a digit, 0 for a copy,
    −1 for a copy beyond the first of other tablets, −2 for a digit as ink, 2 for a pen digit as it
    is tested.
    """
    parts = []
    for (name, how), (codes, labels) in zip(HANDS, digits_of(HANDS), strict=True):
        train = load_dataset(name).train
        source = {
            "pen": lambda: np.char.add("pen ", fifths().astype(str)),
            "optdigits": lambda: np.full(len(train), "scanned"),  # noqa: B023
            "unipen": lambda: train.sites,  # noqa: B023
        }[name]()
        each = 1 + how.copies
        copy = np.arange(len(codes)) % each
        kind = np.where(copy == 0, 1, np.where((copy > 1) & (name == "unipen"), -1, 0))
        if how.inked:
            kind[:] = -2
        elif name == "pen":  # training may lift the pen by the label; what is tested may not
            parts.append((train.codes, train.labels, source, np.full(len(train), 2)))
        parts.append((codes, labels, np.repeat(source, each), kind))
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def fitted(phi, codes, labels, choice):
    """The weights that a choice finds, in single precision."""
    features, sure = phi(unpack(codes), np.float32), np.ones(len(labels), bool)
    for left in range(choice.trimmed, -1, -1):
        objective = Chosen(features[sure], labels[sure], choice)
        weights = maximize(objective, optimizer="lbfgs", tolerance=1e-4).weights
        if left:
            p = softmax(scores(weights, features))
            sure = p[np.arange(len(labels)), labels] >= DOUBTFUL
    return weights


def rows(choices=CHOICES):
    """(choice, accuracy by source, expected calibration error by source)."""
    codes, labels, source, kind = material()
    sites = sorted(set(source[np.char.str_len(source) == 1]))
    folds = [(f"pen {n}", other) for n, other in enumerate([*sites, "scanned"])]
    tested = np.where(np.char.startswith(source, "pen"), kind == 2, kind == 1)
    for choice in choices:
        phi = feature_map(choice.features)
        p = np.full((len(labels), 10), np.nan)
        if choice.scanned:
            (digits,) = digits_of((("optdigits", choice.scanned),))
            weights = fitted(phi, *digits, choice)
            test = tested & (source != "scanned")
            p[test] = softmax(scores(weights, phi(unpack(codes[test]))))
        for fold in folds if not choice.scanned else ():
            out = np.isin(source, fold)
            least = 1 if not choice.copies else 0 if choice.fewer else -1
            learned = ~out & (kind >= least) & (kind < 2) | ~out & (kind == -2) & choice.inked
            weights = fitted(phi, codes[learned], labels[learned], choice)
            test = out & tested
            p[test] = softmax(scores(weights, phi(unpack(codes[test]))))
        groups = {"pen": np.char.startswith(source, "pen") & tested}
        others = (*sites, "scanned")[: len(sites) if choice.scanned else None]
        groups |= {name: (source == name) & tested for name in others}
        right = p.argmax(axis=1) == labels
        yield (
            choice,
            {name: right[group].mean() for name, group in groups.items()},
            {name: calibration(p[group], labels[group]).error for name, group in groups.items()},
        )


def main(arguments):
    choices = [c for c in CHOICES if not arguments or c.features in arguments]
    print("| choice | pen | scanned | sites B–E, mean | worst site | calibration error, worst |")
    print("|---|---|---|---|---|---|", flush=True)
    for choice, right, error in rows(choices):
        sites = [share for name, share in right.items() if len(name) == 1]
        scanned = f"{right['scanned']:.4f}" if "scanned" in right else "–"
        print(
            f"| {choice} | {right['pen']:.4f} | {scanned} | {np.mean(sites):.4f} "
            f"| {min(sites):.4f} | {max(error.values()):.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
