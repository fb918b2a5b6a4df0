"""The contracts of a project, each as far as the reader may know it (domain §4, §8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from accounts.models import LocalBody
from accounts.roles import Role
from catalog.models import Vendor
from procurement.contract_models import (
    AwardExtension,
    BidderQualification,
    Contract,
    ContractChange,
    ContractQuote,
    ContractRefusal,
)
from procurement.domain.contract_changes import ENDING, ChangeKind, ExtensionKind
from procurement.domain.contracts import ContractKind, Party
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.domain.states import State
from procurement.models import Participation, Project
from procurement.queries.standing import Standing
from procurement.queries.tender_facts import round_of
from procurement.queries.terms_in_time import reaches_the_term
from procurement.tender_models import Award

# Bodies, amounts and vendors are public after contracting (domain §8).
CONTRACTS_ARE_PUBLIC = (State.INTRODUCTION, State.OPERATION, State.CLOSED)


@dataclass(frozen=True, kw_only=True)
class ContractRow:
    """A signed document. What only its parties and the lead may read is '' or None for others.

    own: the reader's own organisation is a party. private: the reader may read the rest too.
    replaced: ended because the body changed to another certified product.
    """

    id: int
    kind: ContractKind
    wave: int
    term: int
    part: int
    product: str
    certification_id: int | None
    body_code: str
    body_name: str
    buyer_name: str
    vendor_id: int | None
    vendor_name: str
    number: str
    signed_on: date
    starts_on: date | None
    ends_on: date | None
    amount_yen: int | None
    amount_with_tax_yen: int | None
    tax_percent: Decimal
    vote_on: date | None
    membership: str
    signatory: str
    clause: str = ""
    reason: str = ""
    guarantee: str = ""
    guarantee_note: str = ""
    approval_number: str = ""
    changes: int = 0
    changed_yen: int = 0
    changed_end: date | None = None
    ended: bool = False
    replaced: bool = False
    end_reason: str = ""
    own: bool = False
    private: bool = False

    @property
    def current_yen(self) -> int | None:
        """The amount with its changes, tax-excluded."""
        return None if self.amount_yen is None else self.amount_yen + self.changed_yen


@dataclass(frozen=True, kw_only=True)
class QuoteRow:
    """The newest re-quote to a body."""

    body_code: str
    number: int
    vendor_id: int
    amount_yen: int
    note: str
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefusalRow:
    """A body that does not contract after its re-quote. reason: for itself and the lead."""

    body_code: str
    body_name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AwardedRow:
    """Whom the contracts are made with. price_yen: tax-excluded."""

    id: int
    number: int
    vendor_id: int
    vendor_name: str
    organization_id: int
    price_yen: int


@dataclass(frozen=True, kw_only=True)
class QualificationRow:
    """入札参加資格 of a vendor with an organisation. row_version 0: not stated yet."""

    number: str = ""
    valid_until: date | None = None
    row_version: int = 0


def find_newest_award(session: Session, project_id: int) -> AwardedRow | None:
    """The award of the project's present round. One query."""
    award = session.scalar(
        select(Award)
        .where(Award.project_id == project_id, Award.round == round_of(project_id))
        .options(joinedload(Award.vendor))
        .order_by(Award.number.desc())
        .limit(1)
    )
    return make_awarded(award, award.vendor) if award else None


def make_awarded(award: Award, vendor: Vendor) -> AwardedRow:
    """The award as the contracts read it; vendor: its first, or another that its sheet ranks."""
    return AwardedRow(
        id=award.id,
        number=award.number,
        vendor_id=vendor.id,
        vendor_name=vendor.name,
        organization_id=vendor.organization_id,
        price_yen=award.price_yen,
    )


def list_contracts(session: Session, project_id: int) -> tuple[ContractRow, ...]:
    """Every signed document with all it says: for services and the lead. Two queries."""
    rows = session.scalars(
        select(Contract)
        .where(Contract.project_id == project_id)
        .options(joinedload(Contract.buyer), joinedload(Contract.body), joinedload(Contract.vendor))
        .order_by(Contract.wave, Contract.body_code.is_not(None), Contract.body_code, Contract.id)
    )
    found = [_row(row) for row in rows]
    changes = _list_changes(session, project_id) if found else {}
    return tuple(_changed(row, changes.get(row.id, [])) for row in found)


def _list_changes(session: Session, project_id: int) -> dict[int, list[ContractChange]]:
    found: dict[int, list[ContractChange]] = {}
    for change in session.scalars(
        select(ContractChange)
        .join(Contract, Contract.id == ContractChange.contract_id)
        .where(Contract.project_id == project_id)
        .order_by(ContractChange.number)
    ):
        found.setdefault(change.contract_id, []).append(change)
    return found


def _changed(row: ContractRow, changes: list[ContractChange]) -> ContractRow:
    ends = [change.ends_on for change in changes if change.ends_on]
    ended = [change for change in changes if change.kind in ENDING]
    return replace(
        row,
        changes=len(changes),
        changed_yen=sum(change.amount_yen for change in changes),
        changed_end=ends[-1] if ends else None,
        ended=bool(ended),
        replaced=bool(ended) and ended[-1].kind == ChangeKind.REPLACED.value,
        end_reason=ended[-1].reason if ended else "",
    )


def _row(row: Contract) -> ContractRow:
    return ContractRow(
        id=row.id,
        kind=ContractKind(row.kind),
        wave=row.wave,
        term=row.term,
        part=row.part,
        product=row.product,
        certification_id=row.certification_id,
        body_code=row.body_code or "",
        body_name=row.body.name if row.body else "",
        buyer_name=row.buyer.name,
        vendor_id=row.vendor_id,
        vendor_name=row.vendor.name if row.vendor else "",
        number=row.number,
        signed_on=row.signed_on,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        amount_yen=row.amount_yen,
        amount_with_tax_yen=row.amount_with_tax_yen,
        tax_percent=row.tax_percent,
        vote_on=row.vote_on,
        membership=row.membership,
        signatory=row.signatory,
        clause=row.clause,
        reason=row.reason,
        guarantee=row.guarantee,
        guarantee_note=row.guarantee_note,
        approval_number=row.approval_number,
        private=True,
    )


def list_readable(
    rows: tuple[ContractRow, ...], project: Project, standing: Standing, vendor_id: int | None
) -> tuple[ContractRow, ...]:
    """The rows as this reader may see them.

    Lead and auditor: all. A body: its own and the one for all. A vendor: those it is a party to.
    Everybody: amounts and parties once contracting is over. Why a certification was withdrawn
    is for members and its vendor too.
    """
    reads_all = standing.leads or Role.AUDITOR in standing.actor.roles
    public = project.state in CONTRACTS_ARE_PUBLIC
    shown = []
    for row in rows:
        own = bool(row.body_code) and row.body_code == standing.actor.body_code
        party = own or (vendor_id is not None and row.vendor_id == vendor_id)
        if reads_all or own:
            shown.append(replace(row, own=own))
        elif party or public or (not row.body_code and standing.is_member):
            told = standing.is_member or party
            part = _public_part(row, own=party)
            shown.append(replace(part, end_reason=row.end_reason if told else ""))
    return tuple(shown)


def _public_part(row: ContractRow, *, own: bool) -> ContractRow:
    return replace(
        row,
        clause="",
        reason="",
        guarantee="",
        guarantee_note="",
        approval_number="",
        end_reason="",
        own=own,
        private=False,
    )


def list_quotes(session: Session, project_id: int) -> tuple[QuoteRow, ...]:
    """The newest re-quote to each body, by code. One query."""
    rows = session.scalars(
        select(ContractQuote)
        .where(ContractQuote.project_id == project_id)
        .order_by(ContractQuote.body_code, ContractQuote.number)
    )
    newest = {row.body_code: row for row in rows}
    return tuple(
        QuoteRow(
            body_code=row.body_code,
            number=row.number,
            vendor_id=row.vendor_id,
            amount_yen=row.amount_yen,
            note=row.note,
            given_at=row.given_at,
        )
        for row in newest.values()
    )


def list_refusals(session: Session, project_id: int) -> tuple[RefusalRow, ...]:
    """The bodies that refused after their re-quote, by code. One query."""
    rows = session.execute(
        select(ContractRefusal, LocalBody.name)
        .join(LocalBody, LocalBody.code == ContractRefusal.body_code)
        .where(ContractRefusal.project_id == project_id)
        .order_by(ContractRefusal.body_code)
    )
    return tuple(
        RefusalRow(body_code=row.body_code, body_name=name, reason=row.reason) for row, name in rows
    )


def list_parties(session: Session, project_id: int) -> tuple[Party, ...]:
    """The bodies that take part, and late joiners that have still to sign, by code. One query."""
    late = select(AwardExtension.body_code).where(
        AwardExtension.project_id == project_id,
        AwardExtension.kind == ExtensionKind.LATE_JOINER.value,
    )
    rows = session.execute(
        select(Participation.body_code, LocalBody.name, Participation.wave)
        .join(LocalBody, LocalBody.code == Participation.body_code)
        .join(Project, Project.id == Participation.project_id)
        .where(
            Participation.project_id == project_id,
            reaches_the_term(),
            or_(
                Participation.status.in_(TAKING_PART),
                and_(
                    Participation.status == ParticipationStatus.REQUESTED.value,
                    Participation.body_code.in_(late),
                ),
            ),
        )
        .order_by(Participation.body_code)
    )
    return tuple(Party(code=code, name=name, wave=wave) for code, name, wave in rows)


@dataclass(frozen=True, kw_only=True)
class ExtensionRow:
    """What is contracted beyond the award. reason: '' for readers who may not see it."""

    number: int
    kind: ExtensionKind
    body_code: str
    body_name: str
    amount_yen: int
    reason: str


def list_extensions(session: Session, project_id: int) -> tuple[ExtensionRow, ...]:
    """In the order of the decisions. One query."""
    rows = session.scalars(
        select(AwardExtension)
        .where(AwardExtension.project_id == project_id)
        .options(joinedload(AwardExtension.body))
        .order_by(AwardExtension.number)
    )
    return tuple(
        ExtensionRow(
            number=row.number,
            kind=ExtensionKind(row.kind),
            body_code=row.body_code,
            body_name=row.body.name,
            amount_yen=row.amount_yen,
            reason=row.reason,
        )
        for row in rows
    )


def find_qualification(
    session: Session, organization_id: int | None, vendor_id: int | None
) -> QualificationRow:
    """What the organisation has on record of the vendor. One query."""
    ids = [] if vendor_id is None else [vendor_id]
    return list_qualifications(session, organization_id, ids).get(vendor_id, QualificationRow())


def list_qualifications(
    session: Session, organization_id: int | None, vendor_ids: Sequence[int]
) -> dict[int | None, QualificationRow]:
    """Vendor → what the organisation has on record of it. One query."""
    rows = session.scalars(
        select(BidderQualification)
        .where(
            BidderQualification.organization_id == organization_id,
            BidderQualification.vendor_id.in_(vendor_ids),
        )
        .execution_options(populate_existing=True)
    )
    return {
        row.vendor_id: QualificationRow(
            number=row.number, valid_until=row.valid_until, row_version=row.row_version
        )
        for row in rows
    }


def list_vendor_choices(session: Session, project: Project) -> tuple[tuple[int, str], ...]:
    """Published vendors of the project's kind (fictional or real), by name. One query."""
    rows = session.execute(
        select(Vendor.id, Vendor.name)
        .where(Vendor.publication_status == "published", Vendor.fictional == project.fictional)
        .order_by(Vendor.name, Vendor.id)
    )
    return tuple((id_, name) for id_, name in rows)
