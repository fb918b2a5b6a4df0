"""A change to another certified product in words: what ends, what begins, what each year costs."""

from foundation.clock import era_date, fiscal_year_label
from foundation.filters import yen
from procurement.domain.product_change import ProductChange
from procurement.domain.signing import Certified
from procurement.presenters.sharing import TableView
from procurement.queries.contracts import ContractRow
from procurement.queries.signing_facts import Around
from procurement.services.product_changes import Preview


def present_facts(row: ContractRow) -> list[tuple[str, str]]:
    """The contract that would end."""
    until = row.changed_end or row.ends_on
    return [
        ("今の製品", f"{row.product}（{row.vendor_name}）"),
        ("今の契約", row.number or "番号なし"),
        (
            "期間",
            f"{era_date(row.starts_on)}から{era_date(until)}まで"
            if row.starts_on and until
            else "—",
        ),
        ("額（税抜）", yen(row.current_yen)),
    ]


def other_products(around: Around, row: ContractRow) -> list[tuple[str, str]]:
    """The certified products it could change to, with their terms."""
    names = {each.vendor_id: each.vendor_name for each in around.candidates}
    return [
        (str(each.id), f"{each.product}（{names[each.vendor_id]}、{_term(each)}）")
        for each in around.certified
        if each.vendor_id in names
        and (each.vendor_id, each.product) != (row.vendor_id, row.product)
    ]


def _term(each: Certified) -> str:
    until = f"{era_date(each.ends_on)}まで" if each.ends_on else "期限なし"
    return f"認定は{until}" + ("で取消" if each.withdrawn_on else "")


def consequences(seen: Preview, change: ProductChange) -> list[tuple[str, str]]:
    """What would follow, in the order of time."""
    draft = seen.draft
    return [
        (
            f"{era_date(change.last_day)}まで",
            f"「{seen.old.product}」の契約（{seen.old.number or '番号なし'}）が続きます。"
            "その月までの請求・支払の記録は、すべて残ります",
        ),
        (
            f"{era_date(change.starts_on)}から",
            f"「{draft.product}」（{seen.new_vendor}）の契約{draft.number}が始まります。"
            "この月の分から、請求は新しい事業者のものになります",
        ),
        ("参加", "案件への参加・利用の状態は変わりません。途中離脱にはなりません"),
        ("ほかの団体", "契約は団体ごとなので、ほかの団体の契約・負担は変わりません"),
        ("知らせる相手", "幹事団体、今の事業者（契約の終わり）、新しい事業者（新しい契約）"),
    ]


def year_table(seen: Preview, body_name: str) -> TableView:
    """The body's cost by fiscal year, without and with the change."""
    rows = tuple(
        (
            fiscal_year_label(each.fiscal_year),
            yen(each.before_yen),
            yen(each.old_yen),
            yen(each.new_yen),
            yen(each.more_yen),
        )
        for each in seen.years
    )
    sums = [
        sum(each.before_yen for each in seen.years),
        sum(each.old_yen for each in seen.years),
        sum(each.new_yen for each in seen.years),
        sum(each.more_yen for each in seen.years),
    ]
    return TableView(
        id="product-years",
        caption=f"{body_name}の年度ごとの額（税抜）",
        columns=(
            ("年度", ""),
            ("変えないとき", "num"),
            ("今の契約", "num"),
            ("新しい契約", "num"),
            ("差", "num"),
        ),
        rows=rows,
        foot=(("計", ""), *((yen(each), "num") for each in sums)),
        note="契約額を月で均等に割った目安です。実際の額は、請求のとおりになります。"
        "期間の終わりが違うと、年度の合計も違います。",
    )
