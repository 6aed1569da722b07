"""One process of a store's people and its worker: `python -m tests.concurrency.tills` reads errands, a JSON line
for each round, and does those of a round at the same moment, each in a thread, with the sandbox for Stripe."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from app import create_app
from config import Config
from gateways import stripe
from kit import cache
from kit.db import db
from kit.drafts import read
from kit.errors import ShopError
from services import fulfilment, tenants
from services.fulfilment import ParcelDraft
from services.orders import status
from services.orders.cancelling import UnitsDraft, cancel_units
from services.payments import webhooks
from services.payments.refunds import RefundDraft, refund_order
from services.payments.sessions import SessionDraft, create_session
from tests.cast import ALICE, ROAST

HOME = "http://roast.localhost"


def refund(order_id: str, **wanted: object) -> str:
    return str(refund_order(UUID(order_id), read(RefundDraft, wanted), actor=ALICE.actor).status)


def page(order_id: str) -> str:
    draft = SessionDraft(order_id=UUID(order_id), success_url=HOME, cancel_url=HOME)
    return str(create_session(draft, actor=ALICE.actor).session_id)


def event(event_id: str) -> str:
    return webhooks.process(event_id)


def ship(order_id: str) -> str:
    return str(fulfilment.fulfil_order(UUID(order_id), ParcelDraft(), actor=ALICE.actor).status)


def cancel(order_id: str) -> str:
    return str(status.cancel_order(UUID(order_id), actor=ALICE.actor).status)


def drop(order_id: str, item_id: str) -> str:
    draft = UnitsDraft(items=[{"order_item_id": UUID(item_id), "quantity": 1}])
    return str(cancel_units(UUID(order_id), draft, actor=ALICE.actor).status)


ERRANDS = {"refund": refund, "page": page, "event": event, "ship": ship, "cancel": cancel, "drop": drop}


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    made = Config.from_env({"APP_ENV": "testing", "INSTANCE_DIR": settings["instance"]})
    config = replace(made, database_url=settings["database_url"], stripe_api_base=settings["stripe"])
    app = create_app(config)
    stripe.configure(config)

    def run(errand: dict, start: float) -> str:
        with app.app_context(), tenants.in_store(ROAST):
            time.sleep(max(0.0, start - time.time()))
            try:
                return ERRANDS[errand.pop("do")](**errand)
            except ShopError as error:
                return error.code
            finally:
                db.session.remove()

    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        with ThreadPoolExecutor(len(order["errands"])) as pool:
            done = [pool.submit(run, errand, order["start"]) for errand in order["errands"]]
            print(json.dumps([each.result() for each in done]), flush=True)
        with app.app_context():
            db.engine.dispose()  # the next test has another database,
        cache.clear_all()  # which has old versions again


if __name__ == "__main__":
    main()
