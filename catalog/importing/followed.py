"""The next versions of entries that are there already, of a whole file by few statements.

Sellers and plans left out of a new version are kept aside, as catalog.publishing keeps them.
"""

from typing import Any

from sqlalchemy import (
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from catalog.entries import PublicationStatus
from catalog.importing.bulk import Stamp
from catalog.importing.models import StagedOffer, StagedOffering, StagedPlan
from catalog.importing.prepared import copy, copy_versions, queue_offerings
from catalog.models import Offer, Offering, PricePlan

_PUBLISHED = PublicationStatus.PUBLISHED.value


def publish_changed(session: Session, batch_id: int, stamp: Stamp) -> int:
    """The next version of each entry that says something else now; how many there are.

    An entry that says the same but was taken down is shown again, at the version it has.
    """
    changed = session.scalar(_changed(select(func.count(StagedOffering.key)), batch_id)) or 0
    _show_hidden(session, batch_id, stamp)
    if not changed:
        return 0
    own = _changed(select(), batch_id).join(Offering, Offering.key == StagedOffering.key)
    own = own.order_by(StagedOffering.position)
    copy_versions(session, own, StagedOffering.based_on + 1, stamp)
    queue_offerings(session, own, stamp.now)
    _renew_entries(session, batch_id, stamp)
    _renew_offers(session, batch_id)
    _renew_plans(session, batch_id)
    return changed


def _changed(statement: Select[Any], batch_id: int) -> Select[Any]:
    return statement.select_from(StagedOffering).where(*_is_changed(batch_id))


def _is_changed(batch_id: int) -> tuple[Any, ...]:
    staged = StagedOffering
    return (
        staged.batch_id == batch_id,
        staged.based_on.is_not(None),
        staged.same.is_(False),
    )


def _is_sold_otherwise(batch_id: int) -> tuple[Any, ...]:
    return (*_is_changed(batch_id), StagedOffering.same_offers.is_(False))


def _has_other_plans(batch_id: int) -> tuple[Any, ...]:
    """Sellers or plans come or go: where only prices change, nobody looks for these."""
    return (*_is_sold_otherwise(batch_id), StagedOffering.same_plans.is_(False))


def _show_hidden(session: Session, batch_id: int, stamp: Stamp) -> None:
    staged = StagedOffering
    hidden = (
        select()
        .select_from(staged)
        .join(Offering, Offering.key == staged.key)
        .where(staged.batch_id == batch_id, staged.same.is_(True))
        .where(Offering.publication_status != _PUBLISHED)
    )
    queue_offerings(session, hidden, stamp.now)
    session.execute(
        update(Offering)
        .where(Offering.key == staged.key, staged.batch_id == batch_id, staged.same.is_(True))
        .where(Offering.publication_status != _PUBLISHED)
        .values(publication_status=_PUBLISHED, row_version=Offering.row_version + 1)
        .execution_options(synchronize_session=False)
    )


def _renew_entries(session: Session, batch_id: int, stamp: Stamp) -> None:
    staged = StagedOffering
    own = update(Offering).where(Offering.key == staged.key, *_is_changed(batch_id))
    # What an index is made of apart, and only where it differs: each costs as much as the row.
    indexed = own.where(
        or_(
            Offering.name != staged.name,
            Offering.system_type_code != staged.system_type_code,
            Offering.publication_status != _PUBLISHED,
        )
    ).values(
        name=staged.name,
        system_type_code=staged.system_type_code,
        publication_status=_PUBLISHED,
    )
    rest = own.values(
        summary=staged.summary,
        current_version=staged.based_on + 1,
        updated_at=stamp.now,
        row_version=Offering.row_version + 1,
    )
    for statement in (indexed, rest):
        session.execute(statement.execution_options(synchronize_session=False))


def _renew_offers(session: Session, batch_id: int) -> None:
    """Sellers: those left out aside, new ones in, the others as the file says."""
    staged = StagedOffer
    sold = _sellers(batch_id)
    # Not a question for each row: the databases would read the whole file for every one.
    still = _joined(batch_id).join(Offer, _same_offer()).with_only_columns(Offer.id)
    session.execute(
        update(Offer)
        .where(Offer.offered.is_(True), Offer.offering_id.in_(_changed_ids(batch_id)))
        .where(Offer.id.not_in(still.correlate(None)))
        .values(offered=False)
        .execution_options(synchronize_session=False)
    )
    missing = _joined(batch_id).outerjoin(Offer, _same_offer()).where(Offer.id.is_(None))
    copy(
        session,
        Offer,
        missing,
        offering_id=Offering.id,
        seller_id=staged.seller_id,
        contract_conditions=staged.contract_conditions,
        offered=literal(True),
    )
    session.execute(
        update(Offer)
        .where(*sold, staged.seller_id == Offer.seller_id)
        .where(
            or_(Offer.offered.is_(False), Offer.contract_conditions != staged.contract_conditions)
        )
        .values(offered=True, contract_conditions=staged.contract_conditions)
        .execution_options(synchronize_session=False)
    )


def _renew_plans(session: Session, batch_id: int) -> None:
    """Price plans, told apart by their seller and name."""
    plan = StagedPlan
    of_file = (
        *_sellers(batch_id),
        StagedOffer.seller_id == Offer.seller_id,
        Offer.id == PricePlan.offer_id,
        *_plan_of_offer(),
        plan.name == PricePlan.name,
    )
    wanted = _joined(batch_id).join(Offer, _same_offer()).join(plan, and_(*_plan_of_offer()))
    known = and_(PricePlan.offer_id == Offer.id, PricePlan.name == plan.name)
    still = wanted.join(PricePlan, known).with_only_columns(PricePlan.id)
    offers = select(Offer.id).where(Offer.offering_id.in_(_changed_ids(batch_id)))
    session.execute(
        update(PricePlan)
        .where(PricePlan.offered.is_(True), PricePlan.offer_id.in_(offers))
        .where(PricePlan.id.not_in(still.correlate(None)))
        .values(offered=False)
        .execution_options(synchronize_session=False)
    )
    missing = wanted.outerjoin(PricePlan, known).where(PricePlan.id.is_(None)).order_by(plan.place)
    columns = _plan_columns()
    copy(session, PricePlan, missing, offer_id=Offer.id, offered=literal(True), **columns)
    session.execute(
        update(PricePlan)
        .where(*of_file, _says_otherwise())
        .values(offered=True, **columns)
        .execution_options(synchronize_session=False)
    )


def _plan_columns() -> dict[str, Any]:
    plan = StagedPlan
    return {
        "position": plan.place,
        "name": plan.name,
        "definition": plan.definition,
        "tax_rate_percent": plan.tax_rate_percent,
        "not_included": plan.not_included,
        "price_basis": plan.price_basis,
    }


def _says_otherwise() -> Any:
    """Whether the stored plan differs: a file that changes a few words rewrites no plans."""
    plan = StagedPlan
    return or_(
        PricePlan.offered.is_(False),
        PricePlan.position != plan.place,
        cast(PricePlan.definition, String) != cast(plan.definition, String),
        PricePlan.tax_rate_percent != plan.tax_rate_percent,
        PricePlan.not_included != plan.not_included,
        PricePlan.price_basis != plan.price_basis,
    )


def _joined(batch_id: int) -> Select[Any]:
    """Entries with other sellers or plans, their offerings and the sellers of the file."""
    at = and_(
        StagedOffer.batch_id == StagedOffering.batch_id,
        StagedOffer.position == StagedOffering.position,
    )
    own = select().select_from(StagedOffering).where(*_has_other_plans(batch_id))
    return own.join(Offering, Offering.key == StagedOffering.key).join(StagedOffer, at)


def _changed_ids(batch_id: int) -> Select[Any]:
    found = select(Offering.id).join(StagedOffering, StagedOffering.key == Offering.key)
    return found.where(*_has_other_plans(batch_id))


def _sellers(batch_id: int) -> tuple[Any, ...]:
    """Conditions that tie the file's sellers to `Offer.offering_id`."""
    return (
        *_is_sold_otherwise(batch_id),
        StagedOffer.batch_id == StagedOffering.batch_id,
        StagedOffer.position == StagedOffering.position,
        StagedOffering.key == Offering.key,
        Offering.id == Offer.offering_id,
    )


def _same_offer() -> Any:
    return and_(Offer.offering_id == Offering.id, Offer.seller_id == StagedOffer.seller_id)


def _plan_of_offer() -> tuple[Any, ...]:
    return (
        StagedPlan.batch_id == StagedOffer.batch_id,
        StagedPlan.position == StagedOffer.position,
        StagedPlan.seller_id == StagedOffer.seller_id,
    )
