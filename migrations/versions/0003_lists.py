"""The back office's list by name, whatever its case.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # By hand, because an index on an expression is not compared; `search_` says so to migrations/env.py.
    op.execute("CREATE INDEX search_products_by_name ON products (tenant_id, lower(name), id)")


def downgrade() -> None:
    op.execute("DROP INDEX search_products_by_name")
