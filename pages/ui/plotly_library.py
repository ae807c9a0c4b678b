"""The plotly.js that comes with the plotly package, served by the app: nothing from elsewhere.

`LOADER` goes before the script of a component: it is `load(url)`, a promise of Plotly, and
`local`, the configuration of every chart: no button of Plotly's sends or leads elsewhere.
"""

import json
from pathlib import Path

import plotly
from streamlit.components.v1 import declare_component

LOCAL = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False}

LOADER = f"const local = {json.dumps(LOCAL)}\n" + (
    Path(__file__).parent / "plotly_library.js"
).read_text("utf-8")

# A component of the first kind is a folder that the app serves; this one is never shown.
_folder = declare_component("plotly", path=Path(plotly.__file__).parent / "package_data")

URL = f"component/{_folder.name}/plotly.min.js?{plotly.__version__}"
