"""The wheel: built, installed beside NumPy and Pillow and nothing else, and used from elsewhere."""

import os
import subprocess
import sys
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from softmax_core.__main__ import APP
from softmax_core.datasets import ASSETS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]

pytestmark = pytest.mark.xdist_group("package")  # built once

STROKES = """
from pathlib import Path
import softmax_core
from softmax_core import grid_from_strokes, load_dataset, load_model, trajectory_strokes
from softmax_core.datasets import DATASETS
from softmax_core.storage import MODELS
assert "site-packages" in softmax_core.__file__, softmax_core.__file__
assert (Path(softmax_core.__file__).parent / "py.typed").exists()
for name in DATASETS:
    assert len(load_dataset(name).test) > 1000
test = load_dataset("pen").test
for name in MODELS:
    model = load_model(name)
    grids = [grid_from_strokes(trajectory_strokes(t), model.preparation)
             for t in test.trajectories[:50]]
    right = (model.predict(grids) == test.labels[:50]).sum()
    assert right > 25, (name, right)
print("classified")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """run(*arguments): Python with the wheel, NumPy and Pillow, in an empty folder."""
    folder = tmp_path_factory.mktemp("package")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("softmax_core-*.whl")
    environment = folder / "environment"
    venv.create(environment, symlinks=os.name != "nt")
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.check_output([python, *site], text=True).strip())
    for name in ("numpy", "pillow"):  # as they are installed here: nothing is fetched
        for part in {file.parts[0] for file in metadata.files(name)} - {".."}:
            (packages / part).symlink_to(metadata.distribution(name).locate_file(part))
    install = ["--python", str(python), "install", "--no-index", str(wheel)]
    subprocess.run([*pip, *install], check=True)

    def run(*arguments):
        elsewhere = {key: value for key, value in os.environ.items() if "PYTHON" not in key}
        return subprocess.run(
            [python, *arguments], cwd=folder, env=elsewhere, capture_output=True, text=True
        )

    return run


def test_it_classifies_strokes_from_elsewhere(installed):
    run = installed("-c", STROKES)
    assert run.stdout == "classified\n", run.stderr


def test_the_examples_of_the_readme_run_from_elsewhere(installed):
    run = installed("-m", "doctest", ROOT / "README.md")
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_holds_every_asset_and_the_app(installed):
    code = "from softmax_core.datasets import home; print(*home().rglob('*'), sep='\\n')"
    held = {Path(line).name for line in installed("-c", code).stdout.splitlines()}
    assert {path.name for path in ASSETS.iterdir()} <= held
    assert {"app.py", "set_up.py", "live.js", "config.toml"} <= held


def test_without_its_extra_the_app_names_it(installed):
    run = installed("-m", "softmax_core")
    assert run.returncode == 1
    assert all(name in run.stderr for name in (*APP, "extra app"))
    run = installed(ROOT / "app.py")
    assert run.returncode == 1
    assert "streamlit, which the extra app brings" in run.stderr
    run = installed("-m", "softmax_core.rooms", "list")
    assert run.returncode == 1
    assert "sqlalchemy, which the extra app brings" in run.stderr


def test_it_needs_numpy_and_pillow_only():
    assert names(PROJECT["dependencies"]) == ["numpy", "pillow"]
    assert names(EXTRAS["app"]) == sorted(name.replace("_", "-") for name in APP)


def test_requirements_and_extras_say_the_same():
    assert requirements("requirements.txt") == parsed(PROJECT["dependencies"] + EXTRAS["app"])
    own = "softmax-core[app,scale,heic]"
    needed = parsed(
        [line for line in [*EXTRAS["dev"], *EXTRAS["scale"], *EXTRAS["heic"]] if line != own]
    )
    assert requirements("requirements-dev.txt") == needed - parsed(EXTRAS["app"])
    assert own in EXTRAS["dev"]
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text()


def requirements(file):
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    return parsed(line for line in lines if line and not line.startswith("-r "))


def parsed(lines):
    return {str(Requirement(line)) for line in lines}


def names(lines):
    return sorted(Requirement(line).name for line in lines)
