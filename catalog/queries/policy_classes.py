"""Reading what entries and projects count as under the policy: suggested, confirmed, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Subquery, func, or_, select
from sqlalchemy.orm import Session

from catalog.entries import PublicationStatus
from catalog.models import Offering, PolicyClass, PolicyConfirmation, SystemType, Vendor
from catalog.policy import ClassedKind, ClassState
from foundation.paging import Page, paginate


@dataclass(frozen=True, kw_only=True)
class ClassEventRow:
    """One line of the history: a suggestion by the table, or what a person confirmed.

    role: operator or lead, '' for a suggestion. sources: document and lines of each.
    """

    at: datetime
    scope: str
    items: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    role: str = ""
    organization_name: str = ""
    basis: str = ""
    reason: str = ""

    @property
    def confirmed(self) -> bool:
        return bool(self.role)


@dataclass(frozen=True, kw_only=True)
class ClassPage:
    """What one entry or project counts as. events: newest first.

    number: of its last confirmation, 0 if there is none; suggested: None before the first look.
    """

    state: ClassState
    number: int
    suggested: ClassEventRow | None
    confirmed: ClassEventRow | None
    events: tuple[ClassEventRow, ...]


@dataclass(frozen=True, kw_only=True)
class UnconfirmedRow:
    """A published entry that waits for a person's word. confirmed: '' where nobody gave one yet."""

    id: int
    name: str
    fictional: bool
    vendor_name: str
    state: ClassState
    confirmed: str
    suggested: str
    items: tuple[str, ...]


def get_class_page(session: Session, kind: str, subject_id: int) -> ClassPage:
    """Everything known of the subject's class. One query."""
    statement = (
        select(PolicyClass, PolicyConfirmation)
        .outerjoin(PolicyConfirmation, PolicyConfirmation.class_id == PolicyClass.id)
        .where(PolicyClass.subject_kind == kind, PolicyClass.subject_id == subject_id)
    )
    found = session.execute(statement).all()
    classes = {suggestion.id: suggestion for suggestion, _ in found}
    answers = sorted(
        ((answer, suggestion) for suggestion, answer in found if answer is not None),
        key=lambda pair: -pair[0].number,
    )
    newest = answers[0][0] if answers else None
    # Of several at one moment a suggestion comes before its answer.
    events = [((row.found_at, row.id, 0), _suggestion(row)) for row in classes.values()]
    events += [
        ((row.confirmed_at, row.class_id, row.number), _confirmation(row, answered))
        for row, answered in answers
    ]
    return ClassPage(
        state=_state_of(newest, max(classes, default=0)),
        number=newest.number if newest else 0,
        suggested=_suggestion(classes[max(classes)]) if classes else None,
        confirmed=_confirmation(*answers[0]) if answers else None,
        events=tuple(row for _, row in sorted(events, key=itemgetter(0), reverse=True)),
    )


def list_classes(session: Session, kind: str, subject_id: int) -> tuple[PolicyClass, ...]:
    """What the table said of one entry or project, newest first."""
    statement = (
        select(PolicyClass)
        .where(PolicyClass.subject_kind == kind, PolicyClass.subject_id == subject_id)
        .order_by(PolicyClass.id.desc())
    )
    return tuple(session.scalars(statement))


def confirmed_scopes(session: Session, kind: str, ids: Sequence[int]) -> dict[int, str]:
    """What a person said last of each of these; those nobody confirmed are not in it. One query."""
    newest = (
        select(func.max(PolicyConfirmation.id))
        .where(PolicyConfirmation.subject_kind == kind, PolicyConfirmation.subject_id.in_(ids))
        .group_by(PolicyConfirmation.subject_id)
    )
    statement = select(PolicyConfirmation.subject_id, PolicyConfirmation.scope)
    rows = session.execute(statement.where(PolicyConfirmation.id.in_(newest)))
    return {subject_id: scope for subject_id, scope in rows}


def list_unconfirmed(session: Session, *, page: int, size: int) -> Page[UnconfirmedRow]:
    """Published entries that wait for a person: changed suggestions first. Two queries."""
    kind = ClassedKind.OFFERING.value
    newest = _newest(PolicyClass, kind)
    answered = _newest(PolicyConfirmation, kind)
    statement = (
        select(
            Offering.id,
            Offering.name,
            Offering.fictional,
            Vendor.name.label("vendor_name"),
            SystemType.policy_scope,
            PolicyClass.scope.label("suggested"),
            PolicyClass.items,
            PolicyConfirmation.scope.label("confirmed"),
        )
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .join(SystemType, SystemType.code == Offering.system_type_code)
        .outerjoin(newest, newest.c.subject_id == Offering.id)
        .outerjoin(PolicyClass, PolicyClass.id == newest.c.newest_id)
        .outerjoin(answered, answered.c.subject_id == Offering.id)
        .outerjoin(PolicyConfirmation, PolicyConfirmation.id == answered.c.newest_id)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .where(
            or_(
                PolicyConfirmation.id.is_(None),
                PolicyConfirmation.class_id != newest.c.newest_id,
            )
        )
        .order_by(PolicyConfirmation.id.is_(None), Offering.id)
    )
    return paginate(session, statement, page=page, size=size, make_row=_unconfirmed_row)


def _newest(table: type[PolicyClass] | type[PolicyConfirmation], kind: str) -> Subquery:
    return (
        select(table.subject_id, func.max(table.id).label("newest_id"))
        .where(table.subject_kind == kind)
        .group_by(table.subject_id)
        .subquery()
    )


def _unconfirmed_row(found: Any) -> UnconfirmedRow:
    return UnconfirmedRow(
        id=found.id,
        name=found.name,
        fictional=found.fictional,
        vendor_name=found.vendor_name,
        state=ClassState.RECHECK if found.confirmed else ClassState.UNCONFIRMED,
        confirmed=found.confirmed or "",
        suggested=found.suggested or found.policy_scope,
        items=tuple(found.items or ()),
    )


def _state_of(newest: PolicyConfirmation | None, class_id: int) -> ClassState:
    if newest is None:
        return ClassState.UNCONFIRMED
    return ClassState.CONFIRMED if newest.class_id == class_id else ClassState.RECHECK


def _suggestion(row: PolicyClass) -> ClassEventRow:
    return ClassEventRow(
        at=row.found_at,
        scope=row.scope,
        items=tuple(row.items),
        sources=tuple((name, lines) for name, lines in row.sources),
    )


def _confirmation(row: PolicyConfirmation, answered: PolicyClass) -> ClassEventRow:
    return ClassEventRow(
        at=row.confirmed_at,
        scope=row.scope,
        items=tuple(answered.items),
        sources=tuple((name, lines) for name, lines in answered.sources),
        role=row.role,
        organization_name=row.organization_name,
        basis=row.basis,
        reason=row.reason,
    )
