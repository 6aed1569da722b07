"""Row-level security on PostgreSQL: the second wall between stores, which holds where the ORM's guard does not. And
the tables that only grow, on both databases.

Applied after every migration to whatever tables there are, so that a new table can't be forgotten.
"""

from sqlalchemy import Connection, MetaData, text

OWN = "tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid)"
# Tables whose row *is* the store, or that belong to the platform alone.
SPECIAL = {"tenants": OWN.replace("tenant_id", "id")}
APPEND_ONLY = ("audit_entries",)
# What the platform writes for all stores to read.
SHARED = {"plan_terms", "addon_terms", "announcements"}
PLATFORM_ONLY = {"platform_users", "platform_refresh_families", "platform_second_factors", "outbox_receipts"}


def apply_policies(connection: Connection, metadata: MetaData) -> None:
    """Make the two roles, grant them to this login, and put the policies on each table. Repeatable."""
    for role in ("vitrine_app", "vitrine_platform"):
        connection.execute(text(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} NOLOGIN; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ))  # fmt: skip
        connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
        connection.execute(
            text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        )
        connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"))
    for name in APPEND_ONLY:
        connection.execute(
            text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM vitrine_app, vitrine_platform")
        )
    for name in metadata.tables:
        table = metadata.tables[name]
        rule = SPECIAL.get(name) or (OWN if "tenant_id" in table.c else None)
        if name in PLATFORM_ONLY:
            rule = "false"
        if name in SHARED:
            rule = "true"
            connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON {name} FROM vitrine_app"))
        if rule is None:
            raise RuntimeError(f"table {name} has no policy: own it by tenant or name it in kit/policies.py")
        connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
        for policy, role, condition in (
            ("store", "vitrine_app", rule),
            ("platform", "vitrine_platform", "true"),
        ):
            connection.execute(text(f"DROP POLICY IF EXISTS {policy} ON {name}"))
            connection.execute(text(
                f"CREATE POLICY {policy} ON {name} TO {role} USING ({condition}) WITH CHECK ({condition})"
            ))  # fmt: skip


def keep_append_only(connection: Connection) -> None:
    """The same on SQLite, which knows no rights: triggers. Repeatable, and needed after each migration, since one that
    rebuilds a table drops its triggers."""
    for name in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            connection.execute(text(
                f"CREATE TRIGGER IF NOT EXISTS {name}_no_{change.lower()} BEFORE {change} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            ))  # fmt: skip
