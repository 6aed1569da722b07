"""Views are written after an answer, now and then, and never in a request's own time."""

import pytest

from kit.db import db
from models.catalog import Product
from services import tenants
from services.catalog import views
from tests import cast, make
from tests.queries import count_queries
from web import counters


@pytest.fixture
def mug(app) -> Product:
    views.clear()
    with tenants.in_store(cast.ROAST):
        return make.product(slug="mug")


def test_a_look_writes_nothing_and_is_written_in_time(api, mug, monkeypatch):
    monkeypatch.setattr(counters, "EVERY", 10**9)
    with count_queries() as queries:
        api.get("/api/storefront/products/mug")
        api.get("/api/storefront/products/mug")
    assert not [q for q in queries if not q.startswith("SELECT")], queries
    assert views.waiting() == 2

    monkeypatch.setattr(counters, "EVERY", 0)
    api.get("/api/storefront/products/mug").close()  # as a server does after the last byte
    assert views.waiting() == 0
    with tenants.in_store(cast.ROAST):
        assert db.session.get_one(Product, mug.id, populate_existing=True).view_count == 3
