"""Runs over packed files on the Train page: they are looked at, and do not go on."""

import io
import json

import numpy as np
import pytest

from pages.ui import budget
from pages.ui.figures import palette
from pages.ui.train import screen
from pages.ui.train.files import history_file, keepsake, model_of, read_run, recall, run_file
from pages.ui.train.lab import Lab
from pages.ui.train.settings import DEFAULTS
from softmax_core.errors import FileError
from softmax_core.scale.__main__ import main
from tests.pages.app import held, open_page, run, shown
from tests.pages.ui.train.labs import PLAIN


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The checkpoint of training on 2,000 digits from a packed file, as it was told."""
    folder = tmp_path_factory.mktemp("packed")
    digits, unseen, file = folder / "a", folder / "h", folder / "run.npz"
    main(["generate", str(digits), "--count", "2000"])
    main(["generate", str(unseen), "--count", "300", "--part", "test"])

    def train(*told: str) -> bytes:
        files = ["--checkpoint", str(file), "--model", str(folder / "m"), "--overwrite"]
        assert main(["train", str(digits), "--held-out", str(unseen), *files, *told]) == 0
        return file.read_bytes()

    return train


@pytest.fixture(scope="module")
def checkpoint(trained):
    return trained("--epochs", "3")


@pytest.fixture
def lab(checkpoint):
    lab = Lab()
    lab.take_up(*read_run(io.BytesIO(checkpoint)))
    return lab


def test_its_curves_and_weights_are_there(lab):
    assert (lab.run.epoch, lab.shown, lab.classes) == (3, 3, tuple("0123456789"))
    assert len(lab.run.objective) == 2000
    message = screen.message(lab, palette(False), PLAIN)
    json.dumps(message, allow_nan=False)
    album = screen.album(lab, PLAIN)
    assert [frame["epoch"] for frame in album["frames"]] == [0, 1, 2, 3]
    (frame,) = message["frames"]
    assert frame["accuracy"].endswith(" %")
    assert message["unseen"] == "digits\nthat were held out"  # the file does not say whose they are
    assert model_of(lab).weights.shape == (10, 65)
    assert len(history_file(lab).splitlines()) == 5


@pytest.mark.parametrize("optimizer", ["bound", "lbfgs"])
def test_the_largest_ones_can_be_taken_up(trained, optimizer):
    told = ["--features", "shapes", "--optimizer", optimizer, "--dtype", "float64"]
    file = trained(*told, "--epochs", "12")
    assert len(file) < budget.RUN_FILE
    lab = Lab()
    lab.take_up(*read_run(io.BytesIO(file)))
    assert lab.run.epoch == 12


def test_it_can_be_looked_back_at_and_does_not_go_on(lab):
    lab.look(1)
    assert lab.shown == 1 and not lab.going
    assert lab.ended
    for press in (lab.start, lab.step, lab.pause, lambda: lab.tick(lab.serial)):
        press()
        assert (lab.run.epoch, lab.running) == (3, False)


def test_only_kept_epochs_are_shown_where_some_are_not(lab):
    lab.run._states = {e: s for e, s in lab.run._states.items() if e == 0}
    lab.look(2)
    assert (lab.shown, lab.going) == (0, False)
    lab.look(3)
    assert lab.shown == 3


def test_after_reset_the_page_is_as_at_the_beginning(lab):
    lab.reset()
    assert lab.settings == DEFAULTS and lab.fresh and lab.run.here
    assert len(lab.past) == 1
    lab.step()
    json.dumps(screen.message(lab, palette(False), PLAIN), allow_nan=False)


def test_it_is_saved_and_recalled_as_it_was(lab):
    other = Lab()
    other.take_up(*read_run(io.BytesIO(run_file(lab))))
    assert other.settings == lab.settings
    np.testing.assert_array_equal(other.seen.weights, lab.seen.weights)
    third = Lab()
    recall(third, keepsake(lab))
    assert third.run.epoch in (0, 3)


def test_the_page_says_where_it_is_from(checkpoint):
    at = open_page("train")
    held(at, "train").take_up(*read_run(io.BytesIO(checkpoint)))
    run(at)
    said = shown(at) + "".join(text.value for text in at.text)
    assert "From elsewhere" in said
    assert "2,000 digits from packed files (Pen digits, train: pixels switched" in said
    assert all(at.button(key=key).disabled for key in ("go", "step"))
    at.button(key="reset").click()
    run(at)
    assert "From elsewhere" not in shown(at)
    at.button(key="step").click()
    run(at)
    assert held(at, "train").run.epoch == 1


CHANGES = {
    "no dictionary": lambda about: about.update(elsewhere=7),
    "something missing": lambda about: about["elsewhere"].pop("classes"),
    "something more": lambda about: about["elsewhere"].update(more=1),
    "other classes": lambda about: about["elsewhere"].update(classes=["a", "b"]),
    "a class that is no name": lambda about: about["elsewhere"].update(classes=["\n"] * 10),
    "no preparation": lambda about: about["elsewhere"].update(preparation="oven"),
    "a preparation that is none": lambda about: about["elsewhere"].update(preparation=[]),
    "a long source": lambda about: about["elsewhere"].update(source="x" * 300),
    "no digits": lambda about: about["elsewhere"].update(samples=0),
    "text for a number": lambda about: about["elsewhere"].update(held_out="5"),
    "another optimiser": lambda about: about.update(optimizer="adam"),
    "an optimiser that is none": lambda about: about.update(optimizer=["adam"]),
    "other features": lambda about: about.update(features="pairs"),
    "a batch": lambda about: about.update(batch=7),
    "a batch that is none": lambda about: about.update(batch={}),
    "another λ": lambda about: about.update(l2=2.0),
    "an infinite λ": lambda about: about.update(l2=1e999),
    "another seed": lambda about: about.update(seed=1),
    "another last epoch": lambda about: about.update(epochs=7),
    "parameters that are none": lambda about: about.update(parameters=[["x", 1.0]]),
    "parameters without numbers": lambda about: about.update(parameters=[[[], []]]),
    "a setting missing": lambda about: about.pop("seed"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_it_says_of_itself_has_to_fit(checkpoint, change):
    with np.load(io.BytesIO(checkpoint)) as file:
        arrays = dict(file)
    about = json.loads(str(arrays["about"]))
    change(about)
    arrays["about"] = np.array(json.dumps(about))
    file = io.BytesIO()
    np.savez(file, **arrays)
    with pytest.raises(FileError):
        read_run(io.BytesIO(file.getvalue()))
