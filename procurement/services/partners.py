"""From a proposed group to a draft project with its invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor
from catalog.models import SystemType
from foundation.clock import jst_today
from foundation.errors import Blocker, Refused, refuse
from procurement.domain.needs import NeedStatus, month_day, month_index, ready_month
from procurement.models import Project, ProjectRole
from procurement.need_models import Need
from procurement.queries.need_units import unit_of
from procurement.queries.needs import coordinates
from procurement.services.invitations import MAX_INVITED_AT_ONCE, invite_bodies
from procurement.services.projects import MAX_BODIES, ProjectFields, open_project

TERM_MONTHS = 60
# A project begun now cannot run before: budget, notice and contract take their time.
EARLIEST_START_MONTHS = 4


@dataclass(frozen=True, kw_only=True)
class WantedGroup:
    """The bodies to gather, as they were proposed."""

    system_type_code: str
    body_codes: tuple[str, ...]


def open_group_project(
    session: Session, *, actor: Actor, now: datetime, wanted: WantedGroup, policy_reason: str = ""
) -> Project:
    """A project at 意向調査 led by the actor, the other bodies invited.

    Refused when a body of the group has withdrawn or changed the system type since, when the
    actor has nothing to do with the group, and when it asked the same bodies already.
    """
    if len(wanted.body_codes) > MAX_BODIES:
        raise refuse("too_many", f"一度に案内できるのは{MAX_BODIES:,}団体までです。")
    needs = _list_needs(session, wanted)
    system_type = session.get(SystemType, wanted.system_type_code)
    blockers = _list_blockers(session, actor, wanted, needs)
    if blockers or system_type is None:
        raise Refused(blockers)
    project = open_project(
        session,
        actor=actor,
        now=now,
        wanted=_fields(system_type, needs, now),
        policy_reason=policy_reason,
    )
    others = [code for code in wanted.body_codes if code != actor.body_code]
    for start in range(0, len(others), MAX_INVITED_AT_ONCE):
        invite_bodies(
            session,
            actor=actor,
            now=now,
            project_id=project.id,
            body_codes=others[start : start + MAX_INVITED_AT_ONCE],
            message=f"「{system_type.name}」のニーズが登録されている"
            f"{len(needs)}団体に案内しています。参加の検討をお願いします。",
        )
    return project


def _list_needs(session: Session, wanted: WantedGroup) -> list[Need]:
    return list(
        session.scalars(
            select(Need).where(
                Need.system_type_code == wanted.system_type_code,
                Need.status == NeedStatus.STATED,
                Need.body_code.in_(wanted.body_codes),
            )
        )
    )


def _list_blockers(
    session: Session, actor: Actor, wanted: WantedGroup, needs: Sequence[Need]
) -> list[Blocker]:
    blockers = []
    if len(wanted.body_codes) < 2 or {need.body_code for need in needs} != set(wanted.body_codes):
        message = "ニーズが変わった団体があります。候補をもう一度確かめてください。"
        blockers.append(Blocker(code="changed", message=message))
    if not _may_gather(actor, wanted):
        message = "案件の案を作れるのは、組み合わせに入っている団体と、その都道府県の担当者です。"
        blockers.append(Blocker(code="not_concerned", message=message))
    double = _find_same(session, actor, wanted)
    if double is not None:
        message = f"同じ団体に案内した案件「{double.title}」がすでにあります。"
        blockers.append(Blocker(code="asked_already", message=message))
    return blockers


def _may_gather(actor: Actor, wanted: WantedGroup) -> bool:
    if coordinates(actor) or actor.body_code is None:
        codes = {code[:2] for code in wanted.body_codes}
        return actor.prefecture_code is None or actor.prefecture_code in codes
    return actor.body_code in wanted.body_codes


def _find_same(session: Session, actor: Actor, wanted: WantedGroup) -> Project | None:
    """A project of the actor's organisation at 意向調査 that asked all of these bodies."""
    projects = session.scalars(
        select(Project)
        .where(
            Project.lead_organization_id == actor.organization_id,
            Project.system_type_code == wanted.system_type_code,
            Project.state == "intention_survey",
        )
        .order_by(Project.id)
    )
    others = set(wanted.body_codes) - {actor.body_code}
    return next((p for p in projects if others <= _asked(session, p.id)), None)


def _asked(session: Session, project_id: int) -> set[str | None]:
    return set(
        session.scalars(
            select(Organization.body_code)
            .join(ProjectRole, ProjectRole.organization_id == Organization.id)
            .where(ProjectRole.project_id == project_id)
        )
    )


def _fields(system_type: SystemType, needs: Sequence[Need], now: datetime) -> ProjectFields:
    ready = max(ready_month(need.wanted_from, need.contract_ends_on) for need in needs)
    start = max(ready, month_index(jst_today(now)) + EARLIEST_START_MONTHS)
    prefectures = {need.body_code[:2] for need in needs}
    return ProjectFields(
        title=f"{system_type.name}の共同調達（{len(needs)}団体への意向調査）",
        system_type_code=system_type.code,
        purpose=f"「{system_type.name}」のニーズを登録した{len(needs)}団体に、共同で調達する意向を"
        "お聞きします。システム種別・ネットワーク・欠かせない条件・契約の終わる時期が合う団体です。",
        prefecture_code=prefectures.pop() if len(prefectures) == 1 else None,
        main_unit=unit_of(system_type.code).value,
        term_start=month_day(start),
        term_months=TERM_MONTHS,
    )
