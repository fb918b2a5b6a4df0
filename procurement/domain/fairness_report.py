"""The fairness view as text, CSV or JSON (`flask procurement fairness`, and the page's file)."""

import csv
import io
import json
import unicodedata
from typing import Any

from accounts.codes import is_fictional_code
from foundation.money import number, yen
from foundation.text import harmless_cell
from procurement.domain.core_check import CoreFinding
from procurement.domain.fairness import BodyFairness, Fairness, Stability

CSV_COLUMNS = (
    "code",
    "name",
    "standalone_yen",
    "share_yen",
    "saving_yen",
    "worse_off",
    "leaving_costs_others_yen",
    "shapley_yen",
    "shapley_error_yen",
    "in_best_coalition",
    "fictional",
)
_HEADINGS = ("コード", "団体", "単独額", "負担額", "差額", "離脱の影響", "貢献の目安", "備考")
_LEFT = frozenset({"コード", "団体", "備考"})
_VALUE_PLACES = 4
_NAMED = 10


def fairness_json(fairness: Fairness, declared: CoreFinding | None = None) -> str:
    """Members by code; yen are whole and tax-excluded; `shapley` is a decimal string.

    in_core null: nothing was found by searching, which proves nothing.
    """
    data: dict[str, Any] = {
        "joint_yen": fairness.joint_yen,
        "standalone_yen": fairness.standalone_yen,
        "shapley_method": "exact" if fairness.shapley.is_exact else "sampled",
        "orders": fairness.shapley.orders,
        "relative_standard_error": round(fairness.shapley.relative_error, 6),
        "members": [
            {**_row(body, fairness), "shapley": f"{float(body.shapley):.{_VALUE_PLACES}f}"}
            for body in fairness.bodies
        ],
        "sharing": _stability(fairness.sharing),
        "shapley_sharing": _stability(fairness.shapley_sharing),
        "core": _core(fairness.core),
        "declared_core": _core(declared),
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def fairness_csv(fairness: Fairness, declared: CoreFinding | None = None) -> str:
    """A row per body, by code. Whole yen, tax-excluded; nothing declared is in it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for body in fairness.bodies:
        writer.writerow(_row(body, fairness) | {"name": harmless_cell(body.name)})
    return out.getvalue()


def fairness_text(fairness: Fairness, declared: CoreFinding | None = None) -> str:
    """What a person reads on a terminal; full-width characters take two columns."""
    rows = [_text_row(body) for body in fairness.bodies]
    widths = [max(_width(row[i]) for row in [_HEADINGS, *rows]) for i in range(len(_HEADINGS))]
    lines = [
        f"共同 {yen(fairness.joint_yen)}　単独の合計 {yen(fairness.standalone_yen)}"
        "　（税抜・交付金などを引く前）",
        _line(_HEADINGS, widths),
        "-" * (sum(widths) + 2 * (len(widths) - 1)),
        *(_line(row, widths) for row in rows),
        _method_words(fairness),
        _stability_words(fairness),
        *_core_words(fairness.core),
    ]
    if declared is not None:
        lines += [f"申告された単独額：{words}" for words in _core_words(declared)]
    return "\n".join(lines)


def _method_words(fairness: Fairness) -> str:
    """How the Shapley values were come by."""
    shapley = fairness.shapley
    if shapley.is_exact:
        return "貢献の目安：加わる順番のすべてを平均した正確な値（シャープレイ値）。"
    return (
        f"貢献の目安：加わる順番{number(shapley.orders)}通りを無作為に選んで平均した推定値"
        f"（シャープレイ値。相対標準誤差は最大{shapley.relative_error * 100:.2f}%）。"
    )


def _stability_words(fairness: Fairness) -> str:
    """Whether some bodies would gain by leaving."""
    sharing = fairness.sharing
    how = "すべての組み合わせを調べました" if sharing.is_exhaustive else "探索による"
    if sharing.gains and sharing.best:
        names = [body.name for body in fairness.bodies if body.code in sharing.best.members]
        more = f" ほか{len(names) - _NAMED}団体" if len(names) > _NAMED else ""
        return (
            f"{len(names)}団体だけで調達すると{yen(sharing.best.gain_yen)}安くなります（{how}）："
            f"{'、'.join(names[:_NAMED])}{more}"
        )
    if sharing.is_in_core:
        return f"どの組み合わせも、自分たちだけで調達したほうが安くはなりません（{how}）。"
    return f"抜けて得をする組み合わせは見つかりませんでした（{how}。証明ではありません）。"


def _core_words(core: CoreFinding | None) -> list[str]:
    """Whether any sharing would hold; nothing where that is not known."""
    if core is None or core.is_empty is None:
        return []
    if core.is_empty:
        missing = yen(-(-core.missing_yen.numerator // core.missing_yen.denominator))
        return [f"どう分けても、すべての組み合わせは納得しません（{missing}足りません）。"]
    return ["すべての組み合わせが納得する分け方があります。"]


def _row(body: BodyFairness, fairness: Fairness) -> dict[str, Any]:
    sharing = fairness.sharing
    return {
        "code": body.code,
        "name": body.name,
        "standalone_yen": body.standalone_yen,
        "share_yen": body.share_yen,
        "saving_yen": body.saving_yen,
        "worse_off": body.is_worse_off,
        "leaving_costs_others_yen": body.leaving_yen,
        "shapley_yen": body.shapley_yen,
        "shapley_error_yen": body.shapley_error_yen,
        "in_best_coalition": bool(
            sharing.gains and sharing.best and body.code in sharing.best.members
        ),
        "fictional": is_fictional_code(body.code),
    }


def _stability(sharing: Stability | None) -> dict[str, Any] | None:
    if sharing is None:
        return None
    best = sharing.best if sharing.gains else None
    return {
        "in_core": sharing.is_in_core,
        "by_search": not sharing.is_exhaustive,
        "best_coalition": best
        and {
            "codes": list(best.codes),
            "share_yen": best.share_yen,
            "alone_yen": best.alone_yen,
            "gain_yen": best.gain_yen,
        },
    }


def _core(core: CoreFinding | None) -> dict[str, Any] | None:
    if core is None:
        return None
    return {
        "empty": core.is_empty,
        "missing_yen": f"{float(core.missing_yen):.{_VALUE_PLACES}f}",
        "groups": [
            {"codes": list(g.codes), "weight": str(g.weight), "alone_yen": g.alone_yen}
            for g in core.groups
        ],
    }


def _text_row(body: BodyFairness) -> tuple[str, ...]:
    return (
        body.code,
        body.name,
        number(body.standalone_yen),
        number(body.share_yen),
        number(body.saving_yen),
        number(body.leaving_yen),
        number(body.shapley_yen),
        "単独のほうが安い" if body.is_worse_off else "",
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    parts = []
    for heading, cell, width in zip(_HEADINGS, cells, widths, strict=True):
        space = " " * (width - _width(cell))
        parts.append(cell + space if heading in _LEFT else space + cell)
    return "  ".join(parts).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
