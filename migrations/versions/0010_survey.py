"""Surveys of projects: questions, and one sheet of answers per body."""

import sqlalchemy as sa
from alembic import op

from foundation.db import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("reminders_sent", _NUMBER, nullable=False),
        sa.Column("last_reminded_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_survey_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_survey")),
    )
    op.create_table(
        "survey_question",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["survey.project_id"],
            name=op.f("fk_survey_question_project_id_survey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_question")),
    )
    op.create_index(op.f("ix_survey_question_project_id"), "survey_question", ["project_id"])
    op.create_table(
        "survey_response",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("project_id", _NUMBER, nullable=False),
        sa.Column("body_code", sa.String(length=6), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.Column("row_version", _NUMBER, nullable=False),
        sa.CheckConstraint(
            "status IN ('requested','given')", name=op.f("ck_survey_response_status")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["survey.project_id"],
            name=op.f("fk_survey_response_project_id_survey"),
        ),
        sa.ForeignKeyConstraint(
            ["body_code"],
            ["local_body.code"],
            name=op.f("fk_survey_response_body_code_local_body"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_response")),
        sa.UniqueConstraint(
            "project_id", "body_code", name=op.f("uq_survey_response_project_id_body_code")
        ),
    )
    op.create_index(op.f("ix_survey_response_body_code"), "survey_response", ["body_code"])


def downgrade() -> None:
    for table in ("survey_response", "survey_question", "survey"):
        op.drop_table(table)
