"""The products a case or a project uses, as far as its document says something of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.conformance import conforming_specs
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion, case_offering

PUBLISHED_OFFERING = (
    Offering.publication_status == PublicationStatus.PUBLISHED.value,
    Offering.current_version > 0,
)


@dataclass(frozen=True, kw_only=True)
class Product:
    """A published entry as its current version has it. specs: keys it says it conforms to."""

    name: str
    specs: tuple[str, ...]


def specs_of(products: Iterable[Product]) -> tuple[str, ...]:
    """The specifications any of the products conforms to."""
    return tuple(dict.fromkeys(spec for product in products for spec in product.specs))


def list_products(session: Session, offering_ids: Iterable[int]) -> dict[int, Product]:
    """Those of the entries that are published, by id. One query."""
    statement = (
        select(Offering.id, OfferingVersion.name, OfferingVersion.answers)
        .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.id.in_(set(offering_ids)), *PUBLISHED_OFFERING)
    )
    return {
        number: Product(name=name, specs=conforming_specs(answers))
        for number, name, answers in session.execute(statement)
    }


def products_by_case(session: Session, ids: Sequence[int]) -> Mapping[int, list[Product]]:
    """The published entries each case names, by entry id. Two queries."""
    links = session.execute(
        select(case_offering.c.case_id, case_offering.c.offering_id)
        .where(case_offering.c.case_id.in_(ids))
        .order_by(case_offering.c.offering_id)
    ).all()
    products = list_products(session, (offering_id for _, offering_id in links))
    found: dict[int, list[Product]] = defaultdict(list)
    for case_id, offering_id in links:
        if offering_id in products:
            found[case_id].append(products[offering_id])
    return found


def list_cases_naming(session: Session, offering_id: int) -> list[tuple[str, int]]:
    """The cases whose documents say something of the entry."""
    statement = select(case_offering.c.case_id).where(case_offering.c.offering_id == offering_id)
    return [("case", number) for number in session.scalars(statement)]
