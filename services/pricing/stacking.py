"""Which discounts go together. Of all groups in which each allows the others, the shopper gets the best."""

from collections.abc import Iterator, Sequence

from models.promotions import Stacking
from services.pricing.discounts import Cut, take_off
from services.pricing.terms import Discount, PriceLine


def best_cuts(lines: Sequence[PriceLine], discounts: Sequence[Discount], shipping: int = 0) -> list[Cut]:
    """The cuts of the best group; of what applies by itself only what takes something. A typed code wins a tie."""
    found: list[Cut] = []
    best: tuple[int, bool] | None = None
    for group in groups(discounts):
        cuts = take_off(lines, group, shipping)
        worth = sum(cut.total for cut in cuts), any(cut.discount.code for cut in cuts)
        if best is None or worth > best:
            best, found = worth, cuts
    return [cut for cut in found if cut.total or cut.discount.code]


def groups(discounts: Sequence[Discount]) -> Iterator[tuple[Discount, ...]]:
    """Every group to which nothing more can be added (Bron and Kerbosch). There are few: of the discounts that
    exclude their own class a group has one of the order and one of the delivery at most."""
    friends = {
        a.key: {b.key for b in discounts if b is not a and _go_together(a, b)} for a in discounts
    }  # fmt: skip
    by_key = {discount.key: discount for discount in discounts}

    def grow(chosen: tuple[str, ...], possible: set[str], done: set[str]) -> Iterator[tuple[str, ...]]:
        if not possible and not done:
            yield chosen
            return
        pivot = max(sorted(possible | done), key=lambda key: len(friends[key] & possible))
        for key in sorted(possible - friends[pivot]):
            yield from grow((*chosen, key), possible & friends[key], done & friends[key])
            possible = possible - {key}
            done = done | {key}

    for chosen in grow((), set(by_key), set()):
        yield tuple(by_key[key] for key in chosen)


def _go_together(a: Discount, b: Discount) -> bool:
    """Two discounts of products are settled line by line: they may lie on different ones."""
    return a.stacking is b.stacking is Stacking.PRODUCT or a.joins(b)
