"""Fixing a share version (負担案の版): the preview frozen, hashed, and put to the bodies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.errors import Blocker, Conflict, Refused
from foundation.filters import jst
from procurement.domain.award_costs import AFTER_AWARD_BASES
from procurement.domain.consent import (
    ConsentStatus,
    agreed_terms,
    list_deadline_blockers,
    must_consent_again,
)
from procurement.domain.participation import TAKING_PART
from procurement.domain.renewal import takes_part_in
from procurement.domain.sharing import SharePreview
from procurement.domain.states import State
from procurement.domain.terms import StandaloneBasis
from procurement.models import Consent, Participation, Project, ShareLine, ShareVersion
from procurement.queries.consents import ConsentRow, find_latest_version, list_agreed
from procurement.queries.previews import BasisPreview, get_previews
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.invitations import organization_of_body
from procurement.services.traces import Told, leave_trace

# In operation: the version of a renewed term.
FIXING_STATES = (State.AGREEMENT, State.CONTRACTING, State.OPERATION)


def list_fix_blockers(
    project: Project,
    standing: Standing,
    chosen: BasisPreview | None,
    latest_sha256: str,
) -> list[Blocker]:
    """Why the lead cannot fix this preview as the next version.

    latest_sha256: of the newest version, '' before the first.
    """
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if project.state not in FIXING_STATES:
        message = (
            "負担案は、負担合意・契約・運用（更新）の段階で確定します。先に段階を進めてください。"
        )
        blockers.append(Blocker(code="wrong_state", message=message))
    if chosen is None:
        message = "試算ができていません。試算の前提と参加団体を確かめてください。"
        blockers.append(Blocker(code="no_preview", message=message))
    elif chosen.preview is None:
        blockers += chosen.blockers
    else:
        blockers += _preview_blockers(chosen.preview, latest_sha256)
    return blockers


def _preview_blockers(computed: SharePreview, latest_sha256: str) -> list[Blocker]:
    if computed.sha256 == latest_sha256:
        message = "確定済みの版から何も変わっていません。"
        return [Blocker(code="unchanged", message=message)]
    if not computed.unassigned_shortfall_yen:
        return []
    message = (
        "切捨ての不足分を負担する幹事団体が参加団体の中にありません。端数処理を見直してください。"
    )
    return [Blocker(code="shortfall", message=message)]


def fix_share_version(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    basis_id: int | None,
    preview_sha256: str,
    note: str = "",
    closes_at: datetime | None = None,
) -> ShareVersion:
    """Freeze the preview the lead's manager has seen as the next version, and ask for consent.

    Asked are all bodies the first time or when the terms changed, else exactly those above
    the maximum they consented to; the others' consents are carried. After the award, and for a
    renewed term, whoever is asked anew gets a deadline that is still to come (closes_at).
    Raises Conflict when the preview is no longer the one seen.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    chosen = get_previews(session, project, standing).find(basis_id)
    latest = find_latest_version(session, project_id)
    blockers = list_fix_blockers(project, standing, chosen, latest.sha256 if latest else "")
    if blockers or chosen is None or chosen.preview is None:
        raise Refused(blockers)
    computed = chosen.preview
    if computed.sha256 != preview_sha256:
        raise Conflict(
            "試算を表示した後に、参加団体・数量・条件のいずれかが変わりました。"
            "新しい試算を確かめてから、もう一度確定してください。"
        )
    agreed = {row.code: row for row in list_agreed(session, project_id)}
    asked = _who_is_asked(computed, latest, agreed)
    late = computed.inputs["costs"]["basis"] in AFTER_AWARD_BASES
    if closes_at is not None or late or project.state == State.OPERATION:
        _set_deadline(project, asked, closes_at or project.consent_closes_at, now)
    version = _store_version(session, actor, now, project, computed, latest, note)
    _ask_for_consent(session, project, version, asked, agreed, now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="fix_share_version",
        changes={
            "number": version.number,
            "sha256": version.sha256,
            "total_yen": computed.total_yen,
            "asked": asked,
        },
        told=[_question(session, project, version, code) for code in asked],
    )
    return version


def _set_deadline(
    project: Project, asked: list[str], closes_at: datetime | None, now: datetime
) -> None:
    blockers = list_deadline_blockers(asked, closes_at, now)
    if blockers:
        raise Refused(blockers)
    if asked:
        project.consent_closes_at = closes_at


def _store_version(
    session: Session,
    actor: Actor,
    now: datetime,
    project: Project,
    computed: SharePreview,
    latest: ShareVersion | None,
    note: str,
) -> ShareVersion:
    version = ShareVersion(
        project_id=project.id,
        number=latest.number + 1 if latest else 1,
        basis=computed.inputs["costs"]["basis"],
        inputs=computed.inputs,
        terms=computed.terms.to_dict(),
        result=_result(computed),
        sha256=computed.sha256,
        fixed_at=now,
        fixed_by=actor.label,
        note=note,
    )
    session.add(version)
    session.flush()
    # What bodies declared in confidence is no part of a version that all members read.
    open_figures = computed.terms.standalone_basis is StandaloneBasis.PLAN
    session.add_all(
        ShareLine(
            share_version_id=version.id,
            body_code=body.code,
            fiscal_year=row.fiscal_year,
            category=row.category.value,
            amount_yen=row.amount_yen,
            standalone_yen=row.standalone_yen if open_figures else None,
        )
        for body in computed.bodies
        for row in body.rows
    )
    session.flush()
    return version


def _result(computed: SharePreview) -> dict[str, Any]:
    parts: dict[str, int] = {}
    for line in computed.parts:
        year = str(line.fiscal_year)
        parts[year] = parts.get(year, 0) + line.amount_yen
    result = computed.result() | {"parts_by_year": parts}
    if computed.terms.standalone_basis is not StandaloneBasis.PLAN:
        for body in result["bodies"]:
            body["standalone_yen"] = None
    return result


def _ask_for_consent(
    session: Session,
    project: Project,
    version: ShareVersion,
    asked: list[str],
    agreed: Mapping[str, ConsentRow],
    now: datetime,
) -> None:
    """Write each body's consent row: asked, or its older consent carried."""
    participations = session.scalars(
        select(Participation).where(
            Participation.project_id == project.id, Participation.status.in_(TAKING_PART)
        )
    )
    for row in participations:
        if not takes_part_in(row.ends_on, project.term_start):
            continue  # it leaves before this term
        session.add(_consent_row(version, row, agreed.get(row.body_code), asked, now))
    session.flush()


def _who_is_asked(
    computed: SharePreview, latest: ShareVersion | None, agreed: Mapping[str, ConsentRow]
) -> list[str]:
    """All bodies the first time or when the terms changed, else those above their maximum."""
    lines = {body.code: body.by_year for body in computed.bodies}
    if latest is None or agreed_terms(latest.terms) != agreed_terms(computed.terms.to_dict()):
        return sorted(lines)
    return list(must_consent_again(lines, [row.view(None) for row in agreed.values()]))


def _consent_row(
    version: ShareVersion,
    participation: Participation,
    before: ConsentRow | None,
    asked: list[str],
    now: datetime,
) -> Consent:
    if participation.body_code in asked or before is None:
        return Consent(
            share_version_id=version.id,
            participation_id=participation.id,
            status=ConsentStatus.ASKED.value,
            maximum_yen={},
            asked_at=now,
        )
    return Consent(
        share_version_id=version.id,
        participation_id=participation.id,
        status=ConsentStatus.CARRIED.value,
        maximum_yen={str(year): amount for year, amount in before.maximum_yen.items()},
        approval_date=before.approval_date,
        approval_number=before.approval_number,
        asked_at=now,
        answered_at=before.answered_at,
    )


def _question(session: Session, project: Project, version: ShareVersion, code: str) -> Told:
    until = f"期限は{jst(project.consent_closes_at)}です。" if project.consent_closes_at else ""
    return Told(
        organization_id=organization_of_body(session, code).id,
        title=f"「{project.title}」負担案 第{version.number}版への同意のお願い",
        text=f"負担案 第{version.number}版が確定しました。内容を確かめて同意してください。{until}",
        path=f"/projects/{project.id}/consent",
    )
