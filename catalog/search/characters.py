"""Characters made comparable one by one, so that every offset still points into the original.

Documents and queries go through the same folding; what is shown keeps its own spelling.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Old and variant forms → the form most official names use. One character to one, so that
# offsets hold; the direction matters little, as both sides are folded.
_VARIANTS = {
    "檮": "梼",
    "ヶ": "ケ",
    "ヵ": "カ",
    "惠": "恵",
    "髙": "高",
    "𠮷": "吉",
    "﨑": "崎",
    "濵": "浜",
    "濱": "浜",
    "邊": "辺",
    "邉": "辺",
    "齋": "斎",
    "齊": "斉",
    "澤": "沢",
    "廣": "広",
    "國": "国",
    "學": "学",
    "體": "体",
    "區": "区",
    "縣": "県",
    "瀧": "滝",
    "櫻": "桜",
    "德": "徳",
    "嶋": "島",
    "嶌": "島",
    "冨": "富",
    "竈": "釜",
    "釡": "釜",
    "鯵": "鰺",
    "檜": "桧",
    "舘": "館",
    "諌": "諫",
    "藪": "薮",
    "籠": "篭",
    "藏": "蔵",
    "萬": "万",
    "條": "条",
    "應": "応",
    "圓": "円",
    "榮": "栄",
    "來": "来",
    "鐵": "鉄",
    "鹽": "塩",
    "黑": "黒",
    "佛": "仏",
    "當": "当",
    "靜": "静",
    "淸": "清",
    "關": "関",
    "與": "与",
    "眞": "真",
    "壹": "壱",
    "讚": "讃",
    "礪": "砺",
    "蠣": "蛎",
    "邇": "迩",
    "龍": "竜",
    "瀨": "瀬",
    "曾": "曽",
    "澁": "渋",
    "會": "会",
    "號": "号",
    "經": "経",
    "總": "総",
    "團": "団",
    "圖": "図",
    "觀": "観",
    "發": "発",
    "變": "変",
    "證": "証",
    "醫": "医",
    "飮": "飲",
    "驛": "駅",
    "麥": "麦",
}
_DASHES = "‐‑‒–—―−﹘﹣－ｰ─━"
_FOLD = str.maketrans(
    {old: new for old, new in _VARIANTS.items() if len(old) == 1} | dict.fromkeys(_DASHES, "-")
)
# Half-width voiced marks and combining marks belong to the character before them.
_HALF_WIDTH_MARKS = "ﾞﾟ"
# 葛󠄀 is 葛 with a selector of its drawing: the same word, so selectors go.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


@dataclass(frozen=True, slots=True)
class FoldedText:
    """Folded text; character i came from the original's [starts[i], ends[i])."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """The original's offsets of the folded text's [begin, end), which is not empty."""
        return self.starts[begin], self.ends[end - 1]


def fold(text: str) -> str:
    """NFKC, variant forms and dashes folded; case is kept, as the dictionary knows it."""
    return _fold_dashes(_fold_characters(text))


def fold_with_offsets(text: str) -> FoldedText:
    """`fold`, remembering where each character came from."""
    if unicodedata.is_normalized("NFKC", text) and not _SELECTORS.search(text):
        folded = _fold_dashes(text.translate(_FOLD))
        return FoldedText(folded, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _groups(text):
        piece = _fold_characters(text[start:end])
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    return FoldedText(_fold_dashes("".join(pieces)), tuple(starts), tuple(ends))


def _fold_characters(text: str) -> str:
    return unicodedata.normalize("NFKC", _SELECTORS.sub("", text)).translate(_FOLD)


def _groups(text: str) -> list[tuple[int, int]]:
    """Each character with the marks that follow it, as offsets."""
    groups: list[tuple[int, int]] = []
    for index, character in enumerate(text):
        joins = (
            character in _HALF_WIDTH_MARKS
            or unicodedata.combining(character)
            or _SELECTORS.match(character)
        )
        if joins and groups:
            groups[-1] = (groups[-1][0], index + 1)
        else:
            groups.append((index, index + 1))
    return groups


def _fold_dashes(text: str) -> str:
    """A dash between katakana is a long vowel typed wrongly; a long vowel after a letter a dash."""
    if "-" not in text and "ー" not in text:
        return text
    characters = list(text)
    for index, character in enumerate(characters):
        if character not in "-ー":
            continue
        before = characters[index - 1] if index else ""
        characters[index] = "ー" if _is_kana(before) else "-"
    return "".join(characters)


def _is_kana(character: str) -> bool:
    return "\u3041" <= character <= "\u3096" or "\u30a1" <= character <= "\u30fc"
