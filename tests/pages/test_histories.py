"""Histories of models: uploaded, kept, chosen, pushed out, in two tabs, against a simple model."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pages.ui import budget
from pages.ui.evaluate.state import evaluate_state
from pages.ui.gradient.state import gradient_state
from pages.ui.session import Session
from pages.ui.weights.state import weights_state
from softmax_core import MODELS, SoftmaxModel, feature_map, load_dataset

TABS = st.sampled_from([0, 1])
NAMES = st.sampled_from(["a.npz", "b.npz", "pairs", "long " * 20, *map("{}.npz".format, range(14))])
PLACES = st.integers(0, 1000)


def model(classes: int, features: str, seed: int) -> SoftmaxModel:
    names = load_dataset("pen").classes if classes == 10 else [f"c{n}" for n in range(classes)]
    phi = feature_map(features)
    weights = np.random.default_rng(seed).normal(size=(classes, phi.dimension))
    return SoftmaxModel(names, weights, phi, "pen")


class Histories(RuleBasedStateMachine):
    """`kept` is what each tab should have: models by name, the oldest first."""

    def __init__(self):
        super().__init__()
        self.tabs = [Session(), Session()]
        self.kept: list[dict[str, SoftmaxModel]] = [{}, {}]

    @rule(
        tab=TABS,
        name=NAMES,
        classes=st.sampled_from([2, 3, 10]),
        features=st.sampled_from(["pixels", "pairs"]),
        seed=st.integers(0, 3),
    )
    def upload(self, tab, name, classes, features, seed):
        """Another file, or another of the same name."""
        session, kept = self.tabs[tab], self.kept[tab]
        sent = model(classes, features, seed)
        said = session.keep(name, sent)
        assert said not in MODELS
        kept.pop(said, None)
        kept[said] = sent
        for old in [n for n in kept if n not in (session.model_name, said)]:
            if len(kept) > budget.MODELS:
                del kept[old]
        weights_state(session).choose_model(said)

    @rule(tab=TABS, place=PLACES)
    def choose(self, tab, place):
        session = self.tabs[tab]
        name = session.model_names[place % len(session.model_names)]
        session.model_name = name
        evaluate_state(session).choose_model(name)

    @rule(tab=TABS, place=PLACES)
    def start_the_gradient_from(self, tab, place):
        page = gradient_state(self.tabs[tab])
        page.choose_start(page.starts[place % len(page.starts)])

    @rule(tab=TABS, k=PLACES, i=PLACES, value=st.floats(-3, 3))
    def change_a_weight(self, tab, k, i, value):
        page = weights_state(self.tabs[tab])
        page.pick(k % len(page.model.classes), i % page.model.features.dimension)
        page.change(value)
        assert page.value == value
        assert page.changed
        assert len(page.history.past) <= budget.CHANGES

    @rule(tab=TABS, back=st.integers(1, 3), k=PLACES)
    def undo_and_redo(self, tab, back, k):
        """As many steps forth as back lead to the same model, each at the weight it changed."""
        page = weights_state(self.tabs[tab])
        before, steps = page.model, min(back, len(page.history.past))
        page.look_at(k % len(page.model.classes))
        for _ in range(back):
            now = page.history.present
            page.undo()
            assert page.entry == now.entry or page.history.present is now
        for _ in range(steps):
            page.redo()
            assert page.entry == page.history.present.entry
        assert page.model is before

    @rule(tab=TABS)
    def undo(self, tab):
        page = weights_state(self.tabs[tab])
        before = len(page.history.past)
        page.undo()
        assert len(page.history.past) == max(0, before - 1)

    @rule(tab=TABS)
    def reset(self, tab):
        page = weights_state(self.tabs[tab])
        before, steps = page.model, len(page.history.past)
        page.reset()
        assert page.model is page.original
        assert not page.changed
        if before is page.original:
            assert len(page.history.past) == steps
        else:
            page.undo()
            assert page.model is before

    @invariant()
    def tabs_have_what_was_kept_in_them(self):
        for session, kept in zip(self.tabs, self.kept, strict=True):
            assert list(session.trained) == list(kept)
            assert all(session.trained[name] is kept[name] for name in kept)
            assert len(session.trained) <= budget.MODELS
            assert session.model_name in session.model_names

    @invariant()
    def every_page_has_a_model_that_it_can_show(self):
        for session in self.tabs:
            weights, evaluate = weights_state(session), evaluate_state(session)
            assert weights.name in session.model_names
            assert evaluate.name in session.model_names
            assert np.isfinite(weights.value)
            assert weights.other < len(weights.model.classes)
            gradient = gradient_state(session)
            assert gradient.start in gradient.starts
            assert gradient.weights.shape == (10, 65)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
