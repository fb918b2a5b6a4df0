"""The first tables."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PROTECTED = ("audit_event", "audit_head", "offering_version", "share_version", "share_line")


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column(
            "actor_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("actor_label", sa.String(), nullable=False),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=60), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("batch_file_sha256", sa.String(length=64), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_event_organization_seq", ["organization_id", "seq"], unique=False
        )
        batch_op.create_index(
            "ix_audit_event_subject", ["subject_type", "subject_id"], unique=False
        )

    op.create_table(
        "audit_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "fact_source",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("as_of", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("attribution", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_fact_source")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column(
            "rows_read", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bad_rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(
            "ix_import_batch_kind_file_sha256", ["kind", "file_sha256"], unique=False
        )

    op.create_table(
        "local_body",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("prefecture_code", sa.String(length=2), nullable=False),
        sa.Column("prefecture_name", sa.String(), nullable=False),
        sa.Column("corporate_number", sa.String(length=13), nullable=True),
        sa.Column(
            "population_census_2020",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "population_register_2025",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "households_2020", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "population_65plus_2020",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("area_ha", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "staff_general_2024",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("fiscal_strength_index", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column(
            "standard_fiscal_scale_thousand_yen",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("peer_group", sa.String(), nullable=True),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_code", sa.String(length=6), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_local_body")),
    )
    with op.batch_alter_table("local_body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_body_name"), ["name"], unique=False)
        batch_op.create_index(
            "ix_local_body_prefecture_kind", ["prefecture_code", "kind"], unique=False
        )

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_organization_read", ["organization_id", "read_at"], unique=False
        )
        batch_op.create_index("ix_notice_user_read", ["user_id", "read_at"], unique=False)

    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("queued_at", UTCDateTime(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_mail_message_id")),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_mail_state_next_try_at", ["state", "next_try_at"], unique=False
        )

    op.create_table(
        "policy_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column(
            "decision_fy", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("cycle_label", sa.String(), nullable=False),
        sa.Column("item_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_group", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ministries", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("keywords", sa.String(), nullable=False),
        sa.Column("source_doc", sa.String(), nullable=False),
        sa.Column("source_lines", sa.String(), nullable=False),
        sa.Column("source_as_of", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_item")),
        sa.UniqueConstraint(
            "kind", "decision_fy", "item_no", name=op.f("uq_policy_item_kind_decision_fy_item_no")
        ),
    )
    op.create_table(
        "search_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "object_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("queued_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_outbox")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_key", sa.String(length=64), nullable=False),
        sa.Column("failed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sign_in_attempt_account_at", ["account_key", "failed_at"], unique=False
        )

    op.create_table(
        "system_type",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("policy_scope", sa.String(length=30), nullable=False),
        sa.Column("keywords", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_system_type")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("session_token", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("example", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("session_token", name=op.f("uq_user_account_session_token")),
    )
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_import_row")),
    )
    op.create_table(
        "joint_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("publication_status", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("lead_body_name", sa.String(), nullable=False),
        sa.Column("lead_body_code", sa.String(length=6), nullable=True),
        sa.Column("lead_body_kind", sa.String(length=20), nullable=False),
        sa.Column("prefecture_code", sa.String(length=2), nullable=True),
        sa.Column("participants_text", sa.String(), nullable=False),
        sa.Column(
            "participant_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column(
            "fiscal_year_start", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("started_text", sa.String(), nullable=False),
        sa.Column("contract_start", sa.Date(), nullable=True),
        sa.Column("contract_end", sa.Date(), nullable=True),
        sa.Column("procurement_method", sa.String(length=40), nullable=False),
        sa.Column("procurement_method_text", sa.String(), nullable=False),
        sa.Column("contract_model", sa.String(length=40), nullable=False),
        sa.Column("contract_model_text", sa.String(), nullable=False),
        sa.Column("vendor_text", sa.String(), nullable=False),
        sa.Column(
            "applicant_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "initial_cost_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "annual_operating_cost_yen",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "ceiling_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "contract_amount_yen",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("cost_basis", sa.String(length=20), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=True),
        sa.Column("cost_sharing_method", sa.String(), nullable=False),
        sa.Column("cost_facts", sa.String(), nullable=False),
        sa.Column("prefecture_borne_cost", sa.String(), nullable=False),
        sa.Column("spec_availability", sa.String(length=20), nullable=False),
        sa.Column("background", sa.String(), nullable=False),
        sa.Column("process_steps", sa.String(), nullable=False),
        sa.Column("know_how", sa.String(), nullable=False),
        sa.Column("issues_met", sa.String(), nullable=False),
        sa.Column("measured_effects", sa.JSON(), nullable=False),
        sa.Column("contact_office", sa.String(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.Column("source_kind", sa.String(length=20), nullable=False),
        sa.Column("first_published_on", sa.Date(), nullable=False),
        sa.Column("last_confirmed_on", sa.Date(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('joint','single','trial')", name=op.f("ck_joint_case_kind")),
        sa.CheckConstraint(
            "publication_status IN ('draft','submitted','published','suspended','withdrawn')",
            name=op.f("ck_joint_case_publication_status"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_body_code"],
            ["local_body.code"],
            name=op.f("fk_joint_case_lead_body_code_local_body"),
        ),
        sa.ForeignKeyConstraint(
            ["system_type_code"],
            ["system_type.code"],
            name=op.f("fk_joint_case_system_type_code_system_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_case")),
        sa.UniqueConstraint("key", name=op.f("uq_joint_case_key")),
    )
    with op.batch_alter_table("joint_case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_joint_case_lead_body_code"), ["lead_body_code"], unique=False
        )
        batch_op.create_index(
            "ix_joint_case_prefecture_type", ["prefecture_code", "system_type_code"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_joint_case_system_type_code"), ["system_type_code"], unique=False
        )

    op.create_table(
        "organization",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=True),
        sa.Column("corporate_number", sa.String(length=13), nullable=True),
        sa.Column("alternate_key", sa.String(length=40), nullable=True),
        sa.Column("prefecture_code", sa.String(length=2), nullable=True),
        sa.Column("signing_body_code", sa.String(length=6), nullable=True),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('prefecture', 'municipality')) = (body_code IS NOT NULL)",
            name=op.f("ck_organization_body_has_code"),
        ),
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f("fk_organization_body_code_local_body")
        ),
        sa.ForeignKeyConstraint(
            ["signing_body_code"],
            ["local_body.code"],
            name=op.f("fk_organization_signing_body_code_local_body"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("alternate_key", name=op.f("uq_organization_alternate_key")),
        sa.UniqueConstraint("body_code", name=op.f("uq_organization_body_code")),
        sa.UniqueConstraint("corporate_number", name=op.f("uq_organization_corporate_number")),
    )
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_kind"), ["kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organization_prefecture_code"), ["prefecture_code"], unique=False
        )

    op.create_table(
        "case_participant",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_code"],
            ["local_body.code"],
            name=op.f("fk_case_participant_body_code_local_body"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["joint_case.id"], name=op.f("fk_case_participant_case_id_joint_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "body_code", name=op.f("pk_case_participant")),
    )
    with op.batch_alter_table("case_participant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_participant_body_code"), ["body_code"], unique=False
        )

    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_membership_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_membership_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "user_id",
            "organization_id",
            "role",
            name=op.f("uq_membership_user_id_organization_id_role"),
        ),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column(
            "lead_organization_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("prefecture_code", sa.String(length=2), nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.Column("procurement_method", sa.String(length=40), nullable=False),
        sa.Column("procurement_method_reason", sa.String(), nullable=False),
        sa.Column("contract_model", sa.String(length=40), nullable=False),
        sa.Column("agreement_basis", sa.String(length=30), nullable=False),
        sa.Column(
            "min_participants", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "min_quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("main_unit", sa.String(length=20), nullable=False),
        sa.Column("survey_closes_at", UTCDateTime(), nullable=True),
        sa.Column("join_closes_at", UTCDateTime(), nullable=True),
        sa.Column("join_extended", sa.Boolean(), nullable=False),
        sa.Column("consent_closes_at", UTCDateTime(), nullable=True),
        sa.Column("proposals_close_at", UTCDateTime(), nullable=True),
        sa.Column("term_start", sa.Date(), nullable=True),
        sa.Column(
            "term_months", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sharing_terms", sa.JSON(), nullable=False),
        sa.Column("notice_url", sa.String(), nullable=False),
        sa.Column("notice_number", sa.String(), nullable=False),
        sa.Column("policy_check", sa.JSON(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("reenactment_of", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["lead_organization_id"],
            ["organization.id"],
            name=op.f("fk_project_lead_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["system_type_code"],
            ["system_type.code"],
            name=op.f("fk_project_system_type_code_system_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_lead_organization_id"), ["lead_organization_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_project_prefecture_code"), ["prefecture_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_project_state"), ["state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_project_system_type_code"), ["system_type_code"], unique=False
        )

    op.create_table(
        "vendor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=False),
        sa.Column("prefecture_code", sa.String(length=2), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("introduction", sa.String(), nullable=False),
        sa.Column("sme", sa.Boolean(), nullable=False),
        sa.Column("startup", sa.Boolean(), nullable=False),
        sa.Column("size_basis", sa.String(), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("publication_status", sa.String(length=20), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_vendor_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_vendor_organization_id")),
    )
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vendor_name"), ["name"], unique=False)

    op.create_table(
        "cost_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column(
            "fiscal_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column(
            "amount_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "basis IN ('settlement','budget_initial','budget_revised','contract','estimate')",
            name=op.f("ck_cost_row_basis"),
        ),
        sa.CheckConstraint(
            "category IN ('operating','build_modification','build_other','other')",
            name=op.f("ck_cost_row_category"),
        ),
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f("fk_cost_row_body_code_local_body")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["joint_case.id"], name=op.f("fk_cost_row_case_id_joint_case")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_cost_row_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["system_type_code"],
            ["system_type.code"],
            name=op.f("fk_cost_row_system_type_code_system_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_row")),
    )
    with op.batch_alter_table("cost_row", schema=None) as batch_op:
        batch_op.create_index("ix_cost_row_body_year", ["body_code", "fiscal_year"], unique=False)
        batch_op.create_index(batch_op.f("ix_cost_row_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cost_row_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            "ix_cost_row_type_year", ["system_type_code", "fiscal_year"], unique=False
        )

    op.create_table(
        "offering",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column(
            "vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("publication_status", sa.String(length=20), nullable=False),
        sa.Column(
            "current_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "publication_status IN ('draft','submitted','published','suspended','withdrawn')",
            name=op.f("ck_offering_publication_status"),
        ),
        sa.ForeignKeyConstraint(
            ["system_type_code"],
            ["system_type.code"],
            name=op.f("fk_offering_system_type_code_system_type"),
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_offering_vendor_id_vendor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering")),
        sa.UniqueConstraint("key", name=op.f("uq_offering_key")),
    )
    with op.batch_alter_table("offering", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offering_name"), ["name"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_offering_publication_status"), ["publication_status"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_offering_system_type_code"), ["system_type_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_offering_updated_at"), ["updated_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_offering_vendor_id"), ["vendor_id"], unique=False)

    op.create_table(
        "participation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("wave", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantities", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("budget_status", sa.String(length=30), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "declared_standalone_yen",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("declared_standalone_source", sa.String(length=20), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=True),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=True),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("leave_reason", sa.String(), nullable=False),
        sa.Column("leave_approval_date", sa.Date(), nullable=True),
        sa.Column("leave_approval_number", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f("fk_participation_body_code_local_body")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_participation_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint(
            "project_id", "body_code", name=op.f("uq_participation_project_id_body_code")
        ),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participation_body_code"), ["body_code"], unique=False)

    op.create_table(
        "planned_price",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "amount_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("disclosure", sa.String(length=10), nullable=False),
        sa.Column(
            "set_by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_planned_price_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_user_id"],
            ["user_account.id"],
            name=op.f("fk_planned_price_set_by_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_planned_price")),
    )
    op.create_table(
        "project_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_project_role_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_role_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_role")),
        sa.UniqueConstraint(
            "project_id",
            "organization_id",
            "role",
            name=op.f("uq_project_role_project_id_organization_id_role"),
        ),
    )
    with op.batch_alter_table("project_role", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_role_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "proposal_ceiling",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("cost_kind", sa.String(length=30), nullable=False),
        sa.Column(
            "amount_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_code"],
            ["local_body.code"],
            name=op.f("fk_proposal_ceiling_body_code_local_body"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_proposal_ceiling_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_ceiling")),
        sa.UniqueConstraint(
            "project_id",
            "body_code",
            "cost_kind",
            name=op.f("uq_proposal_ceiling_project_id_body_code_cost_kind"),
        ),
    )
    op.create_table(
        "share_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fixed_at", UTCDateTime(), nullable=False),
        sa.Column("fixed_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_share_version_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_version")),
        sa.UniqueConstraint(
            "project_id", "number", name=op.f("uq_share_version_project_id_number")
        ),
    )
    op.create_table(
        "state_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_state", sa.String(length=30), nullable=False),
        sa.Column("to_state", sa.String(length=30), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor_label", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_state_change_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_change")),
    )
    with op.batch_alter_table("state_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_state_change_project_id"), ["project_id"], unique=False
        )

    op.create_table(
        "vendor_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_vendor_request_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_vendor_request_vendor_id_vendor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_request")),
    )
    with op.batch_alter_table("vendor_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vendor_request_project_id"), ["project_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_vendor_request_vendor_id"), ["vendor_id"], unique=False
        )

    op.create_table(
        "case_offering",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["joint_case.id"], name=op.f("fk_case_offering_case_id_joint_case")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_case_offering_offering_id_offering")
        ),
        sa.PrimaryKeyConstraint("case_id", "offering_id", name=op.f("pk_case_offering")),
    )
    with op.batch_alter_table("case_offering", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_offering_offering_id"), ["offering_id"], unique=False
        )

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "share_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "participation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("maximum_yen", sa.JSON(), nullable=False),
        sa.Column("approval_date", sa.Date(), nullable=True),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column(
            "reminders_sent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("last_reminded_at", UTCDateTime(), nullable=True),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name=op.f("fk_consent_participation_id_participation"),
        ),
        sa.ForeignKeyConstraint(
            ["share_version_id"],
            ["share_version.id"],
            name=op.f("fk_consent_share_version_id_share_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint(
            "share_version_id",
            "participation_id",
            name=op.f("uq_consent_share_version_id_participation_id"),
        ),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_participation_id"), ["participation_id"], unique=False
        )

    op.create_table(
        "internal_ceiling",
        sa.Column(
            "participation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "amount_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("shown_to_secretariat", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name=op.f("fk_internal_ceiling_participation_id_participation"),
        ),
        sa.PrimaryKeyConstraint("participation_id", name=op.f("pk_internal_ceiling")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("contract_conditions", sa.String(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_offer_offering_id_offering")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["vendor.id"], name=op.f("fk_offer_seller_id_vendor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint(
            "offering_id", "seller_id", name=op.f("uq_offer_offering_id_seller_id")
        ),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_seller_id"), ["seller_id"], unique=False)

    op.create_table(
        "offering_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("vendor_name", sa.String(), nullable=False),
        sa.Column("system_type_code", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("change_note", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_offering_version_offering_id_offering")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering_version")),
        sa.UniqueConstraint(
            "offering_id", "number", name=op.f("uq_offering_version_offering_id_number")
        ),
    )
    op.create_table(
        "project_offering",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_project_offering_offering_id_offering")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_offering_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", "offering_id", name=op.f("pk_project_offering")),
    )
    with op.batch_alter_table("project_offering", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_offering_offering_id"), ["offering_id"], unique=False
        )

    op.create_table(
        "share_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "share_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column(
            "fiscal_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column(
            "amount_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "standalone_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["body_code"], ["local_body.code"], name=op.f("fk_share_line_body_code_local_body")
        ),
        sa.ForeignKeyConstraint(
            ["share_version_id"],
            ["share_version.id"],
            name=op.f("fk_share_line_share_version_id_share_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_line")),
        sa.UniqueConstraint(
            "share_version_id",
            "body_code",
            "fiscal_year",
            "category",
            name=op.f("uq_share_line_share_version_id_body_code_fiscal_year_category"),
        ),
    )
    with op.batch_alter_table("share_line", schema=None) as batch_op:
        batch_op.create_index("ix_share_line_body_year", ["body_code", "fiscal_year"], unique=False)

    op.create_table(
        "price_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("tax_rate_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("not_included", sa.String(), nullable=False),
        sa.Column("price_basis", sa.String(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_price_plan_offer_id_offer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_plan")),
        sa.UniqueConstraint("offer_id", "name", name=op.f("uq_price_plan_offer_id_name")),
    )
    op.create_table(
        "estimate_basis",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "price_plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("plan_snapshot", sa.JSON(), nullable=False),
        sa.Column("tax_rate_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["price_plan_id"],
            ["price_plan.id"],
            name=op.f("fk_estimate_basis_price_plan_id_price_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_estimate_basis_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate_basis")),
        sa.UniqueConstraint(
            "project_id", "price_plan_id", name=op.f("uq_estimate_basis_project_id_price_plan_id")
        ),
    )
    protect(op.get_bind(), PROTECTED)
