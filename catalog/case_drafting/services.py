"""A lead body writes its case and hands it in; the operator publishes exactly what it saw.

The life is that of an entry (catalog.desk): verdicts, hashes and words are the same. Every
change of a case waits for review; what a lead may say at once is the yearly refresh.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may
from catalog import publishing
from catalog.case_drafting.becoming import find_case_of, list_draft_faults, make_entry
from catalog.case_drafting.contents import (
    Content,
    content_of,
    list_too_long,
    new_content,
    new_key,
    sha256_of,
)
from catalog.case_drafting.findings import list_case_findings
from catalog.case_drafting.models import CaseDraft, CaseReview, CaseSubmission
from catalog.desk.submissions import QUEUE, Verdict
from catalog.desk.telling import tell_operators
from catalog.models import Case
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse

_DRAFT, _SUBMITTED, _PUBLISHED = "draft", "submitted", "published"
_CHANGED = "ほかの人が先に変更しました。変更後の内容を確かめてください。"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Who decides on which submission, having seen which content."""

    actor: Actor
    now: datetime
    submission_id: int
    seen_sha256: str
    reply: str


def start_case(session: Session, *, actor: Actor, now: datetime) -> CaseDraft:
    """An empty draft of the actor's organisation. Raises NotFound."""
    _require_lead(actor)
    draft = CaseDraft(
        key=new_key(),
        organization_id=actor.organization_id,
        content=new_content(),
        status=_DRAFT,
        updated_at=now,
        updated_by=actor.label,
    )
    session.add(draft)
    session.flush()
    _note(session, actor, now, "start_case", draft, {"key": draft.key})
    return draft


def start_change(session: Session, *, actor: Actor, now: datetime, case_id: int) -> CaseDraft:
    """The draft of a published case the actor's body leads, begun from what readers see.

    One that is being written already is returned as it is. Raises NotFound.
    """
    _require_lead(actor)
    # Draft before case, as handing in locks them.
    of_case = select(CaseDraft).where(CaseDraft.case_id == case_id)
    session.execute(of_case.with_for_update())
    case = session.get(Case, case_id, with_for_update=True)
    if case is None or not _is_own(session, actor, case):
        raise NotFound(f"case {case_id}")
    draft = session.scalar(of_case)
    if draft is not None and draft.organization_id != actor.organization_id:
        _set_aside(session, actor, now, draft)
        draft = None
    if draft is not None and draft.status != _PUBLISHED:
        return draft
    content = content_of(case)
    if draft is None:
        draft = CaseDraft(key=case.key, organization_id=actor.organization_id, case_id=case.id)
    draft.content = content
    draft.status = _DRAFT
    draft.updated_at, draft.updated_by = now, actor.label
    session.add(draft)
    session.flush()
    _note(session, actor, now, "start_case", draft, {"key": draft.key})
    return draft


def _set_aside(session: Session, actor: Actor, now: datetime, draft: CaseDraft) -> None:
    """What a former lead wrote stays its own, as a case of another key; it waits no longer."""
    waiting = find_waiting(session, draft.id)
    if waiting is not None:
        _close(session, waiting, Verdict.RECALLED, actor, now)
    draft.case_id, draft.key, draft.status = None, new_key(), _DRAFT
    session.flush()


def save_case(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    draft_id: int,
    content: Content,
    seen_sha256: str,
) -> None:
    """Keep what is written, finished or not. Raises Conflict, Refused, NotFound."""
    draft = get_own_draft(session, actor, draft_id)
    if sha256_of(draft.content) != seen_sha256:
        raise Conflict(_CHANGED)
    _refuse_while(list_too_long(content))
    if sha256_of(content) == seen_sha256:
        return
    draft.content = content
    if draft.status == _PUBLISHED:
        draft.status = _DRAFT
    draft.updated_at, draft.updated_by = now, actor.label
    session.flush()
    _note(session, actor, now, "save_case", draft, {})


def submit_case(
    session: Session, *, actor: Actor, now: datetime, draft_id: int, seen_sha256: str
) -> CaseSubmission:
    """Hand the draft in; an earlier submission that waits is replaced.

    Raises Refused with every reason, Conflict, NotFound.
    """
    draft = get_own_draft(session, actor, draft_id)
    if sha256_of(draft.content) != seen_sha256:
        raise Conflict(_CHANGED)
    case = find_case_of(session, draft)
    if case is not None and not _is_own(session, actor, case):
        raise refuse("not_lead", "この事例の幹事団体が変わったため、提出できません。")
    _refuse_while(list_draft_faults(session, draft, now))
    if case is not None and sha256_of(content_of(case)) == seen_sha256:
        raise refuse("no_change", "公開中の内容から変わったところがありません。")
    waiting = find_waiting(session, draft.id)
    if waiting is not None:
        _close(session, waiting, Verdict.REPLACED, actor, now)
    submission = CaseSubmission(
        draft_id=draft.id,
        content=dict(draft.content),
        content_sha256=seen_sha256,
        based_on=case.row_version if case else 0,
        submitted_at=now,
        submitted_by=actor.label,
    )
    session.add(submission)
    draft.status = _SUBMITTED
    session.flush()
    changes = {"submission_id": submission.id, "content_sha256": seen_sha256}
    _note(session, actor, now, "submit_case", draft, changes)
    title = f"事例「{draft.content['title']}」の審査が必要です"
    tell_operators(session, title=title, url=QUEUE, now=now)
    return submission


def recall_case(session: Session, *, actor: Actor, now: datetime, draft_id: int) -> None:
    """Take back what waits. Raises Conflict, NotFound."""
    draft = get_own_draft(session, actor, draft_id)
    waiting = find_waiting(session, draft.id)
    if waiting is None:
        raise Conflict("この提出はすでに審査されています。")
    _close(session, waiting, Verdict.RECALLED, actor, now)
    draft.status = _DRAFT
    session.flush()
    _note(session, actor, now, "recall_case", draft, {"submission_id": waiting.id})


def approve_case(session: Session, step: Step) -> int:
    """Publish exactly what was looked at; the case's number. Raises Conflict, Refused, NotFound."""
    draft, submission = _open(session, step)
    case_id = publish_submission(
        session,
        draft=draft,
        submission=submission,
        verdict=Verdict.APPROVED,
        action="approve_case",
        actor=step.actor,
        now=step.now,
        reply=step.reply,
    )
    title = f"事例「{submission.content['title']}」を公開しました"
    _tell_lead(session, draft, title, step, f"/cases/{case_id}")
    return case_id


def publish_submission(
    session: Session,
    *,
    draft: CaseDraft,
    submission: CaseSubmission,
    verdict: Verdict,
    action: str,
    actor: Actor,
    now: datetime,
    reply: str = "",
) -> int:
    """The submission becomes what readers see; the case's number. Raises Refused.

    draft: locked. Whether the actor may is asked before.
    """
    case = find_case_of(session, draft)
    if (case.row_version if case else 0) != submission.based_on:
        message = "提出の後に、公開中の事例が変わっています。提出し直してください。"
        raise refuse("version_moved", message)
    entry = make_entry(session, draft, submission.content, now)
    published = publishing.write_case(session, entry, now=now)
    if published.lead_body_code is None:
        published.lead_organization_id = draft.organization_id
    _close(session, submission, verdict, actor, now, reply=reply)
    draft.case_id = published.id
    if sha256_of(draft.content) == submission.content_sha256:
        draft.status = _PUBLISHED
    session.flush()
    changes = {"submission_id": submission.id, "content_sha256": submission.content_sha256}
    _note(session, actor, now, action, draft, changes)
    return published.id


def send_back_case(session: Session, step: Step) -> None:
    """Give it back with a reason; what is published stays. Raises as approving does."""
    draft, submission = _open(session, step)
    if not step.reply.strip():
        raise refuse("required", "差し戻す理由を入力してください。", "reply")
    _close(session, submission, Verdict.SENT_BACK, step.actor, step.now, reply=step.reply)
    draft.status = _DRAFT
    session.flush()
    changes = {"submission_id": submission.id, "reason": step.reply}
    _note(session, step.actor, step.now, "send_back_case", draft, changes)
    title = f"事例「{submission.content['title']}」の提出が差し戻されました"
    _tell_lead(session, draft, title, step, f"/cases/drafts/{draft.id}")


def list_written(session: Session, actor: Actor) -> frozenset[int]:
    """The cases that the actor's council leads: it has no body's code to know them by."""
    if actor.body_code is not None or not may(actor, Action.EDIT_PROJECT):
        return frozenset()
    led = Case.lead_organization_id == actor.organization_id
    of_no_body = Case.lead_body_code.is_(None)
    return frozenset(session.scalars(select(Case.id).where(led, of_no_body)))


def _is_own(session: Session, actor: Actor, case: Case) -> bool:
    if actor.body_code is None:
        return case.id in list_written(session, actor)
    return case.lead_body_code == actor.body_code


def get_own_draft(session: Session, actor: Actor, draft_id: int) -> CaseDraft:
    """The draft, locked, of the actor's own organisation. Raises NotFound."""
    draft = session.scalar(select(CaseDraft).where(CaseDraft.id == draft_id).with_for_update())
    own = draft is not None and draft.organization_id == actor.organization_id
    if draft is None or not own or not may(actor, Action.EDIT_PROJECT):
        raise NotFound(f"case draft {draft_id}")
    return draft


def find_waiting(session: Session, draft_id: int) -> CaseSubmission | None:
    """The submission of the draft that waits for review."""
    statement = (
        select(CaseSubmission)
        .outerjoin(CaseReview, CaseReview.submission_id == CaseSubmission.id)
        .where(CaseSubmission.draft_id == draft_id, CaseReview.submission_id.is_(None))
        .order_by(CaseSubmission.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def lead_code_of(session: Session, draft: CaseDraft) -> str | None:
    """The code of the body that leads the case."""
    return session.get_one(Organization, draft.organization_id).body_code


def _open(session: Session, step: Step) -> tuple[CaseDraft, CaseSubmission]:
    if not may(step.actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    submission = session.get(CaseSubmission, step.submission_id)
    if submission is None:
        raise NotFound(f"case submission {step.submission_id}")
    # The draft's row is the lock: lead and operator pass here one after the other.
    draft = session.get_one(CaseDraft, submission.draft_id, with_for_update=True)
    decided = session.get(CaseReview, submission.id)
    if decided is not None:
        words = Verdict(decided.verdict).label
        raise Conflict(f"この提出はすでに処理されています（{words}）。")
    if submission.content_sha256 != step.seen_sha256:
        raise Conflict("確かめた内容と提出の内容が一致しません。画面を開き直してください。")
    return draft, submission


def _close(
    session: Session,
    submission: CaseSubmission,
    verdict: Verdict,
    actor: Actor,
    now: datetime,
    reply: str = "",
) -> None:
    draft = session.get_one(CaseDraft, submission.draft_id)
    code = lead_code_of(session, draft)
    decided = verdict in (Verdict.APPROVED, Verdict.SENT_BACK, Verdict.UNREVIEWED)
    found = list_case_findings(session, draft, submission.content, code) if decided else ()
    review = CaseReview(
        submission_id=submission.id,
        verdict=verdict.value,
        content_sha256=submission.content_sha256,
        reply=reply.strip(),
        findings=[finding.to_dict() for finding in found],
        reviewed_at=now,
        reviewed_by=actor.label,
    )
    session.add(review)
    session.flush()


def _tell_lead(session: Session, draft: CaseDraft, title: str, step: Step, url: str) -> None:
    words = f"\n運営者から：{step.reply.strip()}" if step.reply.strip() else ""
    body = f"{title}。{words}"
    tell_organization(session, draft.organization_id, title=title, body=body, url=url, now=step.now)


def _require_lead(actor: Actor) -> None:
    if actor.organization_id is None or not may(actor, Action.EDIT_PROJECT):
        raise NotFound(f"cases of organization {actor.organization_id}")


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    draft: CaseDraft,
    changes: dict[str, object],
) -> None:
    record(session, actor, action, "case_draft", draft.id, changes, now)


def _refuse_while(blockers: list[Blocker]) -> None:
    if blockers:
        raise Refused(blockers)
