"""What a project says of itself as a case: the content of a draft, nobody types it again (F01).

Only what is public after contracting goes in: bodies, contract amounts, shares, effects.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.entries import CaseKind, CaseStatus, CostBasis
from catalog.models import Offering, Vendor
from foundation.clock import add_months, fiscal_year_label, fiscal_year_of, jst_today
from foundation.money import with_tax, yen
from procurement.contract_models import Contract, ContractChange, ProjectClosing
from procurement.domain.contract_changes import ChangeKind
from procurement.domain.contracts import ContractKind
from procurement.domain.costs import CostCategory, category_of_line
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.domain.states import State
from procurement.domain.terms import SharingTerms
from procurement.models import Participation, Project, ProjectOffering, ShareVersion, StateChange
from procurement.queries.benefits import list_effects
from procurement.queries.contracts import AwardedRow, find_newest_award
from procurement.queries.costs import list_cost_versions, list_line_sums
from procurement.queries.stages import list_stage_entries

Content = dict[str, Any]
_STATUS = {
    State.CONTRACTING: CaseStatus.SELECTED,
    State.INTRODUCTION: CaseStatus.AWARDED,
    State.OPERATION: CaseStatus.IN_USE,
    State.CLOSED: CaseStatus.ENDED,
}


def get_case_facts(session: Session, project: Project) -> Content:
    """Fields of a case draft by key (catalog.case_drafting.contents). About ten queries."""
    codes = _bodies(session, project.id)
    award = find_newest_award(session, project.id)
    closing = session.get(ProjectClosing, project.id)
    start = project.term_start
    end = add_months(start, project.term_months) if start and project.term_months else None
    content: Content = {
        "title": project.title,
        "kind": CaseKind.JOINT.value,
        "system_type_code": project.system_type_code,
        "status": _STATUS[State(project.state)].value,
        "participants": codes,
        "participant_count": len(codes) or None,
        "procurement_method": project.procurement_method,
        "procurement_method_text": project.procurement_method_reason,
        "contract_model": project.contract_model,
        "vendor_text": _vendors(session, project, award),
        "offering_keys": _offerings(session, project.id),
        "background": project.purpose,
        "process_steps": "\n".join([*_steps(session, project.id), *_stages(session, project.id)]),
        "know_how": closing.know_how if closing else "",
        "measured_effects": [
            f"{row.label}：{row.change.text}（{row.evidence_label}、{row.fiscal_year}年度）"
            for row in list_effects(session, project.id)
        ],
        "fiscal_year_start": fiscal_year_of(start) if start else None,
        "contract_start": start.isoformat() if start else None,
        "contract_end": (end - timedelta(days=1)).isoformat() if end else None,
    }
    return content | _costs(session, project)


def _vendors(session: Session, project: Project, award: AwardedRow | None) -> str:
    """The one it was awarded to; every one whose product is certified."""
    certified = session.scalars(
        select(Vendor.name)
        .join(Contract, Contract.vendor_id == Vendor.id)
        .where(Contract.project_id == project.id, Contract.kind == ContractKind.CERTIFICATION.value)
        .order_by(Contract.term, Contract.part)
    ).all()
    return "、".join(dict.fromkeys(certified)) or (award.vendor_name if award else "")


def _bodies(session: Session, project_id: int) -> list[str]:
    """The municipalities in it; a prefecture that takes part is no municipality."""
    rows = session.scalars(
        select(LocalBody.code)
        .join(Participation, Participation.body_code == LocalBody.code)
        .where(Participation.project_id == project_id)
        .where(Participation.status.in_((*TAKING_PART, ParticipationStatus.LEFT)))
        .order_by(LocalBody.code)
    )
    return [code for code in rows if code[2:5] != "000"]


def _offerings(session: Session, project_id: int) -> list[str]:
    """Keys of the entries the project names as awarded or in use."""
    rows = session.scalars(
        select(Offering.key)
        .join(ProjectOffering, ProjectOffering.offering_id == Offering.id)
        .where(ProjectOffering.project_id == project_id)
        .where(ProjectOffering.relation.in_(("awarded", "in_use")))
        .where(Offering.publication_status == "published")
        .order_by(Offering.key)
    )
    return list(rows)


def _steps(session: Session, project_id: int) -> list[str]:
    """When it reached each state, a line each."""
    rows = session.execute(
        select(StateChange.to_state, StateChange.at)
        .where(StateChange.project_id == project_id)
        .where(StateChange.from_state != StateChange.to_state)
        .order_by(StateChange.id)
    )
    lines = [(State(state).label, jst_today(at)) for state, at in rows]
    return [f"{_month(day)} {label}" for label, day in lines]


def _stages(session: Session, project_id: int) -> list[str]:
    """What the first of two stages cost and came to, and that it went on (F13); else nothing."""
    entries = list_stage_entries(session, project_id)
    if not entries or not entries[0].stages.has_result:
        return []
    stages = entries[0].stages
    spans = (stages.stage1_starts_on, stages.stage1_ends_on)
    span = "から".join(_month(day) for day in spans if day)
    amounts = (("上限", stages.stage1_cap_yen), ("かかった額", stages.stage1_amount_yen))
    money = "、".join(f"{name}{yen(amount)}" for name, amount in amounts if amount is not None)
    told, decided = stages.stage1_result_on, stages.stage2_decided_on
    lines = [
        f"第1段階（検証） {span}、{money}（税込）",
        f"第1段階の結果（{_month(told)}） {stages.stage1_result}" if told else "",
        f"{_month(decided)} {stages.stage2_decision.label}ことを決定" if decided else "",
    ]
    return [line for line in lines if line]


def _month(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _costs(session: Session, project: Project) -> Content:
    """By the newest version: what it costs to build, and to run for a whole year."""
    versions = list_cost_versions(session, project.id)[:1]
    if not versions:
        return {}
    sums: dict[CostCategory, dict[int, int]] = {}
    for line in list_line_sums(session, [versions[0].id]):
        years = sums.setdefault(category_of_line(line.category), {})
        years[line.fiscal_year] = years.get(line.fiscal_year, 0) + line.joint_yen
    contracted = _contracted(session, project.id)
    operating = sums.get(CostCategory.OPERATING, {})
    terms = session.scalar(select(ShareVersion.terms).where(ShareVersion.id == versions[0].id))
    part_yen = versions[0].part_yen
    return {
        "initial_cost_yen": sum(sums.get(CostCategory.BUILD_OTHER, {}).values()) or None,
        "annual_operating_cost_yen": max(operating.values(), default=0) or None,
        "contract_amount_yen": contracted,
        "cost_basis": (CostBasis.CONTRACT if contracted else CostBasis.ESTIMATE).value,
        "tax_included": True,
        "cost_sharing_method": SharingTerms.from_dict(terms).rule_label if terms else "",
        "prefecture_borne_cost": (
            f"都道府県・交付金等の負担分 {yen(part_yen)}（期間の合計、税込）" if part_yen else ""
        ),
        "cost_facts": _cost_facts(operating),
    }


def _cost_facts(operating: dict[int, int]) -> str:
    """「運用費（団体の負担、税込）：令和8年度 …円、…」."""
    if not operating:
        return ""
    years = "、".join(f"{fiscal_year_label(y)} {yen(a)}" for y, a in sorted(operating.items()))
    return f"運用費（団体の負担の合計、税込）：{years}"


def _contracted(session: Session, project_id: int) -> int | None:
    """What was signed with vendors, tax-included; None while nothing was.

    A contract that gave way to another product counts with what it came to until then.
    """
    rows = session.execute(
        select(
            Contract.amount_yen,
            Contract.amount_with_tax_yen,
            Contract.tax_percent,
            func.coalesce(func.sum(ContractChange.amount_yen), 0),
        )
        .outerjoin(
            ContractChange,
            and_(
                ContractChange.contract_id == Contract.id,
                ContractChange.kind == ChangeKind.REPLACED.value,
            ),
        )
        .where(
            Contract.project_id == project_id,
            Contract.vendor_id.is_not(None),
            Contract.amount_with_tax_yen.is_not(None),
        )
        .group_by(Contract.id)
    ).all()
    amounts = [
        with_tax((amount or 0) + int(less), percent) if less else signed or 0
        for amount, signed, percent, less in rows
    ]
    return sum(amounts) or None
