"""Wishlists as JSON: products, and when they were put there."""

from api.schemas.base import MoneyOut, Out, Time
from api.schemas.catalog import ProductOut, product_out
from models.wishlists import WishlistItem
from services import wishlists
from web.auth import actor


class WishOut(Out):
    """`price_dropped`: it costs less than when it was put on the list."""

    product: ProductOut
    added_at: Time
    price_when_added: MoneyOut
    price_dropped: bool

    @classmethod
    def of(cls, item: WishlistItem) -> "WishOut":
        return cls(product=product_out(item.product, actor()), added_at=item.added_at,
                   price_when_added=item.price_when_added, price_dropped=wishlists.is_cheaper(item))  # fmt: skip


class SharedWishOut(Out):
    """What others see."""

    product: ProductOut
    added_at: Time

    @classmethod
    def of(cls, item: WishlistItem) -> "SharedWishOut":
        return cls(product=product_out(item.product, actor()), added_at=item.added_at)


class CheckOut(Out):
    in_wishlist: bool


class ShareOut(Out):
    token: str
    url: str
