"""The page of features names every F-number once, and only what exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "features.md"
ROW = re.compile(r"^\| (F\d\d) \|", re.M)
PATH = re.compile(r"`([a-z_]+/[^`\s]+)`")


def test_every_feature_has_its_row():
    assert ROW.findall(PAGE.read_text(encoding="utf-8")) == [f"F{n:02d}" for n in range(1, 33)]


def test_every_path_that_is_named_exists():
    named = PATH.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 60
    assert [path for path in named if not (ROOT / path).exists()] == []
