"""From a drawing to a class: how often it is right, what must not matter, and what it costs.

Accuracy is measured on writers that no training has seen and no choice was made by: the test
parts of the shipped digits, styles made by hand (`tests/styles.py`), and, for a last look, the
strokes with pen lifts in the file named by STROKES_DEV (or beside the project), where it is
present. Letters, for "not a digit", are in the file named by LETTERS; they have chosen its limit.
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
    prepare,
    read_picture,
)
from softmax_core.datasets import HELD_OUT_SITE
from softmax_core.explain import Verdict, answer
from softmax_core.grids import pack
from softmax_core.metrics import calibration
from softmax_core.training_digits import in_box
from tests.benchmarks import table
from tests.drawings import picture, recorded
from tests.scenes import SCENES
from tests.styles import written

BESIDE = Path(__file__).parents[2].parent / "shared" / "data"
GOALS = {  # other tablets, strokes-dev, styles made by hand
    "classic": (0.85, 0.92, 0.92),
    "pixels": (0.88, 0.95, 0.95),
    "pairs": (0.94, 0.972, 0.98),
    "shapes": (0.94, 0.972, 0.98),
}
SCENE_GOALS = {  # pixels, pairs
    "MNIST-like": (0.88, 0.95),
    "USPS-like": (0.84, 0.91),
    "phone photographs": (None, 0.88),
    "paper scans": (None, 0.94),
    "table cells": (None, 0.80),
}


def from_file(variable, name):
    """Strokes and labels of a file with one JSON object a line; None where it is not here."""
    path = Path(os.environ.get(variable, BESIDE / name))
    if not path.is_file():
        return None
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    strokes = [[np.array(stroke, float) for stroke in row["strokes"]] for row in rows]
    return strokes, np.array([row["label"] for row in rows])


def accuracies(models):
    """How often each model is right, by source."""
    unipen = load_dataset("unipen").test
    there = unipen.sites == HELD_OUT_SITE
    pen, scanned = load_dataset("pen").test, load_dataset("optdigits").test
    by_hand, labels = written()
    styles = pack([grid_from_strokes(strokes) for strokes in by_hand])
    dev = from_file("STROKES_DEV", "strokes-dev.jsonl.gz")
    dev_codes = dev and pack([grid_from_strokes(strokes) for strokes in dev[0]])
    for name, model in models.items():
        other, last, by_styles = GOALS[name]

        def right(codes, labels, model=model):
            return f"{np.mean(model.predict(codes) == labels):.3f}"

        site = right(unipen.codes[there], unipen.labels[there])
        yield f"{name}: a site of other tablets that no training saw", f"≥ {other}", site
        yield from honesty(name, model, unipen[there])
        known = right(unipen.codes[~there], unipen.labels[~there])
        yield f"{name}: other writers of the sites in training", f"≥ {other}", known
        yield f"{name}: pen test part, strokes joined", "–", right(pen.codes, pen.labels)
        yield f"{name}: scanned test part", "–", right(scanned.codes, scanned.labels)
        yield f"{name}: styles made by hand, 33 × 20", f"≥ {by_styles}", right(styles, labels)
        if dev:
            yield f"{name}: strokes-dev", f"≥ {last}", right(dev_codes, dev[1])


def honesty(name, model, unseen):
    """How often a wrong answer is shown as clear, and how honest probabilities are."""
    answers = [answer(model, grid) for grid in unseen.grids]
    wrong = np.array([a.best for a in answers]) != unseen.labels
    clear = np.array([a.verdict is Verdict.CLEAR for a in answers])
    yield f"{name}: wrong answers there shown as clear", "≤ 2 %", f"{np.mean(clear & wrong):.1%}"
    error = calibration(model.probabilities(unseen.grids), unseen.labels).error
    yield f"{name}: expected calibration error there", "≤ 0.015", f"{error:.3f}"


def verdicts(model):
    """What the verdicts of a model say of digits by other hands, and of what is no digit."""
    unipen = load_dataset("unipen").test
    there = unipen.sites == HELD_OUT_SITE
    answers = [answer(model, grid) for grid in unipen.grids[there]]
    said = np.array([a.verdict for a in answers])
    right = np.array([a.best for a in answers]) == unipen.labels[there]
    none = np.mean(~np.isin(said, (Verdict.CLEAR, Verdict.AMBIGUOUS)))
    yield "digits of that site called no digit", "≤ 2 %", f"{none:.1%}"
    doubt = np.mean((said == Verdict.AMBIGUOUS) & right)
    yield "right ones among them called ambiguous", "–", f"{doubt:.1%}"
    letters = from_file("LETTERS", "unipen-others.jsonl.gz")
    if letters:
        grids = [grid_from_strokes(strokes) for strokes in letters[0]]
        caught = np.mean([answer(model, grid).verdict is not Verdict.CLEAR for grid in grids])
        yield "letters and signs called anything but clear", "≥ 80 %", f"{caught:.1%}"
    test = load_dataset("unipen").test
    pairs = np.random.default_rng(0).integers(len(test), size=(300, 2))
    two = [
        [*in_box(test.drawings[a]), *(s + np.array([130, 0]) for s in in_box(test.drawings[b]))]
        for a, b in pairs
    ]
    found = np.mean([answer(model, prepare(s)).verdict is Verdict.TWO for s in two])
    yield "two digits beside each other called two", "–", f"{found:.1%}"
    wrong = np.mean([prepare(list(strokes)).two for strokes in test.drawings])
    yield "single digits by other writers called two", "≤ 0.3 %", f"{wrong:.1%}"


def scenes(models, each=250):
    """How often pictures are read right, drawn of digits by writers that no training has seen.

    Every other writer of the test part: the others have chosen how pictures are read.
    """
    test = load_dataset("unipen").test
    writers = np.unique(test.writers)[1::2]
    for number, (scene, make) in enumerate(SCENES.items()):
        rng = np.random.default_rng([number, 202])
        grids, labels = [], []
        while len(grids) < each:
            row = rng.choice(np.flatnonzero(test.writers == rng.choice(writers)))
            strokes = [stroke.astype(float) for stroke in test.drawings[row]]
            if sum(map(len, strokes)) >= 5:
                grids.append(grid_from_image(make(strokes, rng)))
                labels.append(test.labels[row])
        by_pixels, by_pairs = SCENE_GOALS[scene]
        goals = {"pixels": by_pixels, "pairs": by_pairs, "shapes": by_pairs}
        for name, goal in goals.items():
            share = np.mean(models[name].predict(grids) == labels)
            yield f"{name}: {scene}", f"≥ {goal}" if goal else "–", f"{share:.3f}"


def rows():
    models = {model: load_model(model) for model in MODELS}
    yield from accuracies(models)
    yield from verdicts(models["shapes"])
    strokes, _ = recorded(1000)
    predicted = {"pairs": _classes(models["pairs"], strokes)}

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

    yield from scenes(models)

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
            answer(models[model], grid_from_strokes(s, models[model].preparation))
            times.append(time.perf_counter() - start)
        yield (
            f"grid_from_strokes + probabilities + verdict, {model}",
            "≤ 1 ms",
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
