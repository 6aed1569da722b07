"""Row-level security on PostgreSQL: the second wall between stores, which holds where the ORM's guard does not. And
the audit log, which only grows, on both databases: no entry changes, and none goes but the oldest, by age, up to the
number that its store's chain names.

Applied after every migration to whatever tables there are, so that a new table can't be forgotten.
"""

from sqlalchemy import Connection, MetaData, inspect, text

OWN = "tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid)"
# Tables whose row *is* the store, or that belong to the platform alone.
SPECIAL = {"tenants": OWN.replace("tenant_id", "id")}
AUDIT = "audit_entries"
# Was this entry (OLD) let go? Trusted of the platform alone; that the number itself was written down by the rules is
# for `services.audit.verify` to find out.
LET_GO = "SELECT 1 FROM audit_chains WHERE tenant_id = OLD.tenant_id AND removed_number >= OLD.number"
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
    _keep_audit_log(connection)
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


def _keep_audit_log(connection: Connection) -> None:
    """Stores may add to it. The platform may delete, too, what was let go; who owns the database can do anything."""
    connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {AUDIT} FROM vitrine_app, vitrine_platform"))
    connection.execute(text(f"GRANT DELETE ON {AUDIT} TO vitrine_platform"))
    connection.execute(text(
        f"CREATE OR REPLACE FUNCTION {AUDIT}_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS ({LET_GO}) THEN RAISE EXCEPTION '{AUDIT} is append-only'; END IF; RETURN OLD; END $$"
    ))  # fmt: skip
    connection.execute(text(f"DROP TRIGGER IF EXISTS {AUDIT}_no_delete ON {AUDIT}"))
    connection.execute(text(
        f"CREATE TRIGGER {AUDIT}_no_delete BEFORE DELETE ON {AUDIT} FOR EACH ROW "
        f"WHEN (current_user IN ('vitrine_app', 'vitrine_platform')) EXECUTE FUNCTION {AUDIT}_stay()"
    ))  # fmt: skip


def keep_append_only(connection: Connection) -> None:
    """The same on SQLite, which knows no rights: triggers. Repeatable, and needed after each migration, since one that
    rebuilds a table drops its triggers. A schema of before the log had an end gets the ones it had then."""
    there = inspect(connection)
    if not there.has_table(AUDIT):
        return
    release_append_only(connection)
    knows_end = any(column["name"] == "removed_number" for column in there.get_columns("audit_chains"))
    for change, unless in (("update", ""), ("delete", f"WHEN NOT EXISTS ({LET_GO}) " if knows_end else "")):
        connection.execute(text(
            f"CREATE TRIGGER {AUDIT}_no_{change} BEFORE {change.upper()} ON {AUDIT} {unless}"
            f"BEGIN SELECT RAISE(ABORT, '{AUDIT} is append-only'); END"
        ))  # fmt: skip


def release_append_only(connection: Connection) -> None:
    """For the length of a migration on SQLite: a trigger that names a table stands in the way of rebuilding it."""
    for change in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {AUDIT}_no_{change}"))
