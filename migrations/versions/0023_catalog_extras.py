"""Catalog leftovers: a case knows the council that leads it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = "fk_joint_case_lead_organization_id_organization"
# Councils have no body's code; so far only the draft told whose case it is.
_FROM_DRAFTS = """
UPDATE joint_case SET lead_organization_id = (
    SELECT case_draft.organization_id
    FROM case_draft JOIN organization ON organization.id = case_draft.organization_id
    WHERE case_draft.case_id = joint_case.id AND organization.body_code IS NULL
)
WHERE lead_body_code IS NULL
"""
# Loaded with the cases whose source names it, in these very signs.
_FROM_NAMES = """
UPDATE joint_case SET lead_organization_id = (
    SELECT organization.id FROM organization
    WHERE organization.alternate_key = 'oumi-council'
    AND organization.name = joint_case.lead_body_name
)
WHERE lead_body_code IS NULL AND lead_organization_id IS NULL
"""


def upgrade() -> None:
    """Put the organisation beside the body's code, and fill it from what is known."""
    with op.batch_alter_table("joint_case") as case:
        case.add_column(sa.Column("lead_organization_id", _NUMBER, nullable=True))
        case.create_foreign_key(_NAME, "organization", ["lead_organization_id"], ["id"])
        case.create_index("ix_joint_case_lead_organization_id", ["lead_organization_id"])
    for statement in (_FROM_DRAFTS, _FROM_NAMES):
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Without it."""
    with op.batch_alter_table("joint_case") as case:
        case.drop_index("ix_joint_case_lead_organization_id")
        case.drop_constraint(_NAME, type_="foreignkey")
        case.drop_column("lead_organization_id")
