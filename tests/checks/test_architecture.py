"""What the house promises and no linter sees."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("foundation", "accounts", "catalog", "procurement")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
LONGEST_FUNCTION = 40
LONGEST_FILE = 400
LONGEST_TEMPLATE = 120


def sources(*more: str) -> list[Path]:
    """Every Python file of the product."""
    folders = [ROOT / name for name in (*PACKAGES, *more)]
    return [*sorted(path for folder in folders for path in folder.rglob("*.py")), ROOT / "app.py"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def pure_modules() -> list[str]:
    """Names of all pure modules, as the contract `pure` lists them."""
    contracts = SETTINGS["tool"]["importlinter"]["contracts"]
    listed = next(c["source_modules"] for c in contracts if c["id"] == "pure")
    return [module for name in listed for module in _with_submodules(name)]


def _with_submodules(name: str) -> Iterator[str]:
    yield name
    folder = ROOT / name.replace(".", "/")
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else []:
        if path.name != "__init__.py":
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_package_faces_are_empty():
    faces = [path for path in sources() if path.name == "__init__.py"]
    assert len(faces) >= len(PACKAGES)
    assert [named(path) for path in faces if path.read_text(encoding="utf-8").strip()] == []


def test_pure_modules_bring_no_framework_with_them():
    program = """
import importlib, sys
heavy = ("flask", "sqlalchemy", "whoosh", "pandas", "wtforms", "alembic", "altair", "werkzeug")
for name in sys.argv[1:]:
    importlib.import_module(name)
    brought = [one for one in heavy if one in sys.modules]
    if brought:
        sys.exit(f"{name} brings {brought}")
"""
    modules = pure_modules()
    assert len(modules) > 10
    result = subprocess.run(
        [sys.executable, "-c", program, *modules],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


def test_pure_modules_are_typed_strictly():
    override = next(o for o in SETTINGS["tool"]["mypy"]["overrides"] if o.get("strict"))
    stated = {name.removesuffix(".*") for name in override["module"]}
    contracts = SETTINGS["tool"]["importlinter"]["contracts"]
    assert set(next(c["source_modules"] for c in contracts if c["id"] == "pure")) <= stated


def test_only_the_database_module_commits():
    found = [
        f"{named(path)}:{node.lineno} {ast.unparse(node.value)}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    # Whoosh's writer commits to its index, not to the database.
    index_writer = re.compile(r"catalog/search/index\.py:\d+ writer$")
    strangers = [where for where in found if not index_writer.match(where)]
    assert [where for where in strangers if not where.startswith("foundation/db.py:")] == []
    assert strangers, "foundation/db.py commits: has the search gone blind?"


def test_no_module_is_named_after_nothing():
    parts = {part: named(path) for path in sources() for part in path.with_suffix("").parts}
    assert EMPTY_NAMES & set(parts) == set()


def test_functions_and_files_stay_readable():
    long = [
        f"{named(path)}:{node.lineno} {node.name} has {length} lines"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for length in [_body_lines(node)]
        if length > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)
    too_long = _longer(sources(), LONGEST_FILE) + _longer(TEMPLATES, LONGEST_TEMPLATE)
    assert not too_long, "\n".join(too_long)


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of what the function does: its signature and docstring are not counted."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def _longer(paths: list[Path], limit: int) -> list[str]:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [f"{name} has {lines} lines" for name, lines in lengths.items() if lines > limit]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\sstyle\s*=",
        r"<style\b",
        r"<script\b(?![^>]*\bsrc=)",
        r"<[^>{}]*\son[a-z]+\s*=",
        r"javascript:",
    ],
)
def test_templates_have_no_inline_style_or_script(pattern):
    assert TEMPLATES
    found = [
        f"{named(path)}: {match.group(0)[:60]}"
        for path in TEMPLATES
        for match in re.finditer(pattern, _without_comments(path))
    ]
    assert found == []


def _without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.parametrize(
    ("suffix", "pattern"),
    [
        ("html", r"""<[^>]+\s(?:src|srcset|data|poster)\s*=\s*["'](?:https?:)?//"""),
        ("html", r"""<link[^>]+href\s*=\s*["'](?:https?:)?//"""),
        ("css", r"""url\(\s*["']?(?:https?:)?//|@import"""),
        ("js", r"""(?:import|from|fetch\(|Worker\()\s*["'`](?:https?:)?//"""),
    ],
)
def test_nothing_is_loaded_from_another_host(suffix, pattern):
    files = [
        path for name in ("templates", "static") for path in (ROOT / name).rglob(f"*.{suffix}")
    ]
    assert files
    assert [named(p) for p in files if re.search(pattern, p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_by_hash_and_names_no_address(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    assert (
        re.search(r"^\s*(-i|-f|--index|--extra-index|--find-links|--trusted)", lock, re.M) is None
    )
    logical = lock.replace("\\\n", " ").splitlines()
    pins = [line for line in logical if line.strip() and not line.lstrip().startswith("#")]
    assert pins
    assert [line[:60] for line in pins if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_readme_leads_to_what_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named_paths = re.findall(r"`([a-z_]+/[a-z_/.]*)`", readme) + re.findall(
        r"\]\(([^)]+)\)", readme
    )
    assert len(named_paths) > 15
    assert [path for path in named_paths if not (ROOT / path).exists()] == []


def test_text_files_are_clean():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout.split("\0")
    suffixes = {".py", ".html", ".css", ".js", ".toml", ".md", ".sh", ".mako", ".csv", ""}
    broken = []
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix not in suffixes or not path.is_file():
            continue
        text = path.read_bytes()
        if b"\r" in text and path.suffix != ".csv":
            broken.append(f"{name}: carriage returns")
        if text and not text.endswith(b"\n"):
            broken.append(f"{name}: no newline at the end")
        if path.suffix not in {".md", ".csv"} and re.search(rb"[ \t]+$", text, re.M):
            broken.append(f"{name}: spaces at the end of a line")
    assert broken == []


def test_nothing_names_a_machine():
    """No path or host of the machine something was made on gets into the tree."""
    listed = subprocess.run(
        [
            "git",
            "grep",
            "-InE",
            r"(^|[^[:alnum:]_.])/(work|root|opt|home)/[[:alnum:]]",
            "--",
            ":!*.csv",
        ],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    allowed = "tests/checks/test_architecture.py"
    assert [line for line in listed if not line.startswith(allowed)] == []
