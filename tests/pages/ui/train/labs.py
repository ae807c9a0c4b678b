"""What tests of the Train page's parts share: a Lab, and `tick` for what a browser asks for."""

import base64
import json

import numpy as np

from pages.ui.figures import palette
from pages.ui.train import screen
from pages.ui.train.figures import View
from pages.ui.train.lab import Lab
from pages.ui.train.settings import Settings

QUICK = Settings(epochs=6)
PLAIN = View()


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
    while lab.going:
        lab.tick(lab.serial)
    return lab


def drawn(lab, view=PLAIN):
    """The message as the browser gets it: JSON without NaN."""
    return json.loads(json.dumps(screen.message(lab, palette(False), view), allow_nan=False))


def unpacked(frame):
    """The weights of a frame as live.js reads them: (K, 65), picture and bias."""
    values = np.frombuffer(base64.b64decode(frame["weights"]), "<i2")
    return values.reshape(-1, 65) * frame["reach"] / 32767
