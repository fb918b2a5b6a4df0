"""What a lead body does with its published case: refresh it each year, add what it learnt (F01)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may
from catalog.checks import MAX_TEXT
from catalog.entries import PublicationStatus
from catalog.models import Case
from catalog.queries.case_leads import leads_case
from catalog.search.outbox import queue
from catalog.services import get_case
from foundation.clock import add_months, jst_today
from foundation.db import Database
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.mail import Notice
from foundation.settings import run_once_a_day

CONFIRM_AGAIN_AFTER_MONTHS = 12
SHOWN = 20
CHECKED_ON = "cases_checked_on"
LABELS = {
    "know_how": "ノウハウ",
    "issues_met": "課題と対応",
    "measured_effects": "測った効果",
    "contact_office": "問い合わせ先の部署",
}


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What the lead says now. measured_effects: one a line. row_version: as it was shown."""

    know_how: str
    issues_met: str
    measured_effects: tuple[str, ...]
    contact_office: str
    row_version: int


@dataclass(frozen=True, kw_only=True)
class OwnCase:
    """A published case the body leads. stale: last confirmed more than twelve months ago."""

    id: int
    title: str
    last_confirmed_on: date
    stale: bool
    without_know_how: bool
    fictional: bool


def list_own_cases(
    session: Session, actor: Actor, today: date, *, written: Collection[int] = ()
) -> tuple[OwnCase, ...]:
    """The published cases of the actor's body, longest unconfirmed first: at most SHOWN.

    written: numbers of cases that its organisation wrote here; a council has no body's code.
    """
    if not may(actor, Action.EDIT_PROJECT) or not (actor.body_code or written):
        return ()
    led = Case.lead_body_code == actor.body_code if actor.body_code else Case.id.in_(written)
    statement = _published().where(led)
    rows = [
        OwnCase(
            id=case.id,
            title=case.title,
            last_confirmed_on=case.last_confirmed_on,
            stale=needs_confirmation(case.last_confirmed_on, today),
            without_know_how=not case.know_how.strip(),
            fictional=case.fictional,
        )
        for case in session.scalars(statement)
    ]
    rows.sort(key=lambda row: (row.last_confirmed_on, row.id))
    return tuple(rows[:SHOWN])


def needs_confirmation(confirmed_on: date, today: date) -> bool:
    """Whether a case was last confirmed more than twelve months ago."""
    return add_months(confirmed_on, CONFIRM_AGAIN_AFTER_MONTHS) < today


def may_refresh(
    actor: Actor, case_id: int, lead_body_code: str | None, *, written: Collection[int] = ()
) -> bool:
    """Whether the case is the actor's own: led by its body, or written by its council."""
    led = lead_body_code is not None and actor.body_code == lead_body_code
    return (led or case_id in written) and may(actor, Action.EDIT_PROJECT)


def find_own_case(
    session: Session, actor: Actor, case_id: int, *, written: Collection[int] = ()
) -> Case:
    """The published case, if it is the actor's own. Raises NotFound."""
    case = session.scalar(_published().where(Case.id == case_id))
    if case is None or not may_refresh(actor, case_id, case.lead_body_code, written=written):
        raise NotFound(f"case {case_id}")
    return case


def refresh_case(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    case_id: int,
    refresh: Refresh,
    written: Collection[int] = (),
) -> None:
    """Say that the case is as it stands, with what is new; it counts as confirmed today.

    Raises NotFound, Refused, Conflict where somebody changed it since it was shown.
    """
    find_own_case(session, actor, case_id, written=written)
    case = get_case(session, case_id)
    if case.row_version != refresh.row_version:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    blockers = _list_faults(refresh)
    if blockers:
        raise Refused(blockers)
    new = {
        "know_how": refresh.know_how.strip(),
        "issues_met": refresh.issues_met.strip(),
        "measured_effects": list(refresh.measured_effects),
        "contact_office": refresh.contact_office.strip(),
    }
    changed = [LABELS[name] for name, value in new.items() if getattr(case, name) != value]
    for name, value in new.items():
        setattr(case, name, value)
    case.last_confirmed_on = jst_today(now)
    case.updated_at = now
    session.flush()
    queue(session, "case", case.id, now=now)
    changes = {"title": case.title, "fields": "、".join(changed)}
    record(session, actor, "refresh_case", "case", case.id, changes, now)


def tell_of_old_cases(database: Database, now: datetime) -> int:
    """Once a day: lead bodies are told once of each case that is a year old; how many."""

    def tell(session: Session, today: date) -> int:
        return sum(_tell(session, *one, now) for one in _old_cases(session, today))

    return run_once_a_day(database, CHECKED_ON, now, tell)


def _published() -> Select[Case]:
    return select(Case).where(Case.publication_status == PublicationStatus.PUBLISHED.value)


def _old_cases(session: Session, today: date) -> list[tuple[Case, int]]:
    """(case, its lead body's organisation)."""
    statement = (
        select(Case, Organization.id)
        .join(Organization, leads_case())
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .where(Case.last_confirmed_on < add_months(today, -CONFIRM_AGAIN_AFTER_MONTHS))
        .order_by(Case.id)
    )
    return [(case, organization_id) for case, organization_id in session.execute(statement)]


def _tell(session: Session, case: Case, organization_id: int, now: datetime) -> bool:
    title = f"事例「{case.title}」の内容を確かめてください"
    url = f"/cases/{case.id}/refresh"
    body = (
        f"最後の確認（{case.last_confirmed_on}）から12か月を過ぎています。"
        "今も変わりがなければ、そのまま確認できます。"
    )
    statement = select(Notice.id).where(
        Notice.organization_id == organization_id, Notice.url == url, Notice.body == body
    )
    if session.scalar(statement) is not None:
        return False
    tell_organization(session, organization_id, title=title, body=body, url=url, now=now)
    return True


def _list_faults(refresh: Refresh) -> list[Blocker]:
    texts = {
        "know_how": refresh.know_how,
        "issues_met": refresh.issues_met,
        "measured_effects": "\n".join(refresh.measured_effects),
        "contact_office": refresh.contact_office,
    }
    faults = [
        Blocker(
            code="too_long",
            message=f"「{LABELS[name]}」は{MAX_TEXT:,}文字以内で入力してください。",
            field=name,
        )
        for name, text in texts.items()
        if len(text) > MAX_TEXT
    ]
    if "@" in refresh.contact_office:
        message = "メールアドレスは書けません。部署の名称だけを書いてください。"
        faults.append(Blocker(code="address", message=message, field="contact_office"))
    return faults
