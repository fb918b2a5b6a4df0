"""Rules side by side, and the way to the next price, in words."""

from collections.abc import Sequence

from foundation.filters import number, yen
from procurement.domain.tier_progress import TierProgress
from procurement.presenters.amounts import unit_suffix
from procurement.presenters.sharing import TableView
from procurement.queries.rule_comparison import BasisTiers, RulesPage

BODIES_SUFFIX = "団体"


def rules_table(page: RulesPage) -> TableView:
    """A row per body, a column per rule: what it pays over the term, tax-included."""
    shown = [column for column in page.columns if column.preview]
    sums = [sum(column.totals.values()) for column in shown]
    return TableView(
        id="rules",
        caption="負担ルールごとの期間合計（税込）",
        columns=(("団体コード", ""), ("団体", ""), *((column.label, "num") for column in shown)),
        rows=tuple(
            (code, name, *(yen(column.totals[code]) for column in shown))
            for code, name in page.bodies
        ),
        foot=(("合計", ""), ("", ""), *((yen(total), "num") for total in sums)),
        note="初期費用と運用費に同じルールを当てた場合です。オプションは選んだ団体の実費です。",
    )


def rule_notes(page: RulesPage) -> list[tuple[str, str]]:
    """Per rule: who pays most and least per body, how many pay more than alone, or why not."""
    notes = []
    for column in page.columns:
        if column.preview is None:
            text = "、".join(blocker.message for blocker in column.blockers)
            notes.append((column.label, f"計算できません：{text}"))
            continue
        totals = list(column.totals.values())
        text = f"最も少ない団体 {yen(min(totals))}、最も多い団体 {yen(max(totals))}"
        if column.worse_off is not None:
            text += f"、単独より高くなる団体 {number(column.worse_off)}団体"
        notes.append((column.label, text))
    return notes


def tier_lines(bases: Sequence[BasisTiers]) -> list[tuple[str, str]]:
    """(basis and component, 「あと3団体で次の単価（900円から800円へ）…」)."""
    return [
        (f"{basis.label}：{tier.name}", _tier_text(tier)) for basis in bases for tier in basis.tiers
    ]


def _tier_text(tier: TierProgress) -> str:
    suffix = BODIES_SUFFIX if tier.counted.value == "body" else unit_suffix(tier.counted.value)
    now = f"今は{number(tier.quantity)}{suffix}で単価{_price(tier)}（税抜・{tier.period.label}）"
    if tier.next_price is None or tier.missing is None:
        return f"{now}。これより低い単価はありません。"
    price = f"{format(tier.next_price.normalize(), 'f')}円"
    text = f"あと{number(tier.missing)}{suffix}で次の単価（{price}）。{now}"
    if tier.marginal:
        return f"{text}。次の単価は、超えた分にだけかかります。"
    return f"{text}。届くと、今の数量で1回{yen(tier.saving_yen)}安くなります（税抜）。"


def _price(tier: TierProgress) -> str:
    return f"{format(tier.price.normalize(), 'f')}円"
