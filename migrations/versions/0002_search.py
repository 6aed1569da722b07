"""Full-text search: FTS5 on SQLite, a tsvector on PostgreSQL.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Words are folded before they get here (services/search.py), so neither side needs a dictionary.
SQLITE = (
    """CREATE TABLE product_search_places (
        id INTEGER PRIMARY KEY, tenant_id BLOB NOT NULL, product_id BLOB NOT NULL,
        UNIQUE (tenant_id, product_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE CASCADE)""",
    # The store is a word of each row: a search meets the rows of its own store only.
    """CREATE VIRTUAL TABLE product_search USING fts5(
        store, name, sku, tags, short, body, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3 4')""",
    "CREATE VIRTUAL TABLE product_search_words USING fts5vocab(product_search, row)",
    """CREATE TRIGGER product_search_gone AFTER DELETE ON product_search_places BEGIN
        DELETE FROM product_search WHERE rowid = old.id; END""",
)

# Under row-level security the operators of full-text search may not use an index (they are not leakproof). The
# function reads as its owner, and narrows to the store by itself.
POSTGRESQL = (
    """CREATE TABLE product_search (
        tenant_id uuid NOT NULL, product_id uuid NOT NULL, document tsvector NOT NULL, words text NOT NULL,
        PRIMARY KEY (tenant_id, product_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE CASCADE)""",
    "CREATE INDEX search_document ON product_search USING gin (document)",
    """DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; EXCEPTION WHEN OTHERS THEN
        RAISE NOTICE 'pg_trgm is not to be had: search will not forgive typing errors'; END $$""",
    """DO $$ BEGIN IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX search_words ON product_search USING gin (words gin_trgm_ops); END IF; END $$""",
    """CREATE FUNCTION search_products(asked text, plain text) RETURNS TABLE (product_id uuid, score real)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE store uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    BEGIN
        IF asked = '' OR store IS NULL THEN RETURN; END IF;
        RETURN QUERY SELECT p.product_id, ts_rank(p.document, to_tsquery('simple', asked))
            FROM product_search p WHERE p.tenant_id = store AND p.document @@ to_tsquery('simple', asked);
        IF NOT FOUND AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
            RETURN QUERY EXECUTE 'SELECT p.product_id, word_similarity($1, p.words) FROM product_search p
                WHERE p.tenant_id = $2 AND p.words %> $1' USING plain, store;
        END IF;
    END $$""",
    "REVOKE ALL ON FUNCTION search_products(text, text) FROM PUBLIC",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)
    if not sqlite:
        _secure()


def _secure() -> None:
    """The roles may not be there yet: they are made after the last migration. Then the policies are, too, for the
    tables that the models know; this one is not among them."""
    for role in ("vitrine_app", "vitrine_platform"):
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} "
            "NOLOGIN; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        op.execute(f"GRANT EXECUTE ON FUNCTION search_products(text, text) TO {role}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON product_search TO {role}")
    op.execute("ALTER TABLE product_search ENABLE ROW LEVEL SECURITY")
    own = "tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid)"
    op.execute(f"CREATE POLICY store ON product_search TO vitrine_app USING ({own}) WITH CHECK ({own})")
    op.execute("CREATE POLICY platform ON product_search TO vitrine_platform USING (true) WITH CHECK (true)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER product_search_gone")
        op.execute("DROP TABLE product_search_words")
        op.execute("DROP TABLE product_search")
        op.execute("DROP TABLE product_search_places")
    else:
        op.execute("DROP FUNCTION search_products(text, text)")
        op.execute("DROP TABLE product_search")
