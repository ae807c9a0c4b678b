"""What one visitor may send, keep and ask for: every limit of the app, in one table.

The core has limits of its own for what a file, a picture or a drawing may hold.
"""

# What is taken from a browser.
TEXT = 64  # characters of a value in a link, an event, a choice
NAME = 40  # characters of a file's name, of which the rest is cut off
MODEL_FILE = 500_000  # bytes; the largest model of this app is a fifth of it
PICTURE_FILE = 5_000_000  # bytes, as server.maxUploadSize
RUN_FILE = 4_000_000  # bytes

# What a session keeps.
MODELS = 12  # trained, changed or uploaded ones; the shipped ones are everybody's
CHANGES = 30  # changed weights that can be undone
STEPS = 30  # gradient steps that can be taken from one start
