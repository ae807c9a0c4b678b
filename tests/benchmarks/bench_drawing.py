"""From a drawing to a class: how often it is right, what must not matter, and what it costs.

Accuracy is measured on recordings by writers that no training has seen: the strokes with pen lifts
in the file named by STROKES_DEV (or beside the project), where it is present; otherwise the test
part of the shipped pen digits stands in, and the table says so.
"""

import gzip
import io
import json
import os
import time
from pathlib import Path

import numpy as np
from PIL import Image

from softmax_core import (
    MODELS,
    grid_from_image,
    grid_from_strokes,
    load_dataset,
    load_model,
    read_picture,
)
from tests.benchmarks import table
from tests.drawings import picture, recorded
from tests.scenes import SCENES

BESIDE = Path(__file__).parents[2].parent / "shared" / "data" / "strokes-dev.jsonl.gz"
GOALS = {"classic": 0.83, "pixels": 0.93, "pairs": 0.965}
SCENE_GOALS = {
    "MNIST-like": 0.95,
    "USPS-like": 0.91,
    "phone photographs": 0.88,
    "paper scans": 0.94,
    "table cells": 0.80,
}


def recordings():
    """The name of the recordings, their strokes, and their labels."""
    path = Path(os.environ.get("STROKES_DEV", BESIDE))
    if not path.is_file():
        strokes, labels = recorded(1000)
        return "pen test part (recordings with pen lifts are not here)", strokes, labels
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    strokes = [[np.array(stroke, float) for stroke in row["strokes"]] for row in rows]
    return "strokes-dev", strokes, np.array([row["label"] for row in rows])


def rows():
    name, strokes, labels = recordings()
    models = {model: load_model(model) for model in MODELS}
    predicted = {}
    for model, goal in GOALS.items():
        predicted[model] = _classes(models[model], strokes)
        accuracy = np.mean(predicted[model] == labels)
        yield f"accuracy on {name}, {model}", f"≥ {goal}", f"{accuracy:.3f}"

    test = load_dataset("optdigits").test
    accuracy = np.mean(models["classic"].predict(test.grids) == test.labels)
    yield "accuracy of classic on the optdigits test part", "≥ 0.91", f"{accuracy:.4f}"

    same = [
        _classes(models["pairs"], [_placed(s, scale, place) for s in strokes]) == predicted["pairs"]
        for scale, place in ((0.5, (0, 0)), (0.5, (300, 40)), (2, (-50, 7)), (1, (91, 200)))
    ]
    yield "same class at half or double size, elsewhere (pairs)", "≥ 98 %", f"{np.mean(same):.1%}"

    some = strokes[::3]
    for size in (160, 240):
        agreement = [
            models["pairs"].predict([grid_from_image(picture(s, pen=pen, size=size, dark=dark))])[0]
            == k
            for pen in (8, 14, 20, 30)
            for dark in (True, False)
            for s, k in zip(some, predicted["pairs"][::3], strict=True)
        ]
        yield (
            f"picture and strokes agree, pens of 8–30 px, digit of {size} px in 320 (pairs)",
            "≥ 95 %",
            f"{np.mean(agreement):.1%}",
        )

    rng = np.random.default_rng(0)
    for scene, make in SCENES.items():
        right = [
            models["pairs"].predict([grid_from_image(make(s, rng))])[0] == label
            for s, label in zip(strokes[::5], labels[::5], strict=True)
        ]
        goal = f"≥ {SCENE_GOALS[scene]}"
        yield f"{scene} of the same digits, drawn (pairs)", goal, f"{np.mean(right):.3f}"

    file = _photograph(strokes[0])
    times = []
    for _ in range(5):
        start = time.perf_counter()
        grid_from_image(read_picture(file))
        times.append(time.perf_counter() - start)
    yield (
        "read_picture + grid_from_image, 12 megapixels",
        "≤ 400 ms",
        f"{np.median(times) * 1e3:.0f} ms",
    )

    for model in MODELS:
        times = []
        for s in strokes[:300]:
            start = time.perf_counter()
            models[model].probabilities(grid_from_strokes(s, models[model].preparation))
            times.append(time.perf_counter() - start)
        yield (
            f"grid_from_strokes + probabilities, {model}",
            "≤ 3 ms",
            f"{np.median(times) * 1e3:.2f} ms (p95 {np.quantile(times, 0.95) * 1e3:.2f})",
        )


def _classes(model, drawings):
    return model.predict([grid_from_strokes(s, model.preparation) for s in drawings])


def _photograph(strokes):
    """A JPEG of 4000 × 3000 pixels with noise."""
    image = picture(strokes, pen=60, size=1500, side=3000).resize((4000, 3000))
    noise = np.random.default_rng(0).normal(0, 4, (3000, 4000))
    grey = (np.asarray(image) * 0.7 + 40 + noise).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


def _placed(strokes, scale, place):
    """As a canvas would report it, in whole pixels."""
    return [np.round(np.asarray(stroke) * scale + place) for stroke in strokes]


if __name__ == "__main__":
    table(rows())
