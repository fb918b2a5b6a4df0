"""Specifications, programs and related catalogs in words; what is not stated says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlencode

from catalog.library.conditions import (
    Condition,
    Conditions,
    Finding,
    Fit,
    find_fit,
    read_conditions,
)
from catalog.library.queries import (
    ProgramRow,
    RelatedRow,
    SpecRow,
    SpecVersions,
    SystemTypeName,
)
from catalog.library.words import CostKind, ProgramStatus, SpecKind
from catalog.presenters.policy import SourceText, source_text
from foundation.clock import fiscal_year_label

NOT_STATED = "記載なし"
ANSWERS = (("", "わからない"), ("yes", "はい"), ("no", "いいえ"))
_VERDICTS: Mapping[Fit, str] = {
    Fit.POSSIBLE: "条件に合う可能性があります",
    Fit.TO_BE_CHECKED: "確かめる条件が残っています",
    Fit.UNMET: "満たしていない条件があります",
    Fit.NOT_TESTABLE: "資料には、ここで確かめられる条件の記載がありません",
}


@dataclass(frozen=True, kw_only=True)
class LibraryLine:
    """A row of a list: a link, cells in the order of its columns, its source."""

    id: int
    title: str
    cells: tuple[str, ...]
    source: SourceText
    draft: bool
    fictional: bool = False


@dataclass(frozen=True, kw_only=True)
class LibraryPage:
    """One entry: facts, its text, where to look for what goes with it, its source.

    neighbours: (what it is, id, title) of the earlier and later versions. url: '' for none.
    """

    title: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    summary: str
    searches: tuple[tuple[str, str], ...]
    source: SourceText
    draft: bool
    fictional: bool = False
    url: str = ""
    neighbours: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """A condition to answer. answer: '', yes or no."""

    name: str
    label: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class FitView:
    """The conditions as questions, and what the answers say; verdict '' before any answer."""

    questions: tuple[Question, ...]
    rule: str
    verdict: str
    unmet: tuple[str, ...]
    unknown: tuple[str, ...]


SPEC_COLUMNS = ("名称", "種類", "分野", "発行", "版・時期", "次の改訂")
PROGRAM_COLUMNS = ("名称", "状況", "開始年度", "対象の費用", "所管府省庁")
RELATED_COLUMNS = ("名称", "載っているもの", "運営", "公開", "さがし方", "更新")


def spec_lines(rows: Sequence[SpecRow]) -> list[LibraryLine]:
    """The list of specifications."""
    return [
        replace(_line(row.id, row.title, _spec_cells(row), row), fictional=row.fictional)
        for row in rows
    ]


def program_lines(rows: Sequence[ProgramRow]) -> list[LibraryLine]:
    """The list of programs."""
    return [_line(row.id, row.name, _program_cells(row), row) for row in rows]


def related_lines(rows: Sequence[RelatedRow]) -> list[LibraryLine]:
    """The list of related catalogs."""
    return [
        _line(
            row.id,
            row.name,
            (row.lists, row.owner, row.opened, row.search_by, row.update_rule),
            row,
        )
        for row in rows
    ]


def present_spec(row: SpecRow, versions: SpecVersions) -> LibraryPage:
    """One specification."""
    facts = tuple(zip(SPEC_COLUMNS[1:], _stated(_spec_cells(row)), strict=True))
    own = ("この仕様書に適合する掲載サービス・事例・案件", _search("spec", row.key))
    neighbours = [("前の版", *each) for each in versions.earlier]
    neighbours += [("新しい版", *each) for each in versions.later]
    return replace(
        _page(row.title, SpecKind(row.kind).label, facts, row, own),
        fictional=row.fictional,
        url=row.url,
        neighbours=tuple(neighbours),
    )


def present_program(row: ProgramRow) -> LibraryPage:
    """One program."""
    facts = tuple(zip(PROGRAM_COLUMNS[1:], _stated(_program_cells(row)), strict=True))
    own = (
        "この制度の名前がある事例、資料が種別や条件を挙げる掲載サービス・案件",
        _search("funding_program", row.key),
    )
    return _page(row.name, "支援制度", facts, row, own)


class Conditional(Protocol):
    """What has a program's conditions and where it stands."""

    @property
    def conditions(self) -> str: ...

    @property
    def status(self) -> str: ...


def present_fit(row: Conditional, answers: Mapping[str, str]) -> FitView:
    """The conditions of a program and what the answers (yes, no, else unknown) say."""
    conditions = read_conditions(row.conditions)
    typed = {c: answers.get(c.value, "") for c in conditions.items}
    known = {c: answer == "yes" for c, answer in typed.items() if answer in ("yes", "no")}
    finding = find_fit(conditions, known)
    if known and row.status != ProgramStatus.OPEN:
        return _fit_view(conditions, typed, finding, f"{ProgramStatus(row.status).label}です")
    return _fit_view(conditions, typed, finding, _VERDICTS[finding.fit] if known else "")


def spec_json(row: SpecRow) -> dict[str, Any]:
    """A specification; what is not stated is null."""
    return _json(row, {"url": f"/specs/{row.id}", "document_url": row.url or None})


def program_json(row: ProgramRow) -> dict[str, Any]:
    """A program; what is not stated is null."""
    conditions = read_conditions(row.conditions)
    return _json(
        row,
        {
            "conditions": [c.value for c in conditions.items],
            "any_condition": conditions.alternatives,
            "url": f"/programs/{row.id}",
            "document_url": row.url or None,
        },
    )


SPEC_FIELDS: Mapping[str, str] = {
    "id": "番号",
    "key": "キー（検索の条件 spec の値）",
    "title": "名称",
    "kind": "・".join(f"{kind.value} {kind.label}" for kind in SpecKind),
    "domain": "分野",
    "issuer": "発行",
    "version": "版",
    "issued_on": "時期",
    "next_revision_fy": "次に改訂する年度",
    "system_types": "システム種別（コード）",
    "summary": "内容",
    "supersedes": "これに改められた仕様書のキー（なければ null）",
    "source_doc": "出典",
    "source_lines": "出典の行",
    "source_as_of": "資料の時点",
    "url": "ページ",
    "document_url": "文書のアドレス（記載がなければ null）",
    "fictional": "架空か",
}
PROGRAM_FIELDS: Mapping[str, str] = {
    "id": "番号",
    "key": "キー（検索の条件 funding_program の値）",
    "name": "名称",
    "ministry": "所管府省庁",
    "started_fy": "開始年度",
    "status": "・".join(f"{status.value} {status.label}" for status in ProgramStatus),
    "system_types": "システム種別（コード）。空は記載なし",
    "eligible_costs": "対象の費用",
    "summary": "内容",
    "conditions": "資料に記載された条件",
    "any_condition": "true なら条件のどれか一つでよい",
    "source_doc": "出典",
    "source_lines": "出典の行",
    "source_as_of": "資料の時点",
    "url": "ページ",
    "document_url": "文書のアドレス（記載がなければ null）",
    "fictional": "架空か",
}


def _spec_cells(row: SpecRow) -> tuple[str, ...]:
    revision = fiscal_year_label(row.next_revision_fy) if row.next_revision_fy else ""
    version = row.version or row.issued_on
    return (SpecKind(row.kind).label, row.domain, row.issuer, version, revision)


def _program_cells(row: ProgramRow) -> tuple[str, ...]:
    return (
        ProgramStatus(row.status).label,
        fiscal_year_label(row.started_fy) if row.started_fy else "",
        "・".join(CostKind(code).label for code in row.eligible_costs),
        row.ministry,
    )


def _stated(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell or NOT_STATED for cell in cells)


def _line(
    entry_id: int, title: str, cells: Sequence[str], row: SpecRow | ProgramRow | RelatedRow
) -> LibraryLine:
    return LibraryLine(
        id=entry_id, title=title, cells=_stated(cells), source=_source(row), draft=_is_draft(row)
    )


def _search(facet: str, key: str) -> str:
    return "/search?" + urlencode([(facet, key)])


def _page(
    title: str,
    kind: str,
    facts: tuple[tuple[str, str], ...],
    row: SpecRow | ProgramRow,
    own_search: tuple[str, str],
) -> LibraryPage:
    named = "、".join(each.name for each in row.system_types) or NOT_STATED
    return LibraryPage(
        title=title,
        kind=kind,
        facts=(*facts, ("システム種別", named)),
        summary=row.summary,
        searches=(own_search, *_searches(row.system_types)),
        source=_source(row),
        draft=_is_draft(row),
    )


def _searches(types: Sequence[SystemTypeName]) -> list[tuple[str, str]]:
    """(words, address) of the searches for what goes with a kind of system."""
    kinds = (("offering", "掲載サービス"), ("case", "調達事例"), ("project", "共同調達案件"))
    return [
        (
            f"{each.name}の{label}",
            "/search?" + urlencode([("kind", kind), ("category", each.code)]),
        )
        for each in types
        for kind, label in kinds
    ]


def _source(row: SpecRow | ProgramRow | RelatedRow) -> SourceText:
    return source_text(row.source_doc, row.source_lines, row.source_as_of)


def _is_draft(row: SpecRow | ProgramRow | RelatedRow) -> bool:
    return "案）" in row.source_doc


def _fit_view(
    conditions: Conditions, typed: Mapping[Condition, str], finding: Finding, verdict: str
) -> FitView:
    return FitView(
        questions=tuple(
            Question(name=c.value, label=c.label, answer=typed[c]) for c in conditions.items
        ),
        rule="どれか一つを満たすこと" if conditions.alternatives else "すべてを満たすこと",
        verdict=verdict,
        unmet=tuple(c.label for c in finding.unmet),
        unknown=tuple(c.label for c in finding.unknown),
    )


def _json(row: SpecRow | ProgramRow, more: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: _or_null(getattr(row, name)) for name in row.__dataclass_fields__}
    own["system_types"] = [each.code for each in row.system_types]
    if isinstance(row, ProgramRow):
        own["eligible_costs"] = list(row.eligible_costs)
    return {"fictional": False, **own, **more}


def _or_null(value: Any) -> Any:
    return None if value == "" else value
