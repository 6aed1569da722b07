"""Fills the two demo stores: `flask demo`, `make demo`, and the first `make run`.

Each store is one transaction, so that an interrupted start leaves no half of it; the same seed gives the same stores.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from config import Config
from demo import catalog, people, pictures, reviews, source, stores, stripe
from demo.history import Crew, History
from demo.state import UNFINISHED
from demo.stores import Plan
from kit import clock
from kit.actor import Role
from kit.db import Base, db, transaction
from kit.i18n import speaking
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage
from models.tenants import Tenant, TenantStatus
from services import tenants

SEED = 20_261
KEPT = {
    "image.uploaded"
}  # the worker's first task; all other messages of the past have been delivered long ago


def fill(config: Config, say: Callable[[str], None] = lambda line: None) -> None:
    """Build what is missing of the demo, in a migrated database. Stores that are complete stay as they are."""
    _clear_away_unfinished()
    done = _slugs()
    given: dict[str, list] = {}
    for plan in stores.PLANS:
        if plan.slug in done:
            continue
        began = time.monotonic()
        for kind, objects in build(plan).items():
            given.setdefault(kind, []).extend(objects)
        say(f"filling the store {plan.slug}: {time.monotonic() - began:.1f} s")
    if given and config.stripe_api_base.startswith("http://localhost"):
        stripe.put_in(config.instance / "stripe-sandbox.sqlite", given)
    _open(say)


def build(plan: Plan) -> dict[str, list]:
    """One store; answers what Stripe is to know of it. It stays closed until `_open`."""
    now = clock.now()
    opened = now - catalog.OPENED
    rng = random.Random(f"{SEED}{plan.slug}")
    with clock.at(opened), every_tenant(), transaction():
        store = stores.open_store(plan)
    is_english = plan.locale == "en"
    articles = source.english_articles(now) if is_english else source.portuguese_articles(now)
    shelves = source.english_shelves() if is_english else source.portuguese_shelves()
    with tenants.in_store(store.id), speaking(plan.locale):
        pictures.store_files(articles)
        with transaction():
            return _write(plan, shelves, articles, opened, rng)


def _write(
    plan: Plan, shelves: list, articles: list, opened: datetime, rng: random.Random
) -> dict[str, list]:
    with clock.at(opened):
        team = stores.hire(plan)
        admin = stores.actor_of(team[Role.ADMIN])
        stores.set_up(plan, actor=admin)
        account = stripe.connect(tenants.row())
    made = catalog.fill(shelves, articles, rng, actor=admin)
    shoppers = people.invite(plan.slug, plan.shoppers, team[Role.CUSTOMER], rng, opened=opened)
    db.session.flush()
    crew = Crew(admin, *(stores.actor_of(team[role]) for role in (Role.MANAGER, Role.STAFF)))
    history = History(plan.slug, made, shoppers, crew, account["id"], plan.words.HISTORY, rng)
    history.write(plan.orders, opened + timedelta(days=9))
    reviews.write(made, history.stories, plan.words.REVIEWS, plan.reviews, rng)
    for thing in made:
        thing.product.view_count = 40 + thing.product.sold_count * rng.randint(9, 24)
    db.session.flush()
    _mark_delivered()
    tenants.touch_catalog()
    return {"accounts": [account], **stripe.told(history.stories, tenants.row())}


def _mark_delivered() -> None:
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.topic.not_in(KEPT))
        .values(done_at=OutboxMessage.created_at, attempts=1)
        .execution_options(synchronize_session=False)
    )
    # Pictures were put up long ago, too, but their sizes are still to be made.
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.topic.in_(KEPT))
        .values(created_at=clock.now(), run_at=clock.now())
    )


# --- complete or not ----------------------------------------------------------------------------------------------


def _slugs() -> set[str]:
    with every_tenant():
        return set(db.session.scalars(select(Tenant.slug)))


def _open(say: Callable[[str], None]) -> None:
    with every_tenant(), transaction() as session:
        session.execute(
            update(Tenant)
            .where(Tenant.suspended_reason == UNFINISHED)
            .values(status=TenantStatus.ACTIVE, suspended_reason="")
        )


def _clear_away_unfinished() -> None:
    """Demo stores of a start that was interrupted, with all that is theirs; but for the audit log, which nobody can
    take back: its store stays behind, deleted and under another name."""
    with every_tenant(), transaction() as session:
        unfinished = list(session.scalars(select(Tenant.id).where(Tenant.suspended_reason == UNFINISHED)))
        if not unfinished:
            return
        for table in reversed(Base.metadata.sorted_tables):
            if "tenant_id" in table.c and not table.name.startswith("audit"):
                session.execute(delete(table).where(table.c.tenant_id.in_(unfinished)))
        for tenant in session.scalars(select(Tenant).where(Tenant.id.in_(unfinished))):
            tenant.slug = f"unfinished-{tenant.id.hex[-12:]}"
            tenant.status, tenant.suspended_reason, tenant.deleted_at = TenantStatus.DELETED, "", clock.now()
