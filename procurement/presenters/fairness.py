"""The fairness view in words a mayor can read, with its tables and its chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from accounts.codes import is_fictional_code
from foundation.filters import number, yen
from foundation.paging import Page, cut
from procurement.domain.core_check import CoreFinding
from procurement.domain.estimates import ShareChange
from procurement.domain.fairness import BodyFairness, Fairness
from procurement.domain.shapley import RELATIVE_ERROR
from procurement.presenters.fairness_chart import ChartView, fairness_chart
from procurement.presenters.sharing import TableView
from procurement.queries.fairness_page import DeclaredView, Viewed

PAGE_ROWS = 50
NAMED_BODIES = 12

Row = TypeVar("Row")
Name = tuple[str, bool]  # a body's name, and whether it is made up


@dataclass(frozen=True, kw_only=True)
class FairnessRow:
    """One body in the table. note: why the reader should look at it; '' nothing to say."""

    code: str
    name: str
    fictional: bool
    own: bool
    standalone: str
    share: str
    saving: str
    leaving: str
    shapley: str
    distance: str
    note: str


@dataclass(frozen=True, kw_only=True)
class LeavingRow:
    """What one body pays before and after another has left."""

    code: str
    name: str
    fictional: bool
    before: str
    after: str
    difference: str


@dataclass(frozen=True, kw_only=True)
class FairnessView:
    """Everything the page says. Sentences are whole; tables are pages of rows."""

    basis: str
    verdict: str
    verdict_tone: str
    worse_off: str
    names: tuple[Name, ...]
    more_names: int
    coalition: tuple[tuple[str, str], ...]
    other_sharing: str
    method: str
    shapley_notes: tuple[str, ...]
    rows: Page[FairnessRow]
    foot: tuple[tuple[str, str], ...]
    chart: ChartView


def fairness_view(viewed: Viewed, fairness: Fairness, *, at: int, own: str) -> FairnessView:
    """The view of this sharing. at: which page of its bodies; own: the reader's body, or ''."""
    best = fairness.sharing.best if fairness.sharing.gains else None
    codes = best.codes if best else ()
    names = {body.code: body.name for body in fairness.bodies}
    return FairnessView(
        basis=_basis(viewed),
        verdict=_verdict(fairness),
        verdict_tone={True: "success", None: "info", False: "warning"}[fairness.sharing.is_in_core],
        worse_off=_worse_off(fairness),
        names=tuple((names[code], is_fictional_code(code)) for code in codes[:NAMED_BODIES]),
        more_names=max(len(codes) - NAMED_BODIES, 0),
        coalition=_coalition_rows(fairness),
        other_sharing=_other_sharing(fairness),
        method=_method(fairness),
        shapley_notes=tuple(_shapley_notes(fairness, names)),
        rows=cut([_row(body, own) for body in fairness.bodies], at, PAGE_ROWS),
        foot=_foot(fairness),
        chart=fairness_chart(fairness),
    )


def leaving_rows(change: ShareChange, gone: str, at: int) -> Page[LeavingRow]:
    """The others before and after, by code."""
    rows = [
        LeavingRow(
            code=row.code,
            name=row.name,
            fictional=is_fictional_code(row.code),
            before=yen(row.old_yen),
            after=yen(row.new_yen),
            difference=_signed(row.difference_yen),
        )
        for row in change.rows
        if row.code != gone
    ]
    return cut(rows, at, PAGE_ROWS)


def leaving_words(change: ShareChange, gone: str, name: str) -> str:
    """The sum of what the others pay more or less, in one sentence."""
    others = [row for row in change.rows if row.code != gone]
    more = sum(row.difference_yen for row in others)
    rising = sum(row.difference_yen > 0 for row in others)
    falling = sum(row.difference_yen < 0 for row in others)
    way = "増えます" if more > 0 else "減ります" if more < 0 else "変わりません"
    amount = f"{yen(abs(more))}" if more else ""
    return (
        f"{name}が抜けると、残る{number(len(others))}団体の負担は合計で{amount}{way}"
        f"（増える団体 {number(rising)}、減る団体 {number(falling)}）。"
    )


def declared_table(view: DeclaredView) -> TableView:
    """Each declared figure the reader may see beside the share, tax-included."""
    rows = tuple(
        (
            row.code,
            row.name,
            row.source.label,
            yen(row.declared_yen),
            yen(row.share_yen),
            yen(row.declared_yen - row.share_yen),
        )
        for row in view.rows
    )
    return TableView(
        id="declared",
        caption="申告された単独額と負担額（税込・期間合計）",
        columns=(
            ("団体コード", ""),
            ("団体", ""),
            ("申告の種類", ""),
            ("申告された単独額", "num"),
            ("負担額", "num"),
            ("差額", "num"),
        ),
        rows=rows,
        note="負担額は税込で、都道府県や交付金の負担を引く前です。差額＝申告された単独額−負担額。",
    )


def declared_words(view: DeclaredView) -> str:
    """What the declared figures say of the whole, for those who may read them all."""
    if view.missing:
        return f"{_named(view.missing)}の申告がないため、全体の判定はできません。"
    finding = view.finding
    if finding is None:
        return ""
    if finding.is_empty is None:
        return "納得できない組み合わせは見つかりませんでした（探索による。証明ではありません）。"
    if not finding.is_empty:
        return "申告された額で見ても、すべての組み合わせが納得する分け方があります。"
    return (
        "申告された額で見ると、どう分けても、すべての組み合わせを納得させることはできません"
        f"（{_ceil_yen(finding)}足りません）。"
        f"{_groups_words(view, finding)}"
    )


def _groups_words(view: DeclaredView, finding: CoreFinding) -> str:
    """The proof in words, as far as it is short."""
    names = {row.code: row.name for row in view.rows}
    if len(finding.groups) > NAMED_BODIES:
        return "分かれて調達したほうが、合計で安くなるためです。"
    groups = "、".join(
        f"{'・'.join(names[code] for code in group.codes)}で{yen(group.alone_yen)}"
        f"{f'（{group.weight}ずつ数える）' if group.weight != 1 else ''}"
        for group in finding.groups
    )
    return f"次のように分かれると、合計で安くなるためです：{groups}。"


def _basis(viewed: Viewed) -> str:
    months = viewed.terms.term_months
    return (
        f"{viewed.label}。{months}か月の合計・税抜・都道府県や交付金の負担を引く前の額です。"
        "料金プランの値段だけで比べるため、「負担案」の税込の額とは一致しません。"
    )


def _verdict(fairness: Fairness) -> str:
    sharing = fairness.sharing
    if sharing.gains and sharing.best:
        how = "" if sharing.is_exhaustive else "（探索による）"
        return (
            f"次の{number(len(sharing.best.codes))}団体は、自分たちだけで調達すると、"
            f"いまの分け方より合計{yen(sharing.best.gain_yen)}安くなります{how}"
        )
    if sharing.is_in_core:
        return "どの団体の組み合わせも、抜けて自分たちだけで調達したほうが安くはなりません"
    return "抜けて得をする組み合わせは見つかりませんでした（探索による）"


def _worse_off(fairness: Fairness) -> str:
    names = [body.name for body in fairness.worse_off]
    if not names:
        return "単独で調達したほうが安い団体はありません。"
    return f"単独で調達したほうが安い団体：{_named(names)}。"


def _named(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" ほか{number(len(names) - NAMED_BODIES)}団体" if len(names) > NAMED_BODIES else ""
    return f"{'、'.join(names[:NAMED_BODIES])}{more}"


def _coalition_rows(fairness: Fairness) -> tuple[tuple[str, str], ...]:
    sharing = fairness.sharing
    if not (sharing.gains and sharing.best):
        return ()
    best = sharing.best
    left = [body.name for body in fairness.bodies if body.code not in best.members]
    return (
        ("いまの分け方での負担の合計", yen(best.share_yen)),
        ("この団体だけで調達した場合", yen(best.alone_yen)),
        ("安くなる額", yen(best.gain_yen)),
        ("加わらない団体", _named(left)),
    )


def _other_sharing(fairness: Fairness) -> str:
    """Whether another way of sharing would satisfy everybody, where that is known."""
    core = fairness.core
    if core is None:
        return ""
    if core.is_empty:
        return (
            "この料金プランでは、どう分けても、すべての組み合わせを納得させることはできません"
            f"（{_ceil_yen(core)}足りません）。"
        )
    if fairness.sharing.is_in_core is False and core.is_empty is False:
        return "分け方を変えれば、どの組み合わせも抜けて得をしない分け方があります。"
    return ""


def _ceil_yen(core: CoreFinding) -> str:
    return yen(-(-core.missing_yen.numerator // core.missing_yen.denominator))


def _method(fairness: Fairness) -> str:
    shapley = fairness.shapley
    if shapley.is_exact:
        return "加わる順番のすべてを数えた正確な値です（円未満は合計が合うように配りました）。"
    words = (
        f"団体が多いため、無作為に選んだ{number(shapley.orders)}通りの順番を平均した推定値です"
        f"（相対標準誤差は最大{shapley.relative_error * 100:.2f}%）。±は標準誤差です。"
    )
    if shapley.relative_error > RELATIVE_ERROR:
        words += "誤差が1%を超える団体があります。小さい団体の値は幅をもって見てください。"
    return words


def _shapley_notes(fairness: Fairness, names: dict[str, str]) -> list[str]:
    notes = []
    if any(body.shapley < 0 for body in fairness.bodies):
        notes.append(
            "目安がマイナスの団体は、加わることで全体が安い単価に届き、合計額を下げています。"
        )
    sharing = fairness.shapley_sharing
    if sharing and sharing.gains and sharing.best:
        group = _named([names[code] for code in sharing.best.codes])
        notes.append(
            f"目安どおりに分けると、{group}は自分たちだけのほうが"
            f"{yen(sharing.best.gain_yen)}安くなります。目安も、全員が納得する額とは限りません。"
        )
    return notes


def _row(body: BodyFairness, own: str) -> FairnessRow:
    return FairnessRow(
        code=body.code,
        name=body.name,
        fictional=is_fictional_code(body.code),
        own=body.code == own,
        standalone=yen(body.standalone_yen),
        share=yen(body.share_yen),
        saving=yen(body.saving_yen),
        leaving=_signed(body.leaving_yen),
        shapley=_estimated(body),
        distance=_signed(body.share_yen - body.shapley_yen),
        note="単独のほうが安い" if body.is_worse_off else "",
    )


def _estimated(body: BodyFairness) -> str:
    """「1,234円（±5円）」, or the exact value."""
    error = f"（±{yen(body.shapley_error_yen)}）" if body.shapley_error_yen else ""
    return f"{yen(body.shapley_yen)}{error}"


def _foot(fairness: Fairness) -> tuple[tuple[str, str], ...]:
    share = sum(body.share_yen for body in fairness.bodies)
    return (
        ("合計", ""),
        (yen(fairness.standalone_yen), "num"),
        (yen(share), "num"),
        (yen(fairness.standalone_yen - share), "num"),
        ("", ""),
        (yen(sum(body.shapley_yen for body in fairness.bodies)), "num"),
        ("", ""),
        ("", ""),
    )


def _signed(amount_yen: int) -> str:
    return f"＋{yen(amount_yen)}" if amount_yen > 0 else yen(amount_yen)
