"""The notices of all lots in words, on the page and as a paper to go on with."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.filters import era_date, jst
from procurement.presenters.paper_files import (
    begin_paper,
    fill_table,
    list_texts,
    save_paper,
    say,
)
from procurement.presenters.tender import minimum_texts, moment_rows, rule_rows
from procurement.queries.lot_notice import LotNoticeRow, LotsNotice

NOTE = "法令上の公告ではありません。公告は、自団体の公告の場所で行ってください。"
COLUMNS = ("評価の区分", "項目", "配点")


@dataclass(frozen=True, kw_only=True)
class LotNoticeView:
    """One lot. facts: label → text. criteria: rows of COLUMNS, with the full score last."""

    project_id: int
    heading: str
    title: str
    here: bool
    announced: bool
    state: str
    facts: tuple[tuple[str, str], ...]
    criteria: tuple[tuple[str, str, str], ...]
    minimums: tuple[str, ...]
    url: str


def lot_notices(page: LotsNotice) -> list[LotNoticeView]:
    """Every lot in its order: what it is, and as far as it may be read what its notice says."""
    return [_view(row) for row in page.rows]


def _view(row: LotNoticeRow) -> LotNoticeView:
    rule = row.notice.rule if row.notice else {}
    return LotNoticeView(
        project_id=row.project_id,
        heading=f"区分{row.number}：{row.name}",
        title=row.title,
        here=row.here,
        announced=row.announced,
        state=row.state.label,
        facts=tuple(_facts(row)),
        criteria=tuple(rule_rows(rule)),
        minimums=tuple(minimum_texts(rule)),
        url=row.notice_url,
    )


def _facts(row: LotNoticeRow) -> list[tuple[str, str]]:
    facts = [
        ("公告", _announced(row)),
        ("公告の番号", row.notice_number),
        ("参加団体", f"{row.bodies:,}団体"),
        ("調達方式", row.method.label if row.method else ""),
        ("契約の形", row.contract_model.label if row.contract_model else ""),
        ("期間", _term(row)),
    ]
    if row.notice:
        facts += moment_rows(row.notice)
        full = row.notice.rule.get("full_score")
        facts.append(("満点", f"{full}点" if full else ""))
        if row.notice.conditional_on_budget:
            facts.append(("条件", "予算の成立を条件とします。"))
    return [(label, text) for label, text in facts if text]


def _announced(row: LotNoticeRow) -> str:
    if not row.announced:
        return f"まだ公告していません（{row.state.label}）"
    again = f"（{row.rounds}回目。不調のあとの再度の公告）" if row.rounds > 1 else ""
    ended = "。中止しました" if row.state == "cancelled" else ""
    return f"{jst(row.announced_at)}{again}{ended}" if row.announced_at else row.state.label


def _term(row: LotNoticeRow) -> str:
    if row.term_start is None or not row.term_months:
        return ""
    return f"{era_date(row.term_start)}から{row.term_months}か月"


def announceable(page: LotsNotice) -> list[tuple[str, str]]:
    """The lots that stand before their notice: (project, name) for the lead's ticks."""
    return [
        (str(row.project_id), f"区分{row.number}：{row.name}（{row.state.label}）")
        for row in page.rows
        if row.notice and not row.announced and row.state != "cancelled"
    ]


def lots_docx(page: LotsNotice, views: Sequence[LotNoticeView]) -> bytes:
    """One paper for all lots."""
    paper = begin_paper(f"公告の内容（全区分）：{page.title}", page.fictional)
    say(paper, f"分け方：{page.divided_by.label}　区分の数：{len(views)}")
    say(paper, NOTE)
    for view in views:
        paper.add_heading(view.heading, 2)
        fill_table(paper, view.facts)
        if view.criteria:
            paper.add_heading("評価項目と配点", 3)
            fill_table(paper, [COLUMNS, *view.criteria])
        list_texts(paper, view.minimums)
        if view.url:
            say(paper, f"公告の場所：{view.url}")
    return save_paper(paper)
