"""`python -m softmax_core` starts the app, or says that the extra `app` is missing.

Arguments go to Streamlit: `python -m softmax_core --server.port 8600`.
"""

import os
import sys
from importlib.util import find_spec

from softmax_core.datasets import home

APP = (  # the extra `app`
    "streamlit",
    "streamlit_drawable_canvas",
    "plotly",
    "threadpoolctl",
    "markupsafe",
    "segno",
    "sqlalchemy",
    "alembic",
    "psycopg",
)


def main(arguments: list[str]) -> None:
    missing = [name for name in APP if find_spec(name) is None]
    if missing:
        sys.exit(
            f"The app needs {', '.join(missing)}, which the extra app brings: "
            "pip install '.[app]' in the folder of its sources"
        )
    command = [sys.executable, "-m", "streamlit", "run", str(home() / "app.py"), *arguments]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main(sys.argv[1:])
