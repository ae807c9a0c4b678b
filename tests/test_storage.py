"""Files: what is saved comes back bit by bit, and what is not a model is refused by name."""

import io
import json
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest

from softmax_core import (
    MODELS,
    Objective,
    SoftmaxModel,
    arrays,
    feature_map,
    load_model,
    load_state,
    save_model,
    save_state,
    training,
)
from softmax_core.errors import FileError


def some_model(features="pixels", dtype=np.float64):
    phi = feature_map(features)
    weights = np.random.default_rng(0).normal(size=(3, phi.dimension)).astype(dtype)
    return SoftmaxModel(("0", "Ж", "seven"), weights, phi, "pen")


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    return file


def parts(**changes):
    model = some_model()
    return {
        "classes": np.array(model.classes),
        "weights": model.weights,
        "features": np.array("pixels"),
        "preparation": np.array("pen"),
        **changes,
    }


@pytest.mark.parametrize("features", ["pixels", "pairs"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_model_comes_back_as_it_was(tmp_path, features, dtype):
    model = some_model(features, dtype)
    path = tmp_path / "model.of.mine"
    save_model(model, path)
    for back in (load_model(path), load_model(str(path)), load_model(path.open("rb"))):
        assert back.classes == model.classes
        assert back.features == model.features
        assert back.preparation == model.preparation
        assert back.weights.dtype == dtype
        np.testing.assert_array_equal(back.weights, model.weights)


def test_a_model_saves_itself_to_an_open_file():
    file = io.BytesIO()
    some_model().save(file)
    np.testing.assert_array_equal(load_model(file).weights, some_model().weights)


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_models_are_there(name):
    model = load_model(name)
    assert model.classes == tuple("0123456789")
    assert model.preparation == "pen"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.zeros((3, 64))}, "65"),
        ({"weights": np.zeros((4, 65))}, "weights"),
        ({"weights": np.full((3, 65), np.nan)}, "finite"),
        ({"weights": np.array("a")}, "another type"),
        ({"classes": np.array(["0", "0", "1"])}, "different"),
        ({"features": np.array("edges")}, "no feature map"),
        ({"preparation": np.array("crop")}, "no preparation"),
    ],
)
def test_what_does_not_fit_is_not_a_model(changes, message):
    with pytest.raises(FileError, match=message):
        load_model(npz(**parts(**changes)))


@pytest.mark.parametrize("missing", ["classes", "weights", "features", "preparation"])
def test_a_model_has_all_of_its_parts(missing):
    arrays = parts()
    del arrays[missing]
    with pytest.raises(FileError, match=f"no '{missing}'"):
        load_model(npz(**arrays))


def test_a_file_of_another_kind_is_refused(tmp_path):
    whole = npz(**parts()).getvalue()
    for content in (b"", b"hello", whole[: len(whole) // 2], pickle.dumps({"weights": 1})):
        with pytest.raises(FileError, match="not an NPZ file"):
            load_model(io.BytesIO(content))
    with pytest.raises(FileError, match="pixels, pairs, shapes, classic"):
        load_model(tmp_path / "nothing.npz")
    with pytest.raises(FileError):
        load_model(tmp_path)


def test_pickled_objects_are_never_unpacked():
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was unpacked",))

    with pytest.raises(FileError, match="another type"):
        load_model(npz(**parts(weights=np.array([Trap()], dtype=object))))


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights.npy", b"\0" * (arrays.MOST_BYTES + 1))
    file.seek(0)
    with pytest.raises(FileError, match="over 50 MB"):
        load_model(file)


def test_a_training_state_goes_on_from_a_file_as_it_would_have(tmp_path):
    rng = np.random.default_rng(0)
    features = feature_map("pixels")(rng.random((60, 8, 8)) < 0.4)
    objective = Objective(features, rng.integers(0, 3, 60), classes=3, l2=0.5)
    state = training.start(objective, "adam", seed=3, batch_size=16)
    state = training.step(training.step(state, objective), objective)
    save_state(state, tmp_path / "run.npz")
    here = training.step(state, objective)
    there = training.step(load_state(tmp_path / "run.npz"), objective)
    np.testing.assert_array_equal(here.weights, there.weights)
    assert there.epoch == 3


def test_a_model_is_not_a_training_state():
    with pytest.raises(FileError, match="not a training state"):
        load_state(npz(**parts()))


def archive(**members):
    """An archive of members as they are: header and body need not fit."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (descr, shape, size) in members.items():
            head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117)
            start = b"\x93NUMPY\x01\0" + (len(head) + 1).to_bytes(2, "little")
            archive.writestr(f"{name}.npy", start + head.encode() + b"\n" + bytes(size))
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (lambda: archive(classes=("<U1", "(9000000,)", 36_000_000)), "more than 100 entries"),
        (lambda: npz(**parts(classes=np.arange(20_000).astype("U5"))), "more than 100 entries"),
        (lambda: npz(**parts(classes=np.array(["a", "b" * 25, "c"]))), "longer than 24 characters"),
        (lambda: npz(**parts(classes=np.array(["a", "b ", "c"]))), "printable"),
        (lambda: npz(**parts(classes=np.array(["a", "b\n", "c"]))), "printable"),
        (lambda: npz(**parts(weights=np.full((3, 65), 1.7e308))), "finite, and within"),
        (lambda: npz(extra=np.zeros(2)), "'extra', which does not belong"),
        (lambda: archive(weights=("<f8", "(99999999999,)", 8)), "more than"),
        (lambda: archive(weights=("<f8", "(3, 65)", 8)), "damaged"),
        (lambda: archive(weights=("<f8", "(-3, -65)", 1560)), "more than"),
        (lambda: archive(**{f"a{n}": ("<f8", "()", 8) for n in range(7)}), "more than 6 arrays"),
        (lambda: io.StringIO("text"), "opened for reading bytes"),
        (lambda: 7, "can't be read as a file"),
        (lambda: "/dev/zero", "no file"),
        (lambda: "a\0b", "no file"),
        (lambda: "x" * 10_000, "no file"),
    ],
)
def test_a_file_is_measured_before_it_is_read(file, message):
    given, began = file(), tracemalloc_of()
    with pytest.raises(FileError, match=message) as refused:
        load_model(given)
    assert tracemalloc_of(began) < 5_000_000
    assert len(str(refused.value)) < 400


def tracemalloc_of(began=None):
    """Starts to measure; called again, the bytes that were taken at most."""
    if began is None:
        tracemalloc.start()
        return 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": "3"}, "seed"),
        ({"epoch": 10**12}, "epoch"),
        ({"epoch": 1.5}, "epoch"),
        ({"l2": 1e308}, "λ"),
        ({"batch_size": 0}, "batch"),
        ({"parameters": {"learning_rate": 1e9}}, "Learning rate"),
        ({"parameters": {"learning_rate": 1, "session": 2}}, "parameters of adam"),
        ({"optimizer": "sgd"}, "no optimiser"),
        ({"session": 1}, "other settings"),
    ],
)
def test_a_state_s_settings_are_those_that_training_takes(changes, message):
    with pytest.raises(FileError, match=message):
        load_state(npz(**state_arrays(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"memory_m": np.zeros((3, 64))},
        {"memory_v": np.full((3, 65), np.nan)},
        {"memory_t": np.array(-1)},
        {"memory_t": np.array(0.5)},
        {"memory_more": np.zeros(2)},
        {"weights": np.zeros((3, 66))},
        {"weights": np.full((3, 65), 1e300)},
        {"weights": np.zeros((3, 65), np.float16)},
        {"memory_t": np.array(0.5, np.float16)},
        {"settings": np.array("[" * 100_000)},
        {"settings": np.array('{"seed": 1}')},
    ],
)
def test_a_state_s_arrays_are_those_that_its_rule_makes(changes):
    with pytest.raises(FileError, match="training state"):
        load_state(npz(**{**state_arrays(), **changes}))


def state_arrays(**settings):
    rng = np.random.default_rng(0)
    features = feature_map("pixels")(rng.random((60, 8, 8)) < 0.4)
    objective = Objective(features, rng.integers(0, 3, 60), classes=3)
    made = training.step(training.start(objective, "adam", batch_size=16), objective).to_arrays()
    known = json.loads(str(made["settings"]))
    return {**made, "settings": np.array(json.dumps({**known, **settings}))}
