"""The settings at a glance."""

from flask import Response, url_for

from admin import bp
from admin.frame import page
from kit.actor import Role
from kit.i18n import _, mark
from web.access import allow

GROUPS = (
    ("store", mark("Shop"), mark("Name, legal identity, contact"), "admin.store_settings"),
    ("globe", mark("Money, time and languages"), mark("Currency, prices with or without tax"), "admin.place_settings"),
    ("card", mark("Payment"), mark("Cards, bank transfer, cash"), "admin.payment_settings"),
    ("truck", mark("Delivery"), mark("Where you send to, and for how much"), "admin.shipping_settings"),
    ("bank", mark("Taxes"), mark("Rates by country and class"), "admin.tax_settings"),
    ("cart", mark("Checkout and stock"), mark("Guests, reservations, terms, reviews"), "admin.checkout_settings"),
    ("eye", mark("Appearance"), mark("Theme, colours, logo"), "admin.appearance"),
    ("list", mark("First page"), mark("Its sections, their order and their words"), "admin.home_page"),
    ("link", mark("Domains"), mark("Addresses of your own"), "admin.domains"),
    ("clock", mark("Open or closed"), mark("Maintenance with a password, holidays"), "admin.opening_settings"),
    ("mail", mark("Mails"), mark("What the shop writes by itself: look at it, try it"), "admin.mails"),
    ("users", mark("Team"), mark("Colleagues, invitations, two-factor sign-in"), "admin.team"),
    ("chart", mark("Plan"), mark("What you use of it, addons, another plan"), "admin.plan"),
    ("shield", mark("Audit log"), mark("Who did what, and when"), "admin.audit_log"),
)  # fmt: skip


@bp.get("/settings", endpoint="settings")
@allow(Role.ADMIN)
def settings() -> Response:
    groups = [{"icon": icon, "label": _(label), "text": _(text), "url": url_for(endpoint)}
              for icon, label, text, endpoint in GROUPS]  # fmt: skip
    return page("admin/settings/index.html", groups=groups)
