"""A model to take home: one HTML file that draws and classifies, with no server and no network.

What it does is `softmax.js`: the preparation of strokes, the features and the softmax in plain
JavaScript, in one place. The rest of the page is `page.html`.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from softmax_core.errors import ParameterError
from softmax_core.model import SoftmaxModel

HERE = Path(__file__).parent
PREPARATION = "pen"  # the one that softmax.js has

SCRIPT = (HERE / "softmax.js").read_text("utf-8")


def for_browser(model: SoftmaxModel, digits: int = 4) -> dict[str, Any]:
    """The model as softmax.js takes it: class names, offsets of φ, weights rounded to `digits`.

    Raises `ParameterError` for a model whose digits were prepared in another way.
    """
    if model.preparation != PREPARATION:
        raise ParameterError(
            f"only models of the preparation {PREPARATION!r} can be taken home, "
            f"this one has {model.preparation!r}"
        )
    return {
        "classes": list(model.classes),
        "offsets": [list(offset) for offset in model.features.offsets],
        "weights": model.weights.round(digits).tolist(),
    }


def to_html(model: SoftmaxModel, title: str = "Softmax regression") -> str:
    """The page. What it holds of people (title and class names) is text, not markup."""
    data = json.dumps(for_browser(model)).replace("<", "\\u003c")
    page = (HERE / "page.html").read_text("utf-8")
    parts = {"TITLE": escape(title), "SCRIPT": SCRIPT, "MODEL": data}
    return re.sub(r"/\*([A-Z]+)\*/", lambda found: parts[found[1]], page)
