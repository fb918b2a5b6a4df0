"""Reading the vendor's desk and the operator's queue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from accounts.codes import read_corporate_number
from accounts.models import Organization
from accounts.roles import Actor
from catalog.criterion import Review
from catalog.desk.changes import Change, Names, list_changes
from catalog.desk.contents import Content, content_of, sha256_of
from catalog.desk.drafts import content_without_draft, list_content_blockers
from catalog.desk.findings import Finding, list_findings
from catalog.desk.models import OfferingDraft, OfferingReview, OfferingSubmission
from catalog.desk.registration import number_of
from catalog.entries import PublicationStatus
from catalog.models import Offering, SystemType, Vendor
from catalog.policy import PolicyScope
from catalog.policy_history import OFFERING
from catalog.publishing import find_version
from catalog.queries.files import readable_classes, with_readable_files
from catalog.queries.offerings import criteria_for
from catalog.queries.policy_classes import ClassPage, get_class_page
from foundation.errors import Blocker, NotFound, refuse


@dataclass(frozen=True, kw_only=True)
class SubmissionRow:
    """A submission with what became of it; verdict None while it waits."""

    id: int
    offering_id: int
    name: str
    vendor_name: str
    fictional: bool
    review: str
    version: int | None
    change_note: str
    content_sha256: str
    submitted_at: datetime
    submitted_by: str
    verdict: str | None
    reply: str
    reviewed_at: datetime | None
    reviewed_by: str


@dataclass(frozen=True, kw_only=True)
class DeskRow:
    """An entry of the vendor in any state, with what waits."""

    id: int
    name: str
    summary: str
    status: str
    version: int
    fictional: bool
    system_type_name: str
    draft_at: datetime | None
    newest: SubmissionRow | None


@dataclass(frozen=True, kw_only=True)
class EntryPage:
    """An entry as its vendor writes it. sha256: names the content for what is done to it.

    shown: what readers see, None before the first version. kind_scope: what its system type
    counts as by itself.
    """

    id: int
    key: str
    status: str
    version: int
    fictional: bool
    content: Content
    shown: Content | None
    sha256: str
    draft_at: datetime | None
    draft_by: str
    changes: tuple[Change, ...]
    blockers: tuple[Blocker, ...]
    submissions: tuple[SubmissionRow, ...]
    versions: tuple[int, ...]
    names: Names
    policy: ClassPage
    kind_scope: str

    @property
    def waiting(self) -> SubmissionRow | None:
        """What waits for review before publication."""
        before = (row for row in self.submissions if row.review == Review.BEFORE.value)
        return next((row for row in before if row.verdict is None), None)


@dataclass(frozen=True, kw_only=True)
class StateRow:
    """An entry that is public or suspended."""

    id: int
    name: str
    fictional: bool
    suspended: bool


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """A submission as the operator looks at it; content: exactly what would be published.

    policy: the entry's class; kind_scope: what its system type counts as by itself.
    maker_number: which an approval confirms together with the maker.
    """

    row: SubmissionRow
    content: Content
    first: bool
    maker_number: str
    status: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    earlier: tuple[SubmissionRow, ...]
    names: Names
    policy: ClassPage
    kind_scope: str

    @property
    def may_be_classed(self) -> bool:
        """Whether a person can confirm its class now: it is public, or this waits to be."""
        if self.status in (PublicationStatus.PUBLISHED.value, PublicationStatus.SUSPENDED.value):
            return True
        return self.row.verdict is None and self.status == PublicationStatus.SUBMITTED.value


def list_desk_rows(session: Session, actor: Actor) -> tuple[DeskRow, ...]:
    """The entries the actor's vendor makes, by name. Two queries."""
    statement = (
        select(Offering, SystemType.name, OfferingDraft.updated_at)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .join(SystemType, SystemType.code == Offering.system_type_code)
        .outerjoin(OfferingDraft, OfferingDraft.offering_id == Offering.id)
        .where(Vendor.organization_id == actor.organization_id)
        .order_by(Offering.name, Offering.id)
    )
    found = session.execute(statement).all()
    own = [offering.id for offering, _, _ in found]
    rows = _rows(session, _select_rows().where(OfferingSubmission.offering_id.in_(own)))
    newest = {row.offering_id: row for row in rows}
    return tuple(
        DeskRow(
            id=offering.id,
            name=offering.name,
            summary=offering.summary,
            status=offering.publication_status,
            version=offering.current_version,
            fictional=offering.fictional,
            system_type_name=type_name,
            draft_at=draft_at,
            newest=newest.get(offering.id),
        )
        for offering, type_name, draft_at in found
    )


def get_entry_page(session: Session, actor: Actor, offering_id: int) -> EntryPage:
    """The entry with its draft, if the actor's vendor makes it. Raises NotFound."""
    offering = _get_own(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    version = find_version(session, offering.id, offering.current_version)
    content = dict(draft.content) if draft else content_without_draft(offering, version)
    before = content_of(version) if version is not None else None
    names = _names(session, [content, before] if before else [content])
    # Held until the end: the session finds it again, without asking, for as long as it lives.
    kind = session.get(SystemType, content["system_type_code"])
    statement = _select_rows().where(OfferingSubmission.offering_id == offering.id)
    return EntryPage(
        id=offering.id,
        key=offering.key,
        status=offering.publication_status,
        version=offering.current_version,
        fictional=offering.fictional,
        content=content,
        shown=before,
        sha256=sha256_of(content),
        draft_at=draft.updated_at if draft else None,
        draft_by=draft.updated_by if draft else "",
        changes=list_changes(before, content, names) if before else (),
        blockers=tuple(list_content_blockers(session, offering, content)),
        submissions=tuple(reversed(_rows(session, statement))),
        versions=tuple(range(offering.current_version, 0, -1)),
        names=names,
        policy=get_class_page(session, OFFERING, offering.id),
        kind_scope=kind.policy_scope if kind else PolicyScope.UNDETERMINED.value,
    )


def list_queue(session: Session) -> tuple[SubmissionRow, ...]:
    """What waits for the operator, oldest first; withdrawn and decided ones are not in it."""
    statement = (
        _select_rows()
        .where(OfferingReview.submission_id.is_(None))
        .where(OfferingSubmission.review != Review.NONE.value)
    )
    return tuple(_rows(session, statement))


def list_decided(session: Session, limit: int) -> tuple[SubmissionRow, ...]:
    """The submissions decided last, newest first."""
    statement = _select_rows().where(OfferingReview.submission_id.is_not(None)).order_by(None)
    statement = statement.order_by(OfferingReview.reviewed_at.desc(), OfferingSubmission.id.desc())
    return tuple(_rows(session, statement.limit(limit)))


def get_review_page(session: Session, submission_id: int, today: date) -> ReviewPage:
    """A submission beside what readers see. Raises NotFound."""
    both = (
        select(OfferingSubmission, Offering, Vendor)
        .join(Offering, Offering.id == OfferingSubmission.offering_id)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(OfferingSubmission.id == submission_id)
        .options(joinedload(Vendor.organization))
    )
    found = session.execute(both).one_or_none()
    if found is None:
        raise NotFound(f"submission {submission_id}")
    submission, offering, maker = found
    base = find_version(session, offering.id, submission.based_on)
    before = content_of(base) if base is not None else None
    content = dict(submission.content)
    # Held while the checks ask for one of them: they find it without asking the database.
    kinds = {kind.code: kind for kind in session.scalars(select(SystemType))}
    kind = kinds.get(content["system_type_code"])
    names = Names(
        system_types={code: each.name for code, each in kinds.items()},
        vendors=_seller_names(session, [content, before] if before else [content]),
    )
    statement = _select_rows().where(OfferingSubmission.offering_id == offering.id)
    rows = _rows(session, statement)
    return ReviewPage(
        row=next(row for row in rows if row.id == submission_id),
        content=content,
        first=before is None,
        maker_number=number_of(maker),
        status=offering.publication_status,
        changes=list_changes(before, content, names) if before else (),
        findings=list_findings(session, offering, content, today),
        earlier=tuple(row for row in reversed(rows) if row.id < submission_id),
        names=names,
        policy=get_class_page(session, OFFERING, offering.id),
        kind_scope=kind.policy_scope if kind else PolicyScope.UNDETERMINED.value,
    )


def list_visible_changes(
    session: Session, actor: Actor, offering_id: int, number: int
) -> tuple[Change, ...]:
    """What a version says otherwise than the one before it, the maker's name as it was included.

    Answers and files above the reader's class are not in it. The entry is known to be readable.
    """
    found = [find_version(session, offering_id, each) for each in (number - 1, number)]
    kind = session.get_one(Offering, offering_id).system_type_code
    classes = readable_classes(session, actor, kind)
    contents = [
        {**with_readable_files(content_of(version), classes), "vendor_name": version.vendor_name}
        for version in found
        if version
    ]
    if len(contents) < 2:
        return ()
    seen = {criterion.disclosure for criterion in criteria_for(actor)}
    changes = list_changes(contents[0], contents[1], _names(session, contents))
    return tuple(change for change in changes if change.disclosure in seen)


def get_state(session: Session, offering_id: int) -> StateRow:
    """An entry whose publication can be switched. Raises NotFound."""
    offering = session.get(Offering, offering_id)
    switched = (PublicationStatus.PUBLISHED.value, PublicationStatus.SUSPENDED.value)
    if offering is None or offering.publication_status not in switched:
        raise NotFound(f"offering {offering_id}")
    return StateRow(
        id=offering.id,
        name=offering.name,
        fictional=offering.fictional,
        suspended=offering.publication_status == PublicationStatus.SUSPENDED.value,
    )


def get_vendor_id(session: Session, number: str) -> int:
    """The registered vendor of that corporate number. Raises Refused naming the field."""
    try:
        plain = read_corporate_number(number)
    except ValueError as error:
        raise refuse("corporate_number", str(error), "seller_number") from None
    statement = (
        select(Vendor.id)
        .join(Organization, Organization.id == Vendor.organization_id)
        .where(Organization.corporate_number == plain)
        .where(Vendor.publication_status == PublicationStatus.PUBLISHED.value)
    )
    vendor_id = session.scalar(statement)
    if vendor_id is None:
        message = f"法人番号「{plain}」の事業者は登録されていません。"
        raise refuse("seller_unknown", message, "seller_number")
    return vendor_id


def list_system_types(session: Session) -> tuple[tuple[str, str], ...]:
    """(code, name) of every kind of system, in the order of the tree."""
    statement = select(SystemType.code, SystemType.name).order_by(SystemType.position)
    return tuple((row.code, row.name) for row in session.execute(statement))


def _get_own(session: Session, actor: Actor, offering_id: int) -> Offering:
    statement = (
        select(Offering)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Offering.id == offering_id, Vendor.organization_id == actor.organization_id)
    )
    offering = session.scalar(statement)
    if offering is None:
        raise NotFound(f"offering {offering_id}")
    return offering


def _names(session: Session, contents: Sequence[Mapping[str, Any]]) -> Names:
    return Names(
        system_types=dict(list_system_types(session)), vendors=_seller_names(session, contents)
    )


def _seller_names(session: Session, contents: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    sellers = {offer["seller_id"] for content in contents for offer in content["offers"]}
    statement = select(Vendor.id, Vendor.name).where(Vendor.id.in_(sellers))
    return {vendor_id: name for vendor_id, name in session.execute(statement)}


def _select_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(OfferingSubmission, OfferingReview, Vendor.name, Offering.fictional)
        .join(Offering, Offering.id == OfferingSubmission.offering_id)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .order_by(OfferingSubmission.submitted_at, OfferingSubmission.id)
    )


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[SubmissionRow]:
    found: Iterable[Any] = session.execute(statement)
    return [
        SubmissionRow(
            id=submission.id,
            offering_id=submission.offering_id,
            name=submission.content["name"],
            vendor_name=vendor_name,
            fictional=fictional,
            review=submission.review,
            version=(review.version if review else None) or submission.version,
            change_note=submission.change_note,
            content_sha256=submission.content_sha256,
            submitted_at=submission.submitted_at,
            submitted_by=submission.submitted_by,
            verdict=review.verdict if review else None,
            reply=review.reply if review else "",
            reviewed_at=review.reviewed_at if review else None,
            reviewed_by=review.reviewed_by if review else "",
        )
        for submission, review, vendor_name, fictional in found
    ]
