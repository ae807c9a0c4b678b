"""Cases for the entry points of `softmax_core`, and for what the canvas sends."""

import io
import json
import zipfile
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import numpy as np
from PIL import Image

import softmax_core as core
from pages.ui.strokes import drawing_of, strokes_of
from softmax_core.arrays import read_arrays
from softmax_core.derivation import contributions, derive, difference_errors, take_step
from softmax_core.errors import InputError
from softmax_core.grids import as_grids, shifted
from softmax_core.inspection import ink, with_weight
from softmax_core.runs import RUN_MEMBERS, Run
from softmax_core.training import start, step
from tests.fuzz.harness import Case
from tests.fuzz.values import anything, anything_json, array, flipped, number, scalar, spoiled

PHI = {name: core.feature_map(name) for name in core.FEATURE_MAPS}


def is_grid(grid: Any) -> bool:
    return grid.shape == (8, 8) and grid.dtype == bool


def some_grids(random: Random, count: int) -> np.ndarray:
    return np.random.default_rng(random.getrandbits(32)).random((count, 8, 8)) < 0.4


@cache
def model(features: str = "pixels") -> core.SoftmaxModel:
    weights = np.random.default_rng(1).normal(size=(4, PHI[features].dimension))
    return core.SoftmaxModel(tuple("abcd"), weights, PHI[features], "pen")


@cache
def objective() -> core.Objective:
    rng = np.random.default_rng(2)
    return core.Objective(PHI["pixels"](rng.random((40, 8, 8)) < 0.4), np.arange(40) % 4, l2=0.5)


# Drawings and pictures.


def a_stroke(random: Random) -> Any:
    scale = random.choice([1, 320, 320, 1e6, 1e9, 1e-9])
    points = [
        (random.uniform(0, scale), random.uniform(0, scale))
        for _ in range(random.choice([0, 1, 2, 9, 40]))
    ]
    if points and random.random() < 0.3:
        points[random.randrange(len(points))] = random.choice(
            [(scalar(random), 0), scalar(random), (1, 2, 3), (), points, (1j, 2)]
        )
    return (
        random.choice([points, np.array(points, object), points])
        if random.random() < 0.9
        else anything(random)
    )


def a_preparation(random: Random) -> Any:
    pen = core.PREPARATIONS["pen"]
    canvas = random.choice([1.0, 320.0, 1e-9])
    return random.choice(["pen", "pen", "nist", replace(pen, canvas=canvas), anything(random)])


def strokes(random: Random) -> Case:
    drawing = spoiled(random, [a_stroke(random) for _ in range(random.randint(0, 4))], 0.1)
    if random.random() < 0.002:  # just under what is accepted
        rng = np.random.default_rng(random.getrandbits(32))
        drawing = [rng.uniform(0, 320, (19_999, 2)) * random.choice([(1, 1), (1, 0)])]
    how = a_preparation(random)
    return Case(lambda: core.grid_from_strokes(drawing, how), is_grid)


def paths(random: Random) -> Case:
    path = spoiled(random, a_stroke(random), 0.2)
    return Case(
        lambda: core.trajectory_strokes(path),
        lambda made: all(s.ndim == 2 and s.shape[1] == 2 and np.isfinite(s).all() for s in made),
    )


def canvas(random: Random) -> Case:
    drawn = [a_stroke(random) for _ in range(random.randint(1, 3))]
    try:
        sent: Any = drawing_of(drawn)
    except Exception:
        sent = {"objects": [{"type": "Path", "path": [["M", *p] for p in ((1, 2), (3, 4))]}]}
    for _ in range(random.choice([0, 1, 1, 2])):
        spoil_json(random, sent)
    sent = sent if random.random() < 0.9 else anything_json(random)

    def call() -> Any:
        return core.grid_from_strokes(strokes_of(sent))

    return Case(call, is_grid)


def spoil_json(random: Random, value: Any) -> None:
    """Puts something else in one place of nested lists and dictionaries."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = random.choice(keys)
        if not isinstance(value[key], list | dict) or random.random() < 0.2:
            value[key] = anything_json(random)
            return
        value = value[key]


def picture_arrays(random: Random) -> Case:
    picture = array(random)
    if random.random() < 0.5:
        rng = np.random.default_rng(random.getrandbits(32))
        side = lambda: random.choice([1, 2, 3, 8, 40])  # noqa: E731
        more = random.choice([(), (1,), (3,), (4,), (2,), (5,)])
        picture = rng.integers(0, 256, (side(), side(), *more), dtype=np.uint8)
    picture = spoiled(random, picture, 0.1)
    return Case(lambda: core.grid_from_image(picture), is_grid)


@cache
def picture_files() -> tuple[bytes, ...]:
    image = Image.fromarray(np.pad(np.zeros((20, 6), np.uint8), 12, constant_values=255))
    files = []
    for kind, mode in (("PNG", "L"), ("PNG", "RGBA"), ("JPEG", "L"), ("WEBP", "RGB"), ("GIF", "L")):
        file = io.BytesIO()
        image.convert(mode).save(file, kind)
        files.append(file.getvalue())
    return tuple(files)


def pictures(random: Random) -> Case:
    data = flipped(random, random.choice(picture_files()))
    return Case(lambda: core.grid_from_image(core.read_picture(data)), is_grid)


# Grids, codes, scores.


def hexes(random: Random) -> Case:
    text: Any = "".join(random.choice("0123456789abcdefABCDEF") for _ in range(16))
    if random.random() < 0.5:
        place = random.randrange(16)
        text = (
            text[:place] + random.choice("gG٣ \0\ud800-+x_") + text[place + random.randint(0, 1) :]
        )
    text = spoiled(random, text, 0.3)
    return Case(
        lambda: core.from_hex(text),
        lambda grid: is_grid(grid) and core.to_hex(grid) == text.lower(),
    )


def some_cells(random: Random) -> Any:
    """Grids in many forms, some of them none."""
    grids = some_grids(random, random.choice([0, 1, 2, 64]))
    made: Any = random.choice([grids, grids[:1].squeeze(0) if len(grids) else grids, grids[:, :7]])
    if random.random() < 0.3:
        return spoiled(random, made.tolist(), 0.2)
    made = made.astype(random.choice(["?", "B", "i8", "u8", "f4", "f8", "e", "D", "O", "U1"]))
    if made.size and random.random() < 0.1:
        made.flat[random.randrange(made.size)] = 2
    return spoiled(
        random, random.choice([made, made, made.reshape(len(made), made[:1].size)]), 0.15
    )


def grids(random: Random) -> Case:
    cells = some_cells(random)
    rows, columns = random.choice([0, 1, -8, 9, scalar(random)]), random.randint(-9, 9)
    call, is_right = random.choice(
        [
            (lambda: as_grids(cells), lambda g: g.shape[1:] == (8, 8) and g.dtype == bool),
            (lambda: core.pack(cells), lambda c: (core.unpack(c) == as_grids(cells)).all()),
            (lambda: core.unpack(cells), lambda g: (core.pack(g) == np.asarray(cells)).all()),
            (lambda: core.to_hex(cells), lambda h: (core.from_hex(h) == as_grids(cells)[0]).all()),
            (lambda: shifted(cells, rows, columns), lambda g: g.sum() <= as_grids(cells).sum()),
            (lambda: PHI["pairs"](cells), lambda f: ((f.values == 0) | (f.values == 1)).all()),
        ]
    )
    return Case(call, is_right)


def classify(random: Random) -> Case:
    cells, which = some_cells(random), model(random.choice(["pixels", "pairs"]))
    codes = np.frombuffer(random.randbytes(8 * random.choice([0, 1, 64, 200])), np.uint64)
    call, is_right = random.choice(
        [
            (
                lambda: which.predict(cells),
                lambda p: (
                    (p == which.scores(cells).argmax(axis=1)).all()
                    if np.ndim(cells) > 1
                    else ((p >= 0) & (p < 4)).all()
                ),
            ),
            (
                lambda: which.probabilities(cells),
                lambda p: np.allclose(p.sum(axis=1), 1) and (p >= 0).all(),
            ),
            (
                lambda: which.evidence(cells),
                lambda e: np.allclose(e.sum(axis=1), which.scores(cells)[0]),
            ),
            (
                lambda: which.predict(codes),
                lambda p: (p == which.predict(core.unpack(codes))).all(),
            ),
        ]
    )
    return Case(call, is_right)


def scores(random: Random) -> Case:
    given: Any = spoiled(random, array(random), 0.2)
    call, is_right = random.choice(
        [
            (
                lambda: core.softmax(given),
                lambda p: np.allclose(p.sum(axis=-1), 1) and (p >= 0).all(),
            ),
            (lambda: core.log_softmax(given), lambda p: np.isfinite(p).all() and (p <= 0).all()),
            (
                lambda: core.softmax_jacobian(given),
                lambda j: np.allclose(j.sum(axis=-1), 0, atol=1e-6),
            ),
        ]
    )
    return Case(call, is_right)


# Labels, weights, training.


def some_labels(random: Random, count: int, classes: int) -> Any:
    values = [random.randrange(classes) for _ in range(count)]
    one_hot = np.eye(classes)[values]
    made = random.choice(
        [
            values,
            np.array(values, random.choice(["i8", "u1", "i2", "f8", "O", "?"])),
            one_hot,
            [v + 1 for v in values],
        ]
    )
    if random.random() < 0.2 and isinstance(made, list):
        made[random.randrange(count)] = scalar(random)
    return spoiled(random, made, 0.2)


def labels(random: Random) -> Case:
    truth, said = some_labels(random, 12, 4), some_labels(random, 12, 4)
    classes = random.choice([4, 4, 4, None, "abcd", scalar(random)])
    features, p = PHI["pixels"](some_grids(random, 12)), np.full((12, 4), 0.25)
    bins, weights = random.choice([10, 10, scalar(random)]), model().weights
    call, is_right = random.choice(
        [
            (
                lambda: core.accuracy(said, truth),
                lambda a: (
                    a.value == np.mean([s == t for s, t in zip(said, truth, strict=True)])
                    and 0 <= a.low <= a.value <= a.high <= 1
                ),
            ),
            (lambda: core.confusion(said, truth, classes), lambda m: m.sum() == 12),
            (
                lambda: core.calibration(p, truth, bins),
                lambda c: 0 <= c.error <= 1 and c.counts.sum() == 12,
            ),
            (lambda: core.calibration(anything(random), truth, bins), lambda c: 0 <= c.error <= 1),
            (
                lambda: core.Objective(features, truth, classes=classes),
                lambda o: 2 <= o.classes <= 100 and np.isfinite(o.value(o.zeros())),
            ),
            (
                lambda: core.log_likelihood(weights, features, truth),
                lambda value: -1e9 < value <= 0,
            ),
            (
                lambda: core.gradient(weights, features, truth),
                lambda g: np.allclose(g.sum(axis=0), 0),
            ),
            (lambda: ink(some_grids(random, 12), truth, classes), lambda i: i.totals.sum() == 12),
        ]
    )
    return Case(call, is_right)


def some_weights(random: Random, classes: int = 4, dimension: int = 65) -> Any:
    made: Any = np.random.default_rng(random.getrandbits(32)).normal(size=(classes, dimension))
    made = made.astype(
        random.choice(["f8", "f8", "f4", "e", "g", "i4", "D", "O"])
        if random.random() < 0.5
        else "f8"
    )
    if random.random() < 0.3:
        made[random.randrange(classes), random.randrange(dimension)] = random.choice(
            [np.nan, np.inf, 1.7e308, 1e15, -1e15, 1.1e15, 1e300]
            if made.dtype.kind == "f" and made.dtype.itemsize > 4
            else [3]
        )
    return spoiled(random, made, 0.15)


def weights(random: Random) -> Case:
    given, features = some_weights(random), PHI["pixels"](some_grids(random, 5))
    first, features = features[:1], spoiled(random, features, 0.05)
    names, entry = (
        spoiled(random, "abcd", 0.2),
        (random.choice([0, 3, scalar(random)]), scalar(random)),
    )
    preparation, value, label = spoiled(random, "pen", 0.1), number(random), scalar(random)
    truth = [0, 1, 2, 3, 0]
    finite = lambda a: np.isfinite(a).all()  # noqa: E731
    call, is_right = random.choice(
        [
            (lambda: core.scores(given, features), finite),
            (lambda: core.SoftmaxModel(names, given, PHI["pixels"], preparation), survives_a_file),
            (
                lambda: core.SoftmaxModel(
                    names, model().weights, spoiled(random, PHI["pixels"], 0.5), "pen"
                ),
                survives_a_file,
            ),
            (
                lambda: objective().value_and_gradient(given),
                lambda r: np.isfinite(r[0]) and finite(r[1]),
            ),
            (lambda: objective().evaluate(given), lambda r: np.isfinite(r[0]) and 0 <= r[1] <= 1),
            (lambda: core.penalty(given, value), lambda r: r >= 0 and np.isfinite(r)),
            (lambda: core.hessian(given, features), finite),
            (lambda: core.evidence(given, features), finite),
            (lambda: with_weight(model(), entry, value), survives_a_file),
            (lambda: derive(given, first, label), lambda d: np.isfinite(d.gradient).all()),
            (lambda: contributions(given, features, truth, entry), lambda c: np.isfinite(c.value)),
            (lambda: take_step(objective(), given, value), lambda s: finite(s.after)),
            (
                lambda: difference_errors(objective().value, 1.0, given, entry, [1e-3]),
                lambda d: finite(d.central),
            ),
            (lambda: PHI["pixels"].weight_images(given), lambda i: i.shape[-2:] == (8, 8)),
        ]
    )
    return Case(call, is_right)


def checks(random: Random) -> Case:
    small = core.Objective(PHI["pixels"](some_grids(random, 3)), [0, 1, 0])
    given = some_weights(random, 2)
    options = {
        name: scalar(random)
        for name in random.sample(["directions", "step", "tolerance", "seed"], random.randint(0, 2))
    }
    options = {"directions": 3, **options}

    def call() -> Any:
        return core.check_gradient(
            small.value, lambda w: small.value_and_gradient(w)[1], given, **options
        )

    return Case(call, lambda report: isinstance(report.passed, bool) and str(report))


def training(random: Random) -> Case:
    options: dict[str, Any] = {}
    for name, values in {
        "parameters": [
            {"learning_rate": number(random)},
            {"momentum": 5},
            {random.choice("ab"): 1},
            {None: 1},
        ],
        "batch_size": [1, 7, 40, 41],
        "seed": [3, -1],
        "weights": [some_weights(random)],
        "tolerance": [0.1, -1],
    }.items():
        if random.random() < 0.3:
            options[name] = spoiled(random, random.choice(values), 0.3)
    rule = spoiled(random, random.choice(list(core.OPTIMIZERS)), 0.1)
    epochs = random.choice([0, 1, 3, 3, scalar(random)])
    epochs = 3 if isinstance(epochs, int | np.integer) and epochs > 10 else epochs
    given = spoiled(random, objective(), 0.05)
    if random.random() < 0.5:
        options.pop("batch_size", None), options.pop("seed", None)
        return Case(
            lambda: core.maximize(given, optimizer=rule, iterations=epochs, **options),
            lambda s: np.isfinite(s.weights).all() and np.isfinite(s.value),
        )
    return Case(
        lambda: list(core.train(given, rule, epochs=epochs, **options)),
        lambda records: records[-1].stop and all(np.isfinite(r.log_likelihood) for r in records),
    )


# Files.


def survives_a_file(made: core.SoftmaxModel) -> bool:
    """Whatever can be made can be saved, loaded, and used."""
    file = io.BytesIO()
    made.save(file)
    back = core.load_model(file)
    p = back.probabilities(np.eye(8, dtype=bool))
    same = back.classes == made.classes and (back.weights == made.weights).all()
    return bool(same and np.isclose(p.sum(), 1))


@cache
def valid_files() -> dict[str, bytes]:
    files = {}
    for name in ("pixels", "pairs"):
        file = io.BytesIO()
        model(name).save(file)
        files[f"model {name}"] = file.getvalue()
    for name, rule in core.OPTIMIZERS.items():
        state = start(objective(), name, batch_size=9 if rule.minibatch else None)
        run = Run(objective(), state, epochs=9, held_out=objective())
        for _ in range(4):
            run.advance()
        run.measure()
        file = io.BytesIO()
        core.save_state(run.state, file)
        files[f"state {name}"] = file.getvalue()
        file = io.BytesIO()
        np.savez_compressed(file, **run.to_arrays())
        files[f"run {name}"] = file.getvalue()
    return files


def spoiled_file(random: Random, kind: str) -> Any:
    """A valid file with bytes or arrays changed; now and then something else."""
    files = valid_files()
    data = files[random.choice([name for name in files if name.startswith(kind)])]
    way = random.random()
    if way < 0.03:
        return anything(random)
    if way < 0.4:
        return io.BytesIO(flipped(random, data))
    with np.load(io.BytesIO(data)) as file:
        arrays = dict(file)
    for _ in range(random.choice([1, 1, 2])):
        spoil_array(random, arrays)
    target = io.BytesIO()
    try:
        np.savez(target, **arrays)
    except Exception:
        return io.BytesIO(data)
    if random.random() < 0.1:
        target = claims(random, arrays)
    return io.BytesIO(target.getvalue())


def spoil_array(random: Random, arrays: dict[str, Any]) -> None:
    name = random.choice(list(arrays))
    way = random.randrange(6)
    if way == 0:
        del arrays[name]
        arrays.setdefault("weights", np.zeros((2, 65)))
    elif way == 1:
        arrays["".join(random.choice("ab_/.\\é") for _ in range(5))] = array(random)
    elif way == 2:
        arrays[name] = array(random)
    elif arrays[name].dtype.kind == "U" and arrays[name].ndim == 0 and "{" in str(arrays[name]):
        text = str(arrays[name])
        if len(text) < 10_000 and text.endswith("}"):  # not spoiled yet
            settings = json.loads(text)
            spoil_settings(random, settings)
            text = json.dumps(settings, default=str)
        if random.random() < 0.1:
            text = random.choice(["[" * 50_000, '{"a":' * 50_000, "{}", "null", "1e999", text[:-3]])
        arrays[name] = np.array(text)
    elif arrays[name].dtype.kind == "U":
        texts = arrays[name].ravel().tolist() or ["a"]
        texts[random.randrange(len(texts))] = random.choice(
            ["", " a", "a" * 25, "\u202e", "b", "\n", "pen"]
        )
        arrays[name] = np.array(texts)
    elif arrays[name].size:
        changed = arrays[name].astype(random.choice(["f8", "f4"]))
        changed.flat[random.randrange(changed.size)] = (
            random.choice([np.nan, np.inf, 1e300, -1e300, 1e30, 0, -3, 0.5])
            if changed.dtype == np.float64
            else 7
        )
        arrays[name] = random.choice(
            [changed, changed, changed[..., :-1] if changed.ndim else changed]
        )


def spoil_settings(random: Random, settings: dict[str, Any]) -> None:
    key = random.choice([*settings, "seed"])
    value = random.choice(
        [
            -1,
            0,
            1,
            10**12,
            99_000,
            1e308,
            "1",
            None,
            True,
            [],
            {},
            [[0]],
            [[0, {}]],
            "session",
            0.5,
            10**400,
            {"learning_rate": 1e9},
            {"learning_rate": 1, "session": 2},
            [0, 4],
            [0, 4, 4],
            [10**9],
        ]
    )
    if isinstance(settings.get(key), dict) and random.random() < 0.5:
        settings[key] = {
            **settings[key],
            random.choice(["momentum", "session", "__class__"]): value,
        }
    else:
        settings[key] = value


def claims(random: Random, arrays: dict[str, Any]) -> io.BytesIO:
    """An archive whose headers claim more than it holds, or that holds a great many members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        shape = random.choice(
            ["(4, 65)", "(49000000,)", "(-1,)", "(10**9,)", "(99999999999999,)", "()"]
        )
        descr = random.choice(["<f8", "<U24", "<U1000000", "|O", "<c16", "|V9"])
        head = (
            f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        )
        body = bytes(random.choice([0, 8, 2080, 3_000_000]))
        archive.writestr(
            "weights.npy",
            b"\x93NUMPY\x01\0" + len(head).to_bytes(2, "little") + head.encode() + body,
        )
        for number in range(random.choice([0, 3, 300])):
            archive.writestr(f"memory_{number}.npy", b"")
    return target


def model_files(random: Random) -> Case:
    file = spoiled_file(random, "model")
    return Case(lambda: core.load_model(file), survives_a_file)


def state_files(random: Random) -> Case:
    file = spoiled_file(random, "state")

    def call() -> Any:
        state = core.load_state(file)
        return step(replace(state, l2=objective().l2), objective())

    return Case(call, lambda state: np.isfinite(state.weights).all())


def run_files(random: Random) -> Case:
    file, where = spoiled_file(random, "run"), random.random()

    def call() -> Any:
        run = Run.from_arrays(
            read_arrays(file, RUN_MEMBERS, "a run"), objective(), held_out=objective()
        )
        run.advance()
        epoch = run.curve("gradient_norm")[0][int(where * len(run.curve("gradient_norm")[0]))]
        try:
            run.state_at(int(epoch))
            run.measure(int(epoch))
        except InputError:
            pass
        return run

    def is_right(run: Run) -> bool:
        figures = run.measure()
        saved = Run.from_arrays(run.to_arrays(), objective(), held_out=objective())
        return saved.figures_at(run.epoch) == figures and run.trained_with[-1].last == run.epoch

    return Case(call, is_right)


GENERATORS = {
    generator.__name__: generator
    for generator in (
        *(strokes, paths, canvas, picture_arrays, pictures, hexes, grids, classify, scores, labels),
        *(weights, checks, training, model_files, state_files, run_files),
    )
}
