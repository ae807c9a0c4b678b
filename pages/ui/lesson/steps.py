"""The steps of a lesson of 45 minutes: what a link opens, what to do there, what to see."""

from typing import NamedTuple

from pages.ui.session import DEFAULT_MODEL


class Step(NamedTuple):
    """`settings` go into the address of the page."""

    minutes: int
    page: str
    title: str
    words: str
    settings: dict[str, str]


NEARLY = "7ec287fe04081830"  # a 9 that one pixel makes a 7

STEPS = (
    Step(
        5,
        "draw",
        "Everybody draws",
        "Draw a 3: large, small, slanted, in a corner. The model sees 64 pixels, on or off. "
        "What is kept of the drawing, what is lost?",
        {"model": DEFAULT_MODEL},
    ),
    Step(
        4,
        "draw",
        "One pixel decides",
        "A 9, and one pixel that makes it a 7: the page marks it. Press it. Why this one?",
        {"grid": NEARLY, "model": DEFAULT_MODEL},
    ),
    Step(
        5,
        "weights",
        "What was learned",
        "One number for each class and pixel. Orange speaks for the class where there is ink, "
        "blue against it. Which pixels tell a 3 from an 8?",
        {"model": "pixels", "class": "3", "minus": "8"},
    ),
    Step(
        4,
        "weights",
        "One weight is changed",
        "Pull the slider: one of 650 numbers, and the accuracy moves. Which weight costs most?",
        {"model": "pixels", "class": "8", "minus": "3", "row": "4", "column": "4"},
    ),
    Step(
        7,
        "train",
        "Ten digits appear",
        "All weights are zero, every class is as probable as every other. Press Start, and tell "
        "when you first see a digit.",
        {"data": "pen", "features": "pixels"},
    ),
    Step(
        5,
        "train",
        "A step too large",
        "Press Start: η is 10⁻⁵ first, and then 0.002, with which L falls below that of a model "
        "that knows nothing. Why does a larger step not help?",
        {"lesson": "large-rate"},
    ),
    Step(
        8,
        "gradient",
        "Why it learns",
        "One digit, one weight, eight steps from the scores to (what was seen − what was "
        "expected) × ink. At zero weights every number can be worked out by hand.",
        {"weights": "zero", "class": "5", "row": "4", "column": "4"},
    ),
    Step(
        3,
        "evaluate",
        "How good it is",
        "Of a hundred digits by people whom it does not know, how many are wrong? Guess first. "
        "Which classes does it confuse, and would you have known better?",
        {"model": DEFAULT_MODEL, "label": "1", "prediction": "2"},
    ),
    Step(
        4,
        "draw",
        "Once more, by hand",
        "The model that learned from scanned digits, on your drawing. Why is it wrong more often "
        "here, and not on scans?",
        {"model": "classic"},
    ),
)
