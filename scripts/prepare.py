"""Bring database, data and search index up to date in one start of Python.

Run from the project's folder. Each step does nothing, quickly, when it has been done before.
"""

import sys
from pathlib import Path

from flask.cli import ScriptInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app

STEPS = (("db", "upgrade"), ("db", "seed"), ("search", "rebuild", "--if-needed"))


def main() -> None:
    app = create_app()
    for step in STEPS:
        # Raises when the step fails: its own message has been printed, and nothing is started.
        app.cli.main(args=list(step), obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


if __name__ == "__main__":
    main()
