"""Full-text search: FTS5 on SQLite, a tsvector on PostgreSQL.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Words are folded before they get here (services/search), so neither side needs a dictionary. `digest` says what was
# indexed: a product whose words stay is not written anew.
SQLITE = (
    """CREATE TABLE product_search_places (
        id INTEGER PRIMARY KEY, tenant_id BLOB NOT NULL, product_id BLOB NOT NULL, digest TEXT NOT NULL,
        UNIQUE (tenant_id, product_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE CASCADE)""",
    # The store is a word of each row: a search meets the rows of its own store only.
    """CREATE VIRTUAL TABLE product_search USING fts5(
        store, name, sku, brand, tags, short, body, codes,
        tokenize = "unicode61 remove_diacritics 2", prefix = '2 3 4')""",
    """CREATE TRIGGER product_search_gone AFTER DELETE ON product_search_places BEGIN
        DELETE FROM product_search WHERE rowid = old.id; END""",
)

# Under row-level security the operators of full-text search may not use an index (they are not leakproof). The
# functions read as their owner, and narrow to the store by themselves.
_STORE = "nullif(current_setting('app.tenant', true), '')::uuid"
POSTGRESQL = (
    """CREATE TABLE product_search (
        tenant_id uuid NOT NULL, product_id uuid NOT NULL, document tsvector NOT NULL, codes text[] NOT NULL,
        digest text NOT NULL,
        PRIMARY KEY (tenant_id, product_id),
        FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE CASCADE)""",
    "CREATE INDEX search_document ON product_search USING gin (document)",
    f"""CREATE FUNCTION search_products(asked text) RETURNS TABLE (product_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE store uuid := {_STORE};
    BEGIN
        IF asked = '' OR store IS NULL THEN RETURN; END IF;
        RETURN QUERY SELECT p.product_id FROM product_search p
            WHERE p.tenant_id = store AND p.document @@ to_tsquery('simple', asked);
    END $$""",
    f"""CREATE FUNCTION rank_products(asked text, whole text, exact text, own text, alike text)
    RETURNS TABLE (product_id uuid, tier int, score real)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE store uuid := {_STORE};
    BEGIN
        IF asked = '' OR store IS NULL THEN RETURN; END IF;
        RETURN QUERY SELECT p.product_id,
            CASE WHEN whole = ANY(p.codes) THEN 4
                WHEN p.document @@ to_tsquery('simple', exact) THEN 3
                WHEN p.document @@ to_tsquery('simple', own) THEN 2
                WHEN p.document @@ to_tsquery('simple', alike) THEN 1 ELSE 0 END,
            ts_rank('{{0.05, 0.2, 0.5, 1.0}}'::real[], p.document, to_tsquery('simple', asked))
            FROM product_search p WHERE p.tenant_id = store AND p.document @@ to_tsquery('simple', asked);
    END $$""",
    f"""CREATE FUNCTION words_of_products(asked text, most int) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE store uuid := {_STORE};
    BEGIN
        IF asked = '' OR store IS NULL THEN RETURN; END IF;
        RETURN QUERY SELECT unnest(tsvector_to_array(found.document)) FROM (SELECT p.document FROM product_search p
            WHERE p.tenant_id = store AND p.document @@ to_tsquery('simple', asked) LIMIT most) found;
    END $$""",
)
FUNCTIONS = (
    "search_products(text)",
    "rank_products(text, text, text, text, text)",
    "words_of_products(text, int)",
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
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for role in ("vitrine_app", "vitrine_platform"):
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} "
            "NOLOGIN; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        for function in FUNCTIONS:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON product_search TO {role}")
    op.execute("ALTER TABLE product_search ENABLE ROW LEVEL SECURITY")
    own = "tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid)"
    op.execute(f"CREATE POLICY store ON product_search TO vitrine_app USING ({own}) WITH CHECK ({own})")
    op.execute("CREATE POLICY platform ON product_search TO vitrine_platform USING (true) WITH CHECK (true)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER product_search_gone")
        op.execute("DROP TABLE product_search")
        op.execute("DROP TABLE product_search_places")
    else:
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}")
        op.execute("DROP TABLE product_search")
