"""`make bench`: how fast pages and search answer, beside a bare page and other engines.

And how well search answers the judged set, beside two-grams.

PARTS=search SIZES=500,5000 make bench   for a part of it and smaller corpora
PARTS=relevance make bench               for that part alone, in under a minute
PARTS=costs ROWS=10000 BODIES=20 make bench   for costs at a smaller size
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import costs, pages, relevance, search
from tests.harness.example import ExampleData, build_example


def main() -> int:
    """Print the tables; 1 when a goal is missed."""
    parts = os.environ.get("PARTS", ",".join(PARTS)).split(",")
    met = [PARTS[part]() for part in parts]
    return 0 if all(met) else 1


def over_example(measure: Callable[[ExampleData], bool]) -> bool:
    """What is measured over the example data, newly built."""
    with tempfile.TemporaryDirectory(prefix="moyai-bench-") as folder:
        instance = Path(folder) / "instance"
        instance.mkdir()
        print("preparing the example data …", flush=True)
        build_example(instance)
        return measure(ExampleData(instance))


PARTS: dict[str, Callable[[], bool]] = {
    "pages": lambda: over_example(pages.run),
    "search": search.run,
    "relevance": lambda: over_example(relevance.run),
    "costs": lambda: over_example(costs.run),
}


if __name__ == "__main__":
    sys.exit(main())
