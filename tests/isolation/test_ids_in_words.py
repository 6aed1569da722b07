"""Every address that names nothing by itself, asked in Rival with Roast's ids in query, form and JSON: nothing of Roast
is shown, changed, or referred to by anything of Rival's.
"""

import json
import re
from uuid import UUID

import pytest
from sqlalchemy import select

import api as api_face
from api.contract import ENDPOINTS
from kit.db import Base, db
from kit.tenancy import every_tenant
from tests import cast
from tests.api import world as bodies
from tests.isolation import world
from tests.isolation.routes import FACES, Call, calls
from tests.isolation.test_every_route import ASKERS, faces, secrets_in

api_face.load_rooms()
# What pages and forms call the things that they are told of.
NAMES = {
    "ids": "product_id", "product_ids": "product_id", "product": "product_id", "product_id": "product_id",
    "variant_id": "variant_id", "category": "category_id", "category_id": "category_id",
    "category_ids": "category_id", "categories": "category_id", "collection": "category_id", "tag": "tag_id",
    "tag_id": "tag_id", "tag_ids": "tag_id", "tags": "tag_id", "customer": "customer_id",
    "customer_id": "customer_id", "user": "user_id", "user_id": "user_id", "who": "customer_id", "group": "segment_id",
    "segment": "segment_id", "segment_id": "segment_id", "order": "order_id", "order_id": "order_id",
    "order_number": "number", "number": "number", "thing": "order_id", "after": "order_id", "before": "order_id",
    "saved": "view_id", "view": "view_id", "method": "method_id", "shipping_method_id": "method_id",
    "zone": "zone_id", "attribute_id": "attribute_id", "value_id": "value_id", "image_id": "image_id",
    "coupon": "coupon_id", "coupon_id": "coupon_id", "address": "address_id", "address_id": "address_id",
    "batch": "batch_id", "parent_id": "category_id", "into": "tag_id", "page_id": "page_id",
    "terms_page_id": "page_id", "privacy_page_id": "page_id", "review_id": "review_id", "session_id": "session",
    "token": "order_token", "item_id": "stock_item", "related_ids": "product_id", "parcel_id": "parcel_id",
}  # fmt: skip
# Without some plain words a form is refused before its ids are looked at.
PLAIN = {
    "name": "Thing", "action": "delete", "kind": "products", "quantity": "1", "reason": "other", "role": "staff",
    "code": "THING", "type": "percentage", "value": "5", "price": "1", "text": "Thing", "confirm": "1",
}  # fmt: skip
# After these one is signed out, or somebody else.
LEAVES = re.compile(r"sign_out|log_out|logout|end_other|delete_account|check_sign_in|erase|auth_")
# No such person; no such token; no Stripe is running.
EXPECTED = {"/api/auth/login": 401, "/api/auth/refresh": 401, "/api/payments/connect/onboard": 503}


def sent(call: Call, things: world.Things) -> dict:
    ids = {name: things[key] for name, key in NAMES.items()}
    if not call.endpoint.startswith("api."):
        return {"query_string": ids} if call.method == "GET" else {"data": {**PLAIN, **ids}}
    rule = call.rule.removeprefix("/api")
    endpoint = next((it for it in ENDPOINTS if (it.method, it.path) == (call.method, rule)), None)
    if endpoint is None:
        return {}
    if endpoint.query is not None:
        known = {name: value for name, value in ids.items() if name in endpoint.query.model_fields}
        return {"query_string": known}
    body = bodies.BODIES.get(f"{call.method} {rule}")
    # The addresses of people become Rival's own: what is sent would be told again.
    return (
        {"json": json.loads(json.dumps(body(things)).replace("@roast.test", "@rival.test"))} if body else {}
    )


def rows_by_store() -> tuple[dict[str, list[str]], str]:
    """Roast's rows by table, and all of Rival's as one text."""
    kept, theirs = {}, []
    with every_tenant():
        db.session.commit()
        for table in Base.metadata.sorted_tables:
            whose = table.c.id if table.name == "tenants" else table.c.get("tenant_id")
            if whose is None or table.name == "refresh_families":
                continue
            mine, other = (
                db.session.execute(select(table).where(whose == store)).all()
                for store in (cast.ROAST, cast.RIVAL)
            )
            kept[table.name] = sorted(map(repr, mine))
            theirs += map(repr, other)
    return kept, "\n".join(theirs)


@pytest.mark.parametrize("face", FACES)
def test_an_id_of_another_store_leads_nowhere(face, app, api, browser, take_walls_away):
    things, asker = world.fill(api), faces(api, browser, ASKERS)[face]
    take_walls_away()
    (before, _none), wrong = rows_by_store(), []
    for call in calls(app, face, things):
        if call.names_a_thing:
            continue
        answer = asker.request(call.method, call.path, **sent(call, things))
        is_out = answer.status_code == 401 or "login?next" in answer.headers.get("Location", "")
        if (is_out or answer.status_code >= 500) and answer.status_code != EXPECTED.get(call.rule):
            wrong.append(f"{call}: {answer.status_code}")
        wrong += [f"{call} says {word!r}" for word in secrets_in(answer)]
        if LEAVES.search(call.endpoint):
            api._tokens.clear()
            asker = faces(api, browser, {face: ASKERS[face]})[face]
    assert not wrong, "\n".join(wrong)
    after, theirs = rows_by_store()
    assert after == before
    assert [name for name, value in things.items() if _is_id(value) and value in theirs] == []


def _is_id(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False
