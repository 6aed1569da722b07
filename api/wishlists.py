"""Wishlists: one's own, and the one that somebody shows."""

from uuid import UUID

from api.contract import Created, PagedQuery, actor, endpoint
from api.schemas.wishlists import CheckOut, SharedWishOut, ShareOut, WishOut
from services import wishlists
from services.wishlists import FEATURE, WishDraft
from web.access import PUBLIC, SIGNED_IN

GROUP = "Wishlist"


@endpoint("GET", "/wishlist", allow=SIGNED_IN, group=GROUP, feature=FEATURE, query=PagedQuery, answer=WishOut,
          many=True)  # fmt: skip
def list_items(query: PagedQuery):
    """Your wishlist, the latest first. Products that are not sold at the moment are kept, but not shown."""
    return wishlists.list_items(actor=actor(), page=query.page, page_size=query.page_size)


@endpoint("POST", "/wishlist", allow=SIGNED_IN, group=GROUP, feature=FEATURE, body=WishDraft, answer=WishOut,
          status=201, errors=("wishlist-full",))  # fmt: skip
def add_item(draft: WishDraft):
    """Put a product on your wishlist. Doing it twice changes nothing."""
    item = wishlists.add_item(draft, actor=actor())
    return Created(item, f"/api/wishlist/{item.product_id}")


@endpoint("DELETE", "/wishlist/<uuid:product_id>", allow=SIGNED_IN, group=GROUP, feature=FEATURE, status=204)
def remove_item(product_id: UUID):
    """Take a product off your wishlist."""
    wishlists.remove_item(product_id, actor=actor())


@endpoint(
    "GET", "/wishlist/check/<uuid:product_id>", allow=SIGNED_IN, group=GROUP, feature=FEATURE, answer=CheckOut
)
def check_item(product_id: UUID):
    """Is this product on your wishlist?"""
    return {"in_wishlist": wishlists.has_item(product_id, actor=actor())}


@endpoint(
    "POST", "/wishlist/share", allow=SIGNED_IN, group=GROUP, feature=FEATURE, answer=ShareOut, status=201
)
def share():
    """The link to show your wishlist to others: the same one until you take it back."""
    shared = wishlists.share(actor=actor())
    return Created(
        {"token": shared.token, "url": wishlists.link(shared)}, f"/api/wishlist/shared/{shared.token}"
    )


@endpoint("DELETE", "/wishlist/share", allow=SIGNED_IN, group=GROUP, feature=FEATURE, status=204)
def stop_sharing():
    """Take the link back: who has it sees nothing any more, and the next one is another."""
    wishlists.stop_sharing(actor=actor())


@endpoint("GET", "/wishlist/shared/<token>", allow=PUBLIC, group=GROUP, feature=FEATURE, query=PagedQuery,
          answer=SharedWishOut, many=True)  # fmt: skip
def list_shared(token: str, query: PagedQuery):
    """A wishlist that somebody shows: products, and nothing of the person."""
    return wishlists.list_shared(token, page=query.page, page_size=query.page_size)
