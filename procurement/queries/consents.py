"""Consents to fixed share versions: the newest answer of each body."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from accounts.models import LocalBody
from procurement.domain.consent import AGREED, ConsentStatus, ConsentView, agreed_terms
from procurement.domain.participation import BOUND_BY_CONTRACT, TAKING_PART
from procurement.models import Consent, Participation, Project, ShareLine, ShareVersion


@dataclass(frozen=True, kw_only=True)
class ConsentRow:
    """One body's answer to one version. maximum_yen is empty for readers who may not see it."""

    id: int
    participation_id: int
    code: str
    name: str
    status: ConsentStatus
    maximum_yen: dict[int, int]
    approval_date: date | None
    approval_number: str
    asked_at: datetime
    answered_at: datetime | None
    reminders_sent: int
    last_reminded_at: datetime | None
    takes_part: bool
    has_contract: bool
    fictional: bool

    def view(self, closes_at: datetime | None) -> ConsentView:
        """The consent as the rules see it."""
        return ConsentView(
            code=self.code,
            name=self.name,
            status=self.status,
            maximum_yen=self.maximum_yen,
            closes_at=closes_at,
            reminders_sent=self.reminders_sent,
        )


def newest_version_id() -> ScalarSelect[int]:
    """The id of the project's newest version, correlated to an enclosing query of projects."""
    newer = aliased(ShareVersion)
    return (
        select(func.max(newer.id))
        .where(newer.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )


def find_latest_version(session: Session, project_id: int) -> ShareVersion | None:
    """The newest fixed version of the project."""
    found: ShareVersion | None = session.scalar(
        select(ShareVersion)
        .where(ShareVersion.project_id == project_id)
        .order_by(ShareVersion.number.desc())
        .limit(1)
    )
    return found


def list_consents(session: Session, share_version_id: int) -> tuple[ConsentRow, ...]:
    """Every answer to the version, by body. One query."""
    rows = session.execute(
        _consents().where(Consent.share_version_id == share_version_id).order_by(LocalBody.code)
    )
    return tuple(_row(*row) for row in rows)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """newest: the answers to the newest version. agreed: the consents that still hold for it."""

    newest: tuple[ConsentRow, ...] = ()
    agreed: tuple[ConsentRow, ...] = ()


def list_agreed(session: Session, project_id: int) -> tuple[ConsentRow, ...]:
    """The consents that still hold for the newest terms, by body. Two queries."""
    return load_answers(session, project_id).agreed


def load_answers(session: Session, project_id: int) -> Answers:
    """The answers to the newest version, and what of all answers still holds. Two queries.

    A body that is asked anew keeps what it agreed to before; one that took its consent back, or
    agreed to other terms, has none.
    """
    versions = session.execute(
        select(ShareVersion.id, ShareVersion.terms)
        .where(ShareVersion.project_id == project_id)
        .order_by(ShareVersion.number)
    ).all()
    if not versions:
        return Answers()
    newest = versions[-1]
    same = {row.id for row in versions if agreed_terms(row.terms) == agreed_terms(newest.terms)}
    rows = session.execute(
        _consents()
        .join(ShareVersion, ShareVersion.id == Consent.share_version_id)
        .where(ShareVersion.project_id == project_id)
        .order_by(LocalBody.code, ShareVersion.number.desc())
    ).all()
    last: dict[str, Consent] = {}
    agreed: dict[str, ConsentRow] = {}
    for consent, status, code, name, fictional in rows:
        if code in last and last[code].status != ConsentStatus.ASKED:
            continue
        last[code] = consent
        if consent.status in AGREED and consent.share_version_id in same:
            agreed[code] = _row(consent, status, code, name, fictional)
    return Answers(
        newest=tuple(_row(*row) for row in rows if row[0].share_version_id == newest.id),
        agreed=tuple(agreed[code] for code in sorted(agreed)),
    )


def find_earlier_maximum(session: Session, row: ConsentRow | None) -> dict[int, int]:
    """What a body that is asked anew agreed to before, by fiscal year; {} for all others.

    row: its answer to the newest version. The same as in `load_answers`, in one query.
    """
    if row is None or row.status is not ConsentStatus.ASKED:
        return {}
    answers = session.execute(
        select(Consent.status, Consent.maximum_yen, ShareVersion.terms)
        .join(ShareVersion, ShareVersion.id == Consent.share_version_id)
        .where(Consent.participation_id == row.participation_id)
        .order_by(ShareVersion.number.desc())
    ).all()
    last = next((each for each in answers if each.status != ConsentStatus.ASKED), None)
    if last is None or last.status not in AGREED:
        return {}
    same = agreed_terms(last.terms) == agreed_terms(answers[0].terms)
    return {int(year): amount for year, amount in last.maximum_yen.items()} if same else {}


def _consents() -> Select[Consent, str, str, str, bool]:
    return (
        select(Consent, Participation.status, LocalBody.code, LocalBody.name, LocalBody.fictional)
        .join(Participation, Participation.id == Consent.participation_id)
        .join(LocalBody, LocalBody.code == Participation.body_code)
    )


def _row(consent: Consent, status: str, code: str, name: str, fictional: bool) -> ConsentRow:
    return ConsentRow(
        id=consent.id,
        participation_id=consent.participation_id,
        code=code,
        name=name,
        status=ConsentStatus(consent.status),
        maximum_yen={int(year): amount for year, amount in consent.maximum_yen.items()},
        approval_date=consent.approval_date,
        approval_number=consent.approval_number,
        asked_at=consent.asked_at,
        answered_at=consent.answered_at,
        reminders_sent=consent.reminders_sent,
        last_reminded_at=consent.last_reminded_at,
        takes_part=status in TAKING_PART,
        has_contract=status in BOUND_BY_CONTRACT,
        fictional=fictional,
    )


def lines_by_year(session: Session, share_version_id: int) -> dict[str, dict[int, int]]:
    """Body → fiscal year → yen of a fixed version. One query."""
    rows = session.execute(
        select(ShareLine.body_code, ShareLine.fiscal_year, func.sum(ShareLine.amount_yen))
        .where(ShareLine.share_version_id == share_version_id)
        .group_by(ShareLine.body_code, ShareLine.fiscal_year)
    )
    lines: dict[str, dict[int, int]] = {}
    for code, year, amount_yen in rows:
        lines.setdefault(code, {})[year] = int(amount_yen)
    return lines
