"""The list of products: views of one's own, filters in the address, a row changed where it stands."""

import re
from typing import NamedTuple
from uuid import UUID

from kit.ids import uuid7
from services import saved_views, search, tenants
from services.catalog import products
from tests import cast, make
from tests.queries import count_queries


class Thing(NamedTuple):
    """What outlives the session that made it."""

    id: UUID


def cups(number=3):
    made = [Thing(make.product(f"Cup {n:02}", price=1000 + n, sku=f"CUP-{n:02}").id) for n in range(number)]
    search.rebuild()
    return made


def fresh(product):
    return products.get_product(product.id)


def views(person=cast.STAN):
    return saved_views.list_views("products", actor=person.actor)


# --- the address ------------------------------------------------------------------------------------------------------


def test_filters_are_chips_and_columns_are_chosen(roast, browser):
    cups()
    make.product("Bowl", price=5000, brand="Vista")
    stan = browser.as_(cast.STAN)
    html = stan.get("/admin/products?brand=Vista&price_min=10,00&cols=sku&cols=brand&sort=brand").text
    for part in (
        "Brand: Vista",
        "From €10.00",
        "Remove filter",
        "Clear all",
        "1–1 of 1",
        'aria-sort="ascending"',
    ):
        assert part in html, part
    assert ">Category<" not in html.partition("<thead>")[2].partition("</thead>")[0]
    assert "cols=sku%2Cbrand" in html, "links keep the columns"
    assert "Drafts" in html and "No products match" in stan.get("/admin/products?price_max=1").text
    for junk in (
        "price_min=1e99999999",
        "cols=nonsense",
        "sort=nonsense",
        "extra=x&status=x&stock=x",
        "size=7&page=0",
    ):
        assert stan.get(f"/admin/products?{junk}").status_code == 200, junk


def test_while_one_types_only_the_rows_are_answered(roast, browser):
    cups()
    answer = browser.as_(cast.STAN).htmx().get("/admin/products?q=cup-02")
    assert "<html" not in answer.text and "Cup 02" in answer.text and "Cup 01" not in answer.text
    assert 'hx-target="#views"' in answer.text and "1 product" in answer.text


def test_the_list_costs_the_same_for_few_and_many(roast, browser):
    stan = browser.as_(cast.STAN)

    def cost(path):
        with count_queries() as queries:
            assert stan.get(path).status_code == 200
        return len(queries)

    path = "/admin/products?size=100&sort=name"
    cups(2)
    cost(path)
    few = cost(path)
    for n in range(40):
        make.variant(make.product(f"More {n}"))
    cost(path)
    assert cost(path) == few <= 12


# --- saved views ------------------------------------------------------------------------------------------------------


def test_a_view_is_saved_shown_changed_and_deleted(roast, browser):
    cups()
    stan = browser.as_(cast.STAN)
    answer = stan.post(
        "/admin/views", data={"kind": "products", "name": "My cups", "state": "q=cup&sort=name&page=3"}
    )
    (view,) = views()
    where = answer.headers["Location"]
    assert where == f"/admin/products?q=cup&sort=name&saved={view.id}"
    html = stan.get(where).text
    assert re.search(r'aria-current="page">My cups', html) and "Save the changes" not in html
    assert "Save the changes in “My cups”" in stan.get(where + "&stock=low_stock").text
    stan.post(
        f"/admin/views/{view.id}", data={"kind": "products", "state": "q=cup&stock=low_stock", "version": "1"}
    )
    stan.post(f"/admin/views/{view.id}", data={"kind": "products", "name": "Low cups"})
    assert [(v.name, v.state) for v in views()] == [("Low cups", "q=cup&stock=low_stock")]
    late = stan.post(f"/admin/views/{view.id}", data={"kind": "products", "name": "Late", "version": "1"})
    assert late.status_code == 303 and views()[0].name == "Low cups"
    assert stan.post(f"/admin/views/{view.id}/delete").status_code == 303 and views() == []


def test_the_list_opens_with_ones_own_view_and_the_tab_all_shows_all(roast, browser):
    cups()
    stan = browser.as_(cast.STAN)
    stan.post("/admin/views", data={"kind": "products", "name": "Cups", "state": "q=cup", "is_default": "1"})
    (view,) = views()
    assert stan.get("/admin/products").headers["Location"] == f"/admin/products?q=cup&saved={view.id}"
    assert stan.get("/admin/products?view=all").status_code == 200
    assert browser.as_(cast.MIA).get("/admin/products").status_code == 200
    stan.post(f"/admin/views/{view.id}/default", data={"default": "0"})
    assert stan.get("/admin/products").status_code == 200


def test_views_of_others_and_of_other_stores_are_left_alone(roast, browser, everything):
    mia, stan = browser.as_(cast.MIA), browser.as_(cast.STAN)
    mia.post("/admin/views", data={"kind": "products", "name": "Ours", "is_shared": "1"})
    mia.post("/admin/views", data={"kind": "products", "name": "Mine"})
    mine, ours = views(cast.MIA)
    rita, carla = browser.as_(cast.RITA), browser.as_(cast.CARLA)
    before = everything()
    assert (
        stan.post("/admin/views", data={"kind": "products", "name": "X", "is_shared": "1"}).status_code == 403
    )
    assert stan.post(f"/admin/views/{ours.id}/delete").status_code == 403
    for face, view in ((stan, mine), (rita, mine), (rita, ours)):
        for path in ("", "/delete", "/default"):
            data = {"kind": "products", "name": "Stolen", "default": "1"}
            assert face.post(f"/admin/views/{view.id}{path}", data=data).status_code == 404, path
    assert stan.post("/admin/views", data={"kind": "nonsense", "name": "X"}).status_code == 404
    assert stan.post("/admin/views", data={"kind": "products", "name": ""}).status_code == 303
    assert browser.post("/admin/views", data={"kind": "products", "name": "X"}).status_code in (303, 401)
    assert carla.post("/admin/views", data={"kind": "products", "name": "X"}).status_code == 403
    assert everything() == before
    assert (
        "Ours" in stan.get("/admin/products?view=all").text
        and "Mine" not in stan.get("/admin/products?view=all").text
    )


# --- a row, edited in the list ----------------------------------------------------------------------------------------


def row_form(html):
    return dict(re.findall(r'name="((?:price|stock_quantity)(?:_seen)?)"[^>]*value="([^"]*)"', html))


def test_price_and_stock_are_changed_in_the_row_and_taken_back(roast, browser):
    (mug,) = cups(1)
    mia = browser.as_(cast.MIA).htmx()
    html = mia.get(f"/admin/products/{mug.id}/row?q=cup&edit=1").text
    sent = row_form(html)
    assert sent == {
        "price": "10.00",
        "price_seen": "10.00",
        "stock_quantity": "5",
        "stock_quantity_seen": "5",
    }
    saved = mia.post(f"/admin/products/{mug.id}/cells", data=sent | {"price": "12,50", "state": "q=cup"})
    assert saved.status_code == 200 and "€12.50" in saved.text and "“Cup 00” is saved." in saved.text
    assert (fresh(mug).price, fresh(mug).stock_quantity) == (1250, 5)
    undo = dict(
        re.findall(r'name="(price|price_seen|state)" value="([^"]*)"', saved.text.partition("data-undo")[2])
    )
    assert undo == {"state": "q=cup", "price": "10.00", "price_seen": "12.50"}
    assert (
        mia.post(f"/admin/products/{mug.id}/cells", data=undo).status_code == 200 and fresh(mug).price == 1000
    )


def test_a_conflict_and_a_mistake_are_told_in_the_row(roast, browser, everything):
    (mug,) = cups(1)
    mia, alice = browser.as_(cast.MIA), browser.as_(cast.ALICE)
    alice.post(f"/admin/products/{mug.id}/cells", data={"price": "11", "price_seen": "10.00"})
    before = everything()
    for face in (mia, mia.htmx()):
        late = face.post(f"/admin/products/{mug.id}/cells", data={"price": "12", "price_seen": "10.00"})
        assert late.status_code == 409 and "It is 11.00 now." in late.text
        assert row_form(late.text)["price_seen"] == "11.00" and row_form(late.text)["price"] == "12"
        bad = face.post(f"/admin/products/{mug.id}/cells", data={"price": "dear", "price_seen": "11.00"})
        assert bad.status_code == 422 and f'id="price-{mug.id}-error"' in bad.text
    assert everything() == before
    assert (
        mia.post(f"/admin/products/{mug.id}/cells", data={"price": "12", "price_seen": "11.00"}).status_code
        == 303
    )
    assert fresh(mug).price == 1200


def test_without_scripts_the_row_is_edited_in_the_list(roast, browser):
    mug = cups(2)[1]
    mia = browser.as_(cast.MIA)
    html = mia.get(f"/admin/products?q=cup&edit={mug.id}").text
    assert f'id="cells-{mug.id}"' in html and html.count('id="cells-') == 1
    answer = mia.post(f"/admin/products/{mug.id}/cells", data={"stock_quantity": "9", "stock_quantity_seen": "5",
                                                             "state": "q=cup&page=2"})  # fmt: skip
    assert answer.headers["Location"] == "/admin/products?q=cup&page=2" and fresh(mug).stock_quantity == 9
    assert mia.get(f"/admin/products/{mug.id}/row?q=cup").headers["Location"] == "/admin/products?q=cup"


def test_staff_and_other_stores_change_no_row(roast, browser, everything):
    (mug,) = cups(1)
    row = make.product("Tee")
    make.variant(row, "S")
    tee = Thing(row.id)
    stan, rita, mia = browser.as_(cast.STAN), browser.as_(cast.RITA), browser.as_(cast.MIA)
    before = everything()
    data = {"price": "1", "price_seen": "10.00"}
    assert stan.post(f"/admin/products/{mug.id}/cells", data=data).status_code == 403
    assert rita.post(f"/admin/products/{mug.id}/cells", data=data).status_code == 404
    assert rita.htmx().get(f"/admin/products/{mug.id}/row").status_code == 404
    assert mia.post(f"/admin/products/{uuid7()}/cells", data=data).status_code == 404
    assert "<input class" not in stan.htmx().get(f"/admin/products/{mug.id}/row?edit=1").text
    assert "data-row-edit" not in stan.get("/admin/products?view=all").text
    assert 'name="stock_quantity"' not in mia.htmx().get(f"/admin/products/{tee.id}/row?edit=1").text
    assert everything() == before
    tenants.forget()


def test_a_bare_list_reads_its_saved_views_once(roast, browser):
    mia = browser.as_(cast.MIA)
    for path in ("/admin/products", "/admin/orders"):
        mia.get(path)
        with count_queries() as queries:
            assert mia.get(path).status_code == 200
        assert sum("FROM saved_views" in one for one in queries) == 1, path
