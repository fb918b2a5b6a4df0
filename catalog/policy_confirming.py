"""A person says what an entry or a project counts as under the policy (F03).

The table suggests, a person confirms, both are kept. A later suggestion changes nothing that was
confirmed: it asks for a new look. It warns and never blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.notices import tell_organization
from accounts.roles import Actor
from catalog.models import PolicyConfirmation
from catalog.policy import ClassedKind, PolicyScope
from catalog.policy_history import (
    OFFERING,
    Subject,
    get_offering_subject,
    note_if_new,
)
from catalog.queries.policy_classes import get_class_page
from catalog.search.outbox import queue
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, Refused
from foundation.labels import LabelledEnum

MOST_WORDS = 2_000
ACTION = "confirm_policy_class"


class ConfirmedBy(LabelledEnum):
    """As what somebody confirms."""

    OPERATOR = "operator", "運営者"
    LEAD = "lead", "幹事団体"


@dataclass(frozen=True, kw_only=True)
class ClassAnswer:
    """What a person answers to a suggestion it saw.

    seen_number: the last confirmation shown to it; seen_sha256: the suggestion shown to it.
    """

    scope: str
    basis: str
    reason: str
    seen_number: int
    seen_sha256: str


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What was confirmed, for the audit event. before: '' where nobody had confirmed anything."""

    before: str
    scope: str
    changes: Mapping[str, object]


def confirm_offering_class(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, answer: ClassAnswer
) -> Confirmed:
    """The operator's word on an entry. Raises NotFound, Conflict, Refused."""
    subject = get_offering_subject(session, offering_id, jst_today(now))
    return confirm_offering_subject(session, actor=actor, now=now, subject=subject, answer=answer)


def confirm_offering_subject(
    session: Session, *, actor: Actor, now: datetime, subject: Subject, answer: ClassAnswer
) -> Confirmed:
    """The same of an entry read before, public or not yet. Raises Conflict, Refused."""
    done = confirm_class(
        session,
        actor=actor,
        now=now,
        kind=ClassedKind.OFFERING,
        role=ConfirmedBy.OPERATOR,
        subject=subject,
        answer=answer,
    )
    record(session, actor, ACTION, OFFERING, subject.id, done.changes, now)
    queue(session, OFFERING, subject.id, now=now)
    return done


def confirm_class(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    kind: ClassedKind,
    role: ConfirmedBy,
    subject: Subject,
    answer: ClassAnswer,
) -> Confirmed:
    """Add the confirmation and tell whom it concerns. The caller records the audit event.

    Raises Conflict where another confirmed or the table changed since the page was read.
    """
    page = get_class_page(session, kind.value, subject.id)
    if (page.number, subject.sha256) != (answer.seen_number, answer.seen_sha256):
        raise Conflict(
            "ほかの人が先に確認したか、推定の区分が変わりました。今の内容を確かめてください。"
        )
    blockers = list_answer_blockers(answer, subject)
    if blockers:
        raise Refused(blockers)
    before = page.confirmed.scope if page.confirmed else ""
    row = PolicyConfirmation(
        subject_kind=kind.value,
        subject_id=subject.id,
        number=page.number + 1,
        class_id=note_if_new(session, kind.value, subject, now),
        scope=answer.scope,
        basis=answer.basis.strip(),
        reason=answer.reason.strip(),
        role=role.value,
        organization_name=actor.organization_name,
        confirmed_by=actor.label,
        confirmed_at=now,
    )
    session.add(row)
    session.flush()
    # Nobody confirmed before: what its people knew it by is the suggestion.
    if (before or subject.scope) != answer.scope:
        _tell(session, actor, subject, before, answer, now)
    return Confirmed(
        before=before,
        scope=answer.scope,
        changes={
            "suggested": subject.scope,
            "policy": {"from": before, "to": answer.scope},
            "basis": row.basis,
            "reason": row.reason,
        },
    )


def list_answer_blockers(answer: ClassAnswer, subject: Subject) -> list[Blocker]:
    """What is missing in the answer."""
    checks = (
        ("scope", answer.scope in set(PolicyScope), "区分を選んでください。"),
        ("basis", bool(answer.basis.strip()), "確かめた資料や事実を入力してください。"),
        ("basis", len(answer.basis) <= MOST_WORDS, f"{MOST_WORDS:,}文字以内で入力してください。"),
        ("reason", len(answer.reason) <= MOST_WORDS, f"{MOST_WORDS:,}文字以内で入力してください。"),
        (
            "reason",
            answer.scope == subject.scope or bool(answer.reason.strip()),
            "推定と異なる区分にするときは、その理由を入力してください。",
        ),
    )
    return [
        Blocker(code=f"class_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]


def _tell(
    session: Session,
    actor: Actor,
    subject: Subject,
    before: str,
    answer: ClassAnswer,
    now: datetime,
) -> None:
    now_is = PolicyScope(answer.scope).label
    said = f"推定の「{PolicyScope(subject.scope).label}」ではなく「{now_is}」と"
    if before:
        said = f"「{PolicyScope(before).label}」から「{now_is}」に改めて"
    reason = f"理由：{answer.reason.strip()}\n" if answer.reason.strip() else ""
    for organization_id in subject.organization_ids:
        if organization_id == actor.organization_id:
            continue
        tell_organization(
            session,
            organization_id,
            title=f"「{subject.name}」の国の方針との関係が確認されました",
            body=(
                f"{actor.organization_name}が、「{subject.name}」の区分を{said}"
                f"確認しました。\n{reason}掲載や手続きはそのまま続けられます。"
            ),
            url=subject.url,
            now=now,
        )
