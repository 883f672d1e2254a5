"""English questions and answers of knowledge entries

Revision ID: 0008_english
Revises: 0007_choice
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_english"
down_revision = "0007_choice"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("knowledge_entries", sa.Column("question_english", sa.Text()))
    op.add_column("knowledge_entries", sa.Column("answer_english", sa.Text()))


def downgrade() -> None:
    op.drop_column("knowledge_entries", "answer_english")
    op.drop_column("knowledge_entries", "question_english")
