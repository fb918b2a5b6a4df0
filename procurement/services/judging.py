"""Judges: invited by the lead, heard after declaring no conflict; and the award."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization, User
from accounts.roles import Action, Actor
from catalog.models import Vendor
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from procurement.domain.judging import next_in_rank, read_scores
from procurement.domain.states import State
from procurement.models import Project, ProjectRole
from procurement.queries.judging import (
    JUDGING,
    JudgingPage,
    find_rule,
    get_judging_page,
    sheet_json,
)
from procurement.queries.standing import Standing
from procurement.queries.tender import find_round, list_opened
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import Told, leave_trace
from procurement.tender_models import Award, JudgeSeat, TenderNotice


def invite_judge(
    session: Session, *, actor: Actor, now: datetime, project_id: int, email: str
) -> JudgeSeat:
    """A seat for a person who already has an account here. Raises Refused."""
    project, _ = lock_led_project(session, actor, project_id, Action.INVITE)
    if project.state not in JUDGING:
        raise refuse("no_evaluation", "審査委員は、公告から審査までの間に招きます。")
    user = _get_possible_judge(session, email)
    round_number = find_round(session, project_id)
    if _find_seat(session, project_id, round_number, user.id) is not None:
        raise refuse("invited", "この方はすでに審査委員です。", "email")
    if list_opened(session, project_id, round_number) and _leads(session, project_id, user):
        message = (
            "開札の後は、幹事団体・事務局の人を審査委員に招けません（提案の金額を見られるため）。"
            "審査委員は開札の前に招いてください。"
        )
        raise refuse("knows_prices", message, "email")
    seat = JudgeSeat(
        project_id=project_id,
        round=round_number,
        user_id=user.id,
        invited_at=now,
        invited_by=actor.label,
        absent_reason="",
        scores={},
    )
    session.add(seat)
    told = Told(
        organization_id=user.memberships[0].organization_id,
        title=f"「{project.title}」の審査委員",
        text=f"{user.name}さんが審査委員に招かれました。利害関係の申告と採点をしてください。",
        path=f"/projects/{project_id}/evaluation",
    )
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="invite_judge",
        changes={"judge": user.name},
        told=[told],
    )
    return seat


def _get_possible_judge(session: Session, email: str) -> User:
    """The account with this address. Raises Refused for none and for a vendor's."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None or not user.memberships:
        message = "このメールアドレスの利用者がいません。運営者に登録を依頼してください。"
        raise refuse("no_user", message, "email")
    kinds = session.scalars(
        select(Organization.kind).where(
            Organization.id.in_([place.organization_id for place in user.memberships])
        )
    ).all()
    if "vendor" in kinds:
        raise refuse("vendor", "事業者の利用者は審査委員になれません。", "email")
    return user


def _leads(session: Session, project_id: int, user: User) -> bool:
    """Whether the person could read opened prices, as one of those who lead."""
    found = session.scalar(
        select(ProjectRole.id)
        .where(
            ProjectRole.project_id == project_id,
            ProjectRole.role.in_(("lead", "secretariat")),
            ProjectRole.organization_id.in_([place.organization_id for place in user.memberships]),
        )
        .limit(1)
    )
    return found is not None


def mark_absent(
    session: Session, *, actor: Actor, now: datetime, project_id: int, user_id: int, reason: str
) -> JudgeSeat:
    """A judge who will not be heard, with the reason on record. Raises Refused."""
    project, _ = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    seat = _find_seat(session, project_id, find_round(session, project_id), user_id)
    if seat is None:
        raise NotFound("judge")
    if seat.submitted_at is not None:
        raise refuse("submitted", "採点を提出した審査委員は、欠席にできません。")
    if not reason.strip():
        raise refuse("reason", "欠席の理由を入力してください。", "reason")
    seat.absent_reason = reason.strip()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="mark_judge_absent",
        changes={"judge": user_id, "reason": seat.absent_reason},
    )
    return seat


def declare_no_conflict(
    session: Session, *, actor: Actor, now: datetime, project_id: int
) -> JudgeSeat:
    """The judge's own declaration, before anything of the proposals is shown. Raises NotFound."""
    seat = get_own_seat(session, actor, project_id)
    if seat.declared_at is None:
        seat.declared_at = now
        session.flush()
        record(session, actor, "declare_no_conflict", "project", project_id, {}, now)
    return seat


def hand_in_scores(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    given: Mapping[str, Mapping[str, str]],
) -> JudgeSeat:
    """The judge's own sheet, once. given: vendor id → criterion key → typed points.

    Raises Refused with every field that is no points, NotFound for who is no judge here.
    """
    seat = get_own_seat(session, actor, project_id)
    project = session.get_one(Project, project_id, with_for_update=True)
    rule = find_rule(session.get(TenderNotice, project_id))
    blockers = _list_scoring_blockers(project, seat)
    if rule is None or blockers:
        raise Refused(blockers)
    vendors = [row.vendor_id for row in list_opened(session, project_id, seat.round)]
    kept, wrong = read_scores(rule, vendors, given)
    if wrong:
        raise Refused(wrong)
    seat.scores, seat.submitted_at = kept, now
    session.flush()
    # That the sheet is in is no secret; what it says is, until everybody is.
    record(session, actor, "hand_in_scores", "project", project_id, {"round": seat.round}, now)
    return seat


def decide_award(
    session: Session, *, actor: Actor, now: datetime, project_id: int, seen_sha256: str
) -> Award:
    """The first of the sheet; written once, with the sheet. Raises Refused, Conflict.

    seen_sha256: of the sheet the actor saw.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    page = get_judging_page(session, project)
    blockers = list_award_blockers(project, standing, page)
    if blockers or page.sheet is None or page.sheet.preferred is None:
        raise Refused(blockers)
    if page.sha256 != seen_sha256:
        raise Conflict("審査の結果が変わりました。今の結果を確かめて、もう一度決定してください。")
    preferred = page.sheet.preferred
    line = next(each for each in page.sheet.lines if each.bidder == preferred)
    award = Award(
        project_id=project_id,
        round=page.round,
        number=1,
        vendor_id=int(preferred),
        price_yen=line.price_yen,
        sheet=sheet_json(page.sheet),
        sha256=page.sha256,
        decided_at=now,
        decided_by=actor.label,
    )
    session.add(award)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="decide_award",
        changes={"round": page.round, "sheet_sha256": page.sha256},
        told=_told_bidders(session, project, page),
    )
    return award


def turn_to_runner_up(session: Session, *, actor: Actor, now: datetime, project_id: int) -> Award:
    """The next of the same sheet, when negotiation failed; part of the move that says so.

    Raises Refused when nobody is left.
    """
    round_number = find_round(session, project_id)
    last = session.scalar(
        select(Award)
        .where(Award.project_id == project_id, Award.round == round_number)
        .order_by(Award.number.desc())
        .limit(1)
    )
    bidder = next_in_rank(last.sheet, last.number + 1) if last else ""
    if last is None or not bidder:
        raise refuse("no_runner_up", "次点者がいません。")
    line = next(each for each in last.sheet["proposals"] if each["bidder"] == bidder)
    award = Award(
        project_id=project_id,
        round=round_number,
        number=last.number + 1,
        vendor_id=int(bidder),
        price_yen=_price_of(session, project_id, round_number, int(line["bidder"])),
        sheet=dict(last.sheet),
        sha256=last.sha256,
        decided_at=now,
        decided_by=actor.label,
    )
    session.add(award)
    session.flush()
    return award


def _price_of(session: Session, project_id: int, round_number: int, vendor_id: int) -> int:
    opened = list_opened(session, project_id, round_number)
    return next(int(row.content["price_yen"]) for row in opened if row.vendor_id == vendor_id)


def list_award_blockers(project: Project, standing: Standing, page: JudgingPage) -> list[Blocker]:
    """Why nothing can be awarded now."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if project.state != State.EVALUATION.value:
        blockers.append(Blocker(code="no_evaluation", message="審査の段階で決定します。"))
    if page.award is not None:
        blockers.append(Blocker(code="awarded", message="すでに決定しました。"))
    if page.sheet is None:
        message = "定足数の審査委員の採点がそろっていません。"
        blockers.append(Blocker(code="scores", message=message))
    elif page.sheet.result == "failed":
        message = "順位の付く提案がありません。不調として扱ってください。"
        blockers.append(Blocker(code="failed", message=message))
    elif page.sheet.preferred is None:
        message = "同点の提案があり、くじで決める必要があります。"
        blockers.append(Blocker(code="lot", message=message))
    return blockers


def get_own_seat(session: Session, actor: Actor, project_id: int) -> JudgeSeat:
    """The actor's seat in the present round. Raises NotFound for everybody else."""
    if actor.user_id is None:
        raise NotFound("judge")
    seat = _find_seat(session, project_id, find_round(session, project_id), actor.user_id)
    if seat is None or seat.absent_reason:
        raise NotFound("judge")
    return seat


def _find_seat(
    session: Session, project_id: int, round_number: int, user_id: int
) -> JudgeSeat | None:
    found: JudgeSeat | None = session.scalar(
        select(JudgeSeat)
        .where(
            JudgeSeat.project_id == project_id,
            JudgeSeat.round == round_number,
            JudgeSeat.user_id == user_id,
        )
        .with_for_update()
    )
    return found


def _list_scoring_blockers(project: Project, seat: JudgeSeat) -> list[Blocker]:
    if project.state != State.EVALUATION.value:
        return [Blocker(code="no_evaluation", message="採点は審査の段階で行います。")]
    if seat.declared_at is None:
        message = "利害関係がないことを申告してから採点してください。"
        return [Blocker(code="undeclared", message=message)]
    if seat.submitted_at is not None:
        return [Blocker(code="submitted", message="採点は提出済みです。")]
    return []


def _told_bidders(session: Session, project: Project, page: JudgingPage) -> list[Told]:
    ids = session.scalars(
        select(Vendor.organization_id)
        .where(Vendor.id.in_([row.vendor_id for row in page.opened]))
        .order_by(Vendor.organization_id)
    )
    return [
        Told(
            organization_id=organization_id,
            title=f"「{project.title}」の審査の結果",
            text="審査の結果が決まりました。自社の得点と順位を確かめられます。",
            path=f"/projects/{project.id}/evaluation",
        )
        for organization_id in ids
    ]
