"""Files: what is saved comes back bit by bit, and what is not a model is refused by name."""

import io
import pickle
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
    return SoftmaxModel(("0", "Ж", "seven"), weights, phi, "nist")


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
    assert model.preparation == ("nist" if name == "classic" else "pen")


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
    with pytest.raises(FileError, match="pixels, pairs, classic"):
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
