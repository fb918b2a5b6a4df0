"""What the guides put in 「」 are the product's own words: a heading, a button, a field, a state.

A word that the product makes of parts is looked for by its parts; 「…」 and 〇〇 stand for any.
"""

import ast
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
PACKAGES = ("accounts", "catalog", "procurement", "foundation")
# Said of the world or of a file, not of a page.
NOT_ON_A_PAGE = {"どの記録の・どの項目の・値", "から・まで・単価", "Backup"}
# What a page puts together of these.
MADE_OF = {
    "候補にする": ("候補", "にする"),
    "除外にする": ("除外", "にする"),
    "自団体の契約だけの単価を変える": ("自団体の契約", "だけの単価を変える"),
    "県内の団体のニーズをCSVで保存": ("県内の団体", "のニーズをCSVで保存"),
    "新規・変更（何が変わるか）・変更なし・取り込めない（列と理由）・同じものですか": (
        *("新規", "変更", "変更なし", "取り込めない", "同じものですか"),
    ),
}
_TAG = re.compile(r"<[^>]+>|\{%.*?%\}", re.S)
_HOLE = re.compile(r"\.{3}|〇〇|[0-9]+")  # as NFKC writes them


def plain(text: str) -> str:
    """Without what differs between writing and printing: widths, spaces, lines."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@cache
def own_words() -> str:
    """Everything the product can say, of templates, code and its tables."""
    parts = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        parts += [plain(text), plain(_TAG.sub("", text))]
    for path in [p for name in PACKAGES for p in (ROOT / name).rglob("*.py")]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        parts += [plain(n.value) for n in nodes if isinstance(n, ast.Constant)
                  and isinstance(n.value, str)]  # fmt: skip
    for path in [p for name in PACKAGES for p in (ROOT / name).rglob("*.csv")]:
        parts.append(plain(path.read_text(encoding="utf-8-sig")))
    return "\n".join(parts)


def quoted(path: Path) -> list[str]:
    """The words between 「 and 」, lines that go on put together."""
    text = re.sub(r"\n\s*", "", path.read_text(encoding="utf-8"))
    return list(dict.fromkeys(re.findall(r"「([^「」]+)」", text)))


def is_said(words: str) -> bool:
    """As it stands, or each part of what is made of parts and a hole between them."""
    if plain(words) in own_words():
        return True
    pieces = [piece for piece in _HOLE.split(plain(words)) if piece]
    pieces = list(MADE_OF.get(words, pieces))
    return pieces != [plain(words)] and all(len(p) < 2 or p in own_words() for p in pieces)


def test_it_would_be_noticed():
    assert not is_said("この製品にないボタンを押す")
    assert not is_said("第1版としてこの製品にないボタン")
    assert is_said("第1版として確定する")


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_the_guides_speak_in_the_products_own_words(path):
    words = quoted(path)
    assert len(words) >= 5
    missing = [each for each in words if each not in NOT_ON_A_PAGE and not is_said(each)]
    assert not missing, f"{path.name}: {missing}"
