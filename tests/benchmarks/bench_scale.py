"""Digits that no memory holds: packed files on one machine, and a Dask cluster, against the rest.

Files of up to 10⁸ digits (900 MB) are made in the temporary folder, or in the one that
SCALE_FOLDER names. Where nothing else is said, ratios are of CPU seconds, taken in turns.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
from sklearn.linear_model import SGDClassifier

from softmax_core import feature_map, maximize, unpack
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.scale import PackedFile, PackedObjective, generated, open_packed, write_packed
from softmax_core.scale.files import in_rows
from softmax_core.scale.objective import one_blas_thread
from softmax_core.training import start
from tests.benchmarks import Row

FOLDER = Path(os.environ.get("SCALE_FOLDER") or tempfile.gettempdir()) / "softmax-scale"
SIZES = (10**4, 10**5, 10**6, 10**7, 10**8)
LARGE = 10**7
TURNS = 5
SHARE = 0.001  # of the final accuracy that counts as arrived
SOME = 100_000  # digits after which accuracy is looked at


def digits(count: int, part: str = "train", seed: int = 0) -> PackedFile:
    """A file of so many generated digits, made once."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{part}-{count}-{seed}"
    if not path.exists():
        write_packed(path, *generated(count, seed, part=part))
    return open_packed(path)


def columns(file: PackedFile) -> tuple[np.ndarray, np.ndarray]:
    """Codes and labels in memory."""
    pieces = [(codes.astype(np.uint64), labels.copy()) for codes, labels in file.digits()]
    codes, labels = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return codes, labels


def other(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other weights: an objective remembers its last answer."""
    return rng.normal(scale=0.1, size=weights.shape).astype(weights.dtype)


def cpu(function, times: int = 1) -> float:
    """CPU seconds of the process for one call."""
    began = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - began) / times


def ratios(kinds=("pixels", "pairs"), types=(np.float32, np.float64)) -> list[Row]:
    """CPU of a digit, packed at 10⁷ against in memory at 10⁴, which is work for one thread: so
    both have one, since a second one on the same machine makes the first slower."""
    small = digits(10**4)
    codes, labels = columns(small)
    rng, result = np.random.default_rng(0), []
    for name in kinds:
        for dtype in types:
            phi = feature_map(name)
            memory = Objective(phi(unpack(codes), dtype), labels, classes=10)
            packed = PackedObjective(digits(LARGE), name, dtype=dtype)
            zeros = packed.zeros()

            def plain(objective=memory, zeros=zeros):
                objective.value_and_gradient(other(zeros, rng))

            def ours(objective=packed, zeros=zeros):
                objective.value_and_gradient(other(zeros, rng))

            # More threads of BLAS would wait in a loop, which counts.
            with one_blas_thread(), patch("softmax_core.threads.THREADS", 1):
                cpu(plain, 20)
                seconds = [(cpu(ours) / LARGE, cpu(plain, 50) / 10**4) for _ in range(TURNS)]
            mine, theirs = np.median(seconds, axis=0)
            result.append(
                (
                    f"CPU of a digit, packed at 10⁷ against in memory at 10⁴, {name}, "
                    f"{np.dtype(dtype).name}",
                    "≤ 1.2 ×",
                    f"{mine / theirs:.2f} × ({1e9 * mine:.0f} ns)",
                )
            )
    return result


PASS = r"""
import json, re, sys, time
from pathlib import Path
import numpy as np
from softmax_core.scale import PackedObjective
def peak():
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = peak()
objective = PackedObjective(sys.argv[1], "pixels", dtype=np.float32)
rng = np.random.default_rng(0)
seconds = []
for _ in range(int(sys.argv[2])):
    weights = rng.normal(scale=0.1, size=(10, 65))
    began = time.perf_counter()
    objective.value_and_gradient(weights)
    seconds.append(time.perf_counter() - began)
print(json.dumps([float(np.median(seconds)), peak() - before]))
"""


def growth(sizes=SIZES) -> list[Row]:
    """Seconds of a pass and memory above start, each in a process of its own."""
    result = []
    for count in sizes:
        file = digits(count)
        passes = "3" if count >= LARGE else "9"
        run = [sys.executable, "-c", PASS, str(file.path), passes]
        seconds, memory = json.loads(subprocess.check_output(run))
        result.append(
            (
                f"N = {count:,}, pixels, float32: a pass, memory above start, the file",
                "≤ 10 s, ≤ 100 MB" if count == 10**8 else "–",
                f"{seconds:.3g} s, {memory:.0f} MB, {file.path.stat().st_size / 1e6:,.1f} MB",
            )
        )
    return result


def against_partial_fit(count: int = 10**6) -> Row:
    """CPU of a digit and pass against scikit-learn's, over the same chunks, unpacked before."""
    file = digits(count)
    objective = PackedObjective(file, "pixels", dtype=np.float32)
    rng = np.random.default_rng(0)
    mine = min(
        cpu(lambda: objective.value_and_gradient(other(objective.zeros(), rng)))
        for _ in range(TURNS)
    )
    theirs, rival = 0.0, scikit_learn()
    for codes, labels in file.digits():
        fit = partial(rival.partial_fit, flat(codes), labels, np.arange(10))
        theirs += cpu(fit)
    return (
        "CPU of a digit and pass against scikit-learn's SGDClassifier.partial_fit",
        "≥ 20 × faster",
        f"{theirs / mine:.0f} × faster ({1e9 * mine / count:.0f} ns)",
    )


def scikit_learn() -> SGDClassifier:
    """Logistic regression by stochastic gradients, with its own penalty: others serve it worse."""
    return SGDClassifier(loss="log_loss", random_state=0)


def time_to_accuracy(limit: int = LARGE) -> Row:
    """Wall seconds to within SHARE of the accuracy of the optimum, on other people's digits.

    Ours are mini-batches with Adam, the file verified first; scikit-learn is given the digits as
    it wants them, in chunks of SOME. To unpack them and to look costs it nothing.
    """
    file, unseen = digits(LARGE), digits(100_000, "test", 7)
    held_out = PackedObjective(unseen, "pixels", dtype=np.float32)
    final = held_out.accuracy(best_weights())
    target = (1 - SHARE) * final

    began, looked = time.perf_counter(), 0.0
    objective = PackedObjective(file, "pixels", dtype=np.float32, l2=1.0)
    state = start(objective, "adam", batch_size=1024)
    weights, memory, mine, seen = state.weights, state.memory, np.inf, 0
    for batch in objective.shuffled(1024, np.random.default_rng([0, 0])):
        weights, memory = OPTIMIZERS["adam"].update(batch, weights, memory, state.parameters)
        seen += len(batch)
        if seen % SOME < 1024:
            look = time.perf_counter()
            arrived = held_out.accuracy(weights) >= target
            looked += time.perf_counter() - look
            if arrived:
                mine = time.perf_counter() - began - looked
                break

    codes, labels = columns(unseen)
    x, rival, theirs, best, spent, seen = flat(codes), scikit_learn(), np.inf, 0.0, 0.0, 0
    for part, names in in_rows(file.digits(), SOME):
        given = flat(part)
        look = time.perf_counter()
        rival.partial_fit(given, names, classes=np.arange(10))
        spent += time.perf_counter() - look
        seen += len(names)
        best = max(best, float((rival.predict(x) == labels).mean()))
        if best >= target:
            theirs = spent
            break
        if seen >= limit:
            break
    other = f"{theirs:.1f} s" if theirs < np.inf else f"not in {spent:.0f} s, {best:.4f} at best"
    return (
        f"time to {target:.4f} on other hands, 0.1 % below the optimum's, N = 10⁷, against "
        "partial_fit",
        "≥ 10 × faster",
        f"≥ {min(theirs, spent) / mine:.0f} × faster ({mine:.1f} s; {other})",
    )


def best_weights() -> np.ndarray:
    """The optimum over 10⁶ digits: to find it is no part of what is measured."""
    return maximize(
        PackedObjective(digits(10**6), "pixels", l2=1.0), tolerance=1e-6
    ).weights.astype(np.float32)


def clusters() -> list[Row]:
    """A second worker, and what a worker costs against the same process."""
    from distributed import Client, LocalCluster

    from softmax_core.scale.cluster import DaskObjective

    rng, seconds = np.random.default_rng(0), {}

    def passes(objective, times=9) -> float:
        def one() -> float:
            weights = other(objective.zeros(), rng)
            began = time.perf_counter()
            objective.value_and_gradient(weights)
            return time.perf_counter() - began

        one()
        return float(np.median([one() for _ in range(times)]))

    for workers in (1, 2):
        options = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": ":0"}
        with LocalCluster(**options) as local, Client(local) as client:
            for count in (10**6, LARGE):
                there = DaskObjective(client, digits(count), "pixels", dtype=np.float32)
                seconds[workers, count] = passes(there)
    alone = PackedObjective(digits(10**6), "pixels", dtype=np.float32)
    with patch("softmax_core.threads.THREADS", 1):
        thread = passes(alone)
    one, two = seconds[1, LARGE], seconds[2, LARGE]
    return [
        (
            "Dask, two single-threaded workers against one, N = 10⁷",
            "≥ 1.7 ×",
            f"{one / two:.2f} × ({two:.2f} s)",
        ),
        (
            "Dask with one worker against one thread of this process, N = 10⁶",
            "≤ 25 % more",
            f"{100 * (seconds[1, 10**6] / thread - 1):.0f} % more ({1e3 * thread:.0f} ms)",
        ),
    ]


def flat(codes: np.ndarray) -> np.ndarray:
    """Pixels as scikit-learn takes them."""
    return unpack(codes).reshape(len(codes), -1).astype(np.float64)


def rivals() -> list[Row]:
    """Against scikit-learn's partial_fit."""
    return [against_partial_fit(), time_to_accuracy()]


PARTS = {"ratios": ratios, "growth": growth, "rivals": rivals, "clusters": clusters}
