"""Which published entries say what of a specification, side by side by its version (F07)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from catalog.chance import chance
from catalog.conformance import CRITERION, Conformance, read_stored
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion


@dataclass(frozen=True, kw_only=True)
class ConformanceRow:
    """An entry with what its current version says of one version of the specification."""

    offering_id: int
    name: str
    vendor_name: str
    fictional: bool
    said: Conformance


def list_conformances(session: Session, spec_key: str, month: str) -> tuple[ConformanceRow, ...]:
    """Everything said of it, by its version; entries in the month's chance order. One query."""
    statement = _naming(select(Offering.id, Offering.fictional, OfferingVersion), spec_key)
    rows = [
        ConformanceRow(
            offering_id=number,
            name=version.name,
            vendor_name=version.vendor_name,
            fictional=fictional,
            said=said,
        )
        for number, fictional, version in session.execute(statement)
        for said in read_stored(version.answers.get(CRITERION))
        if said.spec == spec_key
    ]
    return tuple(
        sorted(
            rows, key=lambda row: (row.said.version, chance(f"offering:{row.offering_id}", month))
        )
    )


def list_offerings_naming(session: Session, spec_key: str) -> tuple[int, ...]:
    """Ids of the published entries that may speak of the specification; some may not after all."""
    return tuple(session.scalars(_naming(select(Offering.id), spec_key).order_by(Offering.id)))


def _naming(statement: Any, spec_key: str) -> Any:
    return (
        statement.join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        # Only to read fewer rows: what is said is read from the answer itself.
        .where(cast(OfferingVersion.answers, String).contains(f'"{spec_key}"', autoescape=True))
    )
