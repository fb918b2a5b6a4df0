"""Requirements of bodies, versions of the specification, and its corrections."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name)


def upgrade() -> None:
    op.create_table(
        "requirement",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("survey_question_id", _NUMBER, nullable=True),
        sa.Column("settled", sa.String(length=20), nullable=False),
        sa.Column("customization", sa.Boolean(), nullable=False),
        sa.Column("customization_yen", _NUMBER, nullable=True),
        sa.Column("customization_reason", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint(
            "settled IN ('open','must','wanted','left_out')", name=op.f("ck_requirement_settled")
        ),
        _refers("requirement", "project_id", "project"),
        _refers("requirement", "survey_question_id", "survey_question"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint(
            "project_id",
            "survey_question_id",
            name=op.f("uq_requirement_project_id_survey_question_id"),
        ),
    )
    op.create_index(op.f("ix_requirement_project_id"), "requirement", ["project_id"])
    op.create_table(
        "requirement_column",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        _refers("requirement_column", "project_id", "project"),
        _refers("requirement_column", "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_column")),
        sa.UniqueConstraint(
            "project_id", "body_code", name=op.f("uq_requirement_column_project_id_body_code")
        ),
    )
    op.create_index(op.f("ix_requirement_column_body_code"), "requirement_column", ["body_code"])
    op.create_table(
        "spec_version",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("fixed_at", UTCDateTime(), nullable=False),
        sa.Column("fixed_by", sa.String(), nullable=False),
        _refers("spec_version", "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spec_version")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_spec_version_project_id_number")),
    )
    op.create_table(
        "spec_correction",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("requirement_id", _NUMBER, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        _refers("spec_correction", "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spec_correction")),
    )
    op.create_index(op.f("ix_spec_correction_project_id"), "spec_correction", ["project_id"])
    op.create_table(
        "rfi_answer",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("tax_rate_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.Column("not_included", sa.String(), nullable=False),
        sa.Column("price_basis", sa.String(), nullable=False),
        sa.Column("annual_yen", _NUMBER, nullable=True),
        sa.Column("residents", _NUMBER, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        _refers("rfi_answer", "project_id", "project"),
        _refers("rfi_answer", "vendor_id", "vendor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfi_answer")),
        sa.UniqueConstraint(
            "project_id", "vendor_id", name=op.f("uq_rfi_answer_project_id_vendor_id")
        ),
    )
    op.create_index(op.f("ix_rfi_answer_vendor_id"), "rfi_answer", ["vendor_id"])
    op.create_table(
        "lead_change",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("from_organization_id", _NUMBER, nullable=False),
        sa.Column("to_organization_id", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint("kind IN ('offer','claim')", name=op.f("ck_lead_change_kind")),
        sa.CheckConstraint(
            "status IN ('asked','done','declined')", name=op.f("ck_lead_change_status")
        ),
        _refers("lead_change", "project_id", "project"),
        _refers("lead_change", "from_organization_id", "organization"),
        _refers("lead_change", "to_organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_change")),
    )
    op.create_index(op.f("ix_lead_change_project_id"), "lead_change", ["project_id"])
    op.create_table(
        "body_office",
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("dx_staff", _NUMBER, nullable=True),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("hands_over_on", sa.Date(), nullable=True),
        sa.Column("successor_name", sa.String(), nullable=False),
        sa.Column("handover_note", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        _refers("body_office", "body_code", "local_body", "code"),
        sa.PrimaryKeyConstraint("body_code", name=op.f("pk_body_office")),
    )
    protect(op.get_bind(), ("spec_version", "spec_correction"))


def downgrade() -> None:
    for table in (
        "body_office",
        "lead_change",
        "rfi_answer",
        "spec_correction",
        "spec_version",
        "requirement_column",
        "requirement",
    ):
        op.drop_table(table)
