"""The two walls between stores, each to be taken away alone."""

import pytest
from sqlalchemy import event, text

from kit import db as kit_db
from kit import tenancy


def _without_the_guard(monkeypatch):
    """The ORM narrows nothing and looks at no row that is written."""
    listeners = (("do_orm_execute", kit_db._narrow_to_tenant), ("before_flush", kit_db._refuse_foreign_rows))
    for name, listener in listeners:
        event.remove(kit_db.ShopSession, name, listener)
    yield
    for name, listener in listeners:
        event.listen(kit_db.ShopSession, name, listener)


def _without_the_policies(monkeypatch):
    """The database lets everybody at everything, as for the platform; what asks for the store by itself still can."""

    def open_role(connection) -> None:
        scope = tenancy.scope()
        tenant = "" if scope is tenancy.EVERY_TENANT else str(scope or "")
        connection.execute(
            text(
                "SELECT set_config('role', 'vitrine_platform', true), set_config('app.tenant', :tenant, true)"
            ),
            {"tenant": tenant},
        )

    monkeypatch.setattr(kit_db, "_set_role", open_role)
    yield


WALLS = {
    "both": None,
    "row-level security alone": _without_the_guard,
    "the guard alone": _without_the_policies,
}


@pytest.fixture(
    params=["both", *(pytest.param(name, marks=pytest.mark.postgres_only) for name in list(WALLS)[1:])]
)
def take_walls_away(request, monkeypatch):
    """A function to call when the world is made."""
    change = WALLS[request.param]
    running = change(monkeypatch) if change else None
    yield lambda: running and next(running)
    for _end in running or ():
        pass
