"""Many products at once in the back office: chosen, asked, looked at, done, taken back; and the grid of cells."""

import re
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from models.batches import Batch, BatchStatus
from services import batches, search
from services.catalog import products
from tests import cast, make


class Thing(NamedTuple):
    """What outlives the session that made it: the worker begins a new one."""

    id: UUID
    name: str


def cups(number=3):
    rows = [make.product(f"Cup {n:02}", price=1000, stock=5) for n in range(number)]
    made = [Thing(row.id, row.name) for row in rows]
    search.rebuild()
    return made


def ids(things):
    return [str(one.id) for one in things]


def fresh(product):
    return products.get_product(product.id)


def prices(things):
    return [fresh(one).price for one in things]


def test_a_price_is_changed_from_the_tick_to_the_undo(roast, browser):
    made, mia = cups(), browser.as_(cast.MIA)
    asked = mia.post("/admin/products/bulk", data={"ids": ids(made[:2]), "action": "price", "state": "q=cup"})
    assert asked.status_code == 200 and "For 2 products." in asked.text
    sent = {"ids": ids(made[:2]), "state": "q=cup", "how": "percent", "percent": "-12,5", "rounding": "exact"}
    where = mia.post("/admin/products/bulk/price", data=sent).headers["Location"]
    html = mia.get(where).text
    for part in ("€10.00", "€8.75", "Change 2 products", "Will change", "−12.5 %"):
        assert part in html, part
    assert prices(made) == [1000, 1000, 1000], "a preview changes nothing"
    done = mia.post(f"{where}/start").headers["Location"]
    batch_id = done.rsplit("/", 1)[1]
    batches.run(batch_id)
    assert prices(made) == [875, 875, 1000]
    assert mia.get(where).headers["Location"] == done, "a preview of what was started is its report"
    assert mia.post(f"{where}/start").status_code == 409
    mia.post(f"{done}/undo")
    batches.run(batch_id)
    assert prices(made) == [1000, 1000, 1000]


def test_all_that_match_are_chosen_not_only_the_page(roast, browser):
    other = make.product("Bowl", price=1000).id
    made, mia = cups(30), browser.as_(cast.MIA)
    html = mia.get("/admin/products?q=cup").text
    assert "Select all 30 that match" in html and html.count("data-tick>") == 25
    where = mia.post("/admin/products/bulk", data={"all": "1", "ids": ids(made[:1]), "action": "draft",
                                                   "state": "q=cup&page=2"}).headers["Location"]  # fmt: skip
    assert "Change 30 products" in mia.get(where).text
    batches.run(mia.post(f"{where}/start").headers["Location"].rsplit("/", 1)[1])
    assert not any(fresh(one).is_active for one in made) and products.get_product(other).is_active


def test_what_is_refused_is_said_before_it_starts(roast, browser):
    mia = browser.as_(cast.MIA)
    make.product("Cheap", price=100), make.product("Dear", price=1000)
    data = {"all": "1", "state": "", "how": "amount", "amount": "-5", "rounding": "exact"}
    where = mia.post("/admin/products/bulk/price", data=data).headers["Location"]
    html = mia.get(where).text
    assert "1 product will be refused" in html and "The price would fall below nothing." in html
    assert "Dear" not in mia.get(f"{where}?verdict=bad").text.partition("<tbody>")[2]


def test_every_action_of_the_list_leads_somewhere(roast, browser):
    made, mia = cups(1), browser.as_(cast.MIA)
    html = mia.get("/admin/products?view=all").text
    actions = re.findall(
        r'<option value="([a-z]+)">', html.partition('id="bulk-action"')[2].partition("</select>")[0]
    )
    assert len(actions) == 12
    for action in actions:
        answer = mia.post("/admin/products/bulk", data={"ids": ids(made), "action": action})
        if answer.status_code == 303:
            assert mia.get(answer.headers["Location"]).status_code == 200, action
        else:
            assert answer.status_code == 200 and 'type="submit">Preview' in answer.text, action


def test_a_long_preview_is_made_by_the_worker_and_waits(roast, browser, monkeypatch):
    from admin.products import bulk

    monkeypatch.setattr(bulk, "PREVIEW", replace(bulk.PREVIEW, at_once=1))
    made, mia = cups(2), browser.as_(cast.MIA)
    where = mia.post("/admin/products/bulk", data={"ids": ids(made), "action": "draft"}).headers["Location"]
    page = mia.get(where).text
    assert 'id="waiting"' in page and "0 of 2 rows" in page and "Change 2 products" not in page
    assert "<html" not in mia.htmx().get(where).text
    assert mia.post(f"{where}/start").status_code == 409
    batches.run(where.rsplit("/", 1)[1])
    assert mia.htmx().get(where).headers["HX-Redirect"] == where
    assert "Change 2 products" in mia.get(where).text


def test_bad_choices_are_named_and_change_nothing(roast, browser, everything):
    made, mia, stan, rita = cups(1), browser.as_(cast.MIA), browser.as_(cast.STAN), browser.as_(cast.RITA)
    before = everything()
    for data in ({"action": "draft"}, {"ids": ids(made), "action": "explode"}, {"ids": "nonsense", "action": "draft"},
                 {"all": "1", "state": "q=nothing-like-it", "action": "draft"}):  # fmt: skip
        assert mia.post("/admin/products/bulk", data=data).status_code == 303
    for name, sent, field in (
        ("price", {"how": "percent", "percent": "x"}, "percent"),
        ("price", {"how": "set"}, "price"),
        ("sale", {"how": "percent", "percent": "200"}, "percent"),
        ("tags", {}, "add"),
    ):
        refused = mia.post(f"/admin/products/bulk/{name}", data={"ids": ids(made), **sent})
        assert refused.status_code == 422 and f'href="#{field}"' in refused.text, (name, sent)
    assert mia.post("/admin/products/bulk/price", data={"how": "set", "price": "1"}).status_code == 422
    assert mia.post("/admin/products/bulk/nonsense", data={"ids": ids(made)}).status_code == 404
    for path in (
        "/admin/products/bulk",
        "/admin/products/bulk/price",
        "/admin/products/grid",
        "/admin/products/grid/save",
    ):
        assert stan.post(path, data={"ids": ids(made), "action": "draft"}).status_code == 403, path
        rita.post(path, data={"ids": ids(made), "action": "draft", "how": "set", "price": "1"})
    assert everything() == before


def test_another_store_sees_and_starts_no_preview(roast, browser, everything):
    made, mia, rita, stan = cups(1), browser.as_(cast.MIA), browser.as_(cast.RITA), browser.as_(cast.STAN)
    where = mia.post("/admin/products/bulk", data={"ids": ids(made), "action": "draft"}).headers["Location"]
    before = everything()
    assert rita.get(where).status_code == 404 and rita.post(f"{where}/start").status_code == 404
    assert stan.get(where).status_code == 403
    assert everything() == before
    assert batches.get_batch(where.rsplit("/", 1)[1]).status is BatchStatus.CHECKED and Batch.__tablename__


# --- the grid ---------------------------------------------------------------------------------------------------------


def grid_of(html):
    """The form as the browser would send it back untouched."""
    form = html.partition('action="/admin/products/grid/save" data-save-bar')[2].partition("</form>")[0]
    data = {}
    for name, value in re.findall(r'<input[^>]*\sname="([^"]+)"[^>]*?value="([^"]*)"', form):
        data.setdefault(name, []).append(value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        data[name] = [re.search(r'value="([^"]*)" selected', options)[1]]
    return data


def test_a_grid_saves_what_was_changed_and_takes_it_back(roast, browser):
    made, mia = cups(), browser.as_(cast.MIA)
    small = make.variant(fresh(made[0]), "S", stock=2).id
    html = mia.post("/admin/products/grid", data={"ids": ids(made), "state": "q=cup"}).text
    sent = grid_of(html)
    assert sent["r0"] == [f"{made[0].id}:"] and sent["r1"] == [f"{made[0].id}:{small}"]
    assert "0.stock_quantity" not in sent and sent["1.stock_quantity"] == ["2"] and "1.name" not in sent
    untouched = mia.post("/admin/products/grid/save", data=sent)
    assert untouched.status_code == 200 and "Nothing was changed." in untouched.text
    wanted = {
        "0.price": "12,00",
        "1.stock_quantity": "7",
        "2.name": "Beaker",
        "2.is_active": "",
        "3.sku": "C-3",
    }
    saved = mia.post("/admin/products/grid/save", data=sent | wanted)
    assert saved.status_code == 200 and "4 rows are saved." in saved.text
    assert (fresh(made[0]).price, fresh(made[0]).variants[0].stock_quantity) == (1200, 7)
    assert (fresh(made[1]).name, fresh(made[1]).is_active, fresh(made[2]).sku) == ("Beaker", False, "C-3")
    notice = saved.text.partition('id="outcome"')[2].partition("</form>")[0]
    undo = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', notice):
        undo.setdefault(name, []).append(value)
    assert "4 rows are saved." in mia.post("/admin/products/grid/save", data=undo).text
    assert (fresh(made[0]).price, fresh(made[1]).name, fresh(made[1]).is_active) == (1000, "Cup 01", True)


def test_bad_cells_and_conflicts_are_named_beside_rows_that_are_saved(roast, browser):
    made, mia = cups(), browser.as_(cast.MIA)
    make.product("Other", sku="TAKEN")
    sent = grid_of(mia.post("/admin/products/grid", data={"ids": ids(made)}).text)
    browser.as_(cast.ALICE).post(
        f"/admin/products/{made[1].id}/cells", data={"price": "50", "price_seen": "10.00"}
    )
    wanted = {"0.sku": "TAKEN", "0.price": "9", "1.price": "11", "2.price": "8"}
    answer = mia.post("/admin/products/grid/save", data=sent | wanted)
    assert (
        answer.status_code == 409
        and "1 row is saved." in answer.text
        and "2 rows were refused." in answer.text
    )
    assert prices(made) == [1000, 5000, 800]
    assert 'id="c-0-sku-error"' in answer.text and "It is 50.00 now." in answer.text
    again = grid_of(answer.text)
    assert (again["0.price"], again["0.price.seen"], again["1.price.seen"]) == (["9"], ["10.00"], ["50.00"])
    mia.post("/admin/products/grid/save", data=again | {"0.sku": "MINE"})
    assert prices(made) == [900, 1100, 800], "saved again, knowingly"


def test_a_grid_has_the_columns_one_wants_page_by_page(roast, browser):
    cups(60)
    mia = browser.as_(cast.MIA)
    data = {"all": "1", "state": "q=cup", "columns": ["price", "brand"]}
    first = mia.post("/admin/products/grid", data=data).text
    assert "Page 1 of 2" in first and 'name="0.brand"' in first and 'name="0.sku"' not in first
    second = mia.post("/admin/products/grid", data=data | {"go": "2"}).text
    assert "Page 2 of 2" in second and 'name="9.price"' in second and 'name="10.price"' not in second
    assert mia.post("/admin/products/grid", data=data | {"go": "99999"}).status_code == 200
    assert mia.post("/admin/products/grid", data={}).status_code == 303


def test_a_grid_of_more_than_it_can_hold_says_so(roast, browser, monkeypatch):
    from admin.products import grid

    cups(3)
    mia = browser.as_(cast.MIA)
    whole = mia.post("/admin/products/grid", data={"all": "1", "state": "q=cup"}).text
    assert "These are the first" not in whole
    monkeypatch.setattr(grid, "GRID_MAX", 2)
    html = mia.post("/admin/products/grid", data={"all": "1", "state": "q=cup"}).text
    assert "These are the first 2 of 3 products." in html
    assert "Cup 02" not in html or "Cup 00" not in html


def test_stock_is_changed_from_the_tick_to_the_undo(roast, browser, everything):
    made, mia = cups(), browser.as_(cast.MIA)
    asked = mia.post("/admin/products/bulk", data={"ids": ids(made[:2]), "action": "stock", "state": "q=cup"})
    assert asked.status_code == 200 and "For 2 products." in asked.text
    sent = {"ids": ids(made[:2]), "state": "q=cup", "how": "add", "quantity": "7", "reason": "Delivery"}
    before = everything()
    bad = mia.post("/admin/products/bulk/stock", data=sent | {"reason": ""})
    assert bad.status_code == 422 and 'aria-invalid="true"' in bad.text and everything() == before
    where = mia.post("/admin/products/bulk/stock", data=sent).headers["Location"]
    html = mia.get(where).text
    for part in ("On hand", "Change 2 products", "+7"):
        assert part in html, part
    done = mia.post(f"{where}/start").headers["Location"]
    batch_id = done.rsplit("/", 1)[1]
    batches.run(batch_id)
    assert [fresh(one).stock_quantity for one in made] == [12, 12, 5]
    mia.post(f"{done}/undo")
    batches.run(batch_id)
    assert [fresh(one).stock_quantity for one in made] == [5, 5, 5]
