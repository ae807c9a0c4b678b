"""The shipped weights are what the command makes of the shipped digits."""

import numpy as np
import pytest

from softmax_core import load_dataset, load_model, train_models
from softmax_core.metrics import calibration
from softmax_core.storage import MODELS
from softmax_core.train_models import HANDS, RECIPES, SCANNED, train_model
from tests.styles import written

LEAST = {  # right on: pen test part, a site that no training has seen, hand-made styles
    "classic": (0.83, 0.84, 0.92),
    "pixels": (0.88, 0.89, 0.93),
    "pairs": (0.91, 0.95, 0.98),
    "shapes": (0.91, 0.95, 0.98),
}
MOST_ERROR = {"classic": 0.035, "pixels": 0.035, "pairs": 0.015, "shapes": 0.015}  # of calibration


def test_every_model_has_a_recipe_and_classic_is_made_of_scanned_digits_alone():
    assert set(RECIPES) == set(MODELS)
    scanned = {name for name, recipe in RECIPES.items() if recipe.digits == SCANNED}
    assert scanned == {"classic"}
    assert [source for source, _ in SCANNED] == ["optdigits"]
    assert {source for source, _ in HANDS} == {"pen", "optdigits", "unipen"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["classic", "pixels"])
def test_training_again_finds_the_shipped_weights(name):
    again, shipped = train_model(name), load_model(name)
    assert again.classes == shipped.classes
    assert again.features == shipped.features
    assert again.preparation == shipped.preparation
    np.testing.assert_allclose(again.weights, shipped.weights, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_models_are_right_on_hands_that_they_have_not_seen(name):
    from softmax_core import grid_from_strokes

    model = load_model(name)
    pen, unipen = load_dataset("pen").test, load_dataset("unipen").test
    site = unipen[unipen.sites == "A"]
    drawings, labels = written()
    grids = np.array([grid_from_strokes(strokes) for strokes in drawings])
    found = [
        (model.predict(pen.codes) == pen.labels).mean(),
        (model.predict(site.codes) == site.labels).mean(),
        (model.predict(grids) == labels).mean(),
    ]
    assert (np.array(found) >= LEAST[name]).all(), found


@pytest.mark.parametrize("name", MODELS)
def test_probabilities_are_honest_on_hands_that_training_has_not_seen(name):
    test = load_dataset("unipen").test
    site = test[test.sites == "A"]
    error = calibration(load_model(name).probabilities(site.grids), site.labels).error
    assert error <= MOST_ERROR[name]


def test_a_set_that_was_left_out_is_left_out_of_training(monkeypatch):
    seen = []
    monkeypatch.setattr(train_models, "available", lambda: ("pen", "optdigits"))

    def drawn(sources):
        seen.extend(source for source, _ in sources)
        parts = [load_dataset(source).train for source, _ in sources]
        return [(part.codes[:3], part.labels[:3]) for part in parts]

    monkeypatch.setattr(train_models, "digits_of", drawn)
    codes, labels = train_models.training_digits(HANDS)
    assert set(seen) == {"pen", "optdigits"}
    assert len(codes) == len(labels) == 3 * len(seen)
