"""Every address of the app, from its URL map, with what its arguments are to say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter

from tests.isolation.world import Things

FACES = ("api", "shop", "admin", "platform")
# What these arguments say belongs to no store.
COMMON = {
    "templates/slug": "market",
    "image_type": "logo",
    "pictures/kind": "logo",
    "sitemap-products-/number": "1",
    "mails/name": "welcome",
    "versions/number": "1",
    "plans/slug": "growth",
    "addons/slug": "wishlist",
    # What the platform tells all stores.
    "announcements/ident": "018f0000-0000-7000-8000-0000000000aa",
    "/version": "1",
}
# Where a word means several things: which of `Things` it is after this part of the address.
MEANT = {
    "arrive/token": "arrive",
    "impersonate/token": "impersonate",
    "change-email/token": "change",
    "confirm-email/token": "confirm",
    "confirm/token": "alert_confirm",
    "downloads/token": "download",
    "invitation/token": "invitation",
    "orders/token": "order_token",
    "reset/token": "reset",
    "stock-alerts/token": "alert_stop",
    "shared/token": "token",
    "orders/number": "number",
    "inventory/item_id": "stock_item",
    "drafts/order_id": "draft",
    "preview/token": "page_preview",
    "draft/token": "draft_link",
    "shop.newsletter_to_confirm:token": "newsletter_confirm",
    "shop.confirm_newsletter:token": "newsletter_confirm",
    "newsletter/token": "newsletter_stop",
    "reviews/token": "review_request",
    "shop.asked_review:product_id": "bought",
    "shop.send_asked_review:product_id": "bought",
    "review-requests/token": "review_requests_stop",
    "admin.edit_menu_item:item_id": "menu_item",
    "admin.move_menu_item:item_id": "menu_item",
    "admin.delete_menu_item:item_id": "menu_item",
    "bulk/batch_id": "batch_id",
    "imports/batch_id": "import",
    "notes/event_id": "note",
    "messages/event_id": "message",
    "items/line_id": "item_id",
    "taxes/rule_id": "tax_id",
    # By the view, where the address says too little.
    "admin.preview_order_bulk:batch_id": "order_bulk",
    "admin.start_order_bulk:batch_id": "order_bulk",
    "admin.ask_purge_product:product_id": "archived",
    "admin.purge_product:product_id": "archived",
    "admin.restore_product:product_id": "archived",
    "admin.ask_remove_value:product_id": "shirt_id",
    "admin.ask_remove_value:value_id": "value_S",
    "admin.remove_value:product_id": "shirt_id",
    "admin.remove_value:value_id": "value_S",
    "admin.delete_variant:product_id": "shirt_id",
    "admin.export_codes:coupon_id": "codes",
    "admin.order_codes:coupon_id": "codes",
}


@dataclass(frozen=True)
class Call:
    """One method at one address. `names_a_thing`: its path says which of a store's things is meant."""

    method: str
    rule: str
    endpoint: str
    path: str
    names_a_thing: bool

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


class Unknown(LookupError):
    """An address has an argument that tests/isolation does not know."""


def calls(app: Flask, face: str, things: Things) -> Iterator[Call]:
    """Each method of each address of one face. Raises Unknown, so that a new kind of thing can't be left out."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint.partition(".")[0] != face:
            continue
        path, names_a_thing = _filled(rule, things)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Call(method, rule.rule, rule.endpoint, path, names_a_thing)


def _filled(rule: Rule, things: Things) -> tuple[str, bool]:
    names_a_thing = False
    path = rule.rule
    for before, written, name in re.findall(r"/([^/<>]*)/?(<(?:[^<>:]+:)?([^<>:]+)>)", rule.rule):
        converter = rule._converters[name]
        common = COMMON.get(f"{before}/{name}", COMMON.get(name))
        if isinstance(converter, AnyConverter):
            value = sorted(converter.items)[0]
        elif common is not None:
            value = common
        else:
            value = _thing(f"{before}/{name}", name, rule, things)
            names_a_thing = True
        path = path.replace(written, value)
    return path, names_a_thing


def _thing(place: str, name: str, rule: Rule, things: Things) -> str:
    for key in (MEANT.get(f"{rule.endpoint}:{name}"), MEANT.get(place), place, name):
        if key in things:
            return things[key]
    raise Unknown(f"{rule.rule}: say in tests/isolation which of Roast's things {name!r} is after {place!r}")
