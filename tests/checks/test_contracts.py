"""Each import contract is proved: planted in a copy of the tree, its violation is found."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("foundation", "accounts", "catalog", "procurement")

# Contract → (file, line to add). A file that is not there is made: a module without a place.
VIOLATIONS = [
    ("packages", "foundation/errors.py", "from accounts import codes"),
    ("packages", "accounts/models.py", "import catalog.models"),
    ("packages", "catalog/search/sources.py", "from procurement import models"),
    ("foundation", "foundation/clock.py", "from foundation import db"),
    ("foundation", "foundation/newcomer.py", ""),
    ("accounts", "accounts/codes.py", "from accounts import models"),
    ("accounts", "accounts/newcomer.py", ""),
    ("catalog", "catalog/plans.py", "from catalog import models"),
    ("catalog", "catalog/newcomer.py", ""),
    ("procurement", "procurement/models.py", "from procurement import services"),
    ("procurement", "procurement/newcomer.py", ""),
    ("web-at-the-edge", "procurement/models.py", "import flask"),
    ("web-at-the-edge", "catalog/models.py", "def f():\n    from flask_login import current_user"),
    ("web-at-the-edge", "foundation/labels.py", "from wtforms import Form"),  # three steps away
    ("pure", "catalog/plans.py", "import sqlalchemy"),
    ("pure", "procurement/domain/rules.py", "import pandas"),
    ("pure", "foundation/text.py", "from foundation import db"),
    ("whoosh", "catalog/models.py", "from whoosh import index"),
    ("pandas", "procurement/models.py", "import pandas"),
    ("pandas", "catalog/models.py", "def f():\n    import pandas as pd"),
    ("app", "foundation/db.py", "def f():\n    import app"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the contracts are about."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "data")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache", "--contract", contract],
        check=False,
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_planted_violation_is_found(tree, contract, file, line):
    path = tree / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n\n{line}\n", encoding="utf-8")
    result = lint(tree, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout, result.stdout + result.stderr


def test_every_contract_is_proved():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    stated = {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}
    assert stated == {contract for contract, _file, _line in VIOLATIONS}


def test_the_tree_itself_keeps_them_all():
    result = subprocess.run(
        [LINT, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
