"""A whole project as the frozen Dossier the rules of its life look at."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from accounts.models import LocalBody, Organization
from foundation.errors import Refused
from procurement.domain.consent import ConsentStatus, ConsentView
from procurement.domain.dossier import (
    Dossier,
    MemberView,
    NoticeFacts,
    ResultFacts,
    RoleView,
    VersionView,
)
from procurement.domain.participation import (
    TAKING_PART,
    BudgetStatus,
    ParticipationStatus,
    ProjectRoleKind,
)
from procurement.domain.states import AgreementBasis, ContractModel, ProcurementMethod, State
from procurement.models import (
    Consent,
    Participation,
    Project,
    ProjectRole,
    ShareVersion,
)
from procurement.queries.award_costs import is_final_version_due, load_quote_numbers
from procurement.queries.consents import find_latest_version
from procurement.queries.contract_facts import ContractFacts, load_contract_facts
from procurement.queries.figures import terms_of
from procurement.queries.tender_facts import TenderFacts, load_tender_facts

# In which a project's page shows the group's place among a plan's tiers, of the same bodies.
_GROWING = (State.FORMING, State.SPECIFICATION, State.ESTIMATE)


def load_dossier(session: Session, project: Project) -> Dossier:
    """Everything the guards ask about; no internal ceiling, no declared figure. Six queries."""
    version = find_latest_version(session, project.id)
    tender = load_tender_facts(session, project.id)
    members = _members(session, project)
    contracts = load_contract_facts(session, project, members)
    return Dossier(
        project_id=project.id,
        title=project.title,
        state=State(project.state),
        state_since=project.state_since,
        roles=_roles(session, project.id),
        members=members,
        min_participants=project.min_participants,
        min_quantity=project.min_quantity,
        survey_closes_at=project.survey_closes_at,
        join_closes_at=project.join_closes_at,
        join_extended=project.join_extended,
        consent_closes_at=project.consent_closes_at,
        has_terms=_has_terms(project),
        estimate_bases=tender.estimate_bases,
        agreement_basis=AgreementBasis(project.agreement_basis)
        if project.agreement_basis
        else None,
        contract_model=ContractModel(project.contract_model) if project.contract_model else None,
        version=_version(version),
        consents=_last_consents(session, project),
        notice=_notice(project, tender),
        results=replace(
            _results(tender, contracts),
            final_shares_due=is_final_version_due(
                session,
                project,
                version,
                tender.award_id,
                taking_part=[each.code for each in members if each.status in TAKING_PART],
                quote_numbers=load_quote_numbers(session, project),
            ),
        ),
        stages=tender.stages,
        fictional=project.fictional,
    )


def _results(tender: TenderFacts, contracts: ContractFacts) -> ResultFacts:
    return ResultFacts(
        opened=tender.opened,
        valid_proposals=tender.valid_proposals,
        scores_complete=tender.scores_complete,
        awarded=tender.awarded,
        runner_up=tender.runner_up,
        basic_contract=contracts.overall,
        bodies_without_contract=contracts.without_contract,
        bodies_not_in_use=contracts.not_in_use,
        refused=contracts.refused,
        vendor_is_bound=contracts.vendor_is_bound,
        know_how=contracts.know_how,
        no_know_how_reason=contracts.no_know_how_reason,
    )


def _roles(session: Session, project_id: int) -> tuple[RoleView, ...]:
    rows = session.execute(
        select(ProjectRole.organization_id, Organization.name, ProjectRole.role)
        .join(Organization, Organization.id == ProjectRole.organization_id)
        .where(ProjectRole.project_id == project_id)
        .order_by(ProjectRole.id)
    )
    return tuple(
        RoleView(organization_id=id_, name=name, role=ProjectRoleKind(role))
        for id_, name, role in rows
    )


def _members(session: Session, project: Project) -> tuple[MemberView, ...]:
    rows = (
        _load_objects(session, project)
        if project.state in _GROWING
        else [
            (row, row.name)
            for row in session.execute(_member_columns(), {"project_id": project.id})
        ]
    )
    return tuple(
        MemberView(
            code=row.body_code,
            name=name,
            status=ParticipationStatus(row.status),
            quantity=row.quantities.get(project.main_unit, 0),
            wave=row.wave,
            budget_status=BudgetStatus(row.budget_status) if row.budget_status else None,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row, name in rows
    )


def _load_objects(session: Session, project: Project) -> list[tuple[Any, str]]:
    """Each body's place with its name. Who reads the same for the same page need not ask again."""
    rows = session.scalars(
        select(Participation)
        .where(Participation.project_id == project.id)
        .options(joinedload(Participation.body))
        .order_by(Participation.body_code)
    ).all()
    set_committed_value(project, "participations", rows)
    return [(row, row.body.name) for row in rows]


@cache
def _member_columns() -> Select[*tuple[Any, ...]]:
    """Columns, as objects of 200 bodies take their time."""
    return (
        select(
            Participation.body_code,
            LocalBody.name,
            Participation.status,
            Participation.quantities,
            Participation.wave,
            Participation.budget_status,
            Participation.starts_on,
            Participation.ends_on,
        )
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(Participation.project_id == bindparam("project_id"))
        .order_by(Participation.body_code)
    )


def _version(version: ShareVersion | None) -> VersionView | None:
    """The stored result says the same as the lines, in one row."""
    if version is None:
        return None
    lines = {
        body["code"]: {int(year): amount for year, amount in body["by_year"].items()}
        for body in version.result["bodies"]
    }
    return VersionView(
        number=version.number,
        sha256=version.sha256,
        lines=lines,
        term_start=date.fromisoformat(version.terms["term_start"]),
    )


def _last_consents(session: Session, project: Project) -> tuple[ConsentView, ...]:
    rows = session.execute(
        select(Consent, LocalBody.code, LocalBody.name)
        .join(ShareVersion, ShareVersion.id == Consent.share_version_id)
        .join(Participation, Participation.id == Consent.participation_id)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .where(ShareVersion.project_id == project.id)
        .order_by(ShareVersion.number)
    )
    last = {
        code: ConsentView(
            code=code,
            name=name,
            status=ConsentStatus(consent.status),
            maximum_yen={int(year): amount for year, amount in consent.maximum_yen.items()},
            closes_at=project.consent_closes_at,
            reminders_sent=consent.reminders_sent,
        )
        for consent, code, name in rows
    }
    return tuple(last[code] for code in sorted(last))


def _has_terms(project: Project) -> bool:
    if not project.sharing_terms:
        return False
    try:
        terms_of(project)
    except Refused:
        return False
    return True


def _notice(project: Project, tender: TenderFacts) -> NoticeFacts:
    check = project.policy_check
    return NoticeFacts(
        policy_checked="scope" in check,
        policy_reason=str(check.get("reason", "")),
        policy_warns=bool(check.get("warned", False)),
        method=ProcurementMethod(project.procurement_method)
        if project.procurement_method
        else None,
        method_reason=project.procurement_method_reason,
        url=project.notice_url,
        evaluation_rule_fixed=tender.rule_fixed,
        conditional_on_budget=tender.conditional_on_budget,
        questions_close_at=tender.questions_close_at,
        answers_due_at=tender.answers_due_at,
        proposals_close_at=project.proposals_close_at,
        unanswered_questions=tender.unanswered,
        unanswered_reason=tender.unanswered_reason,
    )
