"""The ten rules of sharing as a clerk chooses them, and the text they are stored as."""

from collections.abc import Mapping
from decimal import Decimal

from accounts.codes import is_body_code
from foundation.text import normalize, parse_decimal
from procurement.domain.rules import FiscalBase, Method, parse_rule

MIXED = "mixed"
DEFAULT_EQUAL_PERCENT = 30
RULES = [
    ("equal", "均等割"),
    ("population", "人口割"),
    ("households", "世帯割"),
    ("quantity", "数量割"),
    ("degressive", "逓減割（指数を空欄にすると、人口2倍で負担1.5倍）"),
    ("banded", "段階割（人口の段階ごとの重み）"),
    *((f"fiscal_capacity:base={base.value}", f"財政力割（{base.label}）") for base in FiscalBase),
    ("mixed:population", "均等割＋人口割（混合）"),
    ("mixed:quantity", "均等割＋数量割（混合）"),
    ("own_use", "実費（各団体が使った分）"),
    ("fixed_table", "負担割合表（団体ごとの割合）"),
]
_CHOICES = {value for value, _ in RULES}


def rule_text(choice: str, equal_percent: int, exponent: str, bands: str) -> str:
    """The stored text of a choice with what was typed for it."""
    if choice == Method.DEGRESSIVE.value and exponent:
        return f"{choice}:exponent={exponent}"
    if choice == Method.BANDED.value:
        return banded_text(bands)
    if not choice.startswith(f"{MIXED}:") or "=" in choice:
        return choice
    other = choice.removeprefix(f"{MIXED}:")
    return f"mixed:equal={equal_percent},{other}={100 - equal_percent}"


def banded_text(bands: str) -> str:
    """「0=1、10000=1.5」 as the rule is stored; not yet read."""
    items = normalize(bands).replace(" ", "").replace("、", ",").strip(",")
    return f"{Method.BANDED.value}:{items}"


def added_rules(exponent: str, bands: str) -> tuple[str, ...]:
    """Rules to compare besides the usual ones, as typed; none for what is left empty."""
    typed = ((Method.DEGRESSIVE.value, exponent), (Method.BANDED.value, bands))
    return tuple(
        rule_text(choice, DEFAULT_EQUAL_PERCENT, normalize(exponent), bands)
        for choice, text in typed
        if text.strip()
    )


def choice_of(text: str) -> str:
    """A stored rule as one of the choices, or its own text where there is none for it."""
    if text in _CHOICES:
        return text
    rule = parse_rule(text)
    if rule.method in (Method.DEGRESSIVE, Method.BANDED):
        return rule.method.value
    if rule.text in _CHOICES:  # 財政力割 without its base is by the standard scale
        return rule.text
    return _mixed_choice(text)


def _mixed_choice(text: str) -> str:
    if not text.startswith("mixed:equal=") or text.count(",") != 1:
        return text
    other = text.rsplit(",", maxsplit=1)[-1].split("=", maxsplit=1)[0]
    choice = f"{MIXED}:{other}"
    return choice if choice in _CHOICES else text


def typed_settings(rules: Mapping[str, str]) -> dict[str, object]:
    """What the stored rules show in the fields beside the choices; the first that has one."""
    shown: dict[str, object] = {"equal_percent": DEFAULT_EQUAL_PERCENT}
    for text in reversed(list(rules.values())):
        if text.startswith("mixed:equal="):
            shown["equal_percent"] = int(text.removeprefix("mixed:equal=").split(",")[0])
            continue
        rule = parse_rule(text)
        if rule.exponent is not None:
            shown["exponent"] = str(rule.exponent)
        if rule.bands:
            shown["bands"] = "、".join(f"{b.from_population}={b.weight}" for b in rule.bands)
    return shown


def read_percents(text: str) -> dict[str, str]:
    """Body code → percent, of lines 「252018 12.5」. Raises ValueError with a Japanese message.

    The percentages need not be whole; together they are 100 exactly.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        cells = normalize(line).replace(",", " ").replace("、", " ").split()
        if not cells:
            continue
        if len(cells) != 2 or not is_body_code(cells[0]):
            raise ValueError(
                f"{number}行目「{line.strip()}」は「団体コード 割合」の形ではありません。"
            )
        code, percent = cells[0], cells[1].removesuffix("%")
        if code in found:
            raise ValueError(f"{number}行目の団体コード{code}は2回目です。")
        if not _is_percent(percent):
            raise ValueError(
                f"{number}行目の割合「{cells[1]}」は0から100までの数で入力してください。"
            )
        found[code] = percent
    total = sum(map(Decimal, found.values()), Decimal(0))
    if found and total != 100:
        raise ValueError(f"割合の合計を100%にしてください（現在{total.normalize():f}%）。")
    return found


def _is_percent(text: str) -> bool:
    try:
        return 0 <= parse_decimal(text) <= 100
    except ValueError:
        return False
