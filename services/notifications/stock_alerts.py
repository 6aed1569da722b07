"""Mails to those who wait for a thing to come back."""

from typing import Any

from kit.i18n import _
from models.catalog import Product, Variant
from models.search import StockAlert
from services import stock_alerts
from services.notifications import letters


def send_alert_question(alert_id: str, **_rest: Any) -> None:
    """Is it really you who wants to hear of it? Without a yes nothing more is ever sent."""
    found = stock_alerts.find_alert(alert_id)
    if found is None or found[0].confirmed_at is not None:
        return
    row, product, variant = found
    with letters.speaking_to(row.locale):
        letters.send(
            "stock_alert", to=row.email, **_about(row, product, variant),
            link=letters.url(f"/stock-alerts/confirm/{stock_alerts.confirm_token(row)}"),
            days=stock_alerts.CONFIRM_FOR.days,
            subject=_("Please confirm: tell me when “%(product)s” is back", product=product.name),
        )  # fmt: skip


def send_back_in_stock(alert_id: str, **_rest: Any) -> None:
    found = stock_alerts.find_alert(alert_id)
    if found is None:
        return
    row, product, variant = found
    stop = f"/unsubscribe/stock-alerts/{stock_alerts.stop_token(row)}"
    chosen = f"?variant={variant.id}" if variant else ""
    with letters.speaking_to(row.locale):
        letters.send(
            "back_in_stock", to=row.email, **_about(row, product, variant),
            link=letters.url(f"/products/{product.slug}{chosen}"), **letters.stopping(stop),
            subject=_("“%(product)s” is back", product=product.name),
        )  # fmt: skip


def _about(row: StockAlert, product: Product, variant: Variant | None) -> dict[str, Any]:
    options = ", ".join(value.label for value in variant.values) if variant else ""
    return {"product": product.name, "options": options}
