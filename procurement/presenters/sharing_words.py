"""A sharing told in sentences a mayor can read: what is shared, by what, and how it is rounded."""

from collections.abc import Sequence

from accounts.codes import is_fictional_code
from catalog.pricing import Kind
from foundation.clock import era_date
from foundation.filters import number, yen
from procurement.domain.allocation import Rounding
from procurement.domain.rules import Method, Rule
from procurement.domain.sharing import SharePreview, ShareTable
from procurement.domain.terms import SharingTerms
from procurement.presenters.sharing import TableView
from procurement.queries.sharing_page import ChangeRow
from procurement.queries.what_if import WhatIf

_DOUBLED_BY_DEFAULT = "1.5"

_SENTENCES = {
    Method.EQUAL: "どの団体も同じ額です。",
    Method.POPULATION: "人口に比例し、人口が2倍なら負担も2倍です。",
    Method.HOUSEHOLDS: "世帯数に比例します。",
    Method.BANDED: "人口の段階ごとに決めた重みに比例します。",
    Method.OWN_USE: "それぞれの団体が使う分の料金です。",
    Method.FIXED_TABLE: "話し合いで決めた割合で分けます。",
}


def explanation(computed: SharePreview) -> tuple[str, ...]:
    """The whole sharing in a few sentences, with one body's bill worked out as an example."""
    terms = computed.terms
    if computed.inputs["costs"]["basis"] == "requotes":
        return _own_prices(computed)
    used = [kind for kind in Kind if any(t.category is kind for t in computed.tables)]
    example = next((t for t in reversed(computed.tables) if t.members), None)
    return (
        _what_is_shared(computed),
        *(f"{kind.label}：{rule_words(terms.rules[kind], terms)}" for kind in used),
        _rounding_words(terms.rounding),
        *([_example(example)] if example else []),
    )


def _own_prices(computed: SharePreview) -> tuple[str, ...]:
    terms = computed.terms
    words = [
        f"{era_date(terms.term_start)}から{terms.term_months}か月の費用は、"
        f"税込で合わせて{yen(computed.total_yen)}です。",
        "団体ごとの再見積が、そのままその団体の負担額です。負担ルールでは分けません。",
        "年度ごとの額は、合意した試算でその団体が1団体で払う割合（初期費用と運用費）で分けています。",
        "消費税は団体ごとの請求で円未満を切り捨てます。",
    ]
    if computed.part_yen:
        words.append(
            f"都道府県や交付金の負担{yen(computed.part_yen)}は、請求額の割合で各団体から差し引きます。"
        )
    return tuple(words)


def rule_words(rule: Rule, terms: SharingTerms) -> str:
    """「費用の30%は均等割：どの団体も同じ額です。…」."""
    if rule.method is Method.MIXED:
        return "".join(
            f"費用の{percent}%は{part.method.label}で、{rule_words(part, terms)}"
            for percent, part in rule.parts
        )
    if rule.method is Method.QUANTITY:
        return f"使う数量（{terms.quantity_unit.label}）に比例します。"
    if rule.method is Method.FISCAL_CAPACITY:
        return f"{rule.fiscal_base.label}に比例します。"
    if rule.method is Method.DEGRESSIVE:
        exponent = rule.exponent
        times = _DOUBLED_BY_DEFAULT if exponent is None else f"約{2 ** float(exponent):.2f}"
        return f"人口が2倍でも負担は{times}倍です。"
    return _SENTENCES[rule.method]


def _what_is_shared(computed: SharePreview) -> str:
    terms = computed.terms
    words = (
        f"{era_date(terms.term_start)}から{terms.term_months}か月の費用は、"
        f"税込で{yen(computed.total_yen)}です。"
    )
    bodies = f"{number(len(computed.bodies))}団体で分けます。"
    if not computed.part_yen:
        return f"{words}これを{bodies}"
    return (
        f"{words}そのうち{yen(computed.part_yen)}を都道府県や交付金が負担し、"
        f"残る{yen(computed.borne_yen)}を{bodies}"
    )


def _rounding_words(rounding: Rounding) -> str:
    if rounding.floor_unit_yen is None:
        return (
            "端数：1円に満たない分は切り捨て、余った円を端数の大きい団体から1円ずつ配ります。"
            "合計は必ず一致します。"
        )
    return (
        f"端数：{number(rounding.floor_unit_yen)}円に満たない分は切り捨て、"
        "足りない分は幹事団体が負担します。"
    )


def _example(table: ShareTable) -> str:
    """The first body's part of one bill, worked out."""
    member = table.members[0]
    mark = "（架空）" if is_fictional_code(member.code) else ""
    bases = "、".join(label for label, _ in member.bases)
    return (
        f"例：{member.name}{mark}の{table.category.label}（{table.period.label}）1回分は、"
        f"分ける額{yen(table.shared_yen)}のうち、{bases}から決まる"
        f"約{float(member.ratio) * 100:.2f}%に当たる{yen(member.share_yen)}です。"
    )


def what_if_words(answer: WhatIf) -> str:
    """How many rise and fall, and by how much together."""
    if answer.change is None:
        return ""
    others = [row for row in answer.change.rows if row.code != answer.code]
    rising = sum(row.difference_yen > 0 for row in others)
    falling = sum(row.difference_yen < 0 for row in others)
    how = "加わる" if answer.joins else "抜ける"
    total = sum(row.difference_yen for row in others)
    way = "増えます" if total > 0 else "減ります"
    together = f"合計で{yen(abs(total))}{way}" if total else "合計は変わりません"
    return (
        f"{answer.name}が{how}と、ほかの{number(len(others))}団体のうち{number(rising)}団体の負担が増え、"
        f"{number(falling)}団体の負担が減ります。{together}。"
    )


def what_if_table(answer: WhatIf) -> TableView | None:
    """Every body before and after, and whether it rises or falls."""
    if answer.change is None:
        return None
    how = "加わった場合" if answer.joins else "抜けた場合"
    return TableView(
        id="what-if-table",
        caption=f"{answer.name}が{how}の負担（期間合計・税込）",
        columns=(
            ("団体コード", ""),
            ("団体", ""),
            ("今の試算", "num"),
            (how, "num"),
            ("差", "num"),
            ("増減", ""),
        ),
        rows=tuple(
            (
                row.code,
                row.name,
                "参加していません" if row.old_yen is None else yen(row.old_yen),
                "参加しません" if row.new_yen is None else yen(row.new_yen),
                yen(row.difference_yen),
                direction(row.difference_yen) if row.code != answer.code else "—",
            )
            for row in answer.change.rows
        ),
    )


def changes_words(changes: Sequence[ChangeRow]) -> str:
    """How many rise and fall between the newest version and the preview."""
    moved = [row for row in changes if row.fixed_yen is not None and row.preview_yen is not None]
    came = [row.name for row in changes if row.fixed_yen is None]
    went = [row.name for row in changes if row.preview_yen is None]
    if not changes:
        return ""
    rising = sum(row.difference_yen > 0 for row in moved)
    falling = sum(row.difference_yen < 0 for row in moved)
    words = f"負担が増える団体 {number(rising)}、減る団体 {number(falling)}。"
    if came:
        words += f"加わった団体：{'、'.join(came)}。"
    if went:
        words += f"抜けた団体：{'、'.join(went)}。"
    return words


def direction(difference_yen: int) -> str:
    """「増える」「減る」「同じ」: said in words, not by a colour."""
    if difference_yen == 0:
        return "同じ"
    return "増える" if difference_yen > 0 else "減る"
