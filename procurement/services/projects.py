"""Opening a joint procurement and changing what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Action, Actor, OrganizationKind, may
from catalog.models import SystemType
from catalog.plan_units import Unit
from foundation.clock import jst_today, to_jst
from foundation.errors import Blocker, Conflict, Refused
from procurement.domain.states import AgreementBasis, ContractModel, ProcurementMethod, State
from procurement.models import Project, ProjectRole, StateChange
from procurement.queries.policy_scope import PolicyFinding, check_policy_scope
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_project
from procurement.services.traces import leave_trace

MAX_TITLE = 120
MAX_PURPOSE = 2000
MAX_TERM_MONTHS = 120
MAX_BODIES = 1788
FINAL_STATES = ("closed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class ProjectFields:
    """What the lead writes about a project. Moments are UTC, term_start the term's first day."""

    title: str
    system_type_code: str
    purpose: str = ""
    prefecture_code: str | None = None
    contract_model: str = ""
    agreement_basis: str = ""
    procurement_method: str = ""
    procurement_method_reason: str = ""
    main_unit: str = "account"
    min_participants: int = 2
    join_closes_at: datetime | None = None
    consent_closes_at: datetime | None = None
    term_start: date | None = None
    term_months: int | None = None


FIELD_LABELS: Mapping[str, str] = {
    "title": "案件名",
    "system_type_code": "システム種別",
    "purpose": "目的",
    "prefecture_code": "対象の都道府県",
    "contract_model": "契約の形",
    "agreement_basis": "共同の根拠",
    "procurement_method": "調達方式",
    "procurement_method_reason": "調達方式の理由・根拠条項",
    "main_unit": "主な数量の単位",
    "min_participants": "最少参加団体数",
    "join_closes_at": "参加の回答期限",
    "consent_closes_at": "負担案への同意期限",
    "term_start": "共同利用の開始日",
    "term_months": "期間（月）",
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field as it is now stored and as the second person wanted it."""

    label: str
    stored: str
    wanted: str


class EditConflict(Conflict):
    """Somebody saved first. `row_version` is what a deliberate second save must name."""

    def __init__(self, differences: tuple[Difference, ...], row_version: int) -> None:
        self.differences = differences
        self.row_version = row_version
        super().__init__(
            "ほかの担当者が先に保存しました。違いを確かめて、もう一度保存してください。"
        )


def open_project(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    wanted: ProjectFields,
    policy_reason: str = "",
) -> Project:
    """A new project led by the actor's organisation, at 意向調査.

    Where the policy check (F03) warns, a written reason is needed: it warns and never blocks.
    """
    blockers = list_opening_blockers(actor) + list_field_blockers(session, wanted, now)
    finding = _check_policy(session, wanted, now)
    blockers += list_policy_blockers(finding, policy_reason)
    if blockers or actor.organization_id is None:
        raise Refused(blockers)
    project = Project(
        lead_organization_id=actor.organization_id,
        state=State.INTENTION_SURVEY.value,
        state_since=now,
        sharing_terms={},
        policy_check=_policy_record(finding, policy_reason, actor, now),
        fictional=actor.fictional,
        created_at=now,
        updated_at=now,
        **_values(wanted),
    )
    session.add(project)
    session.flush()
    role = ProjectRole(
        project_id=project.id, organization_id=actor.organization_id, role="lead", since=now
    )
    first = StateChange(
        project_id=project.id,
        from_state="",
        to_state=project.state,
        action="open_project",
        actor_label=actor.label,
        at=now,
    )
    session.add_all([role, first])
    session.flush()
    changes = {name: getattr(wanted, name) for name in FIELD_LABELS} | {"policy": finding.scope}
    leave_trace(
        session, actor=actor, now=now, project=project, action="open_project", changes=changes
    )
    return project


def list_opening_blockers(actor: Actor) -> list[Blocker]:
    """Why the actor cannot open a project."""
    kinds = {
        OrganizationKind.PREFECTURE,
        OrganizationKind.MUNICIPALITY,
        OrganizationKind.ASSOCIATION,
        OrganizationKind.COUNCIL,
    }
    if may(actor, Action.OPEN_PROJECT) and actor.organization_kind in kinds:
        return []
    message = "案件を開けるのは、地方公共団体・一部事務組合・協議会の担当者です。"
    return [Blocker(code="not_government", message=message)]


def edit_project(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: ProjectFields,
    seen_version: int,
    policy_reason: str = "",
) -> Project:
    """Change what the project says. Raises EditConflict when another saved since it was read."""
    project, standing = lock_project(session, actor, project_id)
    blockers = list_editing_blockers(project, standing)
    if blockers:
        raise Refused(blockers)
    if project.row_version != seen_version:
        raise EditConflict(list_differences(project, wanted), project.row_version)
    finding = _check_policy(session, wanted, now)
    reason = policy_reason or str(project.policy_check.get("reason", ""))
    blockers = list_field_blockers(session, wanted, now, stored=project)
    blockers += list_policy_blockers(finding, reason)
    if blockers:
        raise Refused(blockers)
    changes = {
        d.label: {"from": d.stored, "to": d.wanted} for d in list_differences(project, wanted)
    }
    for name, value in _values(wanted).items():
        setattr(project, name, value)
    project.policy_check = _policy_record(finding, reason, actor, now)
    project.updated_at = now
    session.flush()
    leave_trace(
        session, actor=actor, now=now, project=project, action="edit_project", changes=changes
    )
    return project


def list_editing_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot change the project's text now."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state in FINAL_STATES:
        blockers.append(Blocker(code="ended", message="終了・中止した案件は変更できません。"))
    return blockers


def list_differences(project: Project, wanted: ProjectFields) -> tuple[Difference, ...]:
    """The fields in which what is stored is not what the actor wants, in the form's order."""
    return tuple(
        Difference(
            label=label,
            stored=_shown(getattr(project, name)),
            wanted=_shown(getattr(wanted, name)),
        )
        for name, label in FIELD_LABELS.items()
        if getattr(project, name) != getattr(wanted, name)
    )


def list_field_blockers(
    session: Session, wanted: ProjectFields, now: datetime, *, stored: Project | None = None
) -> list[Blocker]:
    """What is wrong with the fields. A deadline already past may stay, not be newly set."""
    checks = [
        *_text_and_number_checks(wanted),
        *_choice_checks(session, wanted),
        *_deadline_checks(wanted, now, stored),
    ]
    return [
        Blocker(code=f"field_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]


def _text_and_number_checks(wanted: ProjectFields) -> list[tuple[str, bool, str]]:
    return [
        (
            "title",
            0 < len(wanted.title) <= MAX_TITLE,
            f"案件名を{MAX_TITLE}文字以内で入力してください。",
        ),
        (
            "purpose",
            len(wanted.purpose) <= MAX_PURPOSE,
            f"目的は{MAX_PURPOSE}文字以内にしてください。",
        ),
        (
            "min_participants",
            2 <= wanted.min_participants <= MAX_BODIES,
            f"最少参加団体数は2から{MAX_BODIES:,}までにしてください。",
        ),
        (
            "term_months",
            wanted.term_months is None or 1 <= wanted.term_months <= MAX_TERM_MONTHS,
            f"期間は1から{MAX_TERM_MONTHS}か月までにしてください。",
        ),
        (
            "term_start",
            wanted.term_start is None or wanted.term_start.day == 1,
            "共同利用の開始日は、月の初日（例：2027-04-01）にしてください。",
        ),
    ]


def _choice_checks(session: Session, wanted: ProjectFields) -> list[tuple[str, bool, str]]:
    return [
        (
            "system_type_code",
            session.get(SystemType, wanted.system_type_code) is not None,
            "システム種別を選んでください。",
        ),
        (
            "prefecture_code",
            _is_prefecture(session, wanted.prefecture_code),
            "都道府県を選び直してください。",
        ),
        (
            "contract_model",
            wanted.contract_model in {"", *ContractModel},
            "契約の形を選び直してください。",
        ),
        (
            "agreement_basis",
            wanted.agreement_basis in {"", *AgreementBasis},
            "共同の根拠を選び直してください。",
        ),
        (
            "procurement_method",
            wanted.procurement_method in {"", *ProcurementMethod},
            "調達方式を選び直してください。",
        ),
        ("main_unit", wanted.main_unit in set(Unit), "数量の単位を選び直してください。"),
    ]


def _deadline_checks(
    wanted: ProjectFields, now: datetime, stored: Project | None
) -> list[tuple[str, bool, str]]:
    checks = []
    for name in ("join_closes_at", "consent_closes_at"):
        moment = getattr(wanted, name)
        unchanged = stored is not None and getattr(stored, name) == moment
        ahead = moment is None or moment > now or unchanged
        checks.append((name, ahead, f"{FIELD_LABELS[name]}には、これからの日時を入れてください。"))
    joins, consents = wanted.join_closes_at, wanted.consent_closes_at
    in_order = joins is None or consents is None or joins < consents
    message = "負担案への同意期限は、参加の回答期限より後にしてください。"
    return [*checks, ("consent_closes_at", in_order, message)]


def list_policy_blockers(finding: PolicyFinding, reason: str) -> list[Blocker]:
    """A warning needs acknowledging in writing; it never forbids (F03)."""
    if not finding.warns or reason.strip():
        return []
    message = "国の方針に関わる業務です。確認したうえで進める理由を入力してください。"
    return [Blocker(code="policy_reason", message=message, field="policy_reason")]


def _check_policy(session: Session, wanted: ProjectFields, now: datetime) -> PolicyFinding:
    return check_policy_scope(
        session, wanted.system_type_code, wanted.title, wanted.purpose, jst_today(now)
    )


def _is_prefecture(session: Session, code: str | None) -> bool:
    if code is None:
        return True
    found = session.scalar(
        select(func.count()).select_from(LocalBody).where(LocalBody.prefecture_code == code)
    )
    return bool(found)


def _values(wanted: ProjectFields) -> dict[str, Any]:
    return {each.name: getattr(wanted, each.name) for each in fields(wanted)}


def _policy_record(
    finding: PolicyFinding, reason: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    return {
        "scope": finding.scope,
        "items": [item.name for item in finding.items],
        "warned": finding.warns,
        "reason": reason,
        "checked_by": actor.label,
        "checked_at": now.isoformat(),
    }


def _shown(value: object) -> str:
    if value is None or value == "":
        return "記載なし"
    if isinstance(value, datetime):
        return f"{to_jst(value):%Y-%m-%d %H:%M}"
    return str(value)
