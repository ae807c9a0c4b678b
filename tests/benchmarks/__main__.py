"""All tables, or those that are named: `python -m tests.benchmarks core draw.people`."""

import importlib
import pkgutil
import sys

import tests.benchmarks
from tests.benchmarks import table

AREAS = [
    module.name.removeprefix("bench_")
    for module in pkgutil.iter_modules(tests.benchmarks.__path__)
    if module.name.startswith("bench_")
]

for name in sys.argv[1:] or AREAS:
    area, _, part = name.partition(".")
    module = importlib.import_module(f"tests.benchmarks.bench_{area}")
    parts = getattr(module, "PARTS", {"": getattr(module, "rows", None)})
    print(f"\n**{name}**: {module.__doc__.splitlines()[0]}\n")
    table(row for key, rows in parts.items() if part in ("", key) for row in rows())
