"""Measurements, one module an area: `python -m tests.benchmarks [area]`, `make benchmark`."""

from collections.abc import Iterable

Row = tuple[str, str, str]  # measure, goal, measured


def table(rows: Iterable[Row]) -> None:
    """Prints the rows as a Markdown table, each as soon as it is measured."""
    print("| measure | goal | measured |\n|---|---|---|", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
