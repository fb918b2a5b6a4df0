"""Policy items in words: tables by decision, the contradiction as it stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.policy import Outcome, PolicyScope, PolicyText, get_policy_text
from catalog.presenters.words import day_text, label_of
from catalog.queries.policy import PolicyRow, ReportRow, SystemTypeRow
from foundation.clock import fiscal_year_label

# A report a year: after twelve months without one it is overdue (R16).
REPORT_DAYS = 366
# Kind, year and number of those the document of 2026 says two things of; what is stored of them.
_CONTRADICTED = frozenset(
    (PolicyScope.COMMONIZATION_TARGET.value, 2026, number) for number in (3, 10, 11)
)
_NOT_SURE = (Outcome.OTHER_METHOD.value, Outcome.UNCLEAR.value)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

# The documents that line numbers are given in: the number used in data → its title.
_DOCUMENTS = {
    "S0": "デジタル行財政改革における行政データ利活用の取組について",
    "S1": "デジタル行財政改革 取りまとめ2025（案）",
    "S2": "デジタル社会の実現に向けた重点計画",
    "S3": "取りまとめ2026 概要（決定案）",
    "S4": "デジタル行財政改革の更なる展開に向けて（第4回会議 資料1）",
}
_LINES = re.compile(r"(S\d):(\d+)(?:-(\d+))?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# The two readings of the FY2026 decision's footnote (policy-sources §5 no. 1).
READINGS = (
    (
        "注記に従う読み方（同じ資料の659行目）",
        "③と⑩が「共通化以外の方法の検討が妥当」で、⑪は共通化。",
    ),
    (
        "一覧の（※）印に従う読み方（同じ資料の665行目・684行目）",
        "③と⑪が「共通化以外の方法の検討が妥当」で、⑩は共通化。",
    ),
)


@dataclass(frozen=True, kw_only=True)
class SourceText:
    """Where something stands: the document with its date, and the lines for small print."""

    name: str
    lines: str


@dataclass(frozen=True, kw_only=True)
class PolicyLine:
    """An item in a table. progress: the newest report's day, or that there is none."""

    id: int
    number: str
    name: str
    group: str
    ministries: str
    outcome: str
    contradicted: bool
    progress: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The items of one year's decision, in order. draft: the document is a draft (案)."""

    title: str
    lines: tuple[PolicyLine, ...]
    agreed: str
    decided_by: str
    sources: tuple[SourceText, ...]
    draft: bool
    contradicted: bool


@dataclass(frozen=True, kw_only=True)
class PolicyView:
    """Everything the policy page prints."""

    scope: PolicyText
    common_saas: PolicyText
    conflict: PolicyText
    counts: PolicyText
    standard: tuple[PolicyLine, ...]
    standard_source: str
    candidates: tuple[PolicyLine, ...]
    scope_source: SourceText
    counts_source: SourceText
    conflict_source: SourceText
    decisions: tuple[Decision, ...]
    special_types: tuple[tuple[str, str], ...]
    startups: PolicyText
    startups_source: SourceText


@dataclass(frozen=True, kw_only=True)
class PolicyItemView:
    """Everything an item's page prints."""

    row: PolicyRow
    kind: str
    decision: str
    facts: tuple[tuple[str, str | None], ...]
    note: str
    draft: bool
    contradicted: bool
    conflict: PolicyText
    conflict_source: SourceText
    source: SourceText
    search_words: str
    reports: tuple[ReportRow, ...]
    progress: str
    overdue: bool


def present_policy(
    items: Sequence[PolicyRow],
    system_types: Sequence[SystemTypeRow],
    reports: Mapping[int, tuple[ReportRow, ...]],
    today: date,
) -> PolicyView:
    """Standard 20 and each year's decision apart; the candidates of two years are not added."""
    standard = [item for item in items if item.kind == PolicyScope.STANDARD_20.value]
    candidates = [item for item in items if item.kind == PolicyScope.COMMON_SAAS_CANDIDATE.value]
    others = [item for item in items if item.kind == PolicyScope.COMMONIZATION_TARGET.value]
    years = sorted({item.decision_fy for item in others})
    return PolicyView(
        scope=get_policy_text("scope_exclusion"),
        common_saas=get_policy_text("common_saas_list"),
        conflict=get_policy_text("commonization_conflict"),
        counts=get_policy_text("commonization_counts"),
        standard=tuple(_line(item, "") for item in standard),
        standard_source=standard[0].source_doc if standard else "",
        candidates=tuple(_line(item, "") for item in candidates),
        scope_source=_source_of_text("scope_exclusion"),
        counts_source=_source_of_text("commonization_counts"),
        conflict_source=_source_of_text("commonization_conflict"),
        decisions=tuple(
            _decision(year, [item for item in others if item.decision_fy == year], reports, today)
            for year in years
        ),
        startups=get_policy_text("startup_share"),
        startups_source=_source_of_text("startup_share"),
        special_types=tuple(
            (t.name, label_of(PolicyScope, t.policy_scope))
            for t in system_types
            if t.policy_scope not in (PolicyScope.GENERAL.value, PolicyScope.UNDETERMINED.value)
        ),
    )


def present_item(row: PolicyRow, reports: tuple[ReportRow, ...], today: date) -> PolicyItemView:
    """One item with its source and, where there is one, both readings."""
    contradicted = is_contradicted(row)
    return PolicyItemView(
        row=row,
        kind=label_of(PolicyScope, row.kind),
        decision=_decision_title(row.decision_fy, row.cycle_label),
        facts=_facts(row),
        note=row.note,
        draft=is_draft(row),
        contradicted=contradicted,
        conflict=get_policy_text("commonization_conflict"),
        conflict_source=_source_of_text("commonization_conflict"),
        source=source_text(row.source_doc, row.source_lines, row.source_as_of),
        search_words=row.keywords.split("|")[0] if row.keywords else row.name,
        reports=reports,
        progress=progress_words(reports, today),
        overdue=is_overdue(reports, today),
    )


def progress_words(reports: Sequence[ReportRow], today: date) -> str:
    """「令和8年11月1日時点」, with 「12か月以上報告がありません」 where it is long ago."""
    if not reports:
        return "報告なし"
    newest = f"{day_text(reports[0].as_of)}時点"
    return f"{newest}（12か月以上報告がありません）" if is_overdue(reports, today) else newest


def is_overdue(reports: Sequence[ReportRow], today: date) -> bool:
    """Whether the newest report speaks of a day more than twelve months ago."""
    return bool(reports) and (today - reports[0].as_of).days > REPORT_DAYS


def _facts(row: PolicyRow) -> tuple[tuple[str, str | None], ...]:
    """The standard 20 were decided by nobody listed here: they have a number and no more."""
    kind = ("区分", label_of(PolicyScope, row.kind))
    if row.kind == PolicyScope.STANDARD_20.value:
        return (kind, ("番号", item_number(row)))
    return (
        kind,
        ("決定", _decision_title(row.decision_fy, row.cycle_label) or None),
        ("番号", item_number(row)),
        ("グループ", row.group or None),
        ("制度所管府省庁", row.ministries or None),
        ("合意日", day_text(row.agreed_on)),
        ("決定した会議", row.decided_by or None),
        ("結果", label_of(Outcome, row.outcome) or None),
    )


def source_text(document: str, lines: str, as_of: str) -> SourceText:
    """The document by its title with its date, and the lines in words."""
    name = _DAY.sub(lambda found: _day_words(found[0]), document)
    dated = not as_of or _day_words(as_of) in name
    return SourceText(name=name if dated else f"{name}（{_day_words(as_of)}）", lines=_lines(lines))


def _lines(text: str) -> str:
    """「テキスト版の1975〜1977行目」; each document is named where there are several."""
    found = _LINES.findall(text)
    several = len({document for document, _, _ in found}) > 1
    parts = [
        (f"「{_DOCUMENTS[document]}」" if several else "")
        + (f"{first}〜{last}行目" if last else f"{first}行目")
        for document, first, last in found
    ]
    return f"テキスト版の{'、'.join(parts)}" if parts else ""


def _day_words(text: str) -> str:
    return day_text(date.fromisoformat(text)) or text if _DAY.fullmatch(text) else text


def _source_of_text(key: str) -> SourceText:
    text = get_policy_text(key)
    return source_text(text.source_doc, text.source_lines, text.as_of)


def item_number(row: PolicyRow) -> str:
    """「⑩」 as the documents number them, plain digits for the standard 20."""
    if row.kind == PolicyScope.STANDARD_20.value or row.item_no > len(_CIRCLED):
        return str(row.item_no)
    return _CIRCLED[row.item_no - 1]


def is_contradicted(row: PolicyRow) -> bool:
    """Whether its document says two things of it; later decisions say one."""
    said_twice = (row.kind, row.decision_fy, row.item_no) in _CONTRADICTED
    return said_twice and row.outcome in _NOT_SURE


def is_draft(row: PolicyRow) -> bool:
    """Whether the item rests on a draft document, which must be said."""
    return "案" in row.source_doc


def _line(row: PolicyRow, progress: str) -> PolicyLine:
    return PolicyLine(
        id=row.id,
        number=item_number(row),
        name=row.name,
        group=row.group,
        ministries=row.ministries,
        outcome=label_of(Outcome, row.outcome),
        contradicted=is_contradicted(row),
        progress=progress,
    )


def _decision(
    year: int,
    items: Sequence[PolicyRow],
    reports: Mapping[int, tuple[ReportRow, ...]],
    today: date,
) -> Decision:
    first = items[0]
    days = dict.fromkeys(day_text(item.agreed_on) for item in items if item.agreed_on)
    sources = (source_text(i.source_doc, i.source_lines, i.source_as_of) for i in items)
    return Decision(
        title=_decision_title(year, first.cycle_label),
        lines=tuple(_line(item, progress_words(reports.get(item.id, ()), today)) for item in items),
        agreed="、".join(map(str, days)) or "合意日は資料に記載なし",
        decided_by="、".join(dict.fromkeys(i.decided_by for i in items if i.decided_by)),
        sources=tuple(dict.fromkeys(sources)),
        draft=any(map(is_draft, items)),
        contradicted=any(map(is_contradicted, items)),
    )


def _decision_title(year: int, cycle_label: str) -> str:
    if not year:
        return ""
    cycle = f"（{cycle_label}）" if cycle_label else ""
    return f"{fiscal_year_label(year)}決定分{cycle}"
