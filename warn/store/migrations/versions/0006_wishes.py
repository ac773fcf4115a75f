"""subscriber.daily_from, evening_from, weekly_from, moved_at: what is owed is remembered for each edition"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
COLUMNS = ("daily_from", "evening_from", "weekly_from", "moved_at")


def upgrade() -> None:
    with op.batch_alter_table("subscriber", schema=None) as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("subscriber", schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
