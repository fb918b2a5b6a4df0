"""Tables of buying together: projects, participation, shares, consent, ceilings, costs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import LocalBody, Organization
from catalog.models import PricePlan, SystemType
from foundation.append_only import write_once
from foundation.db import Base, UTCDateTime

write_once("share_version", "share_line", "stage_entry")


class Project(Base):
    """A live joint procurement. `state` moves only along procurement.domain.lifecycle."""

    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"), index=True)
    purpose: Mapped[str] = mapped_column(default="")
    lead_organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    prefecture_code: Mapped[str | None] = mapped_column(String(2), index=True)  # None: wide-area
    state: Mapped[str] = mapped_column(String(30), index=True)
    state_since: Mapped[datetime] = mapped_column(UTCDateTime)
    procurement_method: Mapped[str] = mapped_column(String(40), default="")
    procurement_method_reason: Mapped[str] = mapped_column(default="")
    contract_model: Mapped[str] = mapped_column(String(40), default="")
    agreement_basis: Mapped[str] = mapped_column(String(30), default="")
    min_participants: Mapped[int] = mapped_column(default=2)
    min_quantity: Mapped[int | None]
    main_unit: Mapped[str] = mapped_column(String(20), default="account")  # the quantity asked for
    survey_closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    join_closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    join_extended: Mapped[bool] = mapped_column(default=False)
    consent_closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proposals_close_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    term_start: Mapped[date | None] = mapped_column(Date)  # first day of the joint term
    term_months: Mapped[int | None]
    # What procurement.domain.sharing.SharingTerms reads; the draft the preview is made from.
    sharing_terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    notice_url: Mapped[str] = mapped_column(default="")
    notice_number: Mapped[str] = mapped_column(default="")
    policy_check: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # F03 result, reason
    published: Mapped[bool] = mapped_column(default=True)  # False: a draft only its members see
    fictional: Mapped[bool] = mapped_column(default=False)
    reenactment_of: Mapped[str] = mapped_column(default="")  # source address of a 再現, else ''
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    lead_organization: Mapped[Organization] = relationship()
    system_type: Mapped[SystemType] = relationship()
    participations: Mapped[list["Participation"]] = relationship(back_populates="project")

    __mapper_args__ = {"version_id_col": row_version}


class ProjectRole(Base):
    """What an organisation is inside one project: lead, secretariat, participant, observer, judge.

    Participants are also rows of `participation`; a body invited and not yet answered has
    only the role `invited`.
    """

    __tablename__ = "project_role"
    __table_args__ = (UniqueConstraint("project_id", "organization_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class EstimateBasis(Base):
    """A price plan an estimate is computed from (試算の前提). Its vendor never learns of it."""

    __tablename__ = "estimate_basis"
    __table_args__ = (UniqueConstraint("project_id", "price_plan_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    price_plan_id: Mapped[int] = mapped_column(ForeignKey("price_plan.id"))
    label: Mapped[str]  # 「試算の前提 A」: what members see instead of the product's name
    plan_snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    tax_rate_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    price_plan: Mapped[PricePlan] = relationship()


class Participation(Base):
    """A local body in a project, with its wave and terms."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("project_id", "body_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"), index=True)
    # interested requested joined contracted in_use left declined lapsed
    status: Mapped[str] = mapped_column(String(20))
    wave: Mapped[int] = mapped_column(default=1)
    quantities: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # unit → own quantity
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    budget_status: Mapped[str] = mapped_column(String(30), default="")
    contact_name: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    # Declared stand-alone figure per year, tax-included: the body and the lead only (domain §8).
    declared_standalone_yen: Mapped[int | None]
    declared_standalone_source: Mapped[str] = mapped_column(String(20), default="")
    declared_on_behalf_by: Mapped[str] = mapped_column(default="")  # '' : the body said it itself
    requested_by: Mapped[str] = mapped_column(default="")  # the coordinator's label, if on behalf
    approval_date: Mapped[date | None] = mapped_column(Date)  # 決裁日
    approval_number: Mapped[str] = mapped_column(default="")  # 決裁番号
    joined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leave_reason: Mapped[str] = mapped_column(default="")
    # 決裁 of the leaving; the join's own stays as it was.
    leave_approval_date: Mapped[date | None] = mapped_column(Date)
    leave_approval_number: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    project: Mapped[Project] = relationship(back_populates="participations")
    body: Mapped[LocalBody] = relationship()

    __mapper_args__ = {"version_id_col": row_version}


class InternalCeiling(Base):
    """A body's own limit (自団体上限額). In no log, export or API; not for auditors (domain §3)."""

    __tablename__ = "internal_ceiling"

    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"), primary_key=True)
    amount_yen: Mapped[int]  # per fiscal year, tax-included
    shown_to_secretariat: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProposalCeiling(Base):
    """提案上限額: per body and cost kind, public from the notice on."""

    __tablename__ = "proposal_ceiling"
    __table_args__ = (UniqueConstraint("project_id", "body_code", "cost_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    cost_kind: Mapped[str] = mapped_column(String(30))  # monthly, initial_setup, lgwan_setup, …
    amount_yen: Mapped[int]
    tax_included: Mapped[bool] = mapped_column(default=True)
    source_url: Mapped[str] = mapped_column(default="")


class PlannedPrice(Base):
    """予定価格: until disclosed, only the persons named to set it may read it."""

    __tablename__ = "planned_price"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    amount_yen: Mapped[int]
    tax_included: Mapped[bool]
    disclosure: Mapped[str] = mapped_column(String(10))  # before after never
    set_by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ShareVersion(Base):
    """負担案（版）: inputs, rule, terms, result and a SHA-256 of all. Never changed or deleted."""

    __tablename__ = "share_version"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    basis: Mapped[str] = mapped_column(String(20))  # plan fixed award requotes
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    fixed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    fixed_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")


class ShareLine(Base):
    """One amount of a share version: body × fiscal year × category, tax-included yen."""

    __tablename__ = "share_line"
    __table_args__ = (
        UniqueConstraint("share_version_id", "body_code", "fiscal_year", "category"),
        Index("ix_share_line_body_year", "body_code", "fiscal_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    share_version_id: Mapped[int] = mapped_column(ForeignKey("share_version.id"))
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    fiscal_year: Mapped[int]
    category: Mapped[str] = mapped_column(String(20))  # initial recurring option
    amount_yen: Mapped[int]
    standalone_yen: Mapped[int | None]


class Consent(Base):
    """A body's agreement to rule, terms and a maximum per fiscal year, for one share version."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("share_version_id", "participation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    share_version_id: Mapped[int] = mapped_column(ForeignKey("share_version.id"))
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"), index=True)
    # asked given withdrawn lapsed carried (carried: an older consent whose maximum still covers)
    status: Mapped[str] = mapped_column(String(20))
    maximum_yen: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # fiscal year → yen
    approval_date: Mapped[date | None] = mapped_column(Date)
    approval_number: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str] = mapped_column(default="")
    reminders_sent: Mapped[int] = mapped_column(default=0)
    last_reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    row_version: Mapped[int] = mapped_column(default=1)
    share_version: Mapped[ShareVersion] = relationship()
    participation: Mapped[Participation] = relationship()

    __mapper_args__ = {"version_id_col": row_version}


class StateChange(Base):
    """One move of a project along its life, with who and why."""

    __tablename__ = "state_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    from_state: Mapped[str] = mapped_column(String(30))
    to_state: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(40))
    actor_label: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class StageEntry(Base):
    """Both stages of a procurement as recorded at one time; the newest of a project counts (F13).

    Never changed: the entries before it are its history. Yen are tax-included.
    """

    __tablename__ = "stage_entry"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("pattern IN ('none','hiroshima','own')", name="pattern"),
        CheckConstraint("stage2_decision IN ('open','proceed','stop')", name="stage2_decision"),
        CheckConstraint("stage1_amount_yen <= stage1_cap_yen", name="stage1_cap"),
        CheckConstraint(
            "stage2_decision = 'open' OR (stage1_result <> '' AND stage1_result_on IS NOT NULL)",
            name="stage2_needs_result",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]  # of the project, from 1
    pattern: Mapped[str] = mapped_column(String(20))
    stage1_cap_yen: Mapped[int | None]
    stage1_starts_on: Mapped[date | None] = mapped_column(Date)
    stage1_ends_on: Mapped[date | None] = mapped_column(Date)
    stage1_amount_yen: Mapped[int | None]
    stage1_result: Mapped[str] = mapped_column(default="")
    stage1_result_on: Mapped[date | None] = mapped_column(Date)
    stage2_decision: Mapped[str] = mapped_column(String(20))
    stage2_reason: Mapped[str] = mapped_column(default="")
    stage2_decided_on: Mapped[date | None] = mapped_column(Date)
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str]


class CostRow(Base):
    """An amount of money of one body, year and category, with its basis (domain §7).

    Settlement, budget, contract and estimate are never one unmarked line: `basis` says which.
    """

    __tablename__ = "cost_row"
    __table_args__ = (
        CheckConstraint(
            "category IN ('operating','build_modification','build_other','other')",
            name="category",
        ),
        CheckConstraint(
            "basis IN ('settlement','budget_initial','budget_revised','contract','estimate')",
            name="basis",
        ),
        Index("ix_cost_row_body_year", "body_code", "fiscal_year"),
        Index("ix_cost_row_type_year", "system_type_code", "fiscal_year"),
        Index(
            "uq_cost_row_of_project",
            *("project_id", "body_code", "fiscal_year", "category", "basis"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("joint_case.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("local_body.code"))
    system_type_code: Mapped[str] = mapped_column(ForeignKey("system_type.code"))
    fiscal_year: Mapped[int]
    category: Mapped[str] = mapped_column(String(20))
    basis: Mapped[str] = mapped_column(String(20))
    amount_yen: Mapped[int]
    tax_included: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(default="")
    fictional: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_by: Mapped[str] = mapped_column(default="")
    entered_on_behalf_by: Mapped[str] = mapped_column(default="")  # '' : by the body itself
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class ProjectOffering(Base):
    """An offering a project names in public (F05): asked, awarded or in use — never a basis."""

    __tablename__ = "project_offering"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    offering_id: Mapped[int] = mapped_column(
        ForeignKey("offering.id"), primary_key=True, index=True
    )
    relation: Mapped[str] = mapped_column(String(20))  # awarded in_use requested


class VendorRequest(Base):
    """A request a project's lead sends to vendors by name (information, quotation)."""

    __tablename__ = "vendor_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # rfi quotation
    message: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
