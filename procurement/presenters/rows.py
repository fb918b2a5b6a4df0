"""Rows of projects and waiting matters as the lists of pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.clock import jst_today, to_jst
from foundation.filters import jst
from procurement.domain.lifecycle import ContractModel, State
from procurement.queries.desk import WaitingRow
from procurement.queries.home import Counter, LinkedShare, NewsRow
from procurement.queries.project_rows import ProjectRow

CLOSING_DAYS = 14  # 締切間近


@dataclass(frozen=True, kw_only=True)
class ListItem:
    """One entry of a resource list. chips: (text, tone) pairs."""

    title: str
    url: str
    description: str = ""
    meta: tuple[str, ...] = ()
    chips: tuple[tuple[str, str], ...] = ()
    fictional: bool = False
    note: str = ""


def state_label(state: str) -> str:
    """The state in the office's words."""
    return State(state).label


def contract_model_label(value: str) -> str:
    """The contract model in the office's words, 「未定」 while none is chosen."""
    return ContractModel(value).label if value else "未定"


def project_item(row: ProjectRow, now: datetime, prefectures: Mapping[str, str]) -> ListItem:
    """A project in a list: what a reader needs to decide whether to open it."""
    place = prefectures.get(row.prefecture_code or "", "") or "広域（都道府県を問わない）"
    return ListItem(
        title=row.title,
        url=f"/projects/{row.id}",
        description=f"{row.system_type_name}／幹事：{row.lead_name}",
        meta=(
            place,
            f"参加 {row.body_count}団体（最少 {row.min_participants}団体）",
            *deadline_texts(row, now),
        ),
        chips=project_chips(row, now),
        fictional=row.fictional,
        note="実際の公募を再現したもので、実在の案件ではありません。" if row.reenactment_of else "",
    )


def project_chips(row: ProjectRow, now: datetime) -> tuple[tuple[str, str], ...]:
    """State, and what follows from the dates (derived, never stored)."""
    chips = [(state_label(row.state), "info")]
    if row.is_joinable(now):
        chips.append(("参加できます", "success"))
    deadline = row.next_deadline(now)
    if deadline is not None and days_left(deadline, now) <= CLOSING_DAYS:
        chips.append(("締切間近", "warning"))
    if row.reenactment_of:
        chips.append(("再現", "neutral"))
    return tuple(chips)


def deadline_texts(row: ProjectRow, now: datetime) -> tuple[str, ...]:
    """「参加の回答期限 …（あと5日）」, for the deadline that matters now."""
    deadline = row.next_deadline(now)
    if deadline is None:
        return ()
    name = {"forming": "参加の回答期限", "solicitation": "提案の締切"}[row.state]
    return (f"{name} {jst(deadline)}（{left_text(deadline, now)}）",)


def days_left(moment: datetime, now: datetime) -> int:
    """Calendar days in Japan from today to the moment's day."""
    return (to_jst(moment).date() - jst_today(now)).days


def left_text(moment: datetime, now: datetime) -> str:
    """「あと5日」, 「本日」 or 「期限を過ぎています」."""
    if moment < now:
        return "期限を過ぎています"
    days = days_left(moment, now)
    return f"あと{days}日" if days else "本日"


def waiting_item(row: WaitingRow, now: datetime) -> ListItem:
    """Something that waits, with who must act and until when."""
    late = row.closes_at is not None and row.closes_at < now
    chips = [(row.who, "info")]
    if late:
        chips.append(("期限超過", "error"))
    elif row.closes_at is not None and days_left(row.closes_at, now) <= CLOSING_DAYS:
        chips.append(("締切間近", "warning"))
    until = f"期限 {jst(row.closes_at)}（{left_text(row.closes_at, now)}）" if row.closes_at else ""
    return ListItem(
        title=row.what,
        url=row.path,
        description=row.project_title,
        meta=(until,) if until else (),
        chips=tuple(chips),
        fictional=row.fictional,
    )


_NEWS = {"offering": ("掲載サービス", "/offerings"), "case": ("調達事例", "/cases")}


def news_item(row: NewsRow) -> ListItem:
    """Something new or updated."""
    label, base = _NEWS.get(row.kind, ("共同調達案件", "/projects"))
    day = to_jst(row.updated_at)
    return ListItem(
        title=row.title,
        url=f"{base}/{row.id}",
        meta=(row.system_type_name, f"{day.year}年{day.month}月{day.day}日 更新"),
        chips=((label, "neutral"),),
        fictional=row.fictional,
    )


@dataclass(frozen=True, kw_only=True)
class CounterItem:
    """A counter of the home page; real and fictional are two numbers side by side."""

    label: str
    unit: str
    url: str
    real: int
    fictional: int


@dataclass(frozen=True, kw_only=True)
class LinkedItem:
    """A share of what is tied together, with what it counts. real, fictional: in words."""

    label: str
    meaning: str
    real: str
    fictional: str


_LINKED = {
    "offering": (
        "調達事例がある掲載サービス",
        "公開中の掲載サービスのうち、公開中の調達事例が1件以上結び付いているもの。",
    ),
    "case": (
        "掲載サービスが分かる調達事例",
        "公開中の調達事例のうち、公開中の掲載サービスが1件以上結び付いているもの。",
    ),
}


def linked_items(shares: Sequence[LinkedShare]) -> list[LinkedItem]:
    """A line a kind; real and fictional each of their own total."""
    found = {(share.kind, share.fictional): _share_text(share) for share in shares}
    return [
        LinkedItem(
            label=label, meaning=meaning, real=found[kind, False], fictional=found[kind, True]
        )
        for kind, (label, meaning) in _LINKED.items()
    ]


def _share_text(share: LinkedShare) -> str:
    """「8件／12件（66.7%）」, half up; without anything registered there is no share."""
    if not share.total:
        return "登録なし"
    permille = (share.linked * 2_000 + share.total) // (share.total * 2)
    percent = f"{permille // 10}.{permille % 10}%"
    return f"{share.linked:,}件／{share.total:,}件（{percent}）"


_COUNTERS = {
    "vendor": ("登録事業者", "社", "/search?kind=offering"),
    "offering": ("掲載サービス", "件", "/search?kind=offering"),
    "case": ("調達事例", "件", "/cases"),
    "project": ("公開中の共同調達", "件", "/projects"),
}


def counter_item(counter: Counter) -> CounterItem:
    """The counter with its words."""
    label, unit, url = _COUNTERS[counter.kind]
    return CounterItem(
        label=label, unit=unit, url=url, real=counter.real, fictional=counter.fictional
    )
