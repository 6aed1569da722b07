"""What a product's page and the cart say besides name and price: per litre, before the sale, who made it, how many."""

from datetime import timedelta

import pytest

from kit import clock
from kit.drafts import read
from models.tenants import Tenant
from services import tenants
from services.catalog import products
from services.catalog.products import ProductDraft
from tests import cast, make


def product_of(**fields):
    data = {"name": "Wine", "price": "9.99", "stock_quantity": 50, **fields}
    return products.create_product(read(ProductDraft, data), actor=cast.MIA.actor)


def add(face, product, quantity: int):
    return face.post("/cart/items", data={"product_id": str(product.id), "quantity": str(quantity)})


def test_the_page_says_who_made_it_and_what_a_litre_costs(roast, browser):
    wine = product_of(
        brand="Quinta",
        measure="0.750",
        measure_unit="l",
        barcode="4006381333931",
        origin_country="PT",
        manufacturer="Quinta Lda\nDouro",
        safety_text="Has <sulphites>",
    )
    page = browser.get(f"/products/{wine.slug}").text
    for part in (
        "€13.32 / l",
        "Quinta Lda<br>Douro",
        "Has &lt;sulphites&gt;",
        "4006381333931",
        "Portugal",
    ):
        assert part in page, part
    assert "€13.32 / l" in browser.get("/products").text


def test_a_reduction_says_the_lowest_price_before_it_in_list_product_and_cart(roast, browser):
    now = clock.now()
    with clock.at(now - timedelta(days=10)):
        wine = product_of()
    with clock.at(now - timedelta(days=5)):
        draft = read(ProductDraft, {**ProductDraft.of(wine), "price": "8.99"})
        products.update_product(wine.id, draft, actor=cast.MIA.actor)
    draft = read(ProductDraft, {**ProductDraft.of(wine), "price": "12.00", "sale_price": "7.00"})
    products.update_product(wine.id, draft, actor=cast.MIA.actor)
    guest = browser
    assert add(guest, wine, 1).status_code in (200, 303)
    for path in (f"/products/{wine.slug}", "/products", "/cart"):
        assert "Lowest price in the 30 days before: €8.99" in guest.get(path).text, path


def test_others_that_were_chosen_stand_beside_it_in_their_order(roast, browser):
    cheese, hidden, glass = (
        product_of(name=n, is_active=n != "Hidden") for n in ("Cheese", "Hidden", "Glass")
    )
    wine = product_of(related_ids=[str(glass.id), str(hidden.id), str(cheese.id)])
    page = browser.get(f"/products/{wine.slug}").text.partition("related-title")[2]
    assert 0 < page.index(">Glass<") < page.index(">Cheese<") and "Hidden" not in page


def test_it_is_told_in_the_readers_language(roast, browser):
    from kit.db import transaction

    with transaction():
        tenant: Tenant = tenants.row(lock=True)
        tenant.languages = ["en", "pt"]
    tenants.forget()
    wine = product_of(description="<p>Good</p>", translations={"pt": {"name": "Vinho"}})
    guest = browser
    guest.post("/language", data={"language": "pt", "next": "/"})
    page = guest.get(f"/products/{wine.slug}").text
    assert "<h1>Vinho</h1>" in page and "<p>Good</p>" in page, "a gap is filled"
    assert "Vinho" in guest.get("/products").text
    guest.post("/language", data={"language": "en", "next": "/"})
    assert "<h1>Wine</h1>" in guest.get(f"/products/{wine.slug}").text


@pytest.mark.parametrize(("quantity", "said"), [(1, "from 6 on"), (8, "6 or 9"), (13, "At most 12")])
def test_only_so_many_as_the_product_allows(roast, api, everything, quantity, said):
    wine = str(product_of(min_quantity=6, max_quantity=12, quantity_step=3).id)
    caller = api.as_(cast.CARLA)
    before = everything()
    answer = caller.post("/api/cart/items", json={"product_id": wine, "quantity": quantity})
    assert answer.status_code == 422 and answer.json["errors"][0]["field"] == "quantity"
    assert said in answer.json["errors"][0]["message"]
    assert everything() == before
    good = caller.post("/api/cart/items", json={"product_id": wine, "quantity": 9})
    assert good.status_code in (200, 201) and good.json["items"][0]["quantity"] == 9


def test_a_rule_that_came_later_is_said_at_the_line_and_stops_the_order(roast, api):
    wine = make.product("Wine", stock=50)
    caller = api.as_(cast.CARLA)
    caller.post("/api/cart/items", json={"product_id": str(wine.id), "quantity": 2})
    draft = read(ProductDraft, {**ProductDraft.of(products.get_product(wine.id)), "min_quantity": 6})
    products.update_product(wine.id, draft, actor=cast.MIA.actor)
    cart = caller.get("/api/cart").json
    assert [warning["code"] for warning in cart["warnings"]] == ["quantity_not_allowed"]
