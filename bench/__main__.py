"""`make bench`: how fast pages and search answer, beside a bare page and other engines.

PARTS=search SIZES=500,5000 make bench   for a part of it and smaller corpora
"""

import os
import sys
import tempfile
from pathlib import Path

from bench import pages, search
from tests.harness.example import ExampleData, build_example


def main() -> int:
    """Print the tables; 1 when a goal is missed."""
    parts = os.environ.get("PARTS", "pages,search").split(",")
    met = [PARTS[part]() for part in parts]
    return 0 if all(met) else 1


def run_pages() -> bool:
    """The pages of the example data."""
    with tempfile.TemporaryDirectory(prefix="moyai-bench-") as folder:
        instance = Path(folder) / "instance"
        instance.mkdir()
        print("preparing the example data …", flush=True)
        build_example(instance)
        return pages.run(ExampleData(instance))


PARTS = {"pages": run_pages, "search": search.run}


if __name__ == "__main__":
    sys.exit(main())
