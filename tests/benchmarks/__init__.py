"""Measurements, one module an area, in parts: `python -m tests.benchmarks [area[.part]]`.

`make benchmark` prints all of them. An area in a browser has `PARTS`, by name.
"""

from collections.abc import Iterable

Row = tuple[str, str, str]  # measure, goal, measured


def table(rows: Iterable[Row]) -> None:
    """Prints the rows as a Markdown table, each as soon as it is measured."""
    print("| measure | goal | measured |\n|---|---|---|", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
