"""Roast with one of everything that some address can name: what the API's world has, and the rest put in directly."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from gateways import storage
from kit import clock
from kit.actor import Role
from kit.crypto import new_token, token_hash
from kit.db import db, transaction
from models.accounts import HandOver, Impersonation, Invitation, User
from models.batches import Batch, BatchRow, BatchStatus
from models.customers import Segment
from models.fulfilment import Fulfillment
from models.newsletter import Subscriber
from models.orders import OrderEvent, OrderItem
from models.pages import MenuItem, MenuName
from models.payments import CheckStatus, OrphanPayment, PaymentCheck, PaymentFinding, WebhookEvent
from models.plans import PlanRequest
from models.product_details import Download
from models.promotions import Offered
from models.saved_views import SavedView
from models.search import SearchMiss, StockAlert, Synonym
from models.stock import StockItem
from models.tenants import TenantDomain
from services import downloads, newsletter, outbox, page_versions, review_requests, stock_alerts, tenants
from services.accounts import email_change, invitations, passwords, registering, sessions
from services.catalog import draft_links
from services.orders import access, drafts, reading
from services.orders.notes import NOTE
from tests import cast, make
from tests.api import world
from tests.browser_client import Api

Things = dict[str, str]
# Words that stand in what Roast has, and in nothing that Rival may see. Compared with case: a slug is echoed.
SECRETS = ("@roast.test", "Espresso", "Secret of Roast")
SECRET = "Secret of Roast"
BATCHES = {"batch_id": "products.price", "import": "products.import", "order_bulk": "orders.tag"}


def fill(api: Api) -> Things:
    """What stands at which place of an address: `segment_id`, or `shop.download:token` where a word means several."""
    things = dict(world.fill(api))
    with tenants.in_store(cast.ROAST):
        _catalogue(things)
        _orders(things)
        _money(things)
        _people(things)
        _of_the_platform(things)
    return things


@transaction()
def _catalogue(things: Things) -> None:
    product = UUID(things["product_id"])
    rows = {
        "segment_id": Segment(name=SECRET, name_key=SECRET.casefold(),
                              rules=[{"rule": "orders_at_least", "value": "1"}]),
        "synonym_id": Synonym(words=[SECRET], means=[]),
        "miss_id": SearchMiss(query="secret", count=2, first_at=clock.now(), last_at=clock.now()),
        "view_id": SavedView(kind="orders", name=SECRET, state="view=archived"),
        "alert": StockAlert(product_id=product, email=cast.CARLA.email, email_key=cast.CARLA.email,
                            asked_at=clock.now()),
    }  # fmt: skip
    rows["subscriber_id"] = Subscriber(email="reader@roast.test", email_key="reader@roast.test", source="footer",
                                       asked_at=clock.now())  # fmt: skip
    rows["menu_item"] = MenuItem(menu=MenuName.FOOTER, position=1, label=SECRET, address="/secret")
    for name, kind in BATCHES.items():
        rows[name] = Batch(kind=kind, actor_kind="user", actor_id=cast.MIA.id, actor_email=cast.MIA.email,
                           status=BatchStatus.CHECKED, total=1, params={"tag": "x", "percent": "1"})  # fmt: skip
    db.session.add_all(rows.values())
    db.session.flush()
    for name in BATCHES:
        db.session.add(BatchRow(batch_id=rows[name].id, position=1, reference=SECRET))
    things |= {name: str(row.id) for name, row in rows.items()}
    things["alert_confirm"] = stock_alerts.confirm_token(rows["alert"])
    things["alert_stop"] = stock_alerts.stop_token(rows["alert"])
    draft = make.product(SECRET, is_active=False).id
    things["draft_link"] = draft_links.make(draft, draft_links.LinkDraft(), actor=cast.MIA.actor)
    things["page_preview"] = page_versions.preview_token(
        page_versions.get_version(UUID(things["page_id"]), 1)
    )
    things["newsletter_confirm"] = newsletter.confirm_token(rows["subscriber_id"])
    things["newsletter_stop"] = newsletter.stop_token(rows["subscriber_id"])
    item = select(StockItem.id).where(StockItem.product_id == product)
    things["archived"] = str(make.product("Old", is_active=False, archived_at=clock.now()).id)
    things["codes"] = str(make.coupon("", name=SECRET, offered=Offered.CODES).id)
    things["stock_item"] = str(db.session.scalars(item).one())


def _orders(things: Things) -> None:
    order = reading.get_order(UUID(things["order_id"]))
    file = downloads.add_file(things["product_id"], "secret.txt", SECRET.encode(), actor=cast.MIA.actor)
    with transaction():
        note = OrderEvent(order_id=order.id, type=NOTE, message=SECRET, actor_kind="user", actor_id=cast.STAN.id,
                          created_at=clock.now())  # fmt: skip
        item = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order.id)).first()
        download = Download(order_id=order.id, order_item_id=item.id, key=file.key, name=file.name, size=file.size,
                            media_type="text/plain")  # fmt: skip
        parcel = Fulfillment(order_id=order.id, carrier=SECRET)
        db.session.add_all((note, download, parcel))
    assert storage.has(file.key)
    draft = drafts.create_draft(actor=cast.STAN.actor)
    things |= {"file_id": str(file.id), "note": str(note.id), "parcel_id": str(parcel.id), "draft": str(draft.id),
               "order_token": access.issue_token(order), "number": order.order_number,
               "download": downloads.token_of(download), "review_request": review_requests.write_token(order),
               "bought": str(item.product_id),
               "review_requests_stop": review_requests.stop_token(db.session.get_one(User, cast.CARLA.id))}  # fmt: skip


@transaction()
def _money(things: Things) -> None:
    check = PaymentCheck(status=CheckStatus.WAITING, since=clock.now(), until=clock.now())
    db.session.add(check)
    db.session.flush()
    rows = {
        "finding_id": PaymentFinding(check_id=check.id, kind="amount-differs", provider_id="ch_1", state="open"),
        "orphan_id": OrphanPayment(charge_id="ch_2", amount=100, currency="EUR", why=SECRET),
        "message": WebhookEvent(provider_id="evt_1", type="charge.succeeded", tenant_id=cast.ROAST, status="failed",
                                payload={"id": "evt_1", "secret": SECRET}, received_at=clock.now()),
    }  # fmt: skip
    db.session.add_all(rows.values())
    db.session.flush()
    things |= {name: str(row.id) for name, row in rows.items()}


@transaction()
def _of_the_platform(things: Things) -> None:
    """What is the store's, and looked at in the console only."""
    request = PlanRequest(plan="growth", note=SECRET)
    dead = outbox.post("order.placed", order_id=things["order_id"])
    dead.dead_at = clock.now()
    domain = TenantDomain(tenant_id=cast.ROAST, host="shop.example.com", is_primary=False)
    db.session.add_all([request, domain])
    db.session.flush()
    things["domain_id"] = str(domain.id)
    things |= {"requests/request_id": str(request.id), "jobs/message_id": str(dead.id)}


@transaction()
def _people(things: Things) -> None:
    carla = db.session.get(User, cast.CARLA.id)
    invitation = Invitation(email="new@roast.test", email_key="new@roast.test", role=Role.STAFF, invited_by="Alice",
                            created_at=clock.now(), expires_at=clock.now() + timedelta(days=7))  # fmt: skip
    db.session.add(invitation)
    db.session.flush()
    opened, arrive, visit = invitations.open_link(invitation.id), new_token(), new_token()
    db.session.add(Impersonation(user_id=cast.STAN.id, by_id=cast.PAT.id, by_email=cast.PAT.email, reason="x",
                                 token_hash=token_hash(visit), created_at=clock.now(),
                                 expires_at=clock.now() + timedelta(minutes=5)))  # fmt: skip
    db.session.add(HandOver(user_id=cast.STAN.id, token_hash=token_hash(arrive), from_store="Elsewhere",
                            created_at=clock.now(), expires_at=clock.now() + timedelta(minutes=5)))  # fmt: skip
    assert carla is not None and opened is not None
    things |= {
        "invitation_id": str(invitation.id),
        "invitation": opened[1],
        "arrive": arrive,
        "impersonate": visit,
        "reset": passwords.open_reset(carla),
        "confirm": registering.confirm_link_token(carla),
        "change": email_change.change_link_token(carla, "carla@elsewhere.test"),
        "one_id": str(sessions.open_browser(carla, actor=replace(cast.CARLA.actor, ip="203.0.113.7"))),
    }
