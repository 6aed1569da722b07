"""What a new store still needs before it can sell, worked out from what is there; nothing is ticked by hand."""

from collections.abc import Mapping

from sqlalchemy import exists, func, select

from kit.db import db
from kit.tenancy import current_tenant_id
from models.catalog import Product
from models.payments import Dispute, OrphanPayment, PaymentFinding, WebhookEvent
from models.shipping import ShippingMethod, ShippingZone
from models.taxes import TaxRule
from services import taxes, tenants
from services.orders.derived import OPEN_DISPUTE

STEPS = ("identity", "payment", "shipping", "tax", "product", "legal")


def progress() -> dict[str, bool]:
    """Each step with whether it is done; one query besides the store's own settings."""
    store = tenants.current()
    found = db.session.execute(
        select(
            exists().where(ShippingZone.is_active, ShippingMethod.zone_id == ShippingZone.id,
                           ShippingMethod.is_active).label("shipping"),
            exists().where(TaxRule.is_active).label("tax"),
            exists().where(Product.is_active, Product.archived_at.is_(None)).label("product"),
        )
    ).one()  # fmt: skip
    is_known = bool(store.legal_name and store.legal_address and store.contact_email)
    return {
        "identity": is_known,
        "payment": any(store.offers(method) for method in store.payment_methods),
        "legal": store.terms_page_id is not None and store.privacy_page_id is not None,
        **{name: bool(value) for name, value in found._mapping.items()},
    }


def troubles() -> Mapping[str, int]:
    """Things that should not be there: open disputes, money without an order, differences to Stripe's books, messages
    that could not be handled, countries that are sent to without a tax rule."""
    disputes = select(func.count(Dispute.id)).where(Dispute.status.in_(OPEN_DISPUTE))
    orphans = select(func.count(OrphanPayment.id)).where(OrphanPayment.resolved_as.is_(None))
    # The inbox is the platform's table: said to which store it belongs, here by hand.
    webhooks = select(func.count(WebhookEvent.id)).where(
        WebhookEvent.tenant_id == current_tenant_id(), WebhookEvent.status == "failed"
    )
    findings = select(func.count(PaymentFinding.id)).where(PaymentFinding.state == "open")
    row = db.session.execute(
        select(disputes.scalar_subquery().label("disputes"), orphans.scalar_subquery().label("orphans"),
               webhooks.scalar_subquery().label("webhooks"), findings.scalar_subquery().label("findings"))
    ).one()  # fmt: skip
    zones = db.session.scalars(select(ShippingZone.countries).where(ShippingZone.is_active)).all()
    countries = {country for zone in zones for country in zone}
    return {**row._mapping, "untaxed": len(taxes.untaxed_countries(countries)) if countries else 0}
