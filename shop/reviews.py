"""All reviews of a product, and writing one: signed in, or by the link of a mail."""

from uuid import UUID

from flask import Response, flash, request, url_for

from forms.reviews import ReviewForm
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.i18n import _
from models.catalog import Product
from models.reviews import Review
from services import review_requests, reviews
from services.catalog import products
from shop import bp, seo
from shop.frame import page
from shop.mail_links import answer, dead_link
from shop.review_view import shown
from web.access import PUBLIC, SIGNED_IN, allow
from web.auth import actor
from web.htmx import go
from web.limits import limit

PER_PAGE = 20


@bp.get("/products/<slug>/reviews")
@allow(PUBLIC)
def product_reviews(slug: str) -> Response:
    product = products.get_product_by_slug(slug, actor=actor())
    number = max(1, request.args.get("page", 1, int))
    found = reviews.list_approved(product.id, actor=actor(), page=number, page_size=PER_PAGE)
    if number > max(1, found.pages):
        raise NotFound(_("There is no such page."))
    url = url_for("shop.product", slug=product.slug)
    return page(
        "shop/catalog/reviews.html",
        product={"name": product.name, "url": url, "rating": product.average_rating,
                 "review_count": product.review_count, "write_url": url_for("shop.write_review", slug=product.slug)},
        trail=[(_("Home"), url_for("shop.home")), (product.name, url), (_("Reviews"), None)],
        reviews=shown(found.items), found=found,
        page_url=lambda n: url_for("shop.product_reviews", slug=product.slug, page=n),
        seo=seo.meta(params={"page": number if number > 1 else None}),
    )  # fmt: skip


@bp.get("/products/<slug>/review")
@allow(SIGNED_IN)
def write_review(slug: str) -> Response:
    return _own_form(slug, ReviewForm())


@bp.post("/products/<slug>/review", endpoint="send_review")
@allow(SIGNED_IN)
@limit("10 per minute")
def send_review(slug: str) -> Response:
    form = ReviewForm(request.form)
    product = products.get_product_by_slug(slug, actor=actor())
    try:
        review = reviews.submit_review(product.id, form.checked(), actor=actor())
    except Invalid as error:
        return _own_form(slug, form.absorb(error), 422)
    except (Conflict, Forbidden) as error:
        return _own_form(slug, form.refuse(error.message), 409)
    return _thanks(review, product.slug)


def _thanks(review: Review, slug: str) -> Response:
    thanks = _("Thank you for your review.")
    flash(
        thanks if review.is_approved else _("Thank you. Your review is shown once we have read it."),
        "success",
    )
    return go("shop.product", slug=slug)


def _own_form(slug: str, form: ReviewForm, status: int = 200) -> Response:
    product = products.get_product_by_slug(slug, actor=actor())
    return _form_page(product, form, url_for("shop.send_review", slug=slug), status)


def _form_page(product: Product, form: ReviewForm, action: str, status: int = 200) -> Response:
    trail = [
        (_("Home"), url_for("shop.home")),
        (product.name, url_for("shop.product", slug=product.slug)),
        (_("Review"), None),
    ]
    return page(
        "shop/catalog/review_form.html",
        status=status,
        form=form,
        trail=trail,
        name=product.name,
        action=action,
    )


# --- the links of the mail that asks for it -------------------------------------------------------------------------


@bp.get("/reviews/<token>/<uuid:product_id>")
@allow(PUBLIC)
def asked_review(token: str, product_id: UUID) -> Response:
    """The link says who writes: no need to sign in."""
    return _asked_form(token, product_id, ReviewForm())


@bp.post("/reviews/<token>/<uuid:product_id>", endpoint="send_asked_review")
@allow(PUBLIC)
@limit("10 per minute")
def send_asked_review(token: str, product_id: UUID) -> Response:
    form = ReviewForm(request.form)
    try:
        draft = form.checked()
    except Invalid as error:
        return _asked_form(token, product_id, form.absorb(error), 422)
    try:
        review = review_requests.submit(token, product_id, draft)
    except Invalid as error:
        return dead_link(error)
    except (Conflict, Forbidden) as error:
        return _asked_form(token, product_id, form.refuse(error.message), 409)
    return _thanks(review, review.product.slug)


def _asked_form(token: str, product_id: UUID, form: ReviewForm, status: int = 200) -> Response:
    try:
        _user, product = review_requests.get_bought(token, product_id)
    except Invalid as error:
        return dead_link(error)
    action = url_for("shop.send_asked_review", token=token, product_id=product_id)
    response = _form_page(product, form, action, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/unsubscribe/review-requests/<token>")
@allow(PUBLIC)
def review_requests_to_stop(token: str) -> Response:
    try:
        review_requests.check_stop(token)
    except Invalid as error:
        return dead_link(error)
    text = _("You get no more mails that ask what you think of what you bought.")
    return answer(_("Ask you for reviews no more?"), text, button=_("Yes, ask me no more"))


@bp.post("/unsubscribe/review-requests/<token>", endpoint="stop_review_requests")
@allow(PUBLIC)
@limit("20 per minute")
def stop_review_requests(token: str) -> Response:
    """Mail programs press it by themselves (one-click unsubscribing, RFC 8058), without a cookie."""
    try:
        review_requests.stop(token)
    except Invalid as error:
        return dead_link(error)
    return answer(_("We ask you no more"), _("You can change your mind in your account."))
