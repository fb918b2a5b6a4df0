"""`make bench`: how fast pages and search answer, beside a bare page served the same way."""

import sys
import tempfile
from pathlib import Path

from bench import pages, search
from tests.harness.example import ExampleData, build_example


def main() -> int:
    """Print both tables; 1 when a goal is missed."""
    with tempfile.TemporaryDirectory(prefix="moyai-bench-") as folder:
        instance = Path(folder) / "instance"
        instance.mkdir()
        print("preparing the example data …", flush=True)
        build_example(instance)
        example = ExampleData(instance)
        met = [pages.run(example), search.run(example)]
    return 0 if all(met) else 1


sys.exit(main())
