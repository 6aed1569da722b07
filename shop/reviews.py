"""All reviews of a product, and writing one."""

from flask import Response, flash, request, url_for

from forms.reviews import ReviewForm
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.i18n import _
from services import reviews
from services.catalog import products
from shop import bp, seo
from shop.frame import page
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
    return _form_page(slug, ReviewForm())


@bp.post("/products/<slug>/review", endpoint="send_review")
@allow(SIGNED_IN)
@limit("10 per minute")
def send_review(slug: str) -> Response:
    form = ReviewForm(request.form)
    product = products.get_product_by_slug(slug, actor=actor())
    try:
        review = reviews.submit_review(product.id, form.checked(), actor=actor())
    except Invalid as error:
        return _form_page(slug, form.absorb(error), 422)
    except (Conflict, Forbidden) as error:
        return _form_page(slug, form.refuse(error.message), 409)
    thanks = _("Thank you for your review.")
    flash(
        thanks if review.is_approved else _("Thank you. Your review is shown once we have read it."),
        "success",
    )
    return go("shop.product", slug=product.slug)


def _form_page(slug: str, form: ReviewForm, status: int = 200) -> Response:
    product = products.get_product_by_slug(slug, actor=actor())
    trail = [
        (_("Home"), url_for("shop.home")),
        (product.name, url_for("shop.product", slug=slug)),
        (_("Review"), None),
    ]
    return page(
        "shop/catalog/review_form.html", status=status, form=form, trail=trail, name=product.name, slug=slug
    )
