"""The frame of a project's pages: chips, tabs, steps, facts. Words only; nothing is asked here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.roles import Action, may
from catalog.plan_units import Unit
from foundation.clock import add_months, era_date, fiscal_year_label, fiscal_year_of
from foundation.filters import jst, yen
from procurement.domain.ceilings import CostKind
from procurement.domain.lifecycle import (
    AgreementBasis,
    ContractModel,
    ProcurementMethod,
    State,
    get_move,
)
from procurement.domain.reshaping import ASIDE
from procurement.domain.states import BEFORE_NOTICE, CONTRACT_MODEL_NOTES, ENDED, MAIN_ROAD
from procurement.presenters.rows import (
    contract_model_label,
    left_text,
    project_chips,
)
from procurement.queries.history import ChangeRow
from procurement.queries.project_page import CeilingRow, ProjectHead

# The states in which a project's contracts have a page.
_WITH_CONTRACTS = (
    State.CONTRACTING,
    State.INTRODUCTION,
    State.OPERATION,
    State.CLOSED,
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One state of the main road, for step_navigation."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A page of the project."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class ProjectFrame:
    """What stands above every page of a project. chips: (text, tone) pairs."""

    id: int
    title: str
    lead: str
    chips: tuple[tuple[str, str], ...]
    tabs: tuple[Tab, ...]
    trail: tuple[tuple[str, str | None], ...]
    fictional: bool
    reenactment_of: str


def project_frame(head: ProjectHead, page: str, now: datetime) -> ProjectFrame:
    """The frame of one page of the project. page: last part of its address, '' for the first."""
    base = f"/projects/{head.id}"
    tabs = tuple(
        Tab(label=label, url=f"{base}/{part}" if part else base, current=part == page)
        for part, label in _tabs_for(head)
    )
    here = next((tab.label for tab in tabs if tab.current), "")
    trail: list[tuple[str, str | None]] = [("ホーム", "/"), ("共同調達", "/projects")]
    trail += [(head.row.title, base), (here, None)] if page else [(head.row.title, None)]
    return ProjectFrame(
        id=head.id,
        title=head.row.title,
        lead=f"{head.row.system_type_name}／幹事：{head.row.lead_name}",
        chips=_chips(head, now),
        tabs=tabs,
        trail=tuple(trail),
        fictional=head.fictional,
        reenactment_of=head.row.reenactment_of,
    )


def _chips(head: ProjectHead, now: datetime) -> tuple[tuple[str, str], ...]:
    chips = [("架空", "fictional")] if head.fictional else []
    chips += [(head.lot, "neutral")] if head.lot else []
    chips += project_chips(head.row, now)
    if not head.public:
        chips.append(("関係団体だけに公開", "warning"))
    return tuple(chips)


def _tabs_for(head: ProjectHead) -> list[tuple[str, str]]:
    tabs = [("", "概要"), ("members", "参加団体")]
    if head.lot:
        tabs.append(("lots", "区分"))
    if head.standing.leads or (head.survey_closes_at and head.standing.knows_as_body):
        tabs.append(("survey", "意向調査"))
    if may(head.standing.actor, Action.PREPARE_JOIN) and head.standing.actor.body_code:
        tabs.append(("join", "自団体の負担・参加"))
    tabs += _requirement_tabs(head)
    if head.standing.is_member:
        tabs.append(("rfi", "情報提供依頼"))
    tabs.append(("sharing", "負担案"))
    tabs += [("schedule", "日程"), *_tender_tabs(head), ("costs", "費用"), ("history", "経過")]
    return tabs


def _requirement_tabs(head: ProjectHead) -> list[tuple[str, str]]:
    """For those asked and members; the specification from the notice on for everybody."""
    inside = head.standing.is_member or head.standing.knows_as_body
    noticed = head.state not in {each.value for each in BEFORE_NOTICE}
    tabs = [("requirements", "要件")] if inside else []
    if inside or noticed:
        tabs.append(("specification", "仕様書"))
    return tabs


def _tender_tabs(head: ProjectHead) -> list[tuple[str, str]]:
    """From the notice on for everybody; before it the lead prepares it."""
    noticed = head.state not in {each.value for each in BEFORE_NOTICE}
    leads = head.standing.leads
    tabs = [("notice", "公告")] if noticed or leads else []
    if noticed:
        tabs.append(("questions", "質問と回答"))
    if noticed and (leads or may(head.standing.actor, Action.ASK_QUESTION)):
        tabs.append(("proposals", "提案"))
    if noticed and leads:
        tabs.append(("evaluation", "審査"))
    cancelled = head.state == State.CANCELLED and bool(head.row.contract_model)
    reads_ledger = leads or head.standing.is_member or head.settles
    if head.state in _WITH_CONTRACTS or cancelled:
        tabs.append(("contracts", "契約"))
    if head.state in _WITH_CONTRACTS[1:] and (leads or head.standing.is_member):
        tabs.append(("introduction", "導入・運用"))
    if (head.state in _WITH_CONTRACTS[1:] or cancelled) and reads_ledger:
        tabs.append(("ledger", "請求・支払"))
    return tabs


def steps(state: str, visited: frozenset[str]) -> tuple[Step, ...]:
    """The main road with the present state marked; a cancelled project has no further steps.

    visited: every state the project entered. One that was passed over is not called done.
    """
    if state == State.CANCELLED:
        return (Step(label=State.CANCELLED.label, state="current"),)
    at = MAIN_ROAD.index(State(state))
    return tuple(
        Step(label=each.label, state=_step_state(each, i, at, visited))
        for i, each in enumerate(MAIN_ROAD)
    )


def _step_state(step: State, index: int, at: int, visited: frozenset[str]) -> str:
    if index >= at:
        return "current" if index == at else "upcoming"
    if step in visited or len(visited) < 2:  # nothing is known of the way it came
        return "done"
    # Agreement may come first; until the notice there is still time for what was passed over.
    return "upcoming" if at <= MAIN_ROAD.index(State.AGREEMENT) else "skipped"


@dataclass(frozen=True, kw_only=True)
class HistoryItem:
    """One move in words."""

    at: str
    what: str
    who: str
    reason: str


def history_rows(changes: Sequence[ChangeRow]) -> tuple[HistoryItem, ...]:
    """The moves, newest first."""
    return tuple(
        HistoryItem(
            at=jst(change.at),
            what=_change_text(change),
            who=change.actor_label,
            reason=change.reason,
        )
        for change in changes
    )


def _change_text(change: ChangeRow) -> str:
    after = State(change.to_state).label
    if not change.from_state:
        return f"案件を開いた（{after}）"
    if change.from_state == change.to_state:
        aside = ASIDE.get(change.action)
        return f"{after}のまま：{aside or get_move(State(change.from_state), change.action).label}"
    return f"{State(change.from_state).label} → {after}"


Pairs = Sequence[tuple[str, str]]


def public_facts(head: ProjectHead, rule_label: str, now: datetime) -> Pairs:
    """What everybody may read of a project from `forming` on (domain §8)."""
    row = head.row
    facts = [
        ("システム種別", row.system_type_name),
        ("幹事団体", row.lead_name),
        ("段階", f"{State(row.state).label}（{jst(head.state_since)}から）"),
        ("参加団体", f"{row.body_count}団体（最少 {row.min_participants}団体）"),
        ("契約の形", _model_text(row.contract_model)),
        ("負担ルール", rule_label),
        ("共同利用の期間", term_text(head)),
        ("主な数量の単位", Unit(head.main_unit).label),
        *_survey_facts(head, now),
        *_deadline_facts(head, now),
        ("調達方式", method_text(head)),
        ("共同の根拠", _basis_text(head.agreement_basis)),
    ]
    if head.notice_number:
        facts.append(("公告番号", head.notice_number))
    return facts


def _deadline_facts(head: ProjectHead, now: datetime) -> Pairs:
    """What is waited for; where the project has ended, nothing is, and no days are counted."""
    facts = (
        ("参加の回答期限", head.row.join_closes_at),
        ("負担案への同意期限", head.consent_closes_at),
        ("提案の締切", head.row.proposals_close_at),
    )
    if State(head.state) in ENDED:
        return [(label, jst(moment)) for label, moment in facts if moment]
    return [(label, deadline(moment, now)) for label, moment in facts]


def _survey_facts(head: ProjectHead, now: datetime) -> Pairs:
    """The deadline of the survey, while it runs and has one of its own."""
    if head.state != State.INTENTION_SURVEY or head.survey_closes_at is None:
        return []
    return [("意向調査の回答期限", deadline(head.survey_closes_at, now))]


def _model_text(value: str) -> str:
    if not value:
        return contract_model_label(value)
    model = ContractModel(value)
    return f"{model.label}：{CONTRACT_MODEL_NOTES[model]}"


def _basis_text(value: str) -> str:
    return AgreementBasis(value).label if value else "未定"


def method_text(head: ProjectHead) -> str:
    """The procurement method with its reason, 「未定」 while none is fixed."""
    if not head.procurement_method:
        return "未定"
    label = ProcurementMethod(head.procurement_method).label
    reason = head.procurement_method_reason
    return f"{label}（{reason}）" if reason else label


def deadline(moment: datetime | None, now: datetime) -> str:
    """「2026年12月15日 17時00分（あと25日）」 or 「未定」."""
    return f"{jst(moment)}（{left_text(moment, now)}）" if moment else "未定"


def term_text(head: ProjectHead) -> str:
    """「令和9年4月1日から60か月（令和9年度から令和13年度まで）」."""
    if head.term_start is None or head.term_months is None:
        return "未定"
    last = add_months(head.term_start, head.term_months - 1)
    first_year = fiscal_year_label(fiscal_year_of(head.term_start))
    last_year = fiscal_year_label(fiscal_year_of(last))
    span = first_year if first_year == last_year else f"{first_year}から{last_year}まで"
    return f"{era_date(head.term_start)}から{head.term_months}か月（{span}）"


COST_KINDS: Mapping[str, str] = {kind.value: kind.label for kind in CostKind}


@dataclass(frozen=True, kw_only=True)
class CeilingTable:
    """Published ceilings: a row per body, a column per cost kind, totals below. None: no such."""

    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    totals: tuple[int, ...]
    tax_text: str
    sources: tuple[str, ...]
    fictional: bool

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Labels of the cost kinds, as the table macro takes them."""
        return [(label, "num") for label in self.labels]

    @property
    def foot(self) -> list[tuple[str, str]]:
        """The total row."""
        return [("合計", ""), *((yen(total), "num") for total in self.totals)]


def ceiling_table(rows: Sequence[CeilingRow]) -> CeilingTable | None:
    """The ceilings of a project in their own order of kinds; None when there are none."""
    if not rows:
        return None
    kinds = tuple(dict.fromkeys(row.cost_kind for row in rows))
    names = {row.body_code: row.body_name for row in rows}
    amounts = {(row.body_code, row.cost_kind): row.amount_yen for row in rows}
    basis = sorted({row.tax_included for row in rows})
    taxes = "税込・税抜が混在" if len(basis) > 1 else "税込" if basis[0] else "税抜"
    return CeilingTable(
        kinds=kinds,
        labels=tuple(COST_KINDS.get(kind, kind) for kind in kinds),
        rows=tuple(
            (name, tuple(amounts.get((code, kind)) for kind in kinds))
            for code, name in names.items()
        ),
        totals=tuple(sum(r.amount_yen for r in rows if r.cost_kind == kind) for kind in kinds),
        tax_text=taxes,
        sources=tuple(dict.fromkeys(row.source_url for row in rows if row.source_url)),
        fictional=any(row.fictional for row in rows),
    )
