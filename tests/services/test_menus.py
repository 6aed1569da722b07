"""Menus: what the store puts there, in its order and on two levels; else what comes by itself."""

import pytest

from kit.drafts import read
from kit.errors import Invalid, NotFound
from kit.i18n import speaking
from kit.ids import uuid7
from models.pages import MenuName
from services import menus, pages, tenants
from services.catalog import categories
from services.catalog.categories import CategoryDraft
from services.menus import MenuItemDraft
from services.pages import FullPageDraft
from tests import cast

MIA = cast.MIA.actor
FOOT, HEAD = MenuName.FOOTER, MenuName.HEADER


def page(title, **values):
    return pages.create_page(read(FullPageDraft, {"title": title, **values}), actor=MIA)


def category(name, **values):
    return categories.create_category(read(CategoryDraft, {"name": name, **values}), actor=MIA)


def add(menu=FOOT, **values):
    return menus.add_item(menu, read(MenuItemDraft, values), actor=MIA)


def shown(menu=FOOT):
    return [(top.label, [below.label for below in top.children]) for top in menus.links(menu)]


def test_without_lines_the_menus_make_themselves(roast):
    page("Terms")
    page("Secret", show_in_menu=False)
    kitchen = category("Kitchen")
    category("Cups", parent_id=kitchen.id)
    assert shown() == [("Terms", [])]
    assert shown(HEAD) == [("Kitchen", ["Cups"])]


def test_the_first_line_takes_along_what_the_menu_showed(roast):
    page("Terms")
    add(label="Blog", address="https://blog.roast.test")
    assert shown() == [("Terms", []), ("Blog", [])]


def test_a_menu_of_ones_own_begins_with_what_it_shows_and_can_be_given_back(roast):
    kitchen = category("Kitchen")
    category("Cups", parent_id=kitchen.id)
    menus.begin(HEAD, actor=MIA)
    menus.begin(HEAD, actor=MIA)
    category("Garden")
    assert shown(HEAD) == [("Kitchen", ["Cups"])]
    menus.clear(HEAD, actor=MIA)
    assert shown(HEAD) == [("Kitchen", ["Cups"]), ("Garden", [])]


def test_lines_move_by_steps_and_levels(roast):
    for name in ("One", "Two", "Three"):
        add(label=name, address=f"/{name}")
    one, two, three = menus.list_items(FOOT)
    menus.move_item(three.id, "up", actor=MIA)
    assert shown() == [("One", []), ("Three", []), ("Two", [])]
    menus.move_item(three.id, "in", actor=MIA)
    assert shown() == [("One", ["Three"]), ("Two", [])]
    menus.move_item(one.id, "down", actor=MIA)  # nothing stands above the first one
    assert shown() == [("Three", []), ("One", []), ("Two", [])]
    menus.move_item(two.id, "down", actor=MIA)
    menus.move_item(one.id, "out", actor=MIA)
    assert shown() == [("Three", []), ("One", []), ("Two", [])]
    menus.arrange(FOOT, [two.id, one.id, three.id], actor=MIA)
    assert [label for label, _below in shown()] == ["Two", "One", "Three"]
    menus.delete_item(two.id, actor=MIA)
    assert [item.position for item in menus.list_items(FOOT)] == [1, 2]


def test_what_is_hidden_is_not_shown_nor_what_stands_below_it(roast):
    terms, hidden = page("Terms", show_in_menu=False), page("Hidden", is_active=False)
    off = category("Off", is_active=False)
    add(page_id=hidden.id)
    add(page_id=terms.id)
    add(category_id=off.id, label="Offers")
    item = menus.list_items(FOOT)[-2]
    menus.move_item(item.id, "in", actor=MIA)
    assert shown() == []
    menus.move_item(item.id, "out", actor=MIA)
    assert shown() == [("Terms", [])]


def test_a_deleted_page_leaves_the_menu(roast):
    terms = page("Terms", show_in_menu=False)
    add(page_id=terms.id)
    add(label="Home", address="/")
    pages.delete_page(terms.id, actor=MIA)
    assert shown() == [("Home", [])]


def test_what_stood_below_a_deleted_page_is_still_shown(roast):
    terms, first = page("Terms", show_in_menu=False), page("First", show_in_menu=False)
    add(page_id=first.id)
    add(page_id=terms.id)
    menus.move_item(menus.list_items(FOOT)[1].id, "in", actor=MIA)
    assert shown() == [("First", ["Terms"])]
    pages.delete_page(first.id, actor=MIA)
    assert shown() == [("Terms", [])]


def test_lines_without_a_name_speak_the_readers_language(roast):
    terms = page("Terms", show_in_menu=False, translations={"pt": {"title": "Termos"}})
    add(page_id=terms.id)
    with speaking("pt"):
        assert shown() == [("Termos", [])]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "address"),
        ({"address": "/x"}, "label"),
        ({"address": "javascript:alert(1)", "label": "X"}, "address"),
        ({"address": "//evil.test", "label": "X"}, "address"),
        ({"address": "/a b", "label": "X"}, "address"),
        ({"page_id": "x"}, "page_id"),
    ],
)
def test_a_line_leads_somewhere_safe(roast, values, field):
    with pytest.raises(Invalid) as refused:
        read(MenuItemDraft, values)
    assert refused.value.errors[0].field == field


def test_refusals_change_nothing(roast, everything):
    add(label="Home", address="/")
    item = menus.list_items(FOOT)[0]
    before = everything()
    for attempt in (
        lambda: add(page_id=uuid7()),
        lambda: add(category_id=uuid7()),
        lambda: menus.move_item(item.id, "sideways", actor=MIA),
        lambda: menus.arrange(FOOT, [], actor=MIA),
        lambda: menus.arrange(FOOT, [item.id, item.id], actor=MIA),
    ):
        with pytest.raises(Invalid):
            attempt()
    with pytest.raises(NotFound):
        menus.delete_item(uuid7(), actor=MIA)
    assert everything() == before


def test_the_other_stores_things_are_in_no_menu(roast, everything):
    with tenants.in_store(cast.RIVAL):
        foreign = page("Foreign")
        add(label="Theirs", address="/")
        item = menus.list_items(FOOT)[-1]
    before = everything()
    with pytest.raises(Invalid):
        add(page_id=foreign.id)
    for attempt in (menus.get_item, lambda ident: menus.delete_item(ident, actor=MIA),
                    lambda ident: menus.move_item(ident, "up", actor=MIA)):  # fmt: skip
        with pytest.raises(NotFound):
            attempt(item.id)
    assert everything() == before and shown() == []
