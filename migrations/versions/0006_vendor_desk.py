"""Drafts, submissions and reviews of catalog entries."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the slice that brings its tables."""


def downgrade() -> None:
    """Filled in by the slice that brings its tables."""
