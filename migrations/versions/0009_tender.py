"""From the notice to the opening: rule and moments, questions, sealed proposals."""

import sqlalchemy as sa
from alembic import op

from foundation.append_only import protect
from foundation.db import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _project(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_project_id_project")
    return sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=name)


def _vendor(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_vendor_id_vendor")
    return sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "tender_notice",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("evaluation_rule", sa.JSON(), nullable=False),
        sa.Column("questions_close_at", UTCDateTime(), nullable=True),
        sa.Column("answers_due_at", UTCDateTime(), nullable=True),
        sa.Column("conditional_on_budget", sa.Boolean(), nullable=False),
        sa.Column("quorum", _NUMBER, nullable=False),
        sa.Column("unanswered_reason", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        _project("tender_notice"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_tender_notice")),
    )
    op.create_table(
        "tender_question",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("row_version", _NUMBER, nullable=False),
        _project("tender_question"),
        _vendor("tender_question"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_question")),
    )
    op.create_table(
        "proposal_receipt",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        _project("proposal_receipt"),
        _vendor("proposal_receipt"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_receipt")),
        sa.UniqueConstraint(
            "project_id",
            "round",
            "vendor_id",
            "number",
            name=op.f("uq_proposal_receipt_project_id_round_vendor_id_number"),
        ),
    )
    op.create_table(
        "proposal_withdrawal",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("up_to_number", _NUMBER, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        _project("proposal_withdrawal"),
        _vendor("proposal_withdrawal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_withdrawal")),
    )
    op.create_table(
        "tender_opening",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, nullable=False),
        sa.Column("first_user_id", _NUMBER, nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("second_user_id", _NUMBER, nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("row_version", _NUMBER, nullable=False),
        _project("tender_opening"),
        sa.ForeignKeyConstraint(
            ["first_user_id"],
            ["user_account.id"],
            name=op.f("fk_tender_opening_first_user_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["second_user_id"],
            ["user_account.id"],
            name=op.f("fk_tender_opening_second_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_opening")),
        sa.UniqueConstraint("project_id", "round", name=op.f("uq_tender_opening_project_id_round")),
    )
    _create_evaluation()
    for table, column in (
        ("judge_seat", "user_id"),
        ("award", "project_id"),
        ("tender_question", "project_id"),
        ("proposal_receipt", "project_id"),
        ("proposal_receipt", "vendor_id"),
        ("proposal_withdrawal", "project_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    protect(op.get_bind(), ("proposal_receipt", "proposal_withdrawal", "award"))


def _create_evaluation() -> None:
    op.create_table(
        "judge_seat",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("invited_at", UTCDateTime(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("declared_at", UTCDateTime(), nullable=True),
        sa.Column("absent_reason", sa.String(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("row_version", _NUMBER, nullable=False),
        _project("judge_seat"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_judge_seat_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge_seat")),
        sa.UniqueConstraint(
            "project_id", "round", "user_id", name=op.f("uq_judge_seat_project_id_round_user_id")
        ),
    )
    op.create_table(
        "award",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("vendor_id", _NUMBER, nullable=False),
        sa.Column("price_yen", _NUMBER, nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        _project("award"),
        _vendor("award"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint(
            "project_id", "round", "number", name=op.f("uq_award_project_id_round_number")
        ),
    )


def downgrade() -> None:
    for table in (
        "award",
        "judge_seat",
        "tender_opening",
        "proposal_withdrawal",
        "proposal_receipt",
        "tender_question",
        "tender_notice",
    ):
        op.drop_table(table)
