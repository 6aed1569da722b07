"""Reviews: a queue, oldest first; shown, refused with a reason, answered for everybody to read."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from kit import clock
from kit.db import db, transaction
from models.catalog import Product
from models.outbox import OutboxMessage
from models.reviews import Review
from services import notifications, review_answers, reviews, tenants
from services.notifications import letters
from services.reports import dashboard
from tests import cast, make


def written(title: str = "Good", *, hours: int = 0, **fields) -> UUID:
    """A review of Carla's of a product of its own; `hours` ago."""
    product = make.product(f"Mug for {title}")
    with transaction() as session:
        row = Review(product_id=product.id, user_id=cast.CARLA.id, author_name="Carla C.", rating=5, title=title,
                     body="It keeps warm.", created_at=clock.now() - timedelta(hours=hours), **fields)  # fmt: skip
        session.add(row)
        if row.is_approved:
            session.flush()
            session.get(Product, product.id).review_count = 1
    return row.id


def review(ident: UUID) -> Review:
    db.session.expire_all()
    return db.session.get_one(Review, ident)


def test_what_a_colleague_did_just_before_is_seen(roast, monkeypatch):
    """Between the look and the lock somebody showed it: refused now, it is taken out of the shop and its counts."""
    ident, lock = written(), reviews.locked

    def shown_meanwhile(product_id: UUID) -> Product:
        product = lock(product_id)
        shown = update(Review).where(Review.id == ident).values(is_approved=True)
        db.session.execute(shown.execution_options(synchronize_session=False))
        product.review_count = 1
        return product

    monkeypatch.setattr(reviews, "locked", shown_meanwhile)
    review_answers.reject(ident, review_answers.RejectDraft(reason="No"), actor=cast.STAN.actor)
    refused = review(ident)
    assert not refused.is_approved and refused.rejected_at is not None
    assert db.session.get_one(Product, refused.product_id).review_count == 0


@pytest.fixture
def stan(roast, browser):
    return browser.as_(cast.STAN)


def test_the_queue_begins_with_who_waits_longest(roast, browser):
    written("Younger", hours=1)
    written("Older", hours=5)
    html = browser.as_(cast.STAN).get("/admin/reviews").text
    assert html.index("Older") < html.index("Younger")


def test_a_refused_review_waits_no_more_and_keeps_its_reason(roast, browser):
    ident = written()
    stan = browser.as_(cast.STAN)
    answer = stan.post(f"/admin/reviews/{ident}/reject", data={"reason": "Names a colleague"})
    assert answer.status_code == 303
    assert not review(ident).is_approved and dashboard.attention()["reviews"] == 0
    assert "Nothing to read" in stan.get("/admin/reviews").text
    refused = stan.get("/admin/reviews?status=rejected").text
    assert "Names a colleague" in refused and "Good" in refused
    stan.post(f"/admin/reviews/{ident}/approve")
    assert review(ident).is_approved and review(ident).rejected_at is None


@pytest.mark.parametrize("shown", [False, True])
def test_kept_pages_end_only_by_refusing_what_was_shown(stan, shown):
    ident = written(is_approved=shown)
    version = tenants.row().catalog_version
    stan.post(f"/admin/reviews/{ident}/reject", data={"reason": ""})
    db.session.expire_all()
    assert review(ident).rejected_at is not None
    assert (tenants.row().catalog_version > version) is shown


def test_refusing_takes_a_review_out_of_the_shop(roast, browser):
    ident = written(is_approved=True)
    product = review(ident).product
    slug, ident_of_product = product.slug, product.id
    assert "It keeps warm." in browser.get(f"/products/{slug}").text
    browser.as_(cast.STAN).post(f"/admin/reviews/{ident}/reject", data={"reason": ""})
    assert "It keeps warm." not in browser.get(f"/products/{slug}").text
    assert db.session.get(Product, ident_of_product).review_count == 0


def test_an_answer_stands_below_the_review_and_its_author_is_written_to(roast, browser):
    ident = written(is_approved=True)
    slug = review(ident).product.slug
    stan = browser.as_(cast.STAN)
    stan.post(f"/admin/reviews/{ident}/reply", data={"reply": "Thank you <b>Carla</b>!"})
    assert "Thank you &lt;b&gt;Carla&lt;/b&gt;!" in browser.get(f"/products/{slug}").text
    asked = db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "review.replied")).one()
    with letters.drawing() as drawn:
        notifications.send_review_replied(**asked.payload)
    assert drawn[0].to == cast.CARLA.email and "Thank you" in drawn[0].text
    stan.post(f"/admin/reviews/{ident}/reply", data={"reply": ""})
    assert "Thank you" not in browser.get(f"/products/{slug}").text
    with letters.drawing() as drawn:
        notifications.send_review_replied(**asked.payload)
    assert drawn == []


def test_an_answer_to_what_is_not_shown_is_mailed_to_nobody(roast, browser):
    ident = written()
    browser.as_(cast.STAN).post(f"/admin/reviews/{ident}/reply", data={"reply": "Thank you!"})
    assert review(ident).reply == "Thank you!"
    assert (
        db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "review.replied")).all() == []
    )


@pytest.mark.parametrize(
    ("path", "data"), [("reply", {"reply": "x" * 2001}), ("reject", {"reason": "x" * 301})]
)
def test_what_is_too_long_is_named(roast, browser, everything, path, data):
    ident = written()
    stan, before = browser.as_(cast.STAN), everything()
    answer = stan.post(f"/admin/reviews/{ident}/{path}", data=data)
    assert answer.status_code == 422 and ("2000" in answer.text or "300" in answer.text)
    assert everything() == before


def test_the_other_stores_reviews_are_not_here(roast, browser, everything):
    ident = written()
    with tenants.in_store(cast.ROAST):
        rita, carla, before = browser.as_(cast.RITA), browser.as_(cast.CARLA), everything()
    for path in ("reply", "reject", "approve", "delete"):
        assert rita.post(f"/admin/reviews/{ident}/{path}", data={"reply": "x"}).status_code == 404, path
        assert carla.post(f"/admin/reviews/{ident}/{path}", data={"reply": "x"}).status_code == 403, path
    assert everything() == before


# --- many at once, and one without the page around it -------------------------------------------------------------


def decide(face, act: str, *ids: UUID, **more: str):
    return face.post("/admin/reviews/many", data={"ids": [str(ident) for ident in ids], "act": act, **more})


def test_what_is_ticked_is_shown_and_each_is_told(stan):
    first, second, shown = written("First"), written("Second"), written("Known", is_approved=True)
    gone = UUID(int=7)
    answer = decide(stan, "approve", first, second, shown, gone, back="/admin/reviews?status=all")
    assert answer.status_code == 200 and "2 reviews are shown now." in answer.text
    for words in ("First", "Second", "It was shown already.", "There is no such review."):
        assert words in answer.text
    assert 'href="/admin/reviews?status=all"' in answer.text
    assert review(first).is_approved and review(second).is_approved
    assert review(first).product.review_count == 1


def test_what_is_ticked_is_refused_with_one_reason(stan):
    first, second = written("First"), written("Second", is_approved=True)
    answer = decide(stan, "reject", first, second, reason="Advertising")
    assert "2 reviews are refused." in answer.text
    assert {review(ident).rejected_because for ident in (first, second)} == {"Advertising"}
    assert review(second).product.review_count == 0
    before = review(first).rejected_at
    assert "It was refused already." in decide(stan, "reject", first, reason="Other").text
    assert review(first).rejected_because == "Advertising" and review(first).rejected_at == before


@pytest.mark.parametrize(("act", "more", "status", "said"), [
    ("", {}, 422, "Choose whether to show or to refuse them."),
    ("delete", {}, 422, "Choose whether to show or to refuse them."),
    ("reject", {"reason": "x" * 301}, 422, "300"),
])  # fmt: skip
def test_a_wrong_command_for_many_changes_nothing(stan, everything, act, more, status, said):
    ident = written()
    before = everything()
    answer = decide(stan, act, ident, **more)
    assert answer.status_code == status and said in answer.text
    assert everything() == before


def test_nothing_ticked_is_said(stan):
    for ids in ([], ["nonsense"]):
        answer = stan.post("/admin/reviews/many", data={"ids": ids, "act": "approve"})
        assert answer.status_code == 422 and "Choose at least one review." in answer.text


def test_the_other_stores_can_not_be_ticked(roast, browser, everything):
    ident = written()
    with tenants.in_store(cast.ROAST):
        rita, carla, before = browser.as_(cast.RITA), browser.as_(cast.CARLA), everything()
    for act in ("approve", "reject"):
        assert decide(rita, act, ident).status_code == 404
        assert decide(carla, act, ident).status_code == 403
    assert everything() == before


def test_the_list_has_ticks_keys_and_one_form_for_many(stan):
    written("First")
    html = stan.get("/admin/reviews").text
    assert 'form id="bulk"' in html and "data-row-approve" in html and "data-row-refuse" in html
    assert "Show the review" in html and 'data-waits="reviews"' in html


@pytest.mark.parametrize(("path", "badge"), [("approve", "Shown"), ("reject", "Refused")])
def test_htmx_gets_the_row_alone_with_what_still_waits(stan, path, badge):
    ident, _other = written("First"), written("Second")
    answer = stan.post(f"/admin/reviews/{ident}/{path}", data={"reason": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and f'id="row-{ident}"' in answer.text and badge in answer.text
    assert "data-decided" in answer.text and 'data-waiting="1"' in answer.text
    assert "Second" not in answer.text and "<html" not in answer.text
