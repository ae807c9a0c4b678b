"""The pages, in the order in which one would tell it, each with what it is for."""

PAGES = {
    "draw": "Draw a digit, and see what the model makes of it.",
    "weights": "What the model has learned: a picture for each class.",
    "train": "How it learned that: watch the pictures appear.",
    "gradient": "Why it learns: the one formula behind it, step by step.",
    "evaluate": "How good it is, and when it is wrong.",
    "workshop": "Teach it your own symbols, together, in a room.",
    "lesson": "A lesson of 45 minutes, each step a link.",
    "about": "What this is, and whose digits it learned from.",
}

PATHS = ("", *list(PAGES)[1:])  # of their addresses
