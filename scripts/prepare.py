"""Bring database, data and search index up to date in one start of Python.

Run from the project's folder. Each step does nothing, quickly, when it has been done before.
"""

import sys
from pathlib import Path

from flask.cli import ScriptInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402  (found only through the line above)

STEPS = (("db", "upgrade"), ("db", "seed"), ("search", "rebuild", "--if-needed"))


def main() -> None:
    app = create_app()
    for step in STEPS:
        # Raises when the step fails: its own message has been printed, and nothing is started.
        app.cli.main(args=list(step), obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
    # Read by serve.py: the next start need not wait for all this.
    newest = max(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    (Path(app.instance_path) / "prepared").write_text(newest)


if __name__ == "__main__":
    main()
