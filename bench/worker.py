"""A web worker's search in a process of its own: opens the index, answers, says what it holds.

    python -m bench.worker FOLDER

Prints one line of JSON: megabytes before and after, seconds of opening.
"""

import json
import sys
from pathlib import Path
from time import perf_counter

from bench.engines.moyai import open_service
from bench.questions import make_questions


def main(folder: Path) -> None:
    before = _megabytes()
    begun = perf_counter()
    engine = open_service(folder)
    opened = perf_counter() - begun
    for question in make_questions():
        engine.answer_text(question)
    print(json.dumps({"before": before, "after": _megabytes(), "opened": opened}))


def _megabytes() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (size,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(size) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
