"""Saved views: mine, everybody's, and the one my list opens with."""

import pytest

from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from services import saved_views, tenants
from services.saved_views import ViewChange, ViewDraft
from tests import cast
from tests.queries import count_queries

MIA, STAN, RITA = cast.MIA.actor, cast.STAN.actor, cast.RITA.actor


def view(name="Low", actor=STAN, kind="products", state="stock=low_stock", **fields):
    draft = read(ViewDraft, {"kind": kind, "name": name, "state": state, **fields})
    return saved_views.create_view(draft, actor=actor)


def names(actor, kind="products"):
    return [one.name for one in saved_views.list_views(kind, actor=actor)]


def test_ones_own_are_seen_by_nobody_else_and_shared_ones_by_all(roast):
    view("Mine"), view("Ours", actor=MIA, is_shared=True), view("Orders of mine", kind="orders")
    assert (names(STAN), names(MIA), names(STAN, "orders")) == (
        ["Mine", "Ours"],
        ["Ours"],
        ["Orders of mine"],
    )
    mine, ours = saved_views.list_views("products", actor=STAN)
    assert (mine.may_change, ours.may_change, ours.is_shared) == (True, False, True)
    with count_queries() as queries:
        saved_views.list_views("products", actor=STAN)
    assert len(queries) == 1, queries


def test_a_state_has_one_spelling_and_keeps_no_place(roast):
    row = view(
        state="stock=low_stock&page=7&sort=name&q=&category=&_external=1&endpoint=x&saved=abc&Bad Name=1"
    )
    assert row.state == "sort=name&stock=low_stock"
    assert saved_views.plain_state("sort=name&stock=low_stock") == row.state


def test_what_is_refused_changes_nothing(roast, everything):
    ours, own = view("Ours", actor=MIA, is_shared=True), view("Own")
    before = everything()
    for act, error in (
        (lambda: view("Own"), Conflict), (lambda: view("OWN"), Conflict),
        (lambda: view("New", is_shared=True), Forbidden),
        (lambda: view("", actor=MIA), Invalid), (lambda: view(kind="nonsense"), Invalid),
        (lambda: view("x" * 61), Invalid),
        (lambda: saved_views.update_view(ours.id, ViewChange(name="Mine now"), actor=STAN), Forbidden),
        (lambda: saved_views.delete_view(ours.id, actor=STAN), Forbidden),
        (lambda: saved_views.update_view(own.id, ViewChange(name="Not mine"), actor=MIA), NotFound),
        (lambda: saved_views.delete_view(own.id, actor=MIA), NotFound),
        (lambda: saved_views.choose_default(own.id, True, actor=MIA), NotFound),
        (lambda: saved_views.update_view(ours.id, ViewChange(name="Late"), actor=MIA, version=0), Conflict),
        (lambda: saved_views.delete_view("nonsense", actor=MIA), NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            act()
    assert everything() == before


def test_a_view_is_changed_renamed_and_deleted(roast):
    row = view("Low")
    saved_views.update_view(
        row.id, ViewChange(name="Lower", state="stock=out_of_stock"), actor=STAN, version=1
    )
    (now,) = saved_views.list_views("products", actor=STAN)
    assert (now.name, now.state, now.version) == ("Lower", "stock=out_of_stock", 2)
    assert saved_views.delete_view(row.id, actor=STAN) == "products" and names(STAN) == []


def test_each_person_has_one_default_per_list(roast):
    first, second = view("A", is_default=True), view("B", actor=MIA, is_shared=True)
    saved_views.choose_default(second.id, True, actor=STAN)
    saved_views.choose_default(second.id, True, actor=MIA)
    assert [one.is_default for one in saved_views.list_views("products", actor=STAN)] == [False, True]
    saved_views.choose_default(second.id, False, actor=STAN)
    assert [one.is_default for one in saved_views.list_views("products", actor=STAN)] == [False, False]
    assert [one.is_default for one in saved_views.list_views("products", actor=MIA)] == [True]
    saved_views.delete_view(second.id, actor=MIA)
    assert first.id and names(MIA) == []


def test_there_is_an_end_to_how_many(roast, monkeypatch):
    monkeypatch.setattr(saved_views, "PER_OWNER", 2)
    view("A"), view("B")
    with pytest.raises(Conflict) as refused:
        view("C")
    assert refused.value.code == "too-many-views"
    view("C", actor=MIA)


def test_another_stores_views_are_not_there(app, everything):
    with tenants.in_store(cast.ROAST):
        row = view("Ours", actor=MIA, is_shared=True)
    before = everything()
    with tenants.in_store(cast.RIVAL):
        assert names(RITA) == []
        for act in (lambda: saved_views.delete_view(row.id, actor=RITA),
                    lambda: saved_views.update_view(row.id, ViewChange(name="x"), actor=RITA),
                    lambda: saved_views.choose_default(row.id, True, actor=RITA)):  # fmt: skip
            with pytest.raises(NotFound):
                act()
    assert everything() == before
