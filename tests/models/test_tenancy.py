"""A store never sees, and never points into, another one."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from kit import tenancy
from kit.db import db, transaction
from kit.tenancy import NoTenant
from models.accounts import User
from models.addresses import Address
from services import tenants
from tests import cast


def test_a_query_outside_every_store_is_refused(app):
    with pytest.raises(NoTenant):
        db.session.scalars(select(User)).all()


def test_lists_counts_and_gets_are_narrowed(roast):
    assert {u.email for u in db.session.scalars(select(User))} == {
        who.email for who in cast.EVERYBODY if who.tenant_id == cast.ROAST
    }
    assert db.session.scalar(select(func.count()).select_from(User)) == 5
    assert db.session.get(User, cast.RITA.id) is None


def test_a_row_cannot_point_into_another_store(roast):
    with pytest.raises((IntegrityError, ProgrammingError)), transaction() as session:
        session.add(Address(user_id=cast.RITA.id, first_name="R", last_name="R", line1="x", city="x",
                            postal_code="1", country="PT"))  # fmt: skip


def test_a_row_of_another_store_is_not_written(roast):
    with pytest.raises(NoTenant), transaction() as session:
        session.add(User(tenant_id=cast.RIVAL, email="x@x.test", email_key="x@x.test"))


def test_entering_another_store_starts_a_session_of_its_own(app):
    with tenants.in_store(cast.ROAST):
        alice = db.session.get(User, cast.ALICE.id)
        assert alice is not None
    with tenants.in_store(cast.RIVAL):
        assert db.session.get(User, cast.ALICE.id) is None


@pytest.mark.postgres_only
def test_row_level_security_alone_keeps_stores_apart(roast):
    """With raw SQL, which the ORM's guard does not see."""
    from sqlalchemy import text

    assert db.session.scalar(text("SELECT count(*) FROM users")) == 5
    with tenancy.tenant_scope(cast.RIVAL):
        assert db.session.scalar(text("SELECT count(*) FROM users")) == 2
