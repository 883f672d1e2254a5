"""wechat_access_tokens: dropped, since WeChat gives every process the same stable token

Revision: 0005_stable_token, after 0004_fixdesk
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0005_stable_token"
down_revision = "0004_fixdesk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("wechat_access_tokens")


def downgrade() -> None:
    op.create_table(
        "wechat_access_tokens",
        sa.Column("app_id", sa.String(64), nullable=False),
        sa.Column("token", sa.String(1024), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("refreshing_until", UtcDateTime(timezone=True)),
        sa.PrimaryKeyConstraint("app_id", name="pk_wechat_access_tokens"),
    )
