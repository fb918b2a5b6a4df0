"""Handing in, and what the operator decides: approving names the content, never a later one.

Verdicts: approved (published by the review), confirmed (safe edit, published before and looked
at since), sent_back (with a reason), recalled (by its vendor), replaced (by a newer one),
unreviewed (a case its lead published past the operator's deadline).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, OrganizationKind, may
from catalog import publishing
from catalog.criterion import Review
from catalog.desk.changes import Names, list_changes, review_of
from catalog.desk.classing import note_published_class, note_submitted_class
from catalog.desk.contents import Content, content_of, entry_of, sha256_of
from catalog.desk.drafts import current_content, get_own_offering, list_content_blockers
from catalog.desk.findings import list_findings
from catalog.desk.models import OfferingDraft, OfferingReview, OfferingSubmission
from catalog.desk.registration import number_of
from catalog.desk.vendor_facts import is_confirmed
from catalog.desk.waiting import find_waiting
from catalog.entries import PublicationStatus as Status
from catalog.models import Offering, Vendor
from catalog.services import get_offering
from foundation.clock import jst_today
from foundation.errors import Conflict, NotFound, Refused, refuse
from foundation.labels import LabelledEnum

QUEUE = "/admin/reviews"


class Verdict(LabelledEnum):
    """What became of a submission."""

    APPROVED = "approved", "承認（公開）"
    CONFIRMED = "confirmed", "公開後に確認済み"
    SENT_BACK = "sent_back", "差し戻し"
    RECALLED = "recalled", "事業者が取り下げ"
    REPLACED = "replaced", "新しい提出に置き換え"
    UNREVIEWED = "unreviewed", "運営者の確認なしで公開"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the vendor had before its eyes when it handed in."""

    content_sha256: str
    version: int


def submit_offering(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, seen: Seen, change_note: str
) -> OfferingSubmission:
    """Hand the draft in: published at once if all its changes are safe, else it waits.

    An earlier submission that waits is replaced. Raises Refused with every reason, Conflict
    where draft or published version changed since they were seen, NotFound.
    """
    offering = get_own_offering(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    content = current_content(session, offering, draft)
    if seen != Seen(content_sha256=sha256_of(content), version=offering.current_version):
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    blockers = list_content_blockers(session, offering, content)
    if blockers:
        raise Refused(blockers)
    review = _review_class(session, offering, content)
    replaced = find_waiting(session, offering.id)
    if replaced is not None:
        close_submission(session, replaced, Verdict.REPLACED, actor=actor, now=now)
    submission = _add(session, offering, content, review, change_note.strip(), actor, now)
    changes = {
        "submission_id": submission.id,
        "content_sha256": submission.content_sha256,
        "review": review.value,
    }
    record(session, actor, "submit_offering", "offering", offering.id, changes, now)
    _tell_operators(session, offering, submission, now)
    return submission


def recall_submission(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, submission_id: int
) -> None:
    """Take back what waits for review, to go on writing. Raises Conflict, NotFound."""
    offering = get_own_offering(session, actor, offering_id)
    waiting = find_waiting(session, offering.id)
    if waiting is None or waiting.id != submission_id:
        raise Conflict("この提出はすでに審査されたか、置き換えられています。")
    close_submission(session, waiting, Verdict.RECALLED, actor=actor, now=now)
    _back_to_draft(offering, now)
    session.flush()
    changes = {"submission_id": waiting.id}
    record(session, actor, "recall_submission", "offering", offering.id, changes, now)


def approve_submission(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    submission_id: int,
    seen_sha256: str,
    seen_number: str,
    reply: str,
) -> int:
    """Publish exactly what was looked at; the number of the version.

    seen_number: the maker's, which is confirmed by its first entry. Of a safe edit published
    before: say that it was looked at. Raises Conflict where the vendor handed in something newer
    or put its number right since, or somebody decided before, Refused, NotFound.
    """
    offering, submission = _open(session, actor, submission_id, seen_sha256)
    findings = list_findings(session, offering, submission.content, jst_today(now))
    verdict = Verdict.CONFIRMED if submission.version else Verdict.APPROVED
    if not submission.version:
        _confirm_maker(session, offering, seen_number)
    number = submission.version or _publish(session, offering, submission, now)
    close_submission(
        session,
        submission,
        verdict,
        actor=actor,
        now=now,
        version=number,
        reply=reply,
        findings=[finding.to_dict() for finding in findings],
    )
    _drop_published_draft(session, offering, submission)
    changes = {
        "submission_id": submission.id,
        "content_sha256": submission.content_sha256,
        "number": number,
    }
    record(session, actor, "approve_submission", "offering", offering.id, changes, now)
    done = "確認しました" if submission.version else "公開しました"
    title = f"「{offering.name}」の第{number}版を{done}"
    _tell_vendor(session, offering, title, reply, now)
    return number


def send_back_submission(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    submission_id: int,
    seen_sha256: str,
    reply: str,
) -> None:
    """Give it back with a reason; what is published stays as it is. Raises as approving does."""
    offering, submission = _open(session, actor, submission_id, seen_sha256)
    if not reply.strip():
        raise refuse("required", "差し戻す理由を入力してください。", "reply")
    findings = list_findings(session, offering, submission.content, jst_today(now))
    close_submission(
        session,
        submission,
        Verdict.SENT_BACK,
        actor=actor,
        now=now,
        reply=reply,
        findings=[finding.to_dict() for finding in findings],
    )
    _back_to_draft(offering, now)
    session.flush()
    changes = {"submission_id": submission.id, "reason": reply}
    record(session, actor, "send_back_submission", "offering", offering.id, changes, now)
    title = f"「{submission.content['name']}」の提出が差し戻されました"
    _tell_vendor(session, offering, title, reply, now)


def _review_class(session: Session, offering: Offering, content: Content) -> Review:
    """A first publication waits, and whatever is not public now; else its riskiest change says."""
    version = publishing.find_version(session, offering.id, offering.current_version)
    if version is None or offering.publication_status != Status.PUBLISHED.value:
        return Review.BEFORE
    before = content_of(version)
    if sha256_of(before) == sha256_of(content):
        raise refuse("no_change", "公開中の内容から変わったところがありません。")
    return review_of(list_changes(before, content, Names(system_types={}, vendors={})))


def _add(
    session: Session,
    offering: Offering,
    content: Content,
    review: Review,
    change_note: str,
    actor: Actor,
    now: datetime,
) -> OfferingSubmission:
    number = None
    based_on = offering.current_version
    if review is not Review.BEFORE:
        number = publishing.append_version(
            session,
            offering,
            entry_of(offering, content),
            now=now,
            published_by=actor.label,
            change_note=change_note,
        ).number
    elif offering.publication_status == Status.DRAFT.value:
        offering.publication_status = Status.SUBMITTED.value
        offering.updated_at = now
    submission = OfferingSubmission(
        offering_id=offering.id,
        content=content,
        content_sha256=sha256_of(content),
        based_on=based_on,
        review=review.value,
        version=number,
        change_note=change_note,
        submitted_at=now,
        submitted_by=actor.label,
    )
    session.add(submission)
    session.flush()
    if offering.publication_status == Status.SUBMITTED.value:
        note_submitted_class(session, offering, submission, now)
    if number is not None:
        note_published_class(session, offering.id, now)
        _drop_published_draft(session, offering, submission)
    return submission


def _open(
    session: Session, actor: Actor, submission_id: int, seen_sha256: str
) -> tuple[Offering, OfferingSubmission]:
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    submission = session.get(OfferingSubmission, submission_id)
    if submission is None:
        raise NotFound(f"submission {submission_id}")
    # The entry's row is the lock: vendor and operator pass here one after the other.
    offering = get_offering(session, submission.offering_id)
    decided = session.get(OfferingReview, submission_id)
    if decided is not None:
        words = Verdict(decided.verdict).label
        raise Conflict(f"この提出はすでに処理されています（{words}）。")
    if submission.content_sha256 != seen_sha256:
        raise Conflict("確かめた内容と提出の内容が一致しません。画面を開き直してください。")
    return offering, submission


def _publish(
    session: Session, offering: Offering, submission: OfferingSubmission, now: datetime
) -> int:
    if offering.publication_status == Status.SUSPENDED.value:
        raise refuse("suspended", "公開停止中です。停止を解いてから承認してください。")
    if offering.current_version != submission.based_on:
        message = (
            f"提出の後に第{offering.current_version}版が公開されています。差し戻してください。"
        )
        raise refuse("version_moved", message)
    version = publishing.append_version(
        session,
        offering,
        entry_of(offering, submission.content),
        now=now,
        published_by=submission.submitted_by,
        change_note=submission.change_note,
    )
    note_published_class(session, offering.id, now)
    return version.number


def _confirm_maker(session: Session, offering: Offering, seen_number: str) -> None:
    """Whoever approves the entry has looked at who makes it, and at this number of it."""
    maker = session.get_one(Vendor, offering.vendor_id, with_for_update=True)
    if is_confirmed(maker):
        return
    if seen_number != number_of(maker):
        raise Conflict("事業者が番号を直しました。新しい番号を確かめてください。")
    maker.publication_status = Status.PUBLISHED.value


def close_submission(
    session: Session,
    submission: OfferingSubmission,
    verdict: Verdict,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    reply: str = "",
    findings: list[Mapping[str, Any]] | None = None,
) -> None:
    """Write down what became of the submission; the caller holds its entry."""
    review = OfferingReview(
        submission_id=submission.id,
        verdict=verdict.value,
        content_sha256=submission.content_sha256,
        version=version,
        reply=reply.strip(),
        findings=list(findings or ()),
        reviewed_at=now,
        reviewed_by=actor.label,
    )
    session.add(review)
    session.flush()


def _back_to_draft(offering: Offering, now: datetime) -> None:
    if offering.publication_status == Status.SUBMITTED.value:
        offering.publication_status = Status.DRAFT.value
        offering.updated_at = now


def _drop_published_draft(
    session: Session, offering: Offering, submission: OfferingSubmission
) -> None:
    """The draft has done its work; one written on since is kept."""
    draft = session.get(OfferingDraft, offering.id)
    if draft is not None and sha256_of(draft.content) == submission.content_sha256:
        session.delete(draft)
        session.flush()


def _tell_vendor(
    session: Session, offering: Offering, title: str, words: str, now: datetime
) -> None:
    maker = session.get_one(Vendor, offering.vendor_id)
    url = f"/desk/vendor/offerings/{offering.id}"
    body = f"{title}。" + (f"\n運営者から：{words.strip()}" if words.strip() else "")
    tell_organization(session, maker.organization_id, title=title, body=body, url=url, now=now)


def _tell_operators(
    session: Session, offering: Offering, submission: OfferingSubmission, now: datetime
) -> None:
    if submission.review == Review.NONE.value:
        return
    waits = submission.review == Review.BEFORE.value
    name = submission.content["name"]
    title = f"「{name}」の{'審査' if waits else '公開後の確認'}が必要です"
    kind = Organization.kind == OrganizationKind.OPERATOR.value
    for organization_id in session.scalars(select(Organization.id).where(kind)):
        tell_organization(
            session, organization_id, title=title, body=f"{title}。", url=QUEUE, now=now
        )
