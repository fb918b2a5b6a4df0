"""Tables of what exists and can be bought: vendors, offerings, plans, cases, policy items."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organization
from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once(
    "offering_version", "policy_report", "policy_class", "policy_confirmation", "vendor_change"
)

PUBLICATION_STATES = ("draft", "submitted", "published", "suspended", "withdrawn")


class SystemType(Base):
    """A kind of system: the one category tree (`category` in addresses)."""

    __tablename__ = "system_type"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str]
    area: Mapped[str]  # 総務部門, 事業部門, ツール: the three areas of the state's dashboard
    policy_scope: Mapped[str] = mapped_column(String(30), default="general")
    keywords: Mapped[str] = mapped_column(default="")
    position: Mapped[int]


class Vendor(Base):
    """A registered vendor: an organisation with what the public page shows of it."""

    __tablename__ = "vendor"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), unique=True)
    name: Mapped[str] = mapped_column(index=True)
    kana: Mapped[str] = mapped_column(default="")
    prefecture_code: Mapped[str | None] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    introduction: Mapped[str] = mapped_column(default="")
    sme: Mapped[bool] = mapped_column(default=False)
    startup: Mapped[bool] = mapped_column(default=False)
    size_basis: Mapped[str] = mapped_column(default="")  # on what the two flags rest
    fictional: Mapped[bool] = mapped_column(default=False)
    publication_status: Mapped[str] = mapped_column(String(20), default="published")
    registered_on: Mapped[date] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    organization: Mapped[Organization] = relationship()


class VendorChange(Base):
    """A name a vendor had, until it took another (rename) or was merged into the successor."""

    __tablename__ = "vendor_change"
    __table_args__ = (CheckConstraint("kind IN ('rename','merge')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    old_name: Mapped[str]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id"), index=True)
    effective_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str]


class Offering(Base):
    """A catalog entry: one product (who makes it) with its answers and all its offers.

    The product and its entry are one row on purpose: one registration, one page.
    Name, summary and answers shown to readers are those of the current version.
    """

    __tablename__ = "offering"
    __table_args__ = (
        CheckConstraint(
            "publication_status IN ('draft','submitted','published','suspended','withdrawn')",
            name="publication_status",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)  # stable key of imports
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)  # the maker
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"), index=True)
    name: Mapped[str] = mapped_column(index=True)
    summary: Mapped[str]
    publication_status: Mapped[str] = mapped_column(String(20), index=True)
    current_version: Mapped[int]  # number of the version readers see; 0 = never published
    fictional: Mapped[bool] = mapped_column(default=False)
    registered_on: Mapped[date] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    row_version: Mapped[int] = mapped_column(default=1)
    vendor: Mapped[Vendor] = relationship()
    system_type: Mapped[SystemType] = relationship()

    __mapper_args__ = {"version_id_col": row_version}


class OfferingVersion(Base):
    """What an entry said at one time. Never changed, never deleted, only followed."""

    __tablename__ = "offering_version"
    __table_args__ = (UniqueConstraint("offering_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    number: Mapped[int]
    name: Mapped[str]
    summary: Mapped[str]
    vendor_name: Mapped[str]
    system_type_code: Mapped[str] = mapped_column(String(40))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)  # criterion key → value
    offers: Mapped[list[Any]] = mapped_column(JSON)  # sellers and plans as they stood
    files: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    change_note: Mapped[str] = mapped_column(default="")
    content_sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_by: Mapped[str]


class StoredFile(Base):
    """Where the content of a file given with an entry lies; what it is, its references say."""

    __tablename__ = "stored_file"

    token: Mapped[str] = mapped_column(String(43), primary_key=True)  # its address
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"), index=True)
    place: Mapped[str] = mapped_column(String(48), unique=True)  # its name in the file store
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    uploaded_by: Mapped[str]


class Offer(Base):
    """A seller's offer of a product: several sellers may offer the same one."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("offering_id", "seller_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    contract_conditions: Mapped[str] = mapped_column(default="")
    offered: Mapped[bool] = mapped_column(default=True)  # False: not in the newest version
    seller: Mapped[Vendor] = relationship()
    plans: Mapped[list["PricePlan"]] = relationship(
        back_populates="offer", order_by="PricePlan.position"
    )


class PricePlan(Base):
    """A price plan of an offer. `definition` is what catalog.pricing.Plan reads; tax-excluded."""

    __tablename__ = "price_plan"
    __table_args__ = (UniqueConstraint("offer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    position: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    tax_rate_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    not_included: Mapped[str] = mapped_column(default="")
    price_basis: Mapped[str] = mapped_column(default="")  # 架空・仮定 or the source of the price
    # False: left out of the newest version. The row stays, estimates still point at it.
    offered: Mapped[bool] = mapped_column(default=True)
    offer: Mapped[Offer] = relationship(back_populates="plans")


case_offering = Table(
    "case_offering",
    Base.metadata,
    Column("case_id", ForeignKey("joint_case.id"), primary_key=True),
    Column("offering_id", ForeignKey("offering.id"), primary_key=True, index=True),
)


class Case(Base):
    """A published record of a purchase (F01). None or '' = 記載なし, never a guess."""

    __tablename__ = "joint_case"
    __table_args__ = (
        CheckConstraint("kind IN ('joint','single','trial')", name="kind"),
        CheckConstraint(
            "publication_status IN ('draft','submitted','published','suspended','withdrawn')",
            name="publication_status",
        ),
        Index("ix_joint_case_prefecture_type", "prefecture_code", "system_type_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    fictional: Mapped[bool]
    publication_status: Mapped[str] = mapped_column(String(20), default="published")
    title: Mapped[str]
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"), index=True)
    lead_body_name: Mapped[str]  # as the source writes it
    lead_body_code: Mapped[str | None] = mapped_column(ForeignKey("local_body.code"), index=True)
    # The council that leads it, which has no body's code; None for a body, and where unknown.
    lead_organization_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization.id"), index=True
    )
    lead_body_kind: Mapped[str] = mapped_column(String(20), default="other")
    prefecture_code: Mapped[str | None] = mapped_column(String(2))
    participants_text: Mapped[str] = mapped_column(default="")
    # Municipalities only, as the state's dashboard counts; None = not stated plainly.
    participant_count: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20), default="")
    fiscal_year_start: Mapped[int | None]
    started_text: Mapped[str] = mapped_column(default="")
    contract_start: Mapped[date | None] = mapped_column(Date)
    contract_end: Mapped[date | None] = mapped_column(Date)
    procurement_method: Mapped[str] = mapped_column(String(40), default="")
    procurement_method_text: Mapped[str] = mapped_column(default="")
    contract_model: Mapped[str] = mapped_column(String(40), default="")
    contract_model_text: Mapped[str] = mapped_column(default="")
    vendor_text: Mapped[str] = mapped_column(default="")
    applicant_count: Mapped[int | None]
    initial_cost_yen: Mapped[int | None]
    annual_operating_cost_yen: Mapped[int | None]
    ceiling_yen: Mapped[int | None]
    contract_amount_yen: Mapped[int | None]
    cost_basis: Mapped[str] = mapped_column(String(20), default="")
    tax_included: Mapped[bool | None]
    cost_sharing_method: Mapped[str] = mapped_column(default="")
    cost_facts: Mapped[str] = mapped_column(default="")
    prefecture_borne_cost: Mapped[str] = mapped_column(default="")
    spec_availability: Mapped[str] = mapped_column(String(20), default="")
    background: Mapped[str] = mapped_column(default="")
    process_steps: Mapped[str] = mapped_column(default="")
    know_how: Mapped[str] = mapped_column(default="")
    issues_met: Mapped[str] = mapped_column(default="")
    measured_effects: Mapped[list[Any]] = mapped_column(JSON, default=list)
    contact_office: Mapped[str] = mapped_column(default="")
    source_url: Mapped[str] = mapped_column(default="")
    source_kind: Mapped[str] = mapped_column(String(20), default="")  # official copy press blog
    first_published_on: Mapped[date] = mapped_column(Date)
    last_confirmed_on: Mapped[date] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    system_type: Mapped[SystemType] = relationship()
    offerings: Mapped[list[Offering]] = relationship(secondary=case_offering)
    participants: Mapped[list["CaseParticipant"]] = relationship(
        back_populates="case", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": row_version}


class CaseParticipant(Base):
    """A municipality in a case, where the source names it."""

    __tablename__ = "case_participant"

    case_id: Mapped[int] = mapped_column(ForeignKey("joint_case.id"), primary_key=True)
    body_code: Mapped[str] = mapped_column(
        ForeignKey("local_body.code"), primary_key=True, index=True
    )
    joined_on: Mapped[date | None] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    case: Mapped[Case] = relationship(back_populates="participants")


class CaseInquiry(Base):
    """A question to the office behind a case, and its answer."""

    __tablename__ = "case_inquiry"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("joint_case.id"), index=True)
    sender_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    sender_organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    recipient_organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id"), index=True
    )
    message: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str]
    reply: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replied_by: Mapped[str] = mapped_column(default="")


class PolicyItem(Base):
    """A task or system the state treats apart: one of the standard 20, or a 共通化対象 (F03)."""

    __tablename__ = "policy_item"
    __table_args__ = (UniqueConstraint("kind", "decision_fy", "item_no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))  # standard_20, commonization_target, …
    decision_fy: Mapped[int]  # 0 for the standard 20, which no yearly decision made
    cycle_label: Mapped[str] = mapped_column(default="")
    item_no: Mapped[int]
    group: Mapped[str] = mapped_column("item_group", default="")
    name: Mapped[str]
    ministries: Mapped[str] = mapped_column(default="")
    agreed_on: Mapped[date | None] = mapped_column(Date)
    decided_by: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(String(20), default="")  # commonize other_method unclear
    note: Mapped[str] = mapped_column(default="")
    keywords: Mapped[str] = mapped_column(default="")
    source_doc: Mapped[str]
    source_lines: Mapped[str] = mapped_column(default="")
    source_as_of: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None] = mapped_column(Date)  # None: always was
    valid_to: Mapped[date | None] = mapped_column(Date)  # the last day; None: until further notice
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by hand: files leave it
    row_version: Mapped[int] = mapped_column(default=1, server_default="1")


class PolicyReport(Base):
    """What a ministry says of the progress of a commonization item; a later one corrects it."""

    __tablename__ = "policy_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("policy_item.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    organization_name: Mapped[str]  # as it was called then
    as_of: Mapped[date] = mapped_column(Date)  # the day the report speaks of
    summary: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reported_by: Mapped[str]
    fictional: Mapped[bool] = mapped_column(default=False)


class PolicyClass(Base):
    """What an entry or a project counts as under the policy, from a day on (F03)."""

    __tablename__ = "policy_class"
    __table_args__ = (Index("ix_policy_class_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))  # offering, project
    subject_id: Mapped[int]
    scope: Mapped[str] = mapped_column(String(30))
    items: Mapped[list[Any]] = mapped_column(JSON)  # names of the policy items found
    sources: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    table_sha256: Mapped[str] = mapped_column(String(64))  # of the table it was found by
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PolicyConfirmation(Base):
    """What a person says an entry or a project counts as, beside what was suggested (F03)."""

    __tablename__ = "policy_confirmation"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))  # offering, project
    subject_id: Mapped[int]
    number: Mapped[int]  # 1, 2, … of its subject: of two at once one is refused
    class_id: Mapped[int] = mapped_column(ForeignKey("policy_class.id"))  # what it answers
    scope: Mapped[str] = mapped_column(String(30))
    basis: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")  # where it is not what was suggested
    role: Mapped[str] = mapped_column(String(20))  # operator, lead
    organization_name: Mapped[str]  # as it was called then
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SearchOutbox(Base):
    """Something whose search document must be made again after the commit that wrote this row."""

    __tablename__ = "search_outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[int]
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
