"""Needs of bodies and the groups proposed from them."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the slice that brings its tables."""


def downgrade() -> None:
    """Filled in by the slice that brings its tables."""
