"""Contracts, re-quotes, refusals, and what a vendor is qualified for."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ONCE = ("project_id", "kind", "buyer_organization_id", "term")
_TABLES = (
    "contract",
    "contract_quote",
    "contract_refusal",
    "introduction_check",
    "award_extension",
    "contract_change",
)


def _link(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name)


def upgrade() -> None:
    _contract()
    _quote()
    _refusal()
    op.create_table(
        "bidder_qualification",
        sa.Column("organization_id", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        _link("bidder_qualification", "organization_id", "organization"),
        _link("bidder_qualification", "vendor_id", "vendor"),
        sa.PrimaryKeyConstraint(
            "organization_id", "vendor_id", name=op.f("pk_bidder_qualification")
        ),
    )
    _introduction()
    _changes()
    protect(op.get_bind(), _TABLES)


def _contract() -> None:
    name = "contract"
    op.create_table(
        name,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("wave", _NUMBER, nullable=False),
        sa.Column("term", _NUMBER, nullable=False),
        sa.Column("buyer_organization_id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=True),
        sa.Column("vendor_id", _NUMBER, nullable=True),
        sa.Column("award_id", _NUMBER, nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("amount_yen", _NUMBER, nullable=True),
        sa.Column("tax_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("amount_with_tax_yen", _NUMBER, nullable=True),
        sa.Column("vote_on", sa.Date(), nullable=True),
        sa.Column("membership", sa.String(length=10), nullable=False),
        sa.Column("signatory", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("guarantee", sa.String(length=10), nullable=False),
        sa.Column("guarantee_note", sa.String(), nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=False),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("amount_yen >= 0", name=op.f("ck_contract_amount")),
        _link(name, "project_id", "project"),
        _link(name, "buyer_organization_id", "organization"),
        _link(name, "body_code", "local_body", "code"),
        _link(name, "vendor_id", "vendor"),
        _link(name, "award_id", "award"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint(*_ONCE, name=op.f(f"uq_contract_{'_'.join(_ONCE)}")),
    )
    for column in ("project_id", "buyer_organization_id", "body_code", "vendor_id"):
        op.create_index(op.f(f"ix_contract_{column}"), name, [column])


def _quote() -> None:
    name = "contract_quote"
    op.create_table(
        name,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("amount_yen", _NUMBER, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        _link(name, "project_id", "project"),
        _link(name, "body_code", "local_body", "code"),
        _link(name, "vendor_id", "vendor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_quote")),
        sa.UniqueConstraint(
            "project_id",
            "body_code",
            "number",
            name=op.f("uq_contract_quote_project_id_body_code_number"),
        ),
    )
    op.create_index(op.f("ix_contract_quote_project_id"), name, ["project_id"])


def _refusal() -> None:
    name = "contract_refusal"
    op.create_table(
        name,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("quote_number", _NUMBER, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=False),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("refused_at", UTCDateTime(), nullable=False),
        sa.Column("refused_by", sa.String(), nullable=False),
        _link(name, "project_id", "project"),
        _link(name, "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_refusal")),
        sa.UniqueConstraint(
            "project_id", "body_code", name=op.f("uq_contract_refusal_project_id_body_code")
        ),
    )
    op.create_index(op.f("ix_contract_refusal_project_id"), name, ["project_id"])


def _introduction() -> None:
    name = "introduction_check"
    op.create_table(
        name,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("participation_id", _NUMBER, nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        _link(name, "participation_id", "participation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_check")),
    )
    op.create_index(op.f("ix_introduction_check_participation_id"), name, ["participation_id"])
    op.create_table(
        "project_closing",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("know_how", sa.String(), nullable=False),
        sa.Column("no_know_how_reason", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        _link("project_closing", "project_id", "project"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_closing")),
    )


def _decided(by: str) -> list[sa.Column[object]]:
    return [
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=False),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column(f"{by}_at", UTCDateTime(), nullable=False),
        sa.Column(f"{by}_by", sa.String(), nullable=False),
    ]


def _changes() -> None:
    name = "award_extension"
    op.create_table(
        name,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("amount_yen", _NUMBER, nullable=False),
        *_decided("decided"),
        _link(name, "project_id", "project"),
        _link(name, "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_extension")),
        sa.UniqueConstraint(
            "project_id", "number", name=op.f("uq_award_extension_project_id_number")
        ),
    )
    op.create_index(op.f("ix_award_extension_project_id"), name, ["project_id"])
    name = "contract_change"
    op.create_table(
        name,
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("contract_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_yen", _NUMBER, nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        *_decided("made"),
        _link(name, "contract_id", "contract"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_change")),
        sa.UniqueConstraint(
            "contract_id", "number", name=op.f("uq_contract_change_contract_id_number")
        ),
    )


def downgrade() -> None:
    op.drop_table("project_closing")
    op.drop_table("bidder_qualification")
    for table in reversed(_TABLES):
        op.drop_table(table)
