"""Selection records (選定記録): what was found, what was decided, who took it away."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the slice that brings its tables."""


def downgrade() -> None:
    """Filled in by the slice that brings its tables."""
