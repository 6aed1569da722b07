"""The product list and the editor."""

import io
import re
from uuid import UUID

from PIL import Image

from kit.ids import uuid7
from services import search, tenants
from services.catalog import attributes, categories, products, tags
from services.catalog.attributes import AttributeDraft
from services.catalog.products import ProductDraft
from tests import cast, make


def png(color="red", size=(80, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


def form_of(face, product) -> dict[str, object]:
    """The editor's fields as the browser would send them back untouched."""
    html = face.get(f"/admin/products/{product.id}").text.partition('id="editor"')[2].partition("</form>")[0]
    data: dict[str, object] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        attrs = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "name" in attrs and (attrs.get("type") != "checkbox" or " checked" in tag):
            data[attrs["name"]] = attrs.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.S):
        data[name] = text.strip()
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        data[name] = (re.search(r'<option selected value="([^"]*)"', options) or [None, ""])[1]
    return data


def fresh(product):
    return products.get_product(product.id)


# --- the list -------------------------------------------------------------------------------------------------------


def test_the_list_finds_sorts_and_pages(roast, browser):
    for n in range(30):
        make.product(f"Cup {n:02}", price=1000 + n, sku=f"CUP-{n:02}")
    draft = make.product("Hidden", is_active=False, stock=0)
    search.rebuild()
    stan = browser.as_(cast.STAN)
    first = stan.get("/admin/products?sort=name").text
    assert (
        "1–25 of 31" in first
        and first.index("Cup 00") < first.index("Cup 01")
        and 'aria-sort="ascending"' in first
    )
    assert "26–31 of 31" in stan.get("/admin/products?sort=name&page=2").text
    assert "1–31 of 31" in stan.get("/admin/products?size=50").text
    assert (
        "Cup 07" in stan.get("/admin/products?q=cup-07").text
        and "1–1 of 1" in stan.get("/admin/products?q=cup-07").text
    )
    drafts = stan.get("/admin/products?view=draft").text
    assert str(draft.id) in drafts and "1–1 of 1" in drafts
    assert "No products match" in stan.get("/admin/products?q=nothing-like-it").text


# --- the editor -----------------------------------------------------------------------------------------------------


def test_a_name_is_enough_for_a_draft(roast, browser):
    mia = browser.as_(cast.MIA)
    answer = mia.post("/admin/products/new", data={"name": "Só um nome", "tax_class": "standard"})
    assert answer.status_code == 303, re.findall(r"field__error.*?</p>", answer.text)
    product = products.get_product(UUID(answer.headers["Location"].rsplit("/", 1)[1]))
    assert (product.is_active, product.price, product.slug) == (False, 0, "so-um-nome")
    refused = mia.post(
        "/admin/products/new", data={"name": "", "tax_class": "standard", "description": "kept"}
    )
    assert refused.status_code == 422 and "kept" in refused.text and 'href="#name"' in refused.text
    priceless = mia.post(
        "/admin/products/new", data={"name": "Shown", "is_active": "y", "tax_class": "standard"}
    )
    assert priceless.status_code == 422 and 'id="price-error"' in priceless.text


def test_everything_of_the_contract_can_be_edited(roast, browser):
    product, mia = make.product("Mug", price=1000, stock=5), browser.as_(cast.MIA)
    category = categories.create_category(categories.CategoryDraft(name="Cups"), actor=cast.MIA.actor)
    tag = tags.create_tag(tags.TagDraft(name="new"), actor=cast.MIA.actor)
    data = form_of(mia, product) | {
        "name": "Mug Tarde",
        "price": "1.249,50",
        "sale_price": "999,00",
        "sale_starts_at": "2026-11-01T09:00",
        "sale_ends_at": "2026-12-01T18:30",
        "weight": "0,270",
        "sku": "MUG-1",
        "stock_quantity": "8",
        "slug": "mug-tarde",
        "description": "<p>Fine</p><script>alert(1)</script>",
        "category_ids": [str(category.id)],
        "tag_ids": [str(tag.id)],
        "is_featured": "y",
        "allow_backorder": "y",
        "tax_class": "reduced",
        "meta_title": "Mug",
    }
    assert mia.post(f"/admin/products/{product.id}", data=data).status_code == 303
    now = fresh(product)
    assert (now.name, now.price, now.sale_price, now.weight, now.sku, now.stock_quantity) == (
        "Mug Tarde",
        124950,
        99900,
        270,
        "MUG-1",
        8,
    )
    assert now.sale_ends_at.isoformat() == "2026-12-01T18:30:00+00:00", "Lisbon's winter time"
    assert (now.categories[0].name, now.tags[0].name, now.is_featured, now.tax_class) == (
        "Cups",
        "new",
        True,
        "reduced",
    )
    assert "script" not in now.description
    page = mia.get(f"/admin/products/{product.id}").text
    assert 'value="2026-12-01T18:30"' in page and 'value="1249.50"' in page


def test_an_untouched_form_changes_nothing(roast, browser):
    product, mia = make.product("Mug", price=1000, stock=5), browser.as_(cast.MIA)
    data = form_of(mia, product)
    assert mia.post(f"/admin/products/{product.id}", data=data).status_code == 303
    assert fresh(product).version == 1


def test_stock_sold_meanwhile_is_not_written_back(roast, browser):
    product, mia = make.product("Mug", stock=5), browser.as_(cast.MIA)
    data = form_of(mia, product) | {"meta_title": "New"}
    make.paid_order(make.Line(product, quantity=2))
    assert mia.post(f"/admin/products/{product.id}", data=data).status_code == 303
    assert fresh(product).stock_quantity == 3


def test_somebody_else_saved_meanwhile(roast, browser):
    product, mia = make.product("Mug", price=1000), browser.as_(cast.MIA)
    mine = form_of(mia, product) | {"name": "Mia's mug"}
    theirs = ProductDraft.model_validate(
        {**ProductDraft.of(product), "name": "Alice's mug", "price": "12.00"}
    )
    products.update_product(product.id, theirs, actor=cast.ALICE.actor)
    answer = mia.post(f"/admin/products/{product.id}", data=mine)
    assert answer.status_code == 409 and fresh(product).name == "Alice's mug"
    for part in ("Somebody else has saved this meanwhile", "Mia&#39;s mug", "Alice&#39;s mug", "12.00"):
        assert part in answer.text, part
    version = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)[1]
    assert mia.post(f"/admin/products/{product.id}", data={**mine, "version": version}).status_code == 303
    assert fresh(product).name == "Mia's mug"


def test_staff_read_and_do_not_write(roast, browser, everything):
    product, stan = make.product("Mug"), browser.as_(cast.STAN)
    url = f"/admin/products/{product.id}"
    html = stan.get(url).text
    assert (
        '<fieldset class="plain-set" disabled>' in html
        and "data-save-bar" not in html
        and "Delete" not in html
    )
    before = everything()
    for path in ("", "/delete", "/duplicate", "/images", "/variants", "/options"):
        assert stan.post(url + path, data={"name": "Mine"}).status_code == 403, path
    assert everything() == before


def test_duplicating_and_deleting(roast, browser):
    product, mia = make.product("Mug", price=1000, stock=5, sku="MUG"), browser.as_(cast.MIA)
    answer = mia.post(f"/admin/products/{product.id}/duplicate")
    copy = products.get_product(UUID(answer.headers["Location"].rsplit("/", 1)[1]))
    assert (copy.name, copy.is_active, copy.sku, copy.stock_quantity, copy.price) == (
        "Mug (copy)",
        False,
        None,
        0,
        1000,
    )
    url = f"/admin/products/{product.id}"
    assert mia.get(f"{url}/delete").status_code == 200
    assert mia.post(f"{url}/delete").status_code == 303
    assert "Bring it back" in mia.get(url).text and mia.post(url, data={"name": "x"}).status_code == 404
    assert mia.post(f"{url}/restore").status_code == 303
    assert products.get_product(product.id).is_active is False


# --- pictures -------------------------------------------------------------------------------------------------------


def upload(face, product, *files, **kw):
    return face.post(f"/admin/products/{product.id}/images", data={"files": [(io.BytesIO(b), n) for b, n in files]},
                     content_type="multipart/form-data", **kw)  # fmt: skip


def test_pictures_are_added_moved_described_and_deleted(roast, browser):
    product, mia = make.product("Mug"), browser.as_(cast.MIA)
    assert upload(mia, product, (png("red"), "a.png"), (png("blue"), "b.png")).status_code == 303
    first, second = fresh(product).images
    url = f"/admin/products/{product.id}/images/{second.id}"
    assert mia.post(f"{url}/move", data={"to": "first"}).status_code == 303
    assert [image.id for image in fresh(product).images] == [second.id, first.id]
    mia.post(f"{url}/alt", data={"alt": "A blue mug"})
    assert fresh(product).images[0].alt == "A blue mug"
    fragment = mia.htmx().post(f"{url}/move", data={"to": "down"})
    assert (
        fragment.status_code == 200 and "<html" not in fragment.text and 'id="media-title"' in fragment.text
    )
    mia.post(f"{url}/delete")
    assert [image.id for image in fresh(product).images] == [first.id]
    assert mia.post(f"{url}/delete").status_code == 404


def test_a_bad_file_is_named_and_the_good_one_stays(roast, browser):
    product, mia = make.product("Mug"), browser.as_(cast.MIA)
    answer = upload(mia.htmx(), product, (b"<svg onload=alert(1)>", "evil.png"), (png(), "good.png"))
    assert answer.status_code == 422 and "evil.png" in answer.text
    assert len(fresh(product).images) == 1
    assert upload(mia.htmx(), product).status_code == 422


# --- variants -------------------------------------------------------------------------------------------------------


def test_options_make_the_missing_combinations(roast, browser):
    product, mia = make.product("Tee", price=2000), browser.as_(cast.MIA)
    size, color = (attributes.create_attribute(AttributeDraft(name=name, values=values), actor=cast.MIA.actor)
                   for name, values in (("Size", ["S", "M"]), ("Colour", ["Red"])))  # fmt: skip
    url = f"/admin/products/{product.id}/options"
    mia.post(url, data={"attribute_id": str(size.id), "values": "S, M"})
    assert len(fresh(product).variants) == 2
    variant = fresh(product).variants[0]
    rows = {
        f"was-{variant.id}": "||||0||||1",
        f"sku-{variant.id}": "TEE-S",
        f"price-{variant.id}": "18,00",
        f"stock-{variant.id}": "4",
        f"active-{variant.id}": "1",
    }
    mia.post(f"/admin/products/{product.id}/variants", data=rows)
    mia.post(url, data={"attribute_id": str(color.id), "values": "Red, Blue"})
    labels = sorted(" ".join(sorted(v.value for v in row.values)) for row in fresh(product).variants)
    assert labels == ["Blue M", "Blue S", "M Red", "Red S"]
    kept = next(row for row in fresh(product).variants if row.id == variant.id)
    assert (kept.sku, kept.price, kept.stock_quantity) == ("TEE-S", 1800, 4), (
        "an added option keeps what there was"
    )
    assert mia.htmx().post(url, data={"attribute_id": str(uuid7()), "values": "X"}).status_code in (404, 422)
    assert mia.htmx().post(url, data={"attribute_id": str(size.id), "values": " , "}).status_code == 422


def test_rows_are_saved_all_or_none(roast, browser, everything):
    product, mia = make.product("Tee", price=2000), browser.as_(cast.MIA)
    make.product("Other", sku="TAKEN")
    size = attributes.create_attribute(AttributeDraft(name="Size", values=["S", "M"]), actor=cast.MIA.actor)
    mia.post(f"/admin/products/{product.id}/options", data={"attribute_id": str(size.id), "values": "S, M"})
    one, two = fresh(product).variants
    good = {f"was-{one.id}": "||||0||||1", f"was-{two.id}": "||||0||||1",
            f"sku-{one.id}": "ONE", f"price-{one.id}": "", f"stock-{one.id}": "3", f"active-{one.id}": "1",
            f"sku-{two.id}": "TWO", f"price-{two.id}": "21", f"stock-{two.id}": "0"}  # fmt: skip
    before = everything()
    for bad, cell in (
        ({f"sku-{two.id}": "TAKEN"}, f"sku-{two.id}-error"),
        ({f"price-{two.id}": "dear"}, f"price-{two.id}-error"),
        ({f"stock-{one.id}": "-1"}, f"stock-{one.id}-error"),
    ):
        answer = mia.htmx().post(f"/admin/products/{product.id}/variants", data=good | bad)
        assert answer.status_code == 422 and f'id="{cell}"' in answer.text, bad
    assert everything() == before
    assert mia.post(f"/admin/products/{product.id}/variants", data=good).status_code == 303
    one, two = fresh(product).variants
    assert (one.sku, one.price, one.stock_quantity, one.is_active) == ("ONE", None, 3, True)
    assert (two.price, two.is_active) == (2100, False)
    mia.post(f"/admin/products/{product.id}/variants/{two.id}/delete")
    assert len(fresh(product).variants) == 1


# --- sorting things -------------------------------------------------------------------------------------------------


def nodes():
    """The tree as the next request finds it."""
    tenants.forget()
    return categories.flat(categories.tree())


def test_categories_tags_and_options(roast, browser):
    mia = browser.as_(cast.MIA)
    assert (
        mia.post("/admin/products/categories/new", data={"name": "Drinks", "is_active": "y"}).status_code
        == 303
    )
    top = nodes()[0]
    mia.post(
        "/admin/products/categories/new", data={"name": "Tea", "is_active": "y", "parent_id": str(top.id)}
    )
    tea = nodes()[1]
    assert (tea.name, tea.depth) == ("Tea", 1)
    loop = mia.post(
        f"/admin/products/categories/{top.id}",
        data={"name": "Drinks", "is_active": "y", "parent_id": str(tea.id)},
    )
    assert loop.status_code == 422
    mia.post(f"/admin/products/categories/{top.id}/delete")
    assert [node.name for node in nodes()] == ["Tea"]
    assert mia.post("/admin/products/tags", data={"name": "vegan"}).status_code == 303
    assert mia.post("/admin/products/tags", data={"name": "Vegan"}).status_code in (409, 422)
    tag = tags.list_tags()[0]
    mia.post(f"/admin/products/tags/{tag.id}", data={"name": "plants"})
    assert tags.list_tags()[0].name == "plants"
    mia.post(f"/admin/products/tags/{tag.id}/delete")
    assert tags.list_tags() == []
    assert (
        mia.post(
            "/admin/products/options", data={"name": "Size", "type": "select", "values": "S, M, S"}
        ).status_code
        == 303
    )
    size = attributes.list_attributes()[0]
    assert [value.value for value in size.values] == ["S", "M"]
    mia.post(f"/admin/products/options/{size.id}/values", data={"value": "L"})
    page = mia.get(f"/admin/products/options/{size.id}").text
    assert 'value="L"' in page
    mia.post(f"/admin/products/options/{size.id}/delete")
    assert attributes.list_attributes() == []
