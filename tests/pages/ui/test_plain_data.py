"""A visit needs no data frames: no page loads what they come with."""

import subprocess
import sys

from tests.pages.app import APP

VISIT = """
import sys
from pages.ui import plain_data
from pages.ui.contents import PAGES
from tests.pages.app import open_page

plain_data.install()
for name in PAGES:
    open_page(name)
loaded = {"pandas", "pyarrow"} & sys.modules.keys()
assert not loaded, loaded
"""


def test_no_page_loads_what_data_frames_come_with():
    visit = [sys.executable, "-c", VISIT]
    done = subprocess.run(visit, cwd=APP.parent, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
