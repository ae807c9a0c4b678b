"""What one visitor may send, keep and ask for: every limit of the app, in one table.

The core has limits of its own for what a file, a picture or a drawing may hold.
"""

# What is taken from a browser.
TEXT = 64  # characters of a value in a link, an event, a choice
LINK_DRAWING = 2_000  # characters of a drawing in a link
LINK_WEIGHTS = 3_700  # and of weights: those of ten classes and their pairs fit
PICTURE_TEXT = 850_000  # characters of a picture, of which the browser has made a small JPEG
PICTURE_PIXELS = 2_000_000  # of it: 1,400 by 1,400
NAME = 40  # characters of a file's name, of which the rest is cut off
MODEL_FILE = 1_000_000  # bytes; a hundred classes are half of it
RUN_FILE = 8_000_000  # bytes, as server.maxUploadSize; "shapes" with L-BFGS: 6.2 million
ROOM_FILE = 5_000_000  # bytes
QUESTION = 60_000  # bytes of what a room's board asks
ASKERS = 1_000  # addresses whose pace is remembered
ASK_BURST = 900  # questions at once, by the boards of one address: a class is one
ASKS = 300  # a second, from then on; 150 people ask 125 times

POINTS = 5_000  # of a drawing; a digit has 100 to 500, and 5,000 take a tenth of a second

# What a browser keeps for the next session, in characters.
KEPT = {"drawing": 200_000, "models": 400_000, "train": 200_000, "canvas": 9}
KEPT_PIXELS = 640 * 640  # of a picture, as it is kept

# What a session keeps.
MODELS = 12  # trained, changed or uploaded ones; the shipped ones are everybody's
CHANGES = 30  # changed weights that can be undone
STEPS = 30  # gradient steps that can be taken from one start
RUNS = 6  # earlier runs whose curves are kept: with the present one, as many as there are colours
RUN_STATES = 8_000_000  # bytes of the states of a run, by which one looks back
LOOK_SECONDS = 20  # of training once more, from the nearest state that is kept
UPLOADS = 4  # files as they came; an older one is dropped for a newer
UPLOAD_BYTES = 8_000_000  # of these, before the next one comes

# What a connection sends: an event is a press, a stroke, a tick of the live view.
BURST = 60  # events at once
EVENTS = 12  # a second, from then on
EVENT_BYTES = 50_000  # that count as one more event
MESSAGE = 1_000_000  # bytes, as server.maxWidgetStateSize
WIDGETS = 200  # values in one message
NESTING = 24  # brackets within brackets
QUERY = 8_000  # characters behind the ? of an address

# What the runs of a session take, in seconds of CPU; a training run takes up to a core.
CPU_BURST = 60  # at once
CPU = 0.5  # a second, from then on

# Sessions without a connection; how long they are kept is server.disconnectedSessionTTL.
SLEEPERS = 1_000
BLANK_SECONDS = 3  # for a session in which nothing was made
