"""A lead publishes its case when the operator has said nothing past the deadline."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.case_drafting.review_waits import list_own_publishing_blockers
from catalog.case_drafting.services import find_waiting, get_own_draft, publish_submission
from catalog.desk.submissions import Verdict
from catalog.desk.telling import tell_operators
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused


def publish_own_case(
    session: Session, *, actor: Actor, now: datetime, draft_id: int, seen_sha256: str
) -> int:
    """Publish what waits, marked as not reviewed; the case's number. Raises as approving does.

    The operator is told; an approved change of the case later takes the mark away.
    """
    draft = get_own_draft(session, actor, draft_id)
    waiting = find_waiting(session, draft.id)
    blockers = list_own_publishing_blockers(waiting, jst_today(now))
    if blockers or waiting is None:
        raise Refused(blockers)
    if waiting.content_sha256 != seen_sha256:
        raise Conflict("提出の内容が変わっています。画面を開き直してください。")
    case_id = publish_submission(
        session,
        draft=draft,
        submission=waiting,
        verdict=Verdict.UNREVIEWED,
        action="publish_own_case",
        actor=actor,
        now=now,
    )
    title = (
        f"事例「{waiting.content['title']}」が、審査の期限を過ぎたため幹事団体により公開されました"
    )
    tell_operators(session, title=title, url=f"/cases/{case_id}", now=now)
    return case_id
