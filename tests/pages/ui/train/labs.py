"""What tests of the Train page's parts share: a Lab, and `tick` for what a browser asks for."""

import json

from pages.ui.figures import palette
from pages.ui.train import screen
from pages.ui.train.lab import Lab
from pages.ui.train.settings import Settings

QUICK = Settings(epochs=6)


def rate(value, **more):
    """Gradient ascent with that rate."""
    return Settings(parameters=(("learning_rate", value),), **more)


def lab_with(settings=QUICK):
    lab = Lab()
    lab.prepare(settings)
    return lab


def run_to_the_end(lab):
    if not lab.running:
        lab.start()
    while lab.running:
        lab.tick(lab.serial)
    return lab


def drawn(lab):
    """The message as the browser gets it: JSON without NaN."""
    return json.loads(json.dumps(screen.message(lab, palette(False)), allow_nan=False))
