"""The editor where it is more than one form: two people, other languages, files, the matrix, categories by steps."""

import io
import re

import pytest

from kit import clock
from kit.i18n import speaking
from kit.ids import uuid7
from models.tenants import Tenant
from services import tenants
from services.catalog import attributes, categories, images, products, related, tags, texts, variants
from services.catalog.attributes import AttributeDraft
from services.catalog.products import ProductDraft
from tests import cast, make
from tests.admin.test_products import form_of, fresh, png
from tests.queries import count_queries


def speak_portuguese() -> None:
    from kit.db import transaction

    with transaction():
        tenant: Tenant = tenants.row(lock=True)
        tenant.languages = ["en", "pt"]
    tenants.forget()


def alice_saves(product, **fields) -> None:
    draft = ProductDraft.model_validate({**ProductDraft.of(fresh(product)), **fields})
    products.update_product(product.id, draft, actor=cast.ALICE.actor)


# --- two people


def test_what_only_one_of_them_changed_is_kept_of_each(roast, browser):
    product, mia = make.product("Mug", price=1000), browser.as_(cast.MIA)
    mine = form_of(mia, product) | {"name": "Mia's mug", "brand": "Norte"}
    alice_saves(product, price="12.00", is_featured=True)
    answer = mia.post(f"/admin/products/{product.id}", data=mine)
    assert answer.status_code == 303
    now = fresh(product)
    assert (now.name, now.brand, now.price, now.is_featured) == ("Mia's mug", "Norte", 1200, True)
    assert "Also kept" in mia.get(f"/admin/products/{product.id}").text


def test_what_both_changed_is_asked_about_and_each_answer_holds(roast, browser):
    product, mia = make.product("Mug", price=1000), browser.as_(cast.MIA)
    mine = form_of(mia, product) | {"name": "Mia's mug", "price": "11.00", "brand": "Norte"}
    alice_saves(product, name="Alice's mug", price="12.00", sku="ALICE")
    answer = mia.post(f"/admin/products/{product.id}", data=mine)
    assert answer.status_code == 409 and fresh(product).name == "Alice's mug"
    asked = set(re.findall(r'name="keep-([a-z_]+)"', answer.text))
    assert asked == {"name", "price"}, "the rest is nobody's quarrel"
    form = answer.text.partition('id="editor"')[2]
    again = mine | {
        "version": re.search(r'name="version"[^>]*value="(\d+)"', form)[1],
        "seen": re.search(r'name="seen"[^>]*value="([^"]+)"', form)[1],
        "sku": re.search(r'name="sku"[^>]*value="([^"]*)"', form)[1],
        "keep-name": "mine",
        "keep-price": "theirs",
    }
    assert mia.post(f"/admin/products/{product.id}", data=again).status_code == 303
    now = fresh(product)
    assert (now.name, now.price, now.sku, now.brand) == ("Mia's mug", 1200, "ALICE", "Norte")


@pytest.mark.parametrize("typed", ["9", " 9"])
def test_a_stock_that_was_sold_while_somebody_counted_is_asked_about(roast, browser, typed):
    product, mia = make.product("Mug", stock=5), browser.as_(cast.MIA)
    mine = form_of(mia, product) | {"stock_quantity": typed}
    make.paid_order(make.Line(product, quantity=2))
    answer = mia.post(f"/admin/products/{product.id}", data=mine)
    assert answer.status_code == 409 and 'name="keep-stock_quantity"' in answer.text
    assert fresh(product).stock_quantity == 3
    again = mine | {"stock_seen": "3", "keep-stock_quantity": "mine", "stock_reason": "counted"}
    assert mia.post(f"/admin/products/{product.id}", data=again).status_code == 303
    assert fresh(product).stock_quantity == 9


def test_two_in_the_matrix(roast, browser):
    product, mia = tee(browser)
    one, two = fresh(product).variants
    rows = rows_of(mia, product)
    draft = variants.VariantDraft.model_validate(
        {**variants.VariantDraft.of(one), "price": "7.00", "barcode": "4006381333931"}
    )
    variants.update_variant(product.id, one.id, draft, actor=cast.ALICE.actor)
    url = f"/admin/products/{product.id}/variants"
    assert mia.post(url, data=rows | {f"sku-{two.id}": "TWO"}).status_code == 303
    kept = {v.id: v for v in fresh(product).variants}
    assert (kept[one.id].price, kept[one.id].barcode, kept[two.id].sku) == (700, "4006381333931", "TWO")
    clash = mia.htmx().post(url, data=rows | {f"price-{one.id}": "8.00"})
    assert clash.status_code == 422 and "meanwhile" in clash.text and fresh(product).variants[0].price == 700
    was = re.search(rf'name="was-{one.id}" value="([^"]+)"', clash.text)[1]
    assert mia.post(url, data=rows | {f"price-{one.id}": "8.00", f"was-{one.id}": was}).status_code == 303
    assert fresh(product).variants[0].price == 800


# --- the form


def test_all_that_is_new_can_be_written_and_read_again(roast, browser):
    speak_portuguese()
    other = make.product("Saucer", sku="SAUCER")
    product, mia = make.product("Mug", price=1000), browser.as_(cast.MIA)
    data = form_of(mia, product) | {
        "brand": "Norte", "barcode": "4006381333931", "cost_price": "3,10", "measure": "0,250", "measure_unit": "l",
        "min_quantity": "2", "max_quantity": "12", "quantity_step": "2", "origin_country": "PT", "hs_code": "6912",
        "manufacturer": "Oleiro, Barcelos", "safety_text": "Hot.", "publish_at": "2099-01-01T10:00",
        "related_skus": "saucer", "pt_name": "Caneca", "is_active": "",
    }  # fmt: skip
    data.pop("is_active")
    assert mia.post(f"/admin/products/{product.id}", data=data).status_code == 303
    now = fresh(product)
    assert (now.brand, now.barcode, now.cost_price, now.measure, now.unit_price) == (
        "Norte", "4006381333931", 310, 250, 4000)  # fmt: skip
    assert (now.min_quantity, now.max_quantity, now.quantity_step) == (2, 12, 2)
    assert related.ids_of(now.id) == [other.id] and texts.translations_of(now.id)["pt"]["name"] == "Caneca"
    page = mia.get(f"/admin/products/{product.id}").text
    assert "Scheduled" in page and 'value="Caneca"' in page and "Saucer (SAUCER)" in page
    untouched = form_of(mia, product) | {"related_ids": [str(other.id)]}
    assert mia.post(f"/admin/products/{product.id}", data=untouched).status_code == 303
    assert fresh(product).version == 2


@pytest.mark.parametrize(
    ("field", "text"),
    [("barcode", "123"), ("measure", "0,5"), ("min_quantity", "0"), ("related_skus", "NOBODY"),
     ("unpublish_at", "nonsense"), ("origin_country", "XX"), ("pt_name", "x" * 201)],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(roast, browser, everything, field, text):
    speak_portuguese()
    product, mia = make.product("Mug"), browser.as_(cast.MIA)
    data, url = form_of(mia, product) | {field: text}, f"/admin/products/{product.id}"
    before = everything()
    answer = mia.post(url, data=data)
    at = "measure_unit" if field == "measure" else field
    assert answer.status_code == 422 and f'id="{at}-error"' in answer.text
    assert everything() == before


def test_where_the_units_are(roast, browser):
    product = make.product("Mug", stock=12)
    make.order(make.Line(product, quantity=3))
    assert (
        "12 on hand, 3 allocated, 9 sellable"
        in browser.as_(cast.STAN).get(f"/admin/products/{product.id}").text
    )


def test_the_price_history(roast, browser):
    product, mia = make.product("Mug", price=1000), browser.as_(cast.MIA)
    alice_saves(product, price="12.00")
    with clock.at(clock.now()):
        alice_saves(product, price="12.00", sale_price="9.00")
    page = mia.get(f"/admin/products/{product.id}/prices").text
    assert "12.00" in page and "9.00" in page
    assert browser.as_(cast.STAN).get(f"/admin/products/{product.id}/prices").status_code == 403


# --- the archive


def test_gone_for_good_or_back(roast, browser, everything):
    product, mia, stan = make.product("Mug"), browser.as_(cast.MIA), browser.as_(cast.STAN)
    url = f"/admin/products/{product.id}"
    before = everything()
    assert mia.post(f"{url}/purge").status_code == 404, "first it has to be deleted"
    assert everything() == before
    mia.post(f"{url}/delete")
    before = everything()
    assert "Bring it back" not in stan.get(url).text
    for act in ("restore", "purge"):
        assert stan.post(f"{url}/{act}").status_code == 403
    assert everything() == before
    assert mia.get(f"{url}/purge").status_code == 200
    assert mia.post(f"{url}/purge").status_code == 303
    assert mia.get(url).status_code == 404


# --- the matrix


def tee(browser):
    product, mia = make.product("Tee", price=2000), browser.as_(cast.MIA)
    size = attributes.create_attribute(AttributeDraft(name="Size", values=["S", "M"]), actor=cast.MIA.actor)
    mia.post(f"/admin/products/{product.id}/options", data={"attribute_id": str(size.id), "values": "S, M"})
    return product, mia


def rows_of(face, product) -> dict[str, str]:
    html = face.get(f"/admin/products/{product.id}").text.partition('id="variants"')[2]
    sent = {}
    for tag in re.findall(r"<input\b[^>]*>", html.partition('id="downloads"')[0]):
        attrs = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        is_on = attrs.get("type") != "checkbox" or " checked" in tag
        if is_on and re.fullmatch(r"[a-z]+-[0-9a-f-]{36}", attrs.get("name", "")):
            sent[attrs["name"]] = attrs.get("value", "")
    return sent


def test_a_column_is_filled_for_all_or_for_one_value_and_not_saved_yet(roast, browser, everything):
    product, mia = tee(browser)
    one, two = (v.id for v in fresh(product).variants)
    medium = fresh(product).variants[1].values[0].id
    rows, url = rows_of(mia, product), f"/admin/products/{product.id}/variants"
    before = everything()
    fill = {"do": "fill", "fill-column": "price", "fill-value": "19,90"}
    for answer in (mia.post(url, data=rows | fill), mia.htmx().post(url, data=rows | fill)):
        assert answer.status_code == 200 and answer.text.count('value="19,90"') == 2, "both rows"
    part = mia.htmx().post(url, data=rows | fill | {"fill-for": str(medium)}).text
    assert f'name="price-{two}" id="price-{two}" value="19,90"' in part
    assert f'name="price-{one}" id="price-{one}" value=""' in part
    assert everything() == before
    assert mia.htmx().post(url, data=rows | fill | {"fill-column": "sku"}).status_code == 200


def test_a_value_tells_which_variants_go_with_it(roast, browser, everything):
    product, mia = tee(browser)
    stan, ident = browser.as_(cast.STAN), product.id
    url = f"/admin/products/{ident}/values/{fresh(product).variants[0].values[0].id}"
    page = mia.get(url).text
    assert "1 variant goes with it" in page and "<li>S</li>" in page
    before = everything()
    assert stan.post(url).status_code == 403
    assert mia.post(f"/admin/products/{ident}/values/{uuid7()}").status_code == 404
    assert everything() == before
    assert mia.post(url).status_code == 303
    assert [v.values[0].value for v in products.get_product(ident).variants] == ["M"]


def test_a_page_with_a_hundred_variants_asks_no_more_than_one_with_two(roast, browser):
    mia, counts = browser.as_(cast.MIA), []
    for n in (1, 10):
        product = make.product(f"Tee {n}")
        groups = []
        for name in ("Size", "Colour"):
            values = [f"{name}{i}" for i in range(n)]
            made = attributes.create_attribute(
                AttributeDraft(name=f"{name} {n}", values=values), actor=cast.MIA.actor
            )
            groups.append([value.id for value in made.values])
        variants.create_missing(product.id, groups, actor=cast.MIA.actor)
        mia.get(f"/admin/products/{product.id}")
        with count_queries() as asked:
            assert mia.get(f"/admin/products/{product.id}").text.count('name="was-') == n * n
        counts.append(len(asked))
    assert counts[0] == counts[1], counts


def test_a_picture_of_a_variant_is_one_of_the_product(roast, browser):
    product, mia = tee(browser)
    picture = images.add_image(product.id, png(), images.ImageDraft(), actor=cast.MIA.actor)
    one = fresh(product).variants[0]
    url = f"/admin/products/{product.id}/variants"
    assert mia.post(url, data=rows_of(mia, product) | {f"image-{one.id}": str(picture.id)}).status_code == 303
    assert fresh(product).variants[0].image_id == picture.id
    bad = mia.htmx().post(url, data=rows_of(mia, product) | {f"image-{one.id}": str(uuid7())})
    assert bad.status_code == 422 and fresh(product).variants[0].image_id == picture.id


# --- pictures and files


def test_pictures_are_put_in_order_as_dragging_sends_them(roast, browser, everything):
    product, mia = make.product("Mug"), browser.as_(cast.MIA)
    ids = [str(images.add_image(product.id, png(c), images.ImageDraft(), actor=cast.MIA.actor).id)
           for c in ("red", "blue", "green")]  # fmt: skip
    url = f"/admin/products/{product.id}/images/order"
    assert mia.htmx().post(url, data={"ids": ids[::-1]}).status_code == 200
    assert [str(image.id) for image in fresh(product).images] == ids[::-1]
    before = everything()
    for wrong in (ids[:2], [*ids, ids[0]], ["nonsense"], []):
        assert mia.htmx().post(url, data={"ids": wrong}).status_code == 422
    assert everything() == before
    said = mia.htmx().post(f"/admin/products/{product.id}/images/{ids[0]}/move", data={"to": "up"}).text
    assert "Moved to 2 of 3" in said


def test_files_for_buyers_come_and_go(roast, browser, everything):
    product, mia, stan = make.product("Book", is_digital=True), browser.as_(cast.MIA), browser.as_(cast.STAN)
    url = f"/admin/products/{product.id}/files"
    before = everything()
    assert mia.htmx().post(url, data={}).status_code == 422
    assert stan.post(url).status_code == 403
    assert everything() == before
    sent = {"files": [(io.BytesIO(b"%PDF-1.7 words"), "book.pdf")]}
    card = mia.htmx().post(url, data=sent, content_type="multipart/form-data").text
    assert "book.pdf" in card
    gone = re.search(r'action="([^"]+/files/[^"]+/delete)"', card)[1]
    assert mia.post(gone).status_code == 303 and mia.post(gone).status_code == 404


# --- categories


def names() -> list[tuple[str, int]]:
    tenants.forget()
    return [(node.name, node.depth) for node in categories.flat(categories.tree(include_inactive=True))]


def category(name: str, parent=None):
    draft = categories.CategoryDraft(name=name, parent_id=parent.id if parent else None)
    return categories.create_category(draft, actor=cast.MIA.actor)


def test_categories_move_by_steps_and_by_dragging(roast, browser, everything):
    tea, coffee, beans = (category(name).id for name in ("Tea", "Coffee", "Beans"))
    mia, stan, rita = (browser.as_(who) for who in (cast.MIA, cast.STAN, cast.RITA))

    def move(row, to, other=None, face=mia):
        return face.post(f"/admin/products/categories/{row}/move", data={"to": to, "other": str(other or "")})

    move(coffee, "up")
    assert names() == [("Coffee", 0), ("Tea", 0), ("Beans", 0)]
    move(beans, "up")
    move(beans, "in")
    assert names() == [("Coffee", 0), ("Beans", 1), ("Tea", 0)]
    move(beans, "out")
    move(tea, "below", coffee)
    assert names() == [("Coffee", 0), ("Tea", 1), ("Beans", 0)]
    move(beans, "before", tea)
    assert names() == [("Coffee", 0), ("Beans", 1), ("Tea", 1)]
    before = everything()
    move(coffee, "below", tea)
    move(coffee, "sideways")
    move(coffee, "after", coffee)
    assert everything() == before, "not below itself, and only ways that there are"
    assert move(tea, "up", face=stan).status_code == 403
    assert move(tea, "up", face=rita).status_code == 404
    assert everything() == before


def test_a_category_has_a_picture_and_other_languages(roast, browser, everything):
    speak_portuguese()
    tea, mia = category("Tea").id, browser.as_(cast.MIA)
    url = f"/admin/products/categories/{tea}"
    sent = {"files": (io.BytesIO(png()), "tea.png")}
    card = mia.htmx().post(f"{url}/picture", data=sent, content_type="multipart/form-data")
    assert card.status_code == 200 and "/media/" in card.text
    before = everything()
    bad = {"files": (io.BytesIO(b"no picture"), "tea.png")}
    assert mia.htmx().post(f"{url}/picture", data=bad, content_type="multipart/form-data").status_code == 422
    assert everything() == before
    assert mia.post(f"{url}/picture/delete").status_code == 303
    assert categories.get_category(tea).image_key == ""
    version = categories.get_category(tea).version
    data = {
        "name": "Tea",
        "is_active": "y",
        "version": version,
        "pt_name": "Chá",
        "slug": "tea",
        "position": "0",
    }
    assert mia.post(url, data=data).status_code == 303
    tenants.forget()
    with speaking("pt"):
        assert categories.find_node("tea").name == "Chá"
    assert categories.find_node("tea").name == "Tea"


# --- tags and options


def test_two_tags_become_one(roast, browser, everything):
    new, fresh_one = (
        tags.create_tag(tags.TagDraft(name=name), actor=cast.MIA.actor).id for name in ("new", "fresh")
    )
    draft = ProductDraft(name="Mug", price="1.00", tag_ids=[new])
    mug = products.create_product(draft, actor=cast.MIA.actor).id
    mia, stan, rita = (browser.as_(who) for who in (cast.MIA, cast.STAN, cast.RITA))
    url = f"/admin/products/tags/{new}/merge"
    assert f'value="{fresh_one}"' in mia.get(url).text and f'value="{new}"' not in mia.get(url).text
    before = everything()
    assert stan.post(url, data={"into": str(fresh_one)}).status_code == 403
    assert rita.post(url, data={"into": str(fresh_one)}).status_code == 404
    assert mia.post(url, data={"into": str(new)}).status_code == 303
    assert mia.post(url, data={"into": "nonsense"}).status_code == 404
    assert everything() == before
    assert mia.post(url, data={"into": str(fresh_one)}).status_code == 303
    assert [tag.name for tag in tags.list_tags()] == ["fresh"]
    assert [tag.name for tag in products.get_product(mug).tags] == ["fresh"]


def test_an_option_has_names_elsewhere_swatches_and_an_order(roast, browser, everything):
    speak_portuguese()
    draft = AttributeDraft(name="Colour", type="color", values=["Red", "Blue"])
    row = attributes.create_attribute(draft, actor=cast.MIA.actor)
    ident, (red, blue) = row.id, [value.id for value in row.values]
    mia = browser.as_(cast.MIA)
    url = f"/admin/products/options/{ident}"
    mia.post(url, data={"name": "Colour", "type": "color", "name_pt": "Cor"})
    mia.post(f"{url}/values/{red}", data={"value": "Red", "color": "#ff0000", "value_pt": "Vermelho"})
    mia.post(f"{url}/values/{red}/move", data={"to": "down"})
    found = attributes.get_attribute(ident)
    assert [value.id for value in sorted(found.values, key=lambda v: v.position)] == [blue, red]
    with speaking("pt"):
        assert found.label == "Cor" and {value.label for value in found.values} == {"Vermelho", "Blue"}
    assert 'fill="#ff0000"' in mia.get("/admin/products/options").text
    assert 'value="Vermelho"' in mia.get(url).text
    before = everything()
    mia.post(f"{url}/values/{red}/move", data={"to": "down"})
    mia.post(f"{url}/values/{red}/move", data={"to": "sideways"})
    assert mia.post(url, data={"name": "Colour", "type": "color", "name_xx": "?"}).status_code == 422
    assert everything() == before
