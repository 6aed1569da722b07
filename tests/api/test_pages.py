"""Content pages: read by everybody, written by managers, never by the other store."""

from tests import cast


def new_page(api, **values):
    body = {"title": "Delivery", "content": "<p>Two days.<script>x</script></p>", **values}
    answer = api.as_(cast.MIA).post("/api/pages", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_page_is_written_sanitised_and_read(api):
    page = new_page(api)
    assert page["slug"] == "delivery" and page["content"] == "<p>Two days.</p>"
    assert api.get("/api/pages/delivery").json["title"] == "Delivery"


def test_a_page_that_is_off_is_seen_by_staff_only(api):
    new_page(api, is_active=False)
    assert api.get("/api/pages/delivery").status_code == 404
    assert api.get("/api/pages").json["total"] == 0
    assert api.as_(cast.STAN).get("/api/pages").json["total"] == 1


def test_a_put_changes_what_it_carries(api):
    page = new_page(api)
    answer = api.as_(cast.MIA).put(f"/api/pages/{page['id']}", json={"slug": "shipping"})
    assert answer.json["slug"] == "shipping" and answer.json["title"] == "Delivery"


def test_a_taken_slug_is_a_conflict_and_changes_nothing(api, everything):
    new_page(api)
    before = everything()
    answer = api.as_(cast.MIA).post("/api/pages", json={"title": "Other", "slug": "delivery"})
    assert answer.status_code == 409 and answer.json["type"].endswith("/slug-taken")
    assert everything() == before


def test_the_other_store_finds_no_such_page(api, everything):
    page, rita = new_page(api), api.as_(cast.RITA)
    before = everything()
    assert rita.put(f"/api/pages/{page['id']}", json={"title": "Mine"}).status_code == 404
    assert rita.delete(f"/api/pages/{page['id']}").status_code == 404
    assert rita.get("/api/pages/delivery").status_code == 404
    assert everything() == before


def test_a_deleted_page_is_gone(api):
    page = new_page(api)
    assert api.as_(cast.MIA).delete(f"/api/pages/{page['id']}").status_code == 204
    assert api.get("/api/pages/delivery").status_code == 404
