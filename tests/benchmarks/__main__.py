"""All tables, or those of the areas that are named: `python -m tests.benchmarks core drawing`."""

import importlib
import pkgutil
import sys

import tests.benchmarks
from tests.benchmarks import table

AREAS = [m.name for m in pkgutil.iter_modules(tests.benchmarks.__path__) if m.name != "__main__"]

for area in sys.argv[1:] or [name.removeprefix("bench_") for name in AREAS]:
    module = importlib.import_module(f"tests.benchmarks.bench_{area}")
    print(f"\n**{area}**: {module.__doc__.splitlines()[0]}\n")
    table(module.rows())
