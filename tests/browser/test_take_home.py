"""The JavaScript of a model to take home, in a real browser, against the Python it stands for."""

import json
from functools import cache
from itertools import groupby

import numpy as np
import pytest

from pages.ui.strokes import on_canvas
from softmax_core import (
    SoftmaxModel,
    feature_map,
    grid_from_strokes,
    load_dataset,
    load_model,
    trajectory_strokes,
)
from softmax_core.take_home import SCRIPT, for_browser, to_html
from tests.frames import FRAMES, framed


@cache
def drawings(number=2400):
    """Recorded digits, and the same ones changed: turned, cut, with a tap or a frame beside."""
    rng = np.random.default_rng(7)
    test = load_dataset("pen").test
    found = []
    for n in rng.permutation(len(test.trajectories))[: number // 2]:
        path = [np.asarray(s, float) for s in trajectory_strokes(test.trajectories[n])]
        found.append(path)
        turn = rng.normal(0, 0.15)
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        changed = [s @ spin.T * rng.uniform(0.2, 3) + rng.normal(0, 1.5, s.shape) for s in path]
        kind = n % 4
        if kind == 0:
            low, high = np.concatenate(changed).min(0), np.concatenate(changed).max(0)
            corner = low + (high - low) * rng.choice([-0.4, 1.4], 2)
            changed.append(corner[None])
        elif kind == 1 and len(changed[0]) > 4:
            cut = len(changed[0]) // 2
            changed = [changed[0][:cut], changed[0][cut:], *changed[1:]]
        elif kind == 2:
            changed = [s[::2] if len(s) > 6 else s for s in changed]
        else:
            digit, frame = framed(changed, FRAMES[n // 4 % len(FRAMES)], rng)
            changed = [*frame, *digit] if rng.random() < 0.5 else [*digit, *frame]
        found.append(changed)
    odd = [[[[5, 5]]], [[[0, 0], [100, 0]]], [[[0, 0], [0, 100]]], [[[1, 1], [1, 1]]], []]
    return [[s.round(3).tolist() for s in d] for d in found] + odd


@pytest.fixture(scope="module")
def script(browser):
    """A page with softmax.js and nothing else."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content(f"<script>{SCRIPT}\nwindow.softmaxCore = softmaxCore</script>")
    yield page
    context.close()


@pytest.fixture(scope="module")
def grids(script):
    """Of every drawing the grid of JavaScript, and that of Python."""
    theirs = script.evaluate("drawings => drawings.map(softmaxCore.grid)", drawings())
    return np.array(theirs, bool), np.array([grid_from_strokes(d).ravel() for d in drawings()])


def test_javascript_and_python_prepare_alike(grids):
    theirs, ours = grids
    assert len(ours) > 2000 and (theirs == ours).all(axis=1).mean() >= 0.999


def of_a_room():
    """A model of a room's own classes, as if it had learned."""
    phi, names = feature_map("pixels"), ("☐", "△", "a smile with <b>")
    return SoftmaxModel(names, np.random.default_rng(0).normal(size=(3, phi.dimension)), phi, "pen")


@pytest.mark.parametrize("name", ["pixels", "pairs", "shapes", "a room's own"])
def test_javascript_and_python_say_the_same(script, grids, name):
    model = of_a_room() if name == "a room's own" else load_model(name)
    p = model.probabilities(grids[0].reshape(-1, 8, 8))
    ask = "([model, grids]) => grids.map(grid => softmaxCore.probabilities(model, grid))"
    q = np.array(
        script.evaluate(ask, [for_browser(model, digits=6), grids[0].astype(int).tolist()])
    )
    np.testing.assert_allclose(q, p, atol=1e-4)
    clear = np.sort(p)[:, -1] - np.sort(p)[:, -2] > 1e-4
    assert (q.argmax(axis=1) == p.argmax(axis=1))[clear].all()


def test_what_is_outside_the_canvas_is_left_out_as_on_the_draw_page(script):
    rng = np.random.default_rng(3)
    drawings = [rng.integers(-200, 520, (n, 2)).astype(float).tolist() for n in range(1, 200)]
    drawings += [[[-10, 330], [330, -10]], [[5, 5], [5, 400], [9, 400], [9, 5]], [[320, 0]]]
    cut = script.evaluate("all => all.map(stroke => softmaxCore.seen([stroke], 320))", drawings)
    for stroke, theirs in zip(drawings, cut, strict=True):
        ours = on_canvas(tuple(map(tuple, stroke)))
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            rounded = [tuple((np.round(2 * np.array(point)) / 2).tolist()) for point in other]
            assert [point for point, _ in groupby(rounded)] == list(mine)


def test_a_stroke_may_leave_the_canvas_of_the_page(browser, tmp_path):
    (tmp_path / "model.html").write_text(to_html(load_model("shapes")), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "model.html").as_uri())
    box = page.locator("#ink").bounding_box()
    for stroke in ([(170, 60), (90, 170), (560, 170)], [(190, 110), (190, 270)]):
        page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
        page.mouse.down()
        for x, y in stroke[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=20)
        page.mouse.up()
    assert page.locator("#class").inner_text() == "4"
    page.close()


def test_the_page_holds_names_as_text(browser):
    model = load_model("pixels")
    page = to_html(model, "</title><script>alert(1)</script> /*MODEL*/")
    assert "<script>alert" not in page and page.count("<script>") == 1
    data = json.dumps(for_browser(model)["classes"])
    assert data in page
