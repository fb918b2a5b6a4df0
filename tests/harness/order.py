"""Which files run first: the longest, so that no worker is left with one while others are done.

With `--dist loadfile` a file stays with one worker, and pytest-xdist left to itself begins with
the files of most tests: a crawl of every page is few tests and would come last.
"""

from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

# Of some twenty seconds and more, the longest first. "*": files of that kind take about as long.
LONGEST = (
    "pages/test_bad_input.py",
    "browser/test_every_page.py",
    "pages/test_secrets.py",
    "pages/test_every_page.py",
    "pages/test_role_matrix.py",
    "browser/test_story_*.py",
    "services/test_killed_*.py",
    "services/test_broken_files*.py",
    "services/test_concurrent_people.py",
    "services/test_whole_app_postgresql.py",
    "services/test_large_imports.py",
    "services/test_every_triple.py",
    "services/test_search_killed.py",
    "relevance/test_relevance.py",
    "services/test_migrations.py",
    "services/test_project_at_once.py",
    "services/test_desk_at_once.py",
)


def list_unknown(patterns: Iterable[str] = LONGEST) -> list[str]:
    """Patterns that name no file: it was renamed, and would come whenever it comes."""
    return [pattern for pattern in patterns if not any(TESTS.glob(pattern))]


def place_of(path: Path) -> int:
    """Where a file of tests comes in the order; those not named come last."""
    own = path.relative_to(TESTS)
    return next((n for n, pattern in enumerate(LONGEST) if own.match(pattern)), len(LONGEST))
