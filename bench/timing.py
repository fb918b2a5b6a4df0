"""Timing things in turn, so that a busy moment of the machine hits all of them alike."""

import time
from collections.abc import Callable, Mapping


def time_in_turn(
    tasks: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 5
) -> dict[str, list[float]]:
    """Milliseconds of every call, by task: each round calls every task once."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + warm_up):
        for name, task in tasks.items():
            begun = time.perf_counter()
            task()
            if turn >= warm_up:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def quantile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def print_table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A plain table; the first column is text, the others are figures."""
    widths = [max(len(row[n]) for row in [headings, *rows]) for n in range(len(headings))]
    print(f"\n{title}")
    for row in [headings, *rows]:
        cells = [
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip())
