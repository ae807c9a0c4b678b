"""The mathematics against the machine's limit, PyTorch and scikit-learn: one table.

Every ratio is of medians of calls that take turns in one process. The limit is two products and
an exponential into ready buffers. Run it as `python -m tests.benchmarks.bench_core`.
"""

import os
import subprocess
import sys
import time
import tracemalloc
import warnings

import numpy as np
from sklearn._loss import HalfMultinomialLoss
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model._linear_loss import LinearModelLoss

from softmax_core.datasets import load_dataset
from softmax_core.features import feature_map
from softmax_core.grids import unpack
from softmax_core.model import SoftmaxModel
from softmax_core.objective import Objective
from softmax_core.training import record, start, step

Row = tuple[str, str, str]

CLASSES, GAP = 10, 1e-8
TURN, WARM, REST = 50, 10, 0.1  # calls; calls; seconds
PIXELS = feature_map("pixels")


def rows() -> list[Row]:
    """(measure, goal, measured) of every goal."""
    return [
        *_evaluations(1_797, "≤ 1.4 ×"),
        *_evaluations(11_317, "≤ 1.25 ×", rivals=True),
        *_evaluations(100_000, "≤ 1.4 ×"),
        _optimum("pixels"),
        _optimum("pairs"),
        *_predictions(),
        _epochs(),
        _imports(),
    ]


def _medians(*functions, runs: int) -> list[float]:
    """Median seconds of each function. They take turns of up to ten calls.

    Before each turn comes a rest, until the threads of the one before no longer wait in a loop
    for more, and two calls to warm up.
    """
    turns = max(1, runs // TURN)
    seconds = np.empty((turns, min(runs, TURN), len(functions)))
    for turn in seconds:
        for place, function in enumerate(functions):
            time.sleep(REST)
            for _ in range(WARM):
                function()
            for call in turn:
                began = time.perf_counter()
                function()
                call[place] = time.perf_counter() - began
    return np.median(seconds, axis=(0, 1)).tolist()


def _evaluations(samples: int, goal: str, rivals: bool = False) -> list[Row]:
    rng = np.random.default_rng(0)
    grids, labels = rng.random((samples, 8, 8)) < 0.35, rng.integers(0, CLASSES, samples)
    result = []
    for dtype in (np.float64, np.float32):
        features = PIXELS(grids, dtype)
        objective = Objective(features, labels, classes=CLASSES, l2=1.0)
        # Every call gets other weights: an objective remembers its last answer.
        weights = iter(rng.normal(scale=0.1, size=(10_000, CLASSES, 65)).astype(dtype))
        fixed = next(weights)
        a, g = np.empty((CLASSES, samples), dtype), np.empty_like(fixed)

        def limit(phi=features.values, w=fixed, a=a, g=g):
            np.matmul(w, phi.T, out=a)
            np.exp(a, out=a)
            np.matmul(a, phi, out=g)

        def ours(objective=objective, weights=weights):
            objective.value_and_gradient(next(weights))

        runs = 30 if samples > 50_000 else 200
        name = f"value_and_gradient, N = {samples:,}, {dtype.__name__}, against"
        others = _rivals(features.values, labels, fixed) if rivals else {}
        least, mine = _medians(limit, ours, runs=runs)
        result.append((f"{name} the limit", goal, f"{mine / least:.2f} ×"))
        for rival, (function, wanted) in others.items():
            measured = "not installed"
            if function:
                mine, theirs = _medians(ours, function, runs=runs)
                measured = f"{theirs / mine:.1f} × faster"
            result.append((f"{name} {rival}", wanted, measured))
    return result


def _rivals(phi, labels, weights):
    """Name -> (function or None where it is not installed, goal)."""
    x, y = np.ascontiguousarray(phi[:, 1:]), labels.astype(phi.dtype)
    loss = LinearModelLoss(HalfMultinomialLoss(n_classes=CLASSES), fit_intercept=True)
    coefficients = np.asfortranarray(np.roll(weights, -1, axis=1))

    def scikit_learn():
        loss.loss_gradient(coefficients, x, y, l2_reg_strength=1.0)

    try:
        import torch
    except ImportError:
        pytorch = None
    else:
        torch.set_num_threads(2)
        tx, ty = torch.tensor(phi), torch.tensor(labels)
        tw = torch.tensor(weights, requires_grad=True)

        def pytorch():
            tw.grad = None
            torch.nn.functional.cross_entropy(tx @ tw.T, ty, reduction="sum").backward()

    return {"PyTorch": (pytorch, "≥ 2 × faster"), "scikit-learn": (scikit_learn, "≥ 4 × faster")}


def _optimum(name: str) -> Row:
    """Seconds from zero weights to a relative gap of at most 1e-8, λ = 1, pen data."""
    split = load_dataset("pen").train
    features = feature_map(name)(split.grids)

    def climb(value: float) -> tuple[float, float]:
        began = time.perf_counter()
        objective = Objective(features, split.labels, classes=CLASSES, l2=1.0)
        state = start(objective)
        for _ in range(500):
            if objective.value(state.weights) >= value:
                break
            state = step(state, objective)
        return time.perf_counter() - began, objective.value(state.weights)

    _, best = climb(np.inf)
    enough = best - GAP * abs(best)
    mine = float(np.median([climb(enough)[0] for _ in range(5)]))
    theirs, solver = np.inf, "none arrived"
    for candidate in ("newton-cg", "newton-cholesky", "lbfgs"):
        seconds = _scikit_learn(candidate, features.values[:, 1:], split.labels, enough, theirs)
        if seconds < theirs:
            theirs, solver = seconds, candidate
    measured = f"{theirs / mine:.1f} × faster ({1e3 * mine:.0f} ms, {solver})"
    return f"zero weights to the optimum, pen, {name}", "≥ 3 × faster", measured


def _scikit_learn(solver: str, x, labels, enough: float, limit: float) -> float:
    """Its seconds at the loosest tolerance that reaches the value, or ∞ beyond the limit."""
    x, seen = np.ascontiguousarray(x), labels[:, None] == np.arange(CLASSES)
    for tolerance in 10.0 ** -np.arange(4, 9):
        model = LogisticRegression(C=1.0, solver=solver, tol=tolerance, max_iter=1_000)
        began = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x, labels)
        seconds = time.perf_counter() - began
        if seconds >= limit:
            break
        likelihood = model.predict_log_proba(x)[seen].sum()
        if likelihood - np.square(model.coef_).sum() / 2 >= enough:
            return seconds
    return np.inf


def _predictions() -> list[Row]:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2**64, 1_000_000, dtype=np.uint64)
    weights = rng.normal(size=(CLASSES, 65))
    ours = SoftmaxModel(tuple("0123456789"), weights, PIXELS, "pen")
    x = unpack(codes).reshape(-1, 64).astype(np.float64)
    theirs = LogisticRegression()
    theirs.classes_ = np.arange(CLASSES)
    theirs.coef_, theirs.intercept_ = weights[:, 1:], weights[:, 0]
    mine, other = _medians(lambda: ours.predict(codes), lambda: theirs.predict(x), runs=5)
    tracemalloc.start()
    ours.predict(codes)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return [
        ("predict 10⁶ codes, against scikit-learn", "≥ 3 × faster", f"{other / mine:.1f} × faster"),
        ("predict 10⁶ codes, peak memory", "≤ 200 MB", f"{peak:.0f} MB"),
    ]


def _epochs() -> Row:
    """Full-batch epochs with all figures, training and held out, as the Train page shows them."""
    dataset = load_dataset("pen")
    training, held_out = (
        Objective(PIXELS(split.grids), split.labels, classes=CLASSES)
        for split in (dataset.train, dataset.test)
    )
    state = start(training, "gradient-ascent")
    seconds = []
    for _ in range(300):
        began = time.perf_counter()
        state = step(state, training)
        record(state, training, held_out)
        seconds.append(time.perf_counter() - began)
    rate = 1 / np.median(seconds)
    return f"epochs with records, N = {len(training):,}, D = 65", "≥ 500 / s", f"{rate:.0f} / s"


def _imports() -> Row:
    # As after any first start: with the bytecode of both kept, even where a machine says not to.
    kept = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(line):
        subprocess.run([sys.executable, "-c", line], check=True, env=kept)

    base, ours = _medians(
        lambda: run("import numpy, PIL.Image"), lambda: run("import softmax_core"), runs=9
    )
    return "import softmax_core, against NumPy and Pillow", "≤ 1.3 ×", f"{ours / base:.2f} ×"


def main() -> None:
    print("| measure | goal | measured |\n|---|---|---|")
    for row in rows():
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
