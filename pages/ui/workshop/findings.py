"""What a room says of its model: on whom it does how well, and why that differs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pages.ui.workshop import service
from pages.ui.workshop.learning import L2, TOLERANCE, material
from softmax_core import Objective, SoftmaxModel, feature_map, maximize
from softmax_core.errors import RoomError
from softmax_core.metrics import Accuracy, accuracy
from softmax_core.rooms import Drawing, Room

MUCH = 0.3  # of the drawings, by one person
FEW = 30  # drawings, by which an accuracy is hardly known


@dataclass(frozen=True, eq=False)
class Learned:
    """What a model of the room was made of, and how it did on the people held out."""

    held_out: Accuracy | None
    curve: list[tuple[int, Accuracy]]  # drawings learned from, and the accuracy that they gave
    largest_share: float  # of the drawings, by one person


@dataclass(frozen=True, eq=False)
class Findings:
    """What the room's model did on people held out, and on drawings that came after it."""

    learned: Learned
    tried: Accuracy | None
    by_person: list[tuple[str, Accuracy]]  # of those who tried it, who fooled it most first
    cells: dict[tuple[int, int], list[str]]  # the new drawings' grids, by label and answer


@service.keep
def learned(code: str, model: int | None) -> Learned:
    """Kept by the version of the room's model: who tries it changes none of this."""
    room, drawings = service.rooms().room(code), service.rooms().all_drawings(code)
    stored = service.rooms().newest_model(code) if model is not None else None
    about = stored.about if stored else {}
    counts = Counter(d.contributor for d in drawings).values()
    right, total = about.get("right"), about.get("held_out")
    return Learned(
        _accuracy(right, total) if right is not None and total else None,
        _curve(room, drawings, about["features"]) if about else [],
        max(counts) / len(drawings) if drawings else 0.0,
    )


@service.keep
def findings(code: str, version: int) -> Findings:
    """Kept by the room's version."""
    tests = service.rooms().all_drawings(code, "test")
    tests = [d for d in tests if d.predicted is not None]
    people: dict[str, list[Drawing]] = {}
    cells: dict[tuple[int, int], list[str]] = {}
    for d in tests:
        people.setdefault(d.contributor, []).append(d)
        cells.setdefault((d.label, int(d.predicted or 0)), []).append(d.grid)
    by = [(_name(theirs, n), _right(theirs)) for n, theirs in enumerate(people.values(), 1)]
    stored = service.model(code, version)
    return Findings(
        learned(code, stored and stored.version),
        _right(tests) if tests else None,
        sorted(by, key=lambda row: row[1].value),
        cells,
    )


def why(found: Findings, classes: Sequence[str]) -> list[str]:
    """Sentences on what the two figures have to do with each other, each from the room's own
    drawings."""
    held, tried, curve = found.learned.held_out, found.tried, found.learned.curve
    words = []
    if held and tried:
        words.append(_compared(held, tried))
        if min(held.total, tried.total) < FEW:
            words.append(
                f"{min(held.total, tried.total)} drawings are few: more of them make the intervals "
                "narrower, and the comparison surer."
            )
    if len(curve) > 1:
        (some, before), (all_, after) = curve[-2:]
        gain = after.value - before.value
        words.append(
            f"From {some} to {all_} drawings it went from {share(before.value)} to "
            f"{share(after.value)} "
            + (
                "on people held out: more drawings may help."
                if gain >= 0.02
                else "on people held out: only more of the same would hardly help."
            )
        )
    if found.learned.largest_share >= MUCH:
        words.append(
            f"One person drew {share(found.learned.largest_share)} of what it learned from: it "
            "knows that hand best."
        )
    if len(found.by_person) > 1:
        (worst, low), (best, high) = found.by_person[0], found.by_person[-1]
        if low.high < high.low:
            words.append(
                f"Hands differ: it is right on {low.correct} of {low.total} by {worst}, and on "
                f"{high.correct} of {high.total} by {best}."
            )
    wrong = {pair: len(grids) for pair, grids in found.cells.items() if pair[0] != pair[1]}
    if max(wrong.values(), default=0) > 1:
        (label, said), times = max(wrong.items(), key=lambda pair: pair[1])
        words.append(
            f"Most often it says {classes[said]} where {classes[label]} was meant ({times})."
        )
    return words


def share(value: float) -> str:
    """A share in whole percent: drawings of a room are too few for more."""
    return f"{100 * value:.0f} %"


def _compared(held: Accuracy, tried: Accuracy) -> str:
    if tried.high < held.low:
        return (
            "On new drawings it is worse than on people held out: these were drawn to fool it, or "
            "in ways that nobody drew before."
        )
    if held.high < tried.low:
        return "On new drawings it is better than on people held out: these are easier."
    return "The two intervals overlap: the drawings do not show that new ones are harder for it."


def _accuracy(right: int, total: int) -> Accuracy:
    return accuracy((np.arange(total) >= right).astype(int), np.zeros(total, int))


def _right(tests: Sequence[Drawing]) -> Accuracy:
    return _accuracy(sum(d.predicted == d.label for d in tests), len(tests))


def _name(theirs: Sequence[Drawing], number: int) -> str:
    return next((d.nickname for d in theirs if d.nickname), f"person {number}")


def _curve(room: Room, drawings: Sequence[Drawing], features: str) -> list[tuple[int, Accuracy]]:
    """The accuracy on the people held out, learned from an eighth, a quarter, … of the drawings."""
    try:
        m = material(room, drawings)
    except RoomError:
        return []
    if not m.held_out.any():
        return []
    phi = feature_map(features)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(~m.held_out))
    points = {}
    for part in (0.125, 0.25, 0.5, 1.0):
        some = rows[: max(len(room.classes), int(part * len(rows)))]
        objective = Objective(phi(m.grids[some]), m.labels[some], classes=room.classes, l2=L2)
        best = maximize(objective, tolerance=TOLERANCE)
        model = SoftmaxModel(room.classes, best.weights, phi, "pen")
        points[len(some)] = accuracy(model.predict(m.grids[m.held_out]), m.labels[m.held_out])
    return list(points.items())
