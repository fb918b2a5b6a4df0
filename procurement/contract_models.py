"""Tables of contracts: what was signed, re-quoted, refused; and what a vendor is qualified for."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import LocalBody, Organization
from catalog.models import Vendor
from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once(
    "contract",
    "contract_quote",
    "contract_refusal",
    "introduction_check",
    "award_extension",
    "contract_change",
    "award_unit_price",
    "changed_unit_price",
    "contract_unit_price",
    "changed_contract_price",
    "confirmed_contract_price",
)


class Contract(Base):
    """A signed document of a project. Written once; what changes later is a row of its own.

    buyer: who signs on the public side. body_code: the body it is about, None for the one made
    for all. vendor: None for a document between a body and the lead. Amounts in whole yen.
    product: what is certified. part: which of several certifications, or, of a body that
    changed to another certified product, which of its contracts of the term; 0 for the first
    and for every other document. certification: the one a body's contract rests on.
    """

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("project_id", "kind", "buyer_organization_id", "term", "part"),
        CheckConstraint("amount_yen >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    wave: Mapped[int]
    term: Mapped[int]  # 1, and one more with every renewal
    part: Mapped[int] = mapped_column(default=0, server_default="0")
    product: Mapped[str] = mapped_column(default="", server_default="")
    certification_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    buyer_organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    body_code: Mapped[str | None] = mapped_column(ForeignKey("local_body.code"), index=True)
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id"), index=True)
    award_id: Mapped[int | None] = mapped_column(ForeignKey("award.id"))
    number: Mapped[str]
    signed_on: Mapped[date] = mapped_column(Date)
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    amount_yen: Mapped[int | None]  # tax-excluded
    tax_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    amount_with_tax_yen: Mapped[int | None]
    vote_on: Mapped[date | None] = mapped_column(Date)  # the body's assembly
    membership: Mapped[str] = mapped_column(String(10))
    signatory: Mapped[str]
    clause: Mapped[str]  # of 随意契約
    reason: Mapped[str]
    guarantee: Mapped[str] = mapped_column(String(10))
    guarantee_note: Mapped[str]
    approval_date: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]
    buyer: Mapped[Organization] = relationship()
    body: Mapped[LocalBody | None] = relationship()
    vendor: Mapped[Vendor | None] = relationship()


class AwardUnitPrice(Base):
    """A line of an award by unit prices (単価契約). The lines sum to the award's price."""

    __tablename__ = "award_unit_price"
    __table_args__ = (
        CheckConstraint("unit_price > 0", name="unit_price"),
        CheckConstraint("expected_quantity > 0", name="quantity"),
    )

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the award, from 1
    item: Mapped[str]
    unit: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(20))  # initial recurring option
    unit_price: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # yen, tax-excluded
    expected_quantity: Mapped[int]  # over the whole term
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class ChangedUnitPrice(Base):
    """A line's price from a month on (変更契約・更新). The highest number of a month counts."""

    __tablename__ = "changed_unit_price"
    __table_args__ = (CheckConstraint("unit_price > 0", name="unit_price"),)

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the change, from 1
    line_number: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date)  # the first of a month
    unit_price: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # yen, tax-excluded
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class ContractUnitPrice(Base):
    """A line's price in one contract, at or below the award's; its others are the award's."""

    __tablename__ = "contract_unit_price"
    __table_args__ = (CheckConstraint("unit_price > 0", name="unit_price"),)

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    line_number: Mapped[int] = mapped_column(primary_key=True)  # of the award's table
    unit_price: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # yen, tax-excluded
    reason: Mapped[str]


class ChangedContractPrice(Base):
    """A line's price in one contract from a month on, as its buyer records it."""

    __tablename__ = "changed_contract_price"
    __table_args__ = (CheckConstraint("unit_price > 0", name="unit_price"),)

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the contract's changes, from 1
    line_number: Mapped[int] = mapped_column(primary_key=True)  # of the award's table
    valid_from: Mapped[date] = mapped_column(Date)  # the first of a month
    unit_price: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # yen, tax-excluded
    reason: Mapped[str]
    approval_date: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str]


class ConfirmedContractPrice(Base):
    """The vendor's yes to a change of one contract's prices; without it none counts."""

    __tablename__ = "confirmed_contract_price"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the change
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str]


class ContractQuote(Base):
    """A vendor's re-quote to one body (再見積). The newest counts; each is written once."""

    __tablename__ = "contract_quote"
    __table_args__ = (UniqueConstraint("project_id", "body_code", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    number: Mapped[int]  # to this body, from 1
    amount_yen: Mapped[int]  # tax-excluded
    note: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
    given_by: Mapped[str]


class ContractRefusal(Base):
    """A body does not contract after its re-quote. The others keep their prices."""

    __tablename__ = "contract_refusal"
    __table_args__ = (UniqueConstraint("project_id", "body_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    quote_number: Mapped[int]
    reason: Mapped[str]
    approval_date: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    refused_at: Mapped[datetime] = mapped_column(UTCDateTime)
    refused_by: Mapped[str]


class BidderQualification(Base):
    """入札参加資格 of a vendor with one organisation, stated by that organisation's people."""

    __tablename__ = "bidder_qualification"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    number: Mapped[str]
    valid_until: Mapped[date] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class IntroductionCheck(Base):
    """One entry of a body's checklist; the newest of its step counts. Written once."""

    __tablename__ = "introduction_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"), index=True)
    step: Mapped[str] = mapped_column(String(20))
    done_on: Mapped[date | None] = mapped_column(Date)  # None: not needed, or taken back
    note: Mapped[str]  # why it is not needed; '' with no day: taken back
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str]


class ProjectClosing(Base):
    """What others can learn from a project, written before it ends; or why nothing."""

    __tablename__ = "project_closing"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    know_how: Mapped[str]
    no_know_how_reason: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class AwardExtension(Base):
    """What is contracted beyond the award: a late joiner, an approved change. Shown apart."""

    __tablename__ = "award_extension"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]  # of the project, from 1
    kind: Mapped[str] = mapped_column(String(20))  # late_joiner change
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    amount_yen: Mapped[int]  # tax-excluded
    reason: Mapped[str]
    approval_date: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str]
    body: Mapped[LocalBody] = relationship()


class ContractChange(Base):
    """A change of a signed contract, or its end before the term. Written once."""

    __tablename__ = "contract_change"
    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    number: Mapped[int]  # of the contract, from 1
    kind: Mapped[str] = mapped_column(String(20))  # change end
    amount_yen: Mapped[int]  # more or less than before, tax-excluded
    ends_on: Mapped[date | None] = mapped_column(Date)  # the new last day, None: as before
    reason: Mapped[str]
    approval_date: Mapped[date] = mapped_column(Date)
    approval_number: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str]


class SigningRequest(Base):
    """Until when the lead asks a body to sign, under one award; another one needs another."""

    __tablename__ = "signing_request"
    __table_args__ = (CheckConstraint("reminders_sent >= 0", name="reminders_sent"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), primary_key=True)
    award_id: Mapped[int | None] = mapped_column(ForeignKey("award.id"))
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reminders_sent: Mapped[int] = mapped_column(default=0)
    last_reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}
