"""What vendors answer to a request for information (情報提供依頼). Not binding."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.models import Vendor
from foundation.db import Base, UTCDateTime


class RfiAnswer(Base):
    """A vendor's plan prices for one project. Replaced by its vendor until the deadline.

    definition: what catalog.plans.Plan reads. coverage: item → how it is covered.
    annual_yen, residents: tax-excluded and as normalised when given; None where a quantity
    was missing. Later projects of the kind are compared with these.
    """

    __tablename__ = "rfi_answer"
    __table_args__ = (UniqueConstraint("project_id", "vendor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    tax_rate_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    coverage: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    not_included: Mapped[str] = mapped_column(default="")
    price_basis: Mapped[str] = mapped_column(default="")
    annual_yen: Mapped[int | None]
    residents: Mapped[int | None]
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)
    vendor: Mapped[Vendor] = relationship()

    __mapper_args__ = {"version_id_col": row_version}
