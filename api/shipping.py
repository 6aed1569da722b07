"""Shipping zones and methods, and what sending would cost."""

from typing import Annotated
from uuid import UUID

from api.contract import Created, Patch, Query, actor, endpoint
from api.schemas.shipping import MethodOut, QuoteOut, ZoneOut
from kit.actor import Role
from kit.drafts import Amount, Country, Draft, Text, Weight
from services import shipping
from services.shipping import MethodDraft, ShippingQuestion, ZoneDraft
from web.access import PUBLIC

GROUP = "Shipping"


@endpoint("GET", "/shipping/zones", allow=Role.ADMIN, group=GROUP, answer=ZoneOut, many=True)
def list_zones():
    """All zones in the order in which they are tried, with their methods."""
    return shipping.list_zones()


@endpoint(
    "POST", "/shipping/zones", allow=Role.ADMIN, group=GROUP, body=ZoneDraft, answer=ZoneOut, status=201
)
def create_zone(draft: ZoneDraft):
    """Create a zone. Without a position it is placed by how specific it is, because the first match wins."""
    zone = shipping.create_zone(draft, actor=actor())
    return Created(zone, f"/api/shipping/zones/{zone.id}")


@endpoint("PUT", "/shipping/zones/<uuid:zone_id>", allow=Role.ADMIN, group=GROUP, body=ZoneDraft, partial=True,
          answer=ZoneOut)  # fmt: skip
def update_zone(zone_id: UUID, patch: Patch):
    """Change a zone, or move it by its position."""
    draft = patch.onto(ZoneDraft.of(shipping.get_zone(zone_id)))
    return shipping.update_zone(zone_id, draft, actor=actor())


@endpoint("DELETE", "/shipping/zones/<uuid:zone_id>", allow=Role.ADMIN, group=GROUP, status=204)
def delete_zone(zone_id: UUID):
    """Delete a zone with its methods."""
    shipping.delete_zone(zone_id, actor=actor())


@endpoint("POST", "/shipping/zones/<uuid:zone_id>/methods", allow=Role.ADMIN, group=GROUP, body=MethodDraft,
          answer=MethodOut, status=201)  # fmt: skip
def create_method(zone_id: UUID, draft: MethodDraft):
    """Add a way of sending to a zone."""
    method = shipping.create_method(zone_id, draft, actor=actor())
    return Created(method, f"/api/shipping/methods/{method.id}")


@endpoint("PUT", "/shipping/methods/<uuid:method_id>", allow=Role.ADMIN, group=GROUP, body=MethodDraft,
          partial=True, answer=MethodOut)  # fmt: skip
def update_method(method_id: UUID, patch: Patch):
    """Change a way of sending. Orders keep what they were placed with."""
    draft = patch.onto(MethodDraft.of(shipping.get_method(method_id)))
    return shipping.update_method(method_id, draft, actor=actor())


@endpoint("DELETE", "/shipping/methods/<uuid:method_id>", allow=Role.ADMIN, group=GROUP, status=204)
def delete_method(method_id: UUID):
    """Delete a way of sending."""
    shipping.delete_method(method_id, actor=actor())


class ShippingQuery(Query):
    country: Country
    postal_code: Annotated[str, Text(20)] = ""
    weight: Weight = 0
    total: Amount = 0


class ParcelDraft(Draft):
    country: Country
    postcode: Annotated[str, Text(20)] = ""
    weight: Weight = 0
    subtotal: Amount = 0


@endpoint("GET", "/shipping/calculate", allow=PUBLIC, group=GROUP, query=ShippingQuery, answer=QuoteOut)
def show_options(query: ShippingQuery):
    """What sending would cost: for display, checkout asks again with what is in the cart."""
    place = ShippingQuestion.model_construct(**query.model_dump())
    return shipping.calculate(place)


@endpoint("POST", "/shipping/calculate", allow=PUBLIC, group=GROUP, body=ParcelDraft, answer=QuoteOut)
def calculate_options(draft: ParcelDraft):
    """The same by POST, with the names that forms use."""
    return shipping.calculate(
        ShippingQuestion.model_construct(
            country=draft.country, postal_code=draft.postcode, weight=draft.weight, total=draft.subtotal
        )
    )
