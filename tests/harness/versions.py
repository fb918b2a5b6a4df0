"""A further version of an offering, as publishing makes it: versions are only ever added."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Offering, OfferingVersion


def add_version(session: Session, offering_id: int, **facts: object) -> OfferingVersion:
    """The current version again with these facts changed, made the one readers see."""
    offering = session.get_one(Offering, offering_id)
    current = session.scalars(
        select(OfferingVersion)
        .where(OfferingVersion.offering_id == offering_id)
        .where(OfferingVersion.number == offering.current_version)
    ).one()
    columns = [column.key for column in OfferingVersion.__table__.columns if column.key != "id"]
    values = {name: getattr(current, name) for name in columns}
    values |= {"number": current.number + 1} | facts
    version = OfferingVersion(**values)
    session.add(version)
    offering.name, offering.current_version = version.name, version.number
    session.flush()
    return version
