"""The sharing in words and tables: everything printed from which it can be computed again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from accounts.bodies import FICTIONAL_SOURCE_NAME
from accounts.codes import is_fictional_code
from foundation.clock import fiscal_year_label
from foundation.filters import jst_date, number, yen
from procurement.domain.allocation import MemberShare
from procurement.domain.bases import fields_needed
from procurement.domain.rules import parse_rule
from procurement.domain.sharing import SharePreview, ShareTable
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import DEFAULT_ORDER, SharingTerms
from procurement.queries.sharing_page import VersionView

Cell = tuple[str, str]  # text and alignment: '' or 'num'
RATIO_PLACES = 6
YEN_PLACES = 4


@dataclass(frozen=True, kw_only=True)
class TableView:
    """A table ready to print. columns: (label, alignment); foot: cells of the total row."""

    id: str
    caption: str
    columns: tuple[Cell, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[Cell, ...] = ()
    note: str = ""

    @property
    def fictional(self) -> frozenset[str]:
        """The codes of the made-up bodies, which every row says."""
        return frozenset(row[0] for row in self.rows if is_fictional_code(row[0]))


def rule_label(stored: Mapping[str, Any]) -> str:
    """The rule's name, which is public from `forming` on; 「未定」 before any is drafted."""
    rules = stored.get("rules", {})
    if not rules:
        return "未定"
    return "、".join(
        f"{kind.label}：{parse_rule(rules[kind.value]).label}"
        for kind in DEFAULT_ORDER
        if kind.value in rules
    )


def leaver_text(terms: SharingTerms) -> str:
    """What a body that leaves pays, with the notice it gives."""
    if not terms.leaver_notice_months:
        return terms.leaver.label
    return f"{terms.leaver.label}（予告 {terms.leaver_notice_months}か月）"


def terms_rows(terms: SharingTerms) -> Sequence[tuple[str, str]]:
    """Rule, population, rounding and the terms on joining late and leaving."""
    parts = [
        f"{part.label}：{part.part.text}{'' if part.part.percent else '円'}"
        f"（{'、'.join(kind.label for kind in part.categories)}）"
        for part in terms.parts
    ]
    return [
        ("負担ルール", terms.rule_label),
        ("人口", terms.population_source.label),
        ("都道府県・交付金の負担分", "、".join(parts) or "なし"),
        ("端数処理", terms.rounding.label),
        ("単独額の上限", terms.cap.label),
        ("単独額の算出", terms.standalone_basis.label),
        ("途中参加", terms.late_joiner.label),
        ("途中離脱", leaver_text(terms)),
        ("人口・数量の更新", terms.figures_update.label),
        ("同意の上限の許容幅", f"{terms.tolerance_percent}%（年度ごと、最低1円）"),
        ("消費税", f"{terms.tax_rate}%（税込額を按分）"),
    ]


def member_input_table(computed: SharePreview, members: Sequence[SharingMember]) -> TableView:
    """Population, households and quantity of each body, as used, with where they come from."""
    terms = computed.terms
    source = terms.population_source.value
    unit = terms.quantity_unit
    more = [column for column in _ONLY_IF_USED if column.field in _fields_used(terms)]
    rows = tuple(
        (
            member["code"],
            member["name"],
            number(member[source]),
            number(member["households"]),
            number(member["quantities"].get(unit.value, 0)),
            *(column.cell(terms, member) for column in more),
            _day_text(member["starts_on"]),
        )
        for member in computed.inputs["members"]
    )
    return TableView(
        id="inputs",
        caption="計算に使った数値",
        columns=(
            ("団体コード", ""),
            ("団体", ""),
            ("人口（人）", "num"),
            ("世帯数", "num"),
            (f"数量（{unit.label}）", "num"),
            *((column.label, "num") for column in more),
            ("利用開始", ""),
        ),
        rows=rows,
        note=_sources_of(terms, members) + "".join(column.note for column in more),
    )


@dataclass(frozen=True, kw_only=True)
class _Column:
    """A figure that few rules need. field: as in bases.fields_needed."""

    field: str
    label: str
    cell: Callable[[SharingTerms, Mapping[str, Any]], str]
    note: str


def _agreed_percent(terms: SharingTerms, member: Mapping[str, Any]) -> str:
    percent = terms.percents.get(member["code"], member["percent"])
    return "" if percent is None else f"{percent}%"


_ONLY_IF_USED = (
    _Column(
        field="fiscal_strength_index",
        label="財政力指数",
        cell=lambda _, member: member["fiscal_strength_index"] or "記載なし",
        note="財政力指数の出典は各団体のページにあります。",
    ),
    _Column(
        field="standard_fiscal_scale",
        label="標準財政規模（千円）",
        cell=lambda _, member: number(member["standard_fiscal_scale"]),
        note="標準財政規模の出典は各団体のページにあります。",
    ),
    _Column(
        field="percent",
        label="負担割合",
        cell=_agreed_percent,
        note="負担割合は幹事団体が入力した割合表です。",
    ),
)


def _fields_used(terms: SharingTerms) -> set[str]:
    return {name for rule in terms.rules.values() for name in fields_needed(rule)}


def _day_text(day: str | None) -> str:
    return jst_date(date.fromisoformat(day)) if day else "期間の初めから"


def _sources_of(terms: SharingTerms, members: Sequence[SharingMember]) -> str:
    """Real statistics are credited for real bodies only; both kinds are named where both are."""
    real = f"人口の出典：{terms.population_source.label}。世帯数の出典：令和2年国勢調査。"
    invented = [member.name for member in members if member.fictional]
    if not invented:
        return real
    if len(invented) == len(members):
        return f"人口・世帯数の出典：{FICTIONAL_SOURCE_NAME}。"
    return f"{real}{'、'.join(invented)}の人口・世帯数の出典：{FICTIONAL_SOURCE_NAME}。"


def share_table_view(index: int, table: ShareTable, names: dict[str, str]) -> TableView:
    """One kind of bill: amount, parts off, bases, exact shares, rounding."""
    caption = f"{table.category.label}（{table.period.label}・{table.rule_label}）の1回分"
    rows: tuple[tuple[str, ...], ...] = tuple(_member_row(member) for member in table.members)
    if not table.members:
        rows = tuple(
            (code, names.get(code, code), "", "", "", "", yen(share))
            for code, share in sorted(table.shares_yen.items())
        )
    return TableView(
        id=f"bill-{index}",
        caption=caption,
        columns=(
            ("団体コード", ""),
            ("団体", ""),
            ("基礎", ""),
            ("比率", "num"),
            ("按分額（端数処理前・円）", "num"),
            ("端数処理", ""),
            ("負担額", "num"),
        ),
        rows=rows,
        foot=(
            ("合計", ""),
            ("", ""),
            ("", ""),
            ("", ""),
            ("", ""),
            ("", ""),
            (yen(sum(table.shares_yen.values())), "num"),
        ),
        note=_bill_note(table),
    )


def _bill_note(table: ShareTable) -> str:
    """From the net amount to what is shared, how often it is paid, and what rounding left."""
    times = "、".join(f"{fiscal_year_label(y)} {count}回" for y, count in table.by_year.items())
    note = (
        f"税抜 {yen(table.net_yen)} → 税込 {yen(table.total_yen)} − 都道府県等の負担"
        f" {yen(table.part_yen)} ＝ 按分する額 {yen(table.shared_yen)}。"
        f"{table.reason.label}。支払の回数：{times}。"
    )
    if table.members:
        note += (
            f"比率は小数第{RATIO_PLACES}位、按分額は小数第{YEN_PLACES}位まで表示し、"
            "続きがある数に「…」を付けています。"
        )
    if table.shortfall_yen:
        note += f"切捨てによる不足 {yen(table.shortfall_yen)}（幹事団体が負担）。"
    return note


def _member_row(member: MemberShare) -> tuple[str, ...]:
    bases = "、".join(f"{label} {_grouped(value)}" for label, value in member.bases)
    plus = f"切捨て後 ＋{member.remainder_yen}円" if member.remainder_yen else "切捨て"
    return (
        member.code,
        member.name,
        bases,
        _decimal(member.ratio, RATIO_PLACES),
        _decimal(member.exact_yen, YEN_PLACES),
        plus,
        yen(member.share_yen),
    )


def _decimal(value: Fraction, places: int) -> str:
    """A rational cut, not rounded, to a fixed number of places; 「…」 where more follows."""
    scale = 10**places
    whole = abs(value.numerator) * scale // value.denominator
    sign = "−" if value < 0 else ""
    digits = f"{whole % scale:0{places}d}"
    if Fraction(whole, scale) != abs(value):
        return f"{sign}{whole // scale:,}.{digits}…"
    return f"{sign}{whole // scale:,}.{digits}".rstrip("0").rstrip(".")


def _grouped(text: str) -> str:
    """A printed base with its whole part in groups of three; any other text as it is."""
    whole, point, rest = text.partition(".")
    grouped = f"{int(whole):,}" if whole.isascii() and whole.isdigit() else whole
    return f"{grouped}{point}{rest}"


def year_table(computed: SharePreview) -> TableView:
    """Each body's share by fiscal year and over the term, alone, and the difference."""
    years = computed.years
    rows = tuple(
        (
            body.code,
            body.name,
            *(yen(body.by_year.get(year, 0)) for year in years),
            yen(body.total_yen),
            yen(body.standalone_yen),
            yen(body.saving_yen),
        )
        for body in computed.bodies
    )
    sums = [sum(body.by_year.get(year, 0) for body in computed.bodies) for year in years]
    alone = computed.standalone_yen
    return TableView(
        id="by-year",
        caption="団体ごとの負担額（税込）",
        columns=(
            ("団体コード", ""),
            ("団体", ""),
            *((fiscal_year_label(year), "num") for year in years),
            ("合計", "num"),
            ("単独の場合", "num"),
            ("差額", "num"),
        ),
        rows=rows,
        foot=(
            ("合計", ""),
            ("", ""),
            *((yen(amount), "num") for amount in sums),
            (yen(computed.borne_yen), "num"),
            (yen(alone), "num"),
            (yen(None if alone is None else alone - computed.borne_yen), "num"),
        ),
        note="差額＝単独の場合−合計。マイナスは単独より高いことを示します。",
    )


def part_table(computed: SharePreview) -> TableView | None:
    """What prefecture and grants bear; None when there is nothing."""
    if not computed.parts:
        return None
    return TableView(
        id="parts",
        caption="都道府県・交付金が負担する額（税込）",
        columns=(("年度", ""), ("費目", ""), ("負担者", ""), ("額", "num")),
        rows=tuple(
            (fiscal_year_label(p.fiscal_year), p.category.label, p.label, yen(p.amount_yen))
            for p in computed.parts
        ),
        foot=(("合計", ""), ("", ""), ("", ""), (yen(computed.part_yen), "num")),
    )


def version_table(version: VersionView) -> TableView:
    """A fixed version by body and fiscal year."""
    years = version.years
    rows = tuple(
        (
            code,
            version.names.get(code, code),
            *(yen(lines.get(year, 0)) for year in years),
            yen(sum(lines.values())),
        )
        for code, lines in sorted(version.by_year.items())
    )
    sums = [sum(lines.get(year, 0) for lines in version.by_year.values()) for year in years]
    return TableView(
        id="version",
        caption=f"負担案 第{version.number}版（税込）",
        columns=(
            ("団体コード", ""),
            ("団体", ""),
            *((fiscal_year_label(year), "num") for year in years),
            ("合計", "num"),
        ),
        rows=rows,
        foot=(
            ("合計", ""),
            ("", ""),
            *((yen(amount), "num") for amount in sums),
            (yen(sum(sums)), "num"),
        ),
    )
