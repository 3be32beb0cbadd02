"""Tags are labels now (0006): the list beside each device goes.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing ever wrote anything but an empty list there."""
    with op.batch_alter_table("inventory_device_decision", schema=None) as batch_op:
        batch_op.drop_column("tags")


def downgrade() -> None:
    """An empty list again."""
    with op.batch_alter_table("inventory_device_decision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "tags", sa.LargeBinary(), nullable=False, server_default=sa.text("'[]'"), comment="JSON list of text"
            )
        )
