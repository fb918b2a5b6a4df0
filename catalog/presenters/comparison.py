"""Entries side by side in words: what differs, what is not stated, what is alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from catalog.answer_tables import table_words
from catalog.answers import NOT_STATED, answer_text
from catalog.certificates import expiries_by_criterion
from catalog.conformance import read_stored
from catalog.criterion import AnswerType, Criterion, Disclosure, Group
from catalog.panels import PanelItem
from catalog.presenters.words import day_text
from catalog.queries.comparison import MAX_COMPARED, Compared, ComparisonPage
from catalog.queries.marks import MarkRow
from catalog.queries.offerings import VersionContent
from catalog.staleness import STALE_MARK, stale_by_criterion
from foundation.clock import to_jst
from foundation.labels import LabelledEnum

PATH = "/offerings/compare"
CSV_PATH = "/offerings/compare.csv"
DIFFERING = "differing"
# Long lists of numbers are cut in messages.
_MOST_NAMED = 10


class Agreement(LabelledEnum):
    """What can be said of the answers to one question."""

    DIFFERENT = "different", "≠ 違いあり"
    PARTLY_UNSTATED = "partly_unstated", "？ 記載なしを含む"
    ALIKE = "alike", ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One answer; not stated is told apart from any answer.

    stale: that it has run out, or that nobody has looked at it for a year; else ''.
    """

    text: str
    stated: bool = True
    links: tuple[PanelItem, ...] = ()
    stale: str = ""


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """One question over all entries."""

    label: str
    cells: tuple[Cell, ...]
    agreement: Agreement
    government: bool = False

    @property
    def may_differ(self) -> bool:
        """Whether the answers differ, or might if all were stated."""
        return self.agreement is not Agreement.ALIKE


@dataclass(frozen=True, kw_only=True)
class ComparisonGroup:
    """The questions under one heading."""

    title: str
    rows: tuple[ComparisonRow, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One entry at the head of its column. number: of the version compared."""

    id: int
    name: str
    fictional: bool
    withdrawn: bool
    number: int
    published: str
    version_url: str
    without_url: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something about the selection that the reader should know."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything the page prints but the prices. different, unstated: rows of each kind."""

    columns: tuple[Column, ...]
    groups: tuple[ComparisonGroup, ...]
    different: int
    unstated: int
    alike: int
    messages: tuple[Message, ...]
    only_differing: bool
    toggle_url: str
    add_url: str
    csv_url: str


@dataclass(frozen=True, kw_only=True)
class Address:
    """What stands in the page's address besides the ids.

    search: the search one came from; quantities: what was typed to compute with.
    """

    only_differing: bool = False
    search: tuple[tuple[str, str], ...] = ()
    quantities: tuple[tuple[str, str], ...] = ()

    def of(self, ids: Iterable[int], path: str = PATH) -> str:
        """The address of the comparison of these entries."""
        pairs = [("ids", str(number)) for number in ids]
        pairs += [(DIFFERING, "1")] if self.only_differing else []
        return _address(path, [*pairs, *self.quantities, *self.search])


def present_comparison(
    page: ComparisonPage,
    criteria: Sequence[Criterion],
    named: Mapping[int, Sequence[PanelItem]],
    address: Address,
    today: date,
) -> Comparison:
    """The entries side by side. named: per entry, the open projects that name it in public."""
    groups = _groups(page, criteria, named, today)
    rows = [row for group in groups for row in group.rows]
    ids = [row.id for row, _ in page.found]
    return Comparison(
        columns=tuple(_column(one, ids, address) for one in page.found),
        groups=_only_differing(groups) if address.only_differing else groups,
        different=sum(row.agreement is Agreement.DIFFERENT for row in rows),
        unstated=sum(row.agreement is Agreement.PARTLY_UNSTATED for row in rows),
        alike=sum(row.agreement is Agreement.ALIKE for row in rows),
        messages=tuple(_messages(page)),
        only_differing=address.only_differing,
        toggle_url=replace(address, only_differing=not address.only_differing).of(ids),
        add_url=_add_url(page, address),
        csv_url=replace(address, only_differing=False, search=()).of(ids, CSV_PATH),
    )


def _groups(
    page: ComparisonPage,
    criteria: Sequence[Criterion],
    named: Mapping[int, Sequence[PanelItem]],
    today: date,
) -> tuple[ComparisonGroup, ...]:
    found = page.found
    contents = [content for _, content in found]
    keys = [criterion.key for criterion in criteria]
    marks = [_list_marks(content.answers, keys, today) for content in contents]
    groups = [_basic_group(page)]
    for group in Group:
        asked = (c for c in criteria if c.comparison_group is group)
        rows = tuple(row for one in asked for row in _answer_rows(one, contents, marks))
        if rows:
            groups.append(ComparisonGroup(title=group.label, rows=rows))
    groups.append(_joint_group(found, named))
    return tuple(groups)


def _basic_group(page: ComparisonPage) -> ComparisonGroup:
    found = page.found
    rows = [row for row, _ in found]
    lines = {
        "開発元": [content.vendor_name for _, content in found],
        "システム種別": [row.system_type_name for row in rows],
        "販売事業者と料金プラン": [_plan_names(content) for _, content in found],
    }
    basic = [_row(label, texts) for label, texts in lines.items()]
    # Others' words, not the vendors': no difference is marked.
    marked = tuple(Cell(text=marks_text(page.marks.get(row.id, ()))) for row in rows)
    basic.append(ComparisonRow(label="推奨の表示", cells=marked, agreement=Agreement.ALIKE))
    return ComparisonGroup(title="基本情報", rows=tuple(basic))


def marks_text(marks: Sequence[MarkRow]) -> str:
    """「架空市（2026年4月1日）：理由。出典：…」 of each; 「なし」 where nobody recommends."""
    said = [
        f"{mark.issuer}（{day_text(mark.marked_on)}）：{mark.reason}（出典：{mark.source}）"
        for mark in marks
    ]
    return "／".join(said) or "なし"


def _joint_group(
    found: Sequence[Compared], named: Mapping[int, Sequence[PanelItem]]
) -> ComparisonGroup:
    """Not a question to the vendor: no difference is marked."""
    cells = tuple(_joint_cell(tuple(named.get(row.id, ()))) for row, _ in found)
    row = ComparisonRow(label="この製品を公表している案件", cells=cells, agreement=Agreement.ALIKE)
    return ComparisonGroup(title="進行中の共同調達", rows=(row,))


def _joint_cell(items: tuple[PanelItem, ...]) -> Cell:
    return Cell(text=f"{len(items)}件" if items else "なし", links=items)


def _answer_rows(
    criterion: Criterion,
    contents: Sequence[VersionContent],
    marks: Sequence["_Marks"],
) -> Iterable[ComparisonRow]:
    """One row; of a table, and of specifications, one for each thing anybody said."""
    answers = [content.answers.get(criterion.key) for content in contents]
    split = _SPLIT.get(criterion.type)
    parts = [split(criterion, answer) if split and answer else {} for answer in answers]
    names = list(dict.fromkeys(name for part in parts for name in part))
    government = criterion.disclosure is Disclosure.GOVERNMENT
    own = [one.get(criterion.key, {}) for one in marks]
    if not names:
        row = _row(criterion.label, [answer_text(criterion, answer) for answer in answers])
        return [replace(_marked(row, [_all_of(one) for one in own]), government=government)]
    return [
        replace(
            _marked(
                _row(f"{criterion.label}：{name}", [part.get(name, NOT_STATED) for part in parts]),
                [one.get(name, "") for one in own],
            ),
            government=government,
        )
        for name in names
    ]


# Criterion → row's label → what is to be said of it.
_Marks = Mapping[str, Mapping[str, str]]


def _list_marks(answers: Mapping[str, Any], keys: Sequence[str], today: date) -> _Marks:
    found: dict[str, dict[str, str]] = {}
    for key, ended in expiries_by_criterion(answers, keys, today).items():
        found[key] = {one.label: one.mark for one in ended}
    for key, facts in stale_by_criterion(answers, keys, today).items():
        own = found.setdefault(key, {})
        for fact in facts:
            own[fact.label] = "、".join([*filter(None, [own.get(fact.label)]), STALE_MARK])
    return found


def _all_of(marks: Mapping[str, str]) -> str:
    return "、".join(f"{label}：{mark}" for label, mark in marks.items())


def _marked(row: ComparisonRow, marks: Sequence[str]) -> ComparisonRow:
    """The row with what is to be said beside each answer; '' for nothing."""
    cells = (
        replace(cell, stale=mark) if mark else cell
        for cell, mark in zip(row.cells, marks, strict=True)
    )
    return replace(row, cells=tuple(cells))


def _table_parts(criterion: Criterion, answer: Any) -> dict[str, str]:
    """Row → what it says."""
    return {
        label: table_words(criterion, {key: answer[key]})[0].removeprefix(f"{label}：")
        for key, label in criterion.choice_labels.items()
        if key in answer
    }


def _conformance_parts(_criterion: Criterion, answer: Any) -> dict[str, str]:
    """Specification → what is said of its versions."""
    said: dict[str, list[str]] = {}
    for one in read_stored(answer):
        said.setdefault(one.title, []).append(one.words)
    return {title: "。".join(words) for title, words in said.items()}


_SPLIT: Mapping[AnswerType, Callable[[Criterion, Any], dict[str, str]]] = {
    AnswerType.TABLE: _table_parts,
    AnswerType.CONFORMANCE: _conformance_parts,
}


def _row(label: str, texts: Sequence[str]) -> ComparisonRow:
    return ComparisonRow(
        label=label,
        cells=tuple(Cell(text=text, stated=text != NOT_STATED) for text in texts),
        agreement=_agreement(texts),
    )


def _agreement(texts: Sequence[str]) -> Agreement:
    """Two answers that differ are a difference; an answer beside silence is not yet one."""
    answers = set(texts) - {NOT_STATED}
    if len(answers) > 1:
        return Agreement.DIFFERENT
    return Agreement.PARTLY_UNSTATED if answers and NOT_STATED in texts else Agreement.ALIKE


def _only_differing(groups: Iterable[ComparisonGroup]) -> tuple[ComparisonGroup, ...]:
    kept = (
        replace(group, rows=tuple(row for row in group.rows if row.may_differ)) for group in groups
    )
    return tuple(group for group in kept if group.rows)


def _column(compared: Compared, ids: Sequence[int], address: Address) -> Column:
    row, content = compared
    return Column(
        id=row.id,
        name=content.name,
        fictional=row.fictional,
        withdrawn=row.status != "published",
        number=content.row.number,
        published=_day(content.row.published_at),
        version_url=f"/offerings/{row.id}/versions/{content.row.number}",
        without_url=address.of(number for number in ids if number != row.id),
    )


def _messages(page: ComparisonPage) -> Iterable[Message]:
    if page.unreadable:
        texts = "、".join(f"「{text[:20]}」" for text in page.unreadable[:_MOST_NAMED])
        yield Message(title="番号として読めない指定があります", text=f"{texts}は使いませんでした。")
    if page.missing:
        yield Message(
            title=f"{len(page.missing)}件は表示していません",
            text=f"番号 {_numbers(page.missing)} のサービスは、"
            "公開が停止されているか、番号が違います。",
        )
    if page.beyond:
        yield Message(
            title=f"一度に比べられるのは{MAX_COMPARED}件までです",
            text=f"番号 {_numbers(page.beyond)} の{len(page.beyond)}件は表示していません。"
            "並べたものを外すと加えられます。",
        )
    if len(page.found) == 1:
        yield Message(
            title="選ばれているのは1件だけです",
            text="違いを見るには、もう1件以上を加えてください。",
        )


def _numbers(ids: Sequence[int]) -> str:
    named = "、".join(map(str, ids[:_MOST_NAMED]))
    return f"{named} ほか{len(ids) - _MOST_NAMED}件" if len(ids) > _MOST_NAMED else named


def _add_url(page: ComparisonPage, address: Address) -> str:
    """The search for more, with what is chosen kept: the one come from, else of the same kind."""
    kinds = dict.fromkeys(row.system_type_code for row, _ in page.found)
    own = [("kind", "offering"), *(("category", kind) for kind in kinds)]
    ids = [("ids", str(row.id)) for row, _ in page.found]
    return _address("/search", [*(address.search or own), *ids])


def _address(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _plan_names(content: VersionContent) -> str:
    sellers = [
        f"{offer.seller_name}：{'、'.join(plan.name for plan in offer.plans) or NOT_STATED}"
        for offer in content.offers
    ]
    return " ／ ".join(sellers) or NOT_STATED


def _day(moment: datetime) -> str:
    return day_text(to_jst(moment).date()) or ""
