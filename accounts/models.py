"""Tables of who acts: local bodies, organisations, users, memberships, sign-in attempts."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, UTCDateTime


class FactSourceRow(Base):
    """A published source of facts, with the line that must be printed beside them."""

    __tablename__ = "fact_source"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str]
    publisher: Mapped[str]
    as_of: Mapped[str]
    url: Mapped[str]
    attribution: Mapped[str]


class LocalBody(Base):
    """One of the 1,788 local bodies (or a fictional one, code 99…). None = not published."""

    __tablename__ = "local_body"
    __table_args__ = (Index("ix_local_body_prefecture_kind", "prefecture_code", "kind"),)

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    kana: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    prefecture_code: Mapped[str] = mapped_column(String(2))
    prefecture_name: Mapped[str]
    corporate_number: Mapped[str | None] = mapped_column(String(13))
    population_census_2020: Mapped[int | None]
    population_register_2025: Mapped[int | None]
    households_2020: Mapped[int | None]
    population_65plus_2020: Mapped[int | None]
    area_ha: Mapped[int | None]
    staff_general_2024: Mapped[int | None]
    fiscal_strength_index: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    standard_fiscal_scale_thousand_yen: Mapped[int | None]
    peer_group: Mapped[str | None]
    fictional: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    successor_code: Mapped[str | None] = mapped_column(String(6))


class Organization(Base):
    """Whoever can act: a body, an association, a council, a vendor, a ministry, the operator."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint(
            "(kind IN ('prefecture', 'municipality')) = (body_code IS NOT NULL)",
            name="body_has_code",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str]
    body_code: Mapped[str | None] = mapped_column(ForeignKey("local_body.code"), unique=True)
    corporate_number: Mapped[str | None] = mapped_column(String(13), unique=True)
    alternate_key: Mapped[str | None] = mapped_column(String(40), unique=True)
    prefecture_code: Mapped[str | None] = mapped_column(String(2), index=True)
    # A council is no legal person: this member signs for it (domain §1).
    signing_body_code: Mapped[str | None] = mapped_column(ForeignKey("local_body.code"))
    fictional: Mapped[bool] = mapped_column(default=False)


class User(Base):
    """A person who signs in. `session_token` changes when every session must end."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    session_token: Mapped[str] = mapped_column(String(64), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user", order_by="Membership.id"
    )


class Membership(Base):
    """A user's role in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "organization_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    user: Mapped[User] = relationship(back_populates="memberships")
    organization: Mapped[Organization] = relationship()


class SignInAttempt(Base):
    """One failed attempt to sign in, counted by account across all processes.

    `account_key` is a hash of the address typed: unknown addresses are counted alike.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_account_at", "account_key", "failed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[str] = mapped_column(String(64))
    failed_at: Mapped[datetime] = mapped_column(UTCDateTime)
