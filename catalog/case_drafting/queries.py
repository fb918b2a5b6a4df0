"""Reading cases that are being written: the lead's own, and the operator's queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from accounts.roles import Actor
from catalog.case_drafting.becoming import list_draft_faults
from catalog.case_drafting.contents import content_of, list_case_changes, sha256_of
from catalog.case_drafting.findings import list_case_findings
from catalog.case_drafting.models import CaseDraft, CaseReview, CaseSubmission
from catalog.case_drafting.services import find_waiting
from catalog.desk.changes import Change
from catalog.desk.findings import Finding
from catalog.models import Case, Offering, SystemType
from catalog.queries.cases import readable_offering
from foundation.errors import Blocker, NotFound, refuse


@dataclass(frozen=True, kw_only=True)
class SubmittedRow:
    """A case handed in with what became of it; verdict None while it waits."""

    id: int
    draft_id: int
    title: str
    lead_name: str
    fictional: bool
    content_sha256: str
    submitted_at: datetime
    submitted_by: str
    verdict: str | None
    reply: str
    reviewed_at: datetime | None
    reviewed_by: str


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """A case of the reader's organisation that is being written."""

    id: int
    title: str
    status: str
    case_id: int | None
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, kw_only=True)
class DraftPage:
    """A draft as its lead writes it."""

    id: int
    status: str
    case_id: int | None
    fictional: bool
    content: Mapping[str, Any]
    sha256: str
    changes: tuple[Change, ...]
    blockers: tuple[Blocker, ...]
    waiting: bool
    submissions: tuple[SubmittedRow, ...]


@dataclass(frozen=True, kw_only=True)
class CaseReviewPage:
    """A submission as the operator looks at it; content: exactly what would be published."""

    row: SubmittedRow
    content: Mapping[str, Any]
    case_id: int | None
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def named(session: Session, *contents: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The contents with kinds of systems and bodies called by name, for people. Two queries."""
    codes = {code for content in contents for code in content.get("participants") or ()}
    types = {code: name for code, name in session.execute(select(SystemType.code, SystemType.name))}
    bodies = select(LocalBody.code, LocalBody.name).where(LocalBody.code.in_(codes))
    names = {code: f"{name}（{code}）" for code, name in session.execute(bodies)}
    return [
        {
            **content,
            "system_type_code": types.get(content.get("system_type_code", ""), ""),
            "participants": [names.get(code, code) for code in content.get("participants") or ()],
        }
        for content in contents
    ]


def _changes(session: Session, case: Case, content: Mapping[str, Any]) -> tuple[Change, ...]:
    return list_case_changes(*named(session, content_of(case), content))


def list_drafts(session: Session, actor: Actor) -> tuple[DraftRow, ...]:
    """The organisation's drafts that are not simply what readers see, newest first."""
    statement = (
        select(CaseDraft)
        .where(CaseDraft.organization_id == actor.organization_id)
        .where(CaseDraft.status != "published")
        .order_by(CaseDraft.updated_at.desc(), CaseDraft.id.desc())
    )
    return tuple(
        DraftRow(
            id=draft.id,
            title=draft.content.get("title") or "（件名なし）",
            status=draft.status,
            case_id=draft.case_id,
            updated_at=draft.updated_at,
            updated_by=draft.updated_by,
        )
        for draft in session.scalars(statement)
    )


def get_draft_page(session: Session, actor: Actor, draft_id: int, now: datetime) -> DraftPage:
    """The draft of the reader's own organisation. Raises NotFound."""
    draft = session.get(CaseDraft, draft_id)
    if draft is None or draft.organization_id != actor.organization_id:
        raise NotFound(f"case draft {draft_id}")
    case = session.get(Case, draft.case_id) if draft.case_id else None
    rows = _rows(session, _select_rows().where(CaseSubmission.draft_id == draft.id))
    return DraftPage(
        id=draft.id,
        status=draft.status,
        case_id=draft.case_id,
        fictional=actor.fictional,
        content=dict(draft.content),
        sha256=sha256_of(draft.content),
        changes=_changes(session, case, draft.content) if case else (),
        blockers=tuple(list_draft_faults(session, draft, now)),
        waiting=find_waiting(session, draft.id) is not None,
        submissions=tuple(reversed(rows)),
    )


def list_case_queue(session: Session) -> tuple[SubmittedRow, ...]:
    """Cases that wait for the operator, oldest first."""
    return tuple(_rows(session, _select_rows().where(CaseReview.submission_id.is_(None))))


def get_case_review(session: Session, submission_id: int) -> CaseReviewPage:
    """A submission beside what readers see. Raises NotFound."""
    rows = _rows(session, _select_rows().where(CaseSubmission.id == submission_id))
    if not rows:
        raise NotFound(f"case submission {submission_id}")
    submission = session.get_one(CaseSubmission, submission_id)
    draft = session.get_one(CaseDraft, submission.draft_id)
    case = session.get(Case, draft.case_id) if draft.case_id else None
    code = session.get_one(Organization, draft.organization_id).body_code
    return CaseReviewPage(
        row=rows[0],
        content=dict(submission.content),
        case_id=draft.case_id,
        changes=_changes(session, case, submission.content) if case else (),
        findings=list_case_findings(session, draft, submission.content, code),
    )


def _select_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(CaseSubmission, CaseReview, Organization.name, Organization.fictional)
        .join(CaseDraft, CaseDraft.id == CaseSubmission.draft_id)
        .join(Organization, Organization.id == CaseDraft.organization_id)
        .outerjoin(CaseReview, CaseReview.submission_id == CaseSubmission.id)
        .order_by(CaseSubmission.submitted_at, CaseSubmission.id)
    )


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[SubmittedRow]:
    return [
        SubmittedRow(
            id=submission.id,
            draft_id=submission.draft_id,
            title=submission.content["title"],
            lead_name=lead_name,
            fictional=fictional,
            content_sha256=submission.content_sha256,
            submitted_at=submission.submitted_at,
            submitted_by=submission.submitted_by,
            verdict=review.verdict if review else None,
            reply=review.reply if review else "",
            reviewed_at=review.reviewed_at if review else None,
            reviewed_by=review.reviewed_by if review else "",
        )
        for submission, review, lead_name, fictional in session.execute(statement)
    ]


def keys_of_offerings(session: Session, numbers: Sequence[str]) -> list[str]:
    """The keys of entries by their numbers. Raises Refused naming the field."""
    statement = select(Offering.id, Offering.key).where(
        Offering.id.in_([int(number) for number in numbers]), readable_offering()
    )
    found = {str(number): key for number, key in session.execute(statement)}
    missing = [number for number in numbers if number not in found]
    if missing:
        message = f"番号「{'、'.join(missing)}」の掲載サービスはありません。"
        raise refuse("offering_unknown", message, "offering_keys")
    return [found[number] for number in numbers]


def numbers_of_offerings(session: Session, keys: Sequence[str]) -> list[str]:
    """The numbers of entries by their keys, as the form shows them."""
    statement = select(Offering.key, Offering.id).where(Offering.key.in_(keys))
    found = {key: str(number) for key, number in session.execute(statement)}
    return [found[key] for key in keys if key in found]
