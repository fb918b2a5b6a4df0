"""A body says what it needs; a coordinator may prepare it, and then the body confirms."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import LocalBody, Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may_for_body
from catalog.models import SystemType
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.needs import (
    MustHave,
    NeedStatus,
    Network,
    list_contradictions,
    month_index,
)
from procurement.need_models import Need
from procurement.queries.need_units import unit_of
from procurement.services.invitations import organization_of_body
from procurement.services.joining import MAX_QUANTITY
from procurement.services.need_alerts import tell_of_shared_need
from procurement.services.projects import Difference

MAX_OBSTACLES = 1000
MONTHS_AHEAD, MONTHS_BACK = 120, 12
LATEST_END_MONTHS = 240


@dataclass(frozen=True, kw_only=True)
class NeedAnswers:
    """What a body says: seven answers beside the system type.

    wanted_from: first day of a month. annual_cost_yen: present, yearly, tax-included.
    quantity: in the unit of the system type. None and '' mean not said.
    """

    wanted_from: date | None
    contract_ends_on: date | None = None
    annual_cost_yen: int | None = None
    quantity: int | None = None
    network: str = Network.ANY.value
    must_haves: tuple[str, ...] = ()
    obstacles: str = ""


ANSWER_LABELS = {
    "wanted_from": "いつから必要か",
    "contract_ends_on": "今の契約の終わり",
    "annual_cost_yen": "今の年額（税込）",
    "quantity": "主な数量",
    "network": "利用するネットワーク",
    "must_haves": "欠かせない条件",
    "obstacles": "進められない理由",
}
# What no other body, and no audit page, may read.
SECRET_ANSWERS = ("annual_cost_yen", "obstacles")


class NeedConflict(Conflict):
    """A colleague saved first. `row_version` is what a deliberate second save must name."""

    def __init__(self, differences: tuple[Difference, ...], row_version: int) -> None:
        self.differences = differences
        self.row_version = row_version
        super().__init__(
            "ほかの担当者が先に保存しました。違いを確かめて、もう一度保存してください。"
        )


def state_need(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    body_code: str,
    system_type_code: str,
    answers: NeedAnswers,
) -> Need:
    """Write down a body's need. By its own staff it counts at once, by its coordinator not yet.

    Raises NotFound for a body the actor may not speak for.
    """
    _lock_body(session, actor, body_code)
    row = find_need(session, body_code, system_type_code)
    blockers = _type_blockers(session, system_type_code) + list_stating_blockers(row)
    blockers += list_answer_blockers(answers, now)
    if blockers:
        raise Refused(blockers)
    row = row or Need(body_code=body_code, system_type_code=system_type_code, created_at=now)
    own = actor.body_code == body_code
    row.status = NeedStatus.STATED if own else NeedStatus.REQUESTED
    row.entered_by = "" if own else actor.label
    row.unit = unit_of(system_type_code).value
    _write(row, answers, now)
    session.add(row)
    session.flush()
    if own:
        tell_of_shared_need(session, row, now=now)
    else:
        _tell_body(session, row, actor, now)
    _record(session, actor, "state_need" if own else "request_need", row, _said(answers), now)
    return row


def change_need(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    need_id: int,
    answers: NeedAnswers,
    seen_version: int,
) -> Need:
    """Keep new answers. The body's own saving also confirms what a coordinator entered.

    Raises NeedConflict when somebody saved since the form was opened.
    """
    row = lock_need(session, actor, need_id)
    blockers = list_change_blockers(row, actor)
    if blockers:
        raise Refused(blockers)
    if row.row_version != seen_version:
        raise NeedConflict(list_differences(row, answers), row.row_version)
    blockers = list_answer_blockers(answers, now)
    if blockers:
        raise Refused(blockers)
    before, confirmed = _answers_of(row), actor.body_code == row.body_code
    _write(row, answers, now)
    if confirmed:
        row.status = NeedStatus.STATED
        session.flush()
        tell_of_shared_need(session, row, now=now)
    session.flush()
    changed = {name: value for name, value in _said(answers).items() if before[name] != value}
    _record(session, actor, "change_need", row, changed, now)
    return row


def confirm_need(
    session: Session, *, actor: Actor, now: datetime, need_id: int, seen_version: int
) -> Need:
    """The body makes what its coordinator entered its own. Raises NeedConflict as change_need."""
    row = lock_need(session, actor, need_id)
    blockers = list_confirm_blockers(row, actor)
    if blockers:
        raise Refused(blockers)
    if row.row_version != seen_version:
        raise NeedConflict((), row.row_version)
    row.status = NeedStatus.STATED
    row.updated_at = now
    session.flush()
    tell_of_shared_need(session, row, now=now)
    _record(session, actor, "confirm_need", row, {}, now)
    return row


def withdraw_need(session: Session, *, actor: Actor, now: datetime, need_id: int) -> Need:
    """The need counts no more. It can be stated again."""
    row = lock_need(session, actor, need_id)
    blockers = list_withdraw_blockers(row, actor)
    if blockers:
        raise Refused(blockers)
    row.status = NeedStatus.WITHDRAWN
    row.updated_at = now
    session.flush()
    _record(session, actor, "withdraw_need", row, {}, now)
    return row


def find_need(session: Session, body_code: str, system_type_code: str) -> Need | None:
    """What the body once said of that system type."""
    found: Need | None = session.scalar(
        select(Need).where(Need.body_code == body_code, Need.system_type_code == system_type_code)
    )
    return found


def lock_need(session: Session, actor: Actor, need_id: int) -> Need:
    """The need, held until the transaction ends. Raises NotFound for another body's."""
    row = session.get(Need, need_id)
    if row is None:
        raise NotFound("need")
    # The body's row first, as stating does: two people of one body stand in one line.
    _lock_body(session, actor, row.body_code)
    session.refresh(row, with_for_update=True)
    return row


def list_stating_blockers(row: Need | None) -> list[Blocker]:
    """Why a need cannot be stated: it was said once already."""
    if row is None or row.status == NeedStatus.WITHDRAWN:
        return []
    message = "このシステム種別のニーズは登録済みです。登録済みの内容を変更してください。"
    return [Blocker(code="already", message=message)]


def list_change_blockers(row: Need, actor: Actor) -> list[Blocker]:
    """Why the actor cannot change the need."""
    if row.status == NeedStatus.WITHDRAWN:
        message = "取り下げたニーズです。必要なら、もう一度登録してください。"
        return [Blocker(code="withdrawn", message=message)]
    return _foreign_blockers(row, actor)


def list_withdraw_blockers(row: Need, actor: Actor) -> list[Blocker]:
    """Why the actor cannot withdraw the need."""
    if row.status == NeedStatus.WITHDRAWN:
        return [Blocker(code="withdrawn", message="すでに取り下げられています。")]
    return _foreign_blockers(row, actor)


def list_confirm_blockers(row: Need, actor: Actor) -> list[Blocker]:
    """Why the actor cannot confirm the need."""
    if row.status != NeedStatus.REQUESTED:
        return [Blocker(code="not_requested", message="確認を待っている内容ではありません。")]
    if actor.body_code != row.body_code:
        message = "確認できるのは、その団体の担当者だけです。"
        return [Blocker(code="other_body", message=message)]
    return []


def _foreign_blockers(row: Need, actor: Actor) -> list[Blocker]:
    """A coordinator's hand ends where the body has spoken for itself."""
    if actor.body_code == row.body_code or row.status == NeedStatus.REQUESTED:
        return []
    message = "団体が登録した内容です。変更や取り下げは、その団体に依頼してください。"
    return [Blocker(code="others_word", message=message)]


def list_answer_blockers(answers: NeedAnswers, now: datetime) -> list[Blocker]:
    """What is wrong with the answers, each beside its field."""
    checks = [*_month_checks(answers, now), *_figure_checks(answers), *_choice_checks(answers)]
    return [
        Blocker(code=f"field_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]


_Checks = list[tuple[str, bool, str]]


def _month_checks(answers: NeedAnswers, now: datetime) -> _Checks:
    this_month = month_index(jst_today(now))
    wanted, ends = answers.wanted_from, answers.contract_ends_on
    ahead = None if wanted is None else month_index(wanted) - this_month
    return [
        ("wanted_from", wanted is not None, "いつから必要かを入力してください。"),
        (
            "wanted_from",
            ahead is None or -MONTHS_BACK <= ahead <= MONTHS_AHEAD,
            "1年前から10年先までの月を入力してください。",
        ),
        (
            "contract_ends_on",
            ends is None or abs(month_index(ends) - this_month) <= LATEST_END_MONTHS,
            "今の契約の終わりは、前後20年以内の日にしてください。",
        ),
    ]


def _figure_checks(answers: NeedAnswers) -> _Checks:
    quantity, yen = answers.quantity, answers.annual_cost_yen
    return [
        (
            "quantity",
            quantity is None or 1 <= quantity <= MAX_QUANTITY,
            f"数量は1から{MAX_QUANTITY:,}までの整数で入力してください。",
        ),
        ("annual_cost_yen", yen is None or yen >= 0, "年額は0円以上で入力してください。"),
    ]


def _choice_checks(answers: NeedAnswers) -> _Checks:
    known = set(answers.must_haves) <= set(MustHave)
    clashes = list_contradictions(answers.must_haves)
    both = "、".join(f"「{one.label}」と「{other.label}」" for one, other in clashes)
    return [
        (
            "network",
            answers.network in set(Network),
            "利用するネットワークを選び直してください。",
        ),
        ("must_haves", known, "欠かせない条件を選び直してください。"),
        ("must_haves", not clashes, f"{both}は両立しません。どちらかにしてください。"),
        (
            "obstacles",
            len(answers.obstacles) <= MAX_OBSTACLES,
            f"{MAX_OBSTACLES:,}文字以内で入力してください。",
        ),
    ]


def _type_blockers(session: Session, system_type_code: str) -> list[Blocker]:
    if session.get(SystemType, system_type_code) is not None:
        return []
    message = "システム種別を選び直してください。"
    return [Blocker(code="system_type", message=message, field="category")]


def list_differences(row: Need, answers: NeedAnswers) -> tuple[Difference, ...]:
    """Where what is stored is not what the second person wants, in the form's order."""
    stored = _answers_of(row)
    return tuple(
        Difference(label=label, stored=shown_answer(stored[name]), wanted=shown_answer(wanted))
        for name, label in ANSWER_LABELS.items()
        if stored[name] != (wanted := _said(answers)[name])
    )


def shown_answer(value: object) -> str:
    """An answer as a reader sees it; codes by their words."""
    words = {each.value: each.label for kind in (Network, MustHave) for each in kind}
    if isinstance(value, list):
        return "、".join(words.get(str(each), str(each)) for each in value) or "なし"
    if isinstance(value, int):
        return f"{value:,}"
    return words.get(str(value), str(value)) if value not in (None, "") else "記載なし"


def _lock_body(session: Session, actor: Actor, body_code: str) -> LocalBody:
    if not may_for_body(actor, Action.STATE_INTEREST, body_code):
        raise NotFound("local body")
    body = session.get(LocalBody, body_code, with_for_update=True)
    if body is None or body.fictional != actor.fictional:
        raise NotFound("local body")
    return body


def _write(row: Need, answers: NeedAnswers, now: datetime) -> None:
    for name, value in _said(answers).items():
        setattr(row, name, value)
    row.updated_at = now


def _said(answers: NeedAnswers) -> dict[str, object]:
    values = {each.name: getattr(answers, each.name) for each in fields(answers)}
    return values | {"must_haves": sorted(set(answers.must_haves))}


def _answers_of(row: Need) -> dict[str, object]:
    return {name: getattr(row, name) for name in ANSWER_LABELS}


def _record(
    session: Session, actor: Actor, action: str, row: Need, said: dict[str, object], now: datetime
) -> None:
    kept = {
        name: secret(value) if name in SECRET_ANSWERS else value for name, value in said.items()
    }
    place = {"body_code": row.body_code, "system_type_code": row.system_type_code}
    record(session, actor, action, "need", row.id, place | kept, now)


def _tell_body(session: Session, row: Need, actor: Actor, now: datetime) -> None:
    organization: Organization = organization_of_body(session, row.body_code)
    system_type = session.get_one(SystemType, row.system_type_code)
    tell_organization(
        session,
        organization.id,
        title=f"「{system_type.name}」のニーズが代理で入力されました",
        body=f"{actor.label}が入力しました。内容を確認すると、自団体のニーズとして数えられます。",
        url=f"/interests/{row.id}",
        now=now,
    )
