"""The rules of the architecture, each held by a test: a rule without one is soon broken."""

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "softmax_core").glob("*.py"))
CORE += [ROOT / "softmax_core" / "take_home" / "__init__.py"]
ROOMS = sorted((ROOT / "softmax_core" / "rooms").glob("*.py"))
SCALE = sorted((ROOT / "softmax_core" / "scale").glob("*.py"))
PAGES = sorted((ROOT / "pages").glob("[a-z]*.py"))
UI = sorted((ROOT / "pages" / "ui").rglob("[a-z]*.py"))
FIGURES = [path for path in UI if path.name == "figures.py"]

# Lower layers, by module of softmax_core: what each may import of the others.
LAYERS = {
    "errors": set(),
    "inputs": {"errors"},
    "grids": {"errors", "inputs"},
    "arrays": {"errors", "inputs"},
    "features": {"errors", "grids", "inputs"},
    "foreign": set(),
    "thinning": {"foreign"},
    "greys": set(),
    "pictures": {"errors", "foreign", "greys", "thinning"},
    "drawing": {"errors", "foreign", "grids", "inputs", "pictures"},
    "scans": {"grids", "thinning"},
    "threads": {"errors"},
    "neighbours": {"errors", "grids", "inputs"},
    "model": {
        "arrays",
        "drawing",
        "errors",
        "grids",
        "features",
        "inputs",
        "neighbours",
        "threads",
    },
    "optimizers": {"errors", "inputs"},
}


def name_of(path):
    return str(path.relative_to(ROOT))


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=name_of)


def imports(path, top_level_only=False):
    """The dotted names of the modules that a file imports."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def packages(path, **options):
    return {name.split(".")[0] for name in imports(path, **options)}


@each(CORE)
def test_the_core_knows_no_page(path):
    assert not packages(path) & {"streamlit", "plotly", "pages", "streamlit_drawable_canvas"}


@each(CORE)
def test_the_core_imports_numpy_and_pillow_and_nothing_else(path):
    outside = packages(path, top_level_only=True) - sys.stdlib_module_names
    assert outside <= {"numpy", "PIL", "softmax_core"}


@each(ROOMS)
def test_rooms_know_grids_drawings_and_a_database(path):
    assert packages(path) - sys.stdlib_module_names <= {
        "softmax_core",
        "sqlalchemy",
        "alembic",
        "numpy",
    }
    known = {name.split(".")[1] for name in imports(path) if name.startswith("softmax_core.")}
    assert known <= {"errors", "inputs", "grids", "drawing", "rooms"}


@each([*CORE, *UI, *PAGES])
def test_only_rooms_and_their_page_know_rooms(path):
    """Nobody who does not use rooms needs a database; and no page knows SQL."""
    assert not packages(path) & {"sqlalchemy", "alembic", "psycopg"}
    if "workshop" not in (path.stem, path.parent.name):
        assert not any(name.startswith("softmax_core.rooms") for name in imports(path))


@each(SCALE)
def test_scale_stands_on_the_core_and_only_its_cluster_on_dask(path):
    known = {"numpy", "softmax_core", "threadpoolctl"}
    known |= {"dask", "distributed"} if path.stem == "cluster" else set()
    assert packages(path) - sys.stdlib_module_names <= known
    assert not any(name.startswith("softmax_core.rooms") for name in imports(path))


@each([*CORE, *ROOMS, *UI, *PAGES])
def test_nobody_but_who_calls_it_knows_scale(path):
    """Packed files and clusters are for who trains on them; the app needs none of them."""
    assert not any(name.startswith("softmax_core.scale") for name in imports(path))
    assert not packages(path) & {"dask", "distributed"}


@pytest.mark.parametrize("module", LAYERS)
def test_lower_layers_know_no_higher_ones(module):
    found = imports(ROOT / "softmax_core" / f"{module}.py", top_level_only=True)
    known = {name.split(".")[1] for name in found if name.startswith("softmax_core.")}
    assert known <= LAYERS[module]


def test_no_module_of_the_core_stands_on_itself():
    """Imports inside of functions count: what closes a circle there can't be read alone either."""
    stands_on = {
        path.parent.name if path.stem == "__init__" else path.stem: {
            name.split(".")[1] for name in imports(path) if name.startswith("softmax_core.")
        }
        for path in CORE
        if path != ROOT / "softmax_core" / "__init__.py"
    }
    assert list(TopologicalSorter(stands_on).static_order())


@each(PAGES)
def test_pages_only_lay_out(path):
    outside = packages(path) - sys.stdlib_module_names
    assert outside <= {"streamlit", "softmax_core", "pages"}
    assert len(path.read_text().splitlines()) < 90


@each(PAGES)
def test_pages_call_the_set_up(path):
    assert "set_up(" in path.read_text()


@each([*PAGES, *UI])
def test_what_is_in_a_pages_folder_serves_that_page_alone(path):
    """`pages/x.py` and `pages/ui/x/` know `pages/ui/x/`; what pages share knows none of these."""
    folder = path.parent.name if path.parent.parent.name == "ui" else None
    own = path.stem if path in PAGES else folder
    rooms = {page.stem for page in PAGES}
    used = {name.split(".")[2] for name in imports(path) if name.startswith("pages.ui.")}
    assert used & rooms <= {own}


@each([path for path in [*PAGES, *UI] if path.stem != "gate"])
def test_what_a_browser_sends_is_read_by_the_gate_alone(path):
    """Elsewhere the address and the state of widgets are written, or asked whether they are there;
    the visitor's own `Session` is no widget."""
    raw = ("st.session_state", "st.query_params")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            read = ast.unparse(node.value) in raw and ast.unparse(node.slice) != "'session'"
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in raw:
            read = node.attr not in ("update", "from_dict")
        elif isinstance(node, ast.Assign | ast.Return | ast.Call):
            values = [node.value] if not isinstance(node, ast.Call) else node.args
            read = any(value is not None and ast.unparse(value) in raw for value in values)
        else:
            continue
        assert not read, ast.unparse(node)


@each([*PAGES, *UI])
def test_what_is_said_about_input_is_said_as_text(path):
    """Notices are Markdown: a sentence of the page's own, or text from elsewhere made `plain`."""
    for node in ast.walk(ast.parse(path.read_text())):
        name = getattr(getattr(node, "func", None), "attr", "")
        if isinstance(node, ast.Call) and name in ("error", "info", "warning", "success"):
            said = node.args[0]
            made_plain = isinstance(said, ast.Call) and ast.unparse(said.func) == "plain"
            assert made_plain or isinstance(said, ast.Constant | ast.JoinedStr), ast.unparse(node)


@each(FIGURES)
def test_figures_know_no_streamlit(path):
    assert "streamlit" not in packages(path)


@each([*CORE, *SCALE, *PAGES, *UI])
def test_the_order_of_pixels_has_one_home(path):
    """Only grids and features turn vectors into 8×8 pictures."""
    if path.stem in ("grids", "features"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "reshape":
            sides = [ast.unparse(side) for side in node.args[-2:]]
            assert sides not in (["8", "8"], ["SIDE", "SIDE"]), ast.unparse(node)


@each([*CORE, *ROOMS, *SCALE, *PAGES, *UI])
def test_nothing_mutable_lives_in_a_module(path):
    """Lists, sets and calls that make them at module level would be shared by all visitors."""
    for node in ast.parse(path.read_text()).body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" not in ast.unparse(node):
            assert not isinstance(value, ast.List | ast.Set), ast.unparse(node)
            made = value.func.id if isinstance(getattr(value, "func", None), ast.Name) else ""
            assert made not in ("list", "dict", "set", "defaultdict", "deque"), ast.unparse(node)


@each([*CORE, *SCALE, *UI, *PAGES])
def test_modules_use_no_global(path):
    assert not any(isinstance(node, ast.Global) for node in ast.walk(ast.parse(path.read_text())))


@each([*CORE, *ROOMS, *SCALE, *UI])
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_importing_the_core_loads_no_heavy_package():
    code = "import sys, softmax_core; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    loaded = set(run.stdout.split())
    assert not loaded & {"streamlit", "plotly", "scipy", "sklearn", "pandas", "sqlalchemy", "dask"}


def test_no_file_of_the_app_is_unpickled():
    for path in [*CORE, *SCALE, *UI, *PAGES]:
        assert "pickle" not in packages(path), name_of(path)
        assert "allow_pickle=True" not in path.read_text(), name_of(path)


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_run_in_one_process(request):
    """pytest-xdist tells them by their ids; where it does not, each process starts every server."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@together")


@pytest.mark.parametrize("path", [*PAGES, *UI], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_run_that_is_asked_for_is_one_of_the_whole_page(path):
    """One of a part, asked for by a callback, would take the place of the run that shows what else
    the message has brought: presses were taken and not shown."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.rerun":
            assert not node.args and not node.keywords
